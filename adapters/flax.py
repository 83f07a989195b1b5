"""Flax: the metrics that JAX's users call. JAX and Optax have none of their own."""

from conformance.adapters.mechanics.jax import JaxAdapter
from conformance.adapters.tables.flax import VERSION, table

# What `conformance doctor` says to someone who lacks it.
INSTALL = "pip install flax"

SCRIPT = {
    "imports": 'import os\nos.environ["JAX_ENABLE_X64"] = "1"\n'
    "import inspect\nimport jax\nimport jax.numpy as jnp\nfrom flax import nnx",
    "array": "jnp.asarray({literal}, dtype=jnp.{dtype})",
    "labels": "jnp.asarray({literal}, dtype=jnp.int64)",
    "value": "print({function}({arguments}))",
    "modes": {
        "jit": "{function} = jax.jit({function}, static_argnames=[\n"
        "    name for name, parameter in inspect.signature({function}).parameters.items()\n"
        '    if parameter.kind == parameter.KEYWORD_ONLY and name != "mask"\n'
        "])"
    },
}


class FlaxAdapter(JaxAdapter):
    """JAX's mechanics; what is judged is Flax."""

    orders = ("value",)

    def environment(self):
        return dict(super(FlaxAdapter, self).environment(), framework="flax", version=VERSION)


adapter = FlaxAdapter("flax", table, companions={"flax": VERSION})
