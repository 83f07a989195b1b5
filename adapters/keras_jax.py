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
    "imports": 'import os\nos.environ["KERAS_BACKEND"] = "jax"\nos.environ["JAX_ENABLE_X64"] = "1"\n'
    "import inspect\nimport jax\nimport jax.numpy as jnp\nimport keras",
    "array": "jnp.asarray({literal}, dtype=jnp.{dtype})",
    "labels": "jnp.asarray({literal}, dtype=jnp.int64)",
    "value": "print({function}({arguments}))",
    "gradient": "value, pull = jax.vjp(lambda {wrt}: {function}({arguments}), {wrt})\n"
    "print(pull(jnp.ones_like(value) if {cotangent} is None else {cotangent}))",
    "cotangent": "cotangent.astype(value.dtype)",
    "modes": {
        "jit": "{function} = jax.jit({function}, static_argnames=[\n"
        "    name for name, parameter in inspect.signature({function}).parameters.items()\n"
        '    if parameter.kind == parameter.KEYWORD_ONLY and name not in ("weights", "class_weights")\n'
        "])"
    },
}


class KerasOnJax(JaxAdapter):
    """JAX's mechanics; what is judged is Keras."""

    def environment(self):
        return dict(super(KerasOnJax, self).environment(), framework="keras", version=VERSION)


adapter = KerasOnJax("keras-jax", table, companions={"keras": VERSION})
