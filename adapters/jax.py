"""JAX and Optax: their mechanics and their table. What each function calls stands in `tables/jax/`."""

from conformance.adapters.mechanics.jax import JaxAdapter
from conformance.adapters.tables.jax import optax, table

adapter = JaxAdapter("jax", table, companions={"optax": getattr(optax, "__version__", None)})

# What `conformance doctor` says to someone who lacks it.
INSTALL = "pip install jax optax"

SCRIPT = {
    "imports": (
        'import inspect\nimport jax\njax.config.update("jax_enable_x64", True)\nimport jax.numpy as jnp\nimport optax'
    ),
    "array": "jnp.asarray({literal}, dtype=jnp.{dtype})",
    "labels": "jnp.asarray({literal}, dtype=jnp.int64)",
    "value": "print({function}({arguments}))",
    "gradient": (
        "value, pull = jax.vjp(lambda {wrt}: {function}({arguments}), {wrt})\n"
        "print(pull(jnp.ones_like(value) if {cotangent} is None else {cotangent}))"
    ),
    "modes": {"jit": "{function} = jax.jit({function})"},
}
