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
    "imports": "import os\n"
    'os.environ["KERAS_BACKEND"] = "tensorflow"\n'
    'os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"\n'
    "import keras\n"
    "import numpy as np\n"
    "import tensorflow as tf",
}

adapter = TensorFlowAdapter("keras-tensorflow", table, library=("keras", VERSION), companions={"keras": VERSION})
