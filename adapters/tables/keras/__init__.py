"""What Keras 3 offers: a module for each family of operations, each of which adds its rows to the one table."""

from conformance.adapters.tables.keras import (
    activations,
    batch_metrics,
    composed,
    cross_entropy,
    likelihood,
    margin,
    mean_losses,
    metrics,
    overlap,
    primitives,
    rectifiers,
    regression,
    sequence,
    similarity,
)
from conformance.adapters.tables.keras.common import VERSION, table

__all__ = [
    "VERSION",
    "activations",
    "batch_metrics",
    "composed",
    "cross_entropy",
    "likelihood",
    "margin",
    "mean_losses",
    "metrics",
    "overlap",
    "primitives",
    "rectifiers",
    "regression",
    "sequence",
    "similarity",
    "table",
]
