"""Keras 3 on its PyTorch backend. Keras computes most losses in float32 there, whatever the dtype."""

import os

os.environ["KERAS_BACKEND"] = "torch"

# The mechanics set the environment of the framework before Keras imports it.
# isort: off
from conformance.adapters.mechanics.torch import TorchAdapter  # noqa: E402
from conformance.adapters.tables.keras import VERSION, table  # noqa: E402

from conformance.worker.adapter import Unsupported  # noqa: E402
# isort: on

# What `conformance doctor` says to someone who lacks it.
INSTALL = "pip install keras torch"

SCRIPT = {
    "imports": 'import os\nos.environ["KERAS_BACKEND"] = "torch"\nimport keras\nimport torch',
}


class KerasOnTorch(TorchAdapter):
    """PyTorch's mechanics; what is judged is Keras.

    PyTorch is the one backend whose tensors can be changed, and Keras does change its caller's sample weights. A
    call gets copies, so that the next one sees the case's numbers, and a change is an error of this call.
    """

    def environment(self):
        return dict(super(KerasOnTorch, self).environment(), framework="keras", version=VERSION)

    def _function(self, row, inputs, parameters, mode, order):
        if mode != "eager" and row.call.startswith("keras.layers."):
            raise Unsupported("the call builds the layer; torch.compile takes one that was built before")
        function = super(KerasOnTorch, self)._function(row, inputs, parameters, mode, order)

        def guarded(given):
            copies = {name: tensor.clone() for name, tensor in given.items()}
            value = function(copies)
            _refuse_changes(row, copies)
            return value

        return guarded


def _refuse_changes(row, copies):
    changed = sorted(name for name, tensor in copies.items() if tensor._version)  # counts changes in place
    if changed:
        raise ValueError("{} changed its argument in place: {}".format(row.call, ", ".join(changed)))


adapter = KerasOnTorch("keras-torch", table, companions={"keras": VERSION})
