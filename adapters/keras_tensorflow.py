"""Keras 3 on its TensorFlow backend."""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"

# The mechanics set the environment of the framework before Keras imports it.
# isort: off
from conformance.adapters.mechanics.tensorflow import TensorFlowAdapter  # noqa: E402
from conformance.adapters.tables.keras import VERSION, table  # noqa: E402
# isort: on

# What `conformance doctor` says to someone who lacks it.
INSTALL = "pip install keras tensorflow-cpu"

SCRIPT = {
    "imports": 'import os\nos.environ["KERAS_BACKEND"] = "tensorflow"\nos.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"\n'
    "import inspect\n"
    "import keras\nimport tensorflow as tf",
    "array": 'tf.constant({literal}, dtype="{dtype}")',
    "labels": 'tf.constant({literal}, dtype="int64")',
    "value": "print({function}({arguments}))",
    "gradient": "with tf.GradientTape() as tape:\n"
    "    tape.watch({wrt})\n"
    "    value = {function}({arguments})\n"
    "print(tape.gradient(value, {wrt}, output_gradients={cotangent}))",
    "modes": {
        "graph": "{function} = tf.function({function}, autograph=False)",
        "xla": "{function} = tf.function({function}, autograph=False, jit_compile=True)",
    },
}

adapter = TensorFlowAdapter("keras-tensorflow", table, library=("keras", VERSION), companions={"keras": VERSION})
