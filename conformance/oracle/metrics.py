"""Classification metrics: 1 where the decision is right, 0 where it is wrong; means of them are reductions.

A probability is positive only above the threshold; ties go to the lowest class index. What to decide about nan is
a convention, so such an entry is free.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conformance.oracle.categorical import LABELS
from conformance.oracle.operation import Booleans, Exact, Floats, Input, Parameter, Terms, operation

SCORES = Input("probabilities", "probability", "score of each class, classes last")
TARGETS = Input("targets", "target", "one-hot rows, shape of the scores; the largest is the right class")


@operation(
    "binary_accuracy",
    family="metrics",
    inputs=(
        Input("probabilities", "probability", "probability of the positive class"),
        Input("targets", "target", "0 or 1, shape of the probabilities"),
    ),
    parameters={"threshold": Parameter(0.5, "a probability above this is a positive decision")},
    output="float",
    reduces=True,
)
def binary_accuracy(probabilities: Floats, targets: Floats, *, threshold: float) -> Terms:
    """1 where (p > threshold) = y, elementwise."""
    return _decided((probabilities > threshold) == targets, np.isnan(probabilities) | np.isnan(targets))


@operation(
    "categorical_accuracy",
    family="metrics",
    inputs=(SCORES, TARGETS),
    output="float",
    reduces=True,
)
def categorical_accuracy(probabilities: Floats, targets: Floats) -> Terms:
    """1 where the first largest score and the first largest target stand at the same class of the last axis."""
    right = np.argmax(probabilities, axis=-1) == np.argmax(targets, axis=-1)
    return _decided(right, _holds_nan(probabilities) | _holds_nan(targets))


@operation(
    "sparse_categorical_accuracy",
    family="metrics",
    inputs=(SCORES, LABELS),
    output="float",
    reduces=True,
)
def sparse_categorical_accuracy(probabilities: Floats, labels: NDArray[np.int64]) -> Terms:
    """1 where the first largest score of the last axis stands at the label."""
    return _decided(np.argmax(probabilities, axis=-1) == labels, _holds_nan(probabilities))


def _holds_nan(rows: Floats) -> Booleans:
    return np.asarray(np.isnan(rows).any(axis=-1))


def _decided(right: Booleans, free: Booleans | None = None) -> Terms:
    value = np.asarray(right, np.float64)
    return Terms(Exact(value, value, value, free=free if free is not None and free.any() else None))
