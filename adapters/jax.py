"""JAX and Optax: their mechanics and their table. What each function calls stands in `tables/jax/`."""

from conformance.adapters.mechanics.jax import JaxAdapter
from conformance.adapters.tables.jax import optax, table

adapter = JaxAdapter("jax", table, companions={"optax": getattr(optax, "__version__", None)})

# What `conformance doctor` says to someone who lacks it.
INSTALL = "pip install jax optax"

SCRIPT = {
    "imports": "import inspect\n"
    "import jax\n"
    'jax.config.update("jax_enable_x64", True)\n'
    "import jax.numpy as jnp\n"
    "import optax",
}
