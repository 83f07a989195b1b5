"""TensorFlow: its mechanics and its table. What each function calls stands in `tables/tensorflow/`."""

from conformance.adapters.mechanics.tensorflow import TensorFlowAdapter  # before tensorflow: it sets the environment

from conformance.adapters.tables.tensorflow import table  # isort: skip

# What `conformance doctor` says to someone who lacks it.
INSTALL = "pip install tensorflow-cpu"

SCRIPT = {
    "imports": 'import os\nos.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"\nimport numpy as np\nimport tensorflow as tf',
}

adapter = TensorFlowAdapter("tensorflow", table)
