"""Flax: the metrics that JAX's users call. JAX and Optax have none of their own."""

from conformance.adapters.mechanics.jax import JaxAdapter
from conformance.adapters.tables.flax import VERSION, table

# What `conformance doctor` says to someone who lacks it.
INSTALL = "pip install flax"

SCRIPT = {
    "imports": "import os\n"
    'os.environ["JAX_ENABLE_X64"] = "1"\n'
    "import jax\n"
    "import jax.numpy as jnp\n"
    "from flax import nnx",
}


class FlaxAdapter(JaxAdapter):
    """JAX's mechanics; what is judged is Flax."""

    orders = ("value",)

    def environment(self):
        return dict(super(FlaxAdapter, self).environment(), framework="flax", version=VERSION)


adapter = FlaxAdapter("flax", table, companions={"flax": VERSION})
