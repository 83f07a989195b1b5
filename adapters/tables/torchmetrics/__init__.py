"""What TorchMetrics offers: a module for each kind of metric, each of which adds its rows to the one table."""

from conformance.adapters.tables.torchmetrics import averages, counts, curves, errors, rates
from conformance.adapters.tables.torchmetrics.common import table, torchmetrics

__all__ = ["averages", "counts", "curves", "errors", "rates", "table", "torchmetrics"]
