"""Keras 3 on its PyTorch backend. Keras computes most losses in float32 there, whatever the dtype."""

import os

os.environ["KERAS_BACKEND"] = "torch"

# The mechanics set the environment of the framework before Keras imports it.
# isort: off
from conformance.adapters.mechanics.torch import TorchAdapter  # noqa: E402
from conformance.adapters.keras import VERSION, table  # noqa: E402
# isort: on

# What `conformance doctor` says to someone who lacks it.
INSTALL = "pip install keras torch"

SCRIPT = {
    "imports": 'import os\nos.environ["KERAS_BACKEND"] = "torch"\nimport inspect\nimport keras\nimport torch',
    "array": "torch.tensor({literal}, dtype=torch.{dtype})",
    "labels": "torch.tensor({literal}, dtype=torch.int64)",
    "value": "print({function}({arguments}))",
    "gradient": "{wrt}.requires_grad_(True)\n"
    "value = {function}({arguments})\n"
    "print(torch.autograd.grad(value, {wrt}, {cotangent}))",
    "modes": {"inductor": "{function} = torch.compile({function}, dynamic=False)"},
}


class KerasOnTorch(TorchAdapter):
    """PyTorch's mechanics; what is judged is Keras."""

    def environment(self):
        return dict(super(KerasOnTorch, self).environment(), framework="keras", version=VERSION)


adapter = KerasOnTorch("keras-torch", table, companions={"keras": VERSION})
