"""Keras 2: its mechanics and its table. What each function calls stands in `tables/tf_keras/`."""

from conformance.adapters.mechanics.tensorflow import TensorFlowAdapter  # before tensorflow: it sets the environment

from conformance.adapters.tables.tf_keras import VERSION, table  # isort: skip

# What `conformance doctor` says to someone who lacks it.
INSTALL = "pip install tensorflow-cpu && pip install --no-deps tf_keras"

SCRIPT = {
    "imports": "import os\n"
    'os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"\n'
    "import numpy as np\n"
    "import tensorflow as tf\n"
    "try:\n"
    "    import tf_keras\n"
    "except ImportError:\n"
    "    from tensorflow import keras as tf_keras",
}

adapter = TensorFlowAdapter("tf-keras", table, library=("tf-keras", VERSION), companions={"tf-keras": VERSION})
# TensorFlow 2.16 moves its users from Keras 2 to Keras 3.
adapter.successor = "keras-tensorflow"
