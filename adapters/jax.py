"""JAX and Optax: their mechanics and their table. What each function calls stands in `tables/jax/`."""

from conformance.adapters.mechanics.jax import JaxAdapter
from conformance.adapters.tables.jax import optax, table

adapter = JaxAdapter("jax", table, companions={"optax": getattr(optax, "__version__", None)})

# What `conformance doctor` says to someone who lacks it.
INSTALL = "pip install jax optax"

SCRIPT = {
    "imports": 'import jax\njax.config.update("jax_enable_x64", True)\nimport jax.numpy as jnp\nimport optax',
}
