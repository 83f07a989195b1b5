"""TorchMetrics: the metrics that PyTorch's users call. What each function calls stands in `tables/torchmetrics/`."""

from conformance.adapters.mechanics.torch import TorchAdapter
from conformance.adapters.tables.torchmetrics import table, torchmetrics

# What `conformance doctor` says to someone who lacks it.
INSTALL = "pip install torchmetrics"

SCRIPT = {
    "imports": "import pickle\nimport torch\nimport torchmetrics",
}


class TorchMetricsAdapter(TorchAdapter):
    """PyTorch's mechanics; what is judged is TorchMetrics, whose checks of its arguments no compiler keeps whole."""

    modes = ("eager",)
    orders = ("value",)

    def environment(self):
        version = torchmetrics.__version__
        return dict(super(TorchMetricsAdapter, self).environment(), framework="torchmetrics", version=version)


adapter = TorchMetricsAdapter("torchmetrics", table, companions={"torchmetrics": torchmetrics.__version__})
