"""PyTorch: its mechanics and its table. What each function calls stands in `tables/torch/`."""

from conformance.adapters.mechanics.torch import TorchAdapter
from conformance.adapters.tables.torch import table, torchvision

adapter = TorchAdapter("torch", table, companions={"torchvision": getattr(torchvision, "__version__", None)})

# What `conformance doctor` says to someone who lacks it.
INSTALL = "pip install torch"

SCRIPT = {
    "imports": "import torch\nfrom torch.nn import functional as F",
}
