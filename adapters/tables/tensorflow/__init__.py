"""What TensorFlow offers: a module for each family of operations, each of which adds its rows to the one table."""

from conformance.adapters.tables.tensorflow import (
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
from conformance.adapters.tables.tensorflow.common import table

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
]
