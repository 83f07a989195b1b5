"""What Keras 2 offers: a module for each family of operations, each of which adds its rows to the one table."""

from conformance.adapters.tables.tf_keras import (
    activations,
    composed,
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
from conformance.adapters.tables.tf_keras.common import VERSION, table

__all__ = [
    "VERSION",
    "activations",
    "composed",
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
