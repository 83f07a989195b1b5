"""Keras 3 on its JAX backend. Keras computes most losses in float32 there, whatever the dtype."""

import os

os.environ["KERAS_BACKEND"] = "jax"

# The mechanics set the environment of the framework before Keras imports it.
# isort: off
from conformance.adapters.mechanics.jax import JaxAdapter  # noqa: E402
from conformance.adapters.tables.keras import VERSION, table  # noqa: E402
# isort: on

# What `conformance doctor` says to someone who lacks it.
INSTALL = "pip install keras jax"

SCRIPT = {
    "imports": "import os\n"
    'os.environ["KERAS_BACKEND"] = "jax"\n'
    'os.environ["JAX_ENABLE_X64"] = "1"\n'
    "import jax\n"
    "import jax.numpy as jnp\n"
    "import keras",
    "cotangent": "cotangent.astype(value.dtype)",
}


class KerasOnJax(JaxAdapter):
    """JAX's mechanics; what is judged is Keras."""

    def environment(self):
        return dict(super(KerasOnJax, self).environment(), framework="keras", version=VERSION)


adapter = KerasOnJax("keras-jax", table, companions={"keras": VERSION})
