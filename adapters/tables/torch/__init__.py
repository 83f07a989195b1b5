"""What PyTorch offers: a module for each family of operations, each of which adds its rows to the one table."""

from conformance.adapters.tables.torch import (
    activations,
    cross_entropy,
    likelihood,
    margin,
    metrics,
    overlap,
    primitives,
    rectifiers,
    regression,
    sequence,
    similarity,
)
from conformance.adapters.tables.torch.common import table, torchvision

__all__ = [
    "activations",
    "cross_entropy",
    "likelihood",
    "margin",
    "metrics",
    "overlap",
    "primitives",
    "rectifiers",
    "regression",
    "sequence",
    "similarity",
    "table",
    "torchvision",
]
