"""TensorFlow: its mechanics and its table. What each function calls stands in `tables/tensorflow/`."""

from conformance.adapters.mechanics.tensorflow import TensorFlowAdapter  # before tensorflow: it sets the environment

from conformance.adapters.tables.tensorflow import table  # isort: skip

# What `conformance doctor` says to someone who lacks it.
INSTALL = "pip install tensorflow-cpu"

SCRIPT = {
    "imports": 'import os\nos.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"\nimport tensorflow as tf',
    "array": 'tf.constant({literal}, dtype="{dtype}")',
    "labels": 'tf.constant({literal}, dtype="int64")',
    "value": "print({function}({arguments}))",
    "gradient": "with tf.GradientTape() as tape:\n"
    "    tape.watch({wrt})\n"
    "    value = {function}({arguments})\n"
    "print(tape.gradient(value, {wrt}, output_gradients={cotangent}))",
    "cotangent": "tf.cast(cotangent, value.dtype)",
    "modes": {
        "graph": "{function} = tf.function({function}, autograph=False)",
        "xla": "{function} = tf.function({function}, autograph=False, jit_compile=True)",
    },
}

adapter = TensorFlowAdapter("tensorflow", table)
