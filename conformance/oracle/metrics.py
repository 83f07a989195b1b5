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
    contract={"inclusive": Parameter(False, "a probability equal to the threshold is a positive decision too")},
    output="float",
    reduces=True,
)
def binary_accuracy(probabilities: Floats, targets: Floats, *, threshold: float, inclusive: bool) -> Terms:
    """1 where (p > threshold) = y, elementwise."""
    positive = probabilities >= threshold if inclusive else probabilities > threshold
    return _decided(positive == targets, np.isnan(probabilities) | np.isnan(targets))


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


PREDICTIONS = Input("predictions", "label", "predicted class of each sample", free=True)
SAMPLE_LABELS = Input("labels", "label", "right class of each sample, shape of the predictions", free=True)
LABEL_DTYPE = Parameter("int64", "the integer dtype in which predictions and labels are handed over")
BEST = Parameter(5, "k: how many of the best classes count")


@operation(
    "accuracy",
    family="metrics",
    inputs=(PREDICTIONS, SAMPLE_LABELS),
    parameters={"label_dtype": LABEL_DTYPE},
    output="float",
    reduces=True,
)
def accuracy(predictions: NDArray[np.int64], labels: NDArray[np.int64], *, label_dtype: str) -> Terms:
    """1 where the predicted class is the right one, elementwise."""
    return _decided(np.equal(predictions, labels))


@operation(
    "top_k_categorical_accuracy",
    family="metrics",
    inputs=(SCORES, TARGETS),
    parameters={"k": BEST},
    output="float",
    reduces=True,
)
def top_k_categorical_accuracy(probabilities: Floats, targets: Floats, *, k: int) -> Terms:
    """1 where fewer than k scores of the last axis are larger than that of the first largest target."""
    exceeding = _exceeding(probabilities, np.argmax(targets, axis=-1))
    return _decided(exceeding < k, _holds_nan(probabilities) | _holds_nan(targets))


@operation(
    "sparse_top_k_categorical_accuracy",
    family="metrics",
    inputs=(SCORES, LABELS),
    parameters={"k": BEST},
    output="float",
    reduces=True,
)
def sparse_top_k_categorical_accuracy(probabilities: Floats, labels: NDArray[np.int64], *, k: int) -> Terms:
    """1 where fewer than k scores of the last axis are larger than that of the label: a tie at the boundary is in."""
    return _decided(_exceeding(probabilities, labels) < k, _holds_nan(probabilities))


@operation(
    "in_top_k",
    family="metrics",
    inputs=(
        Input("scores", "real", "score of each class, shape (N, C)"),
        Input("labels", "label", "class asked for in each row; one that does not exist is in no row", free=True),
    ),
    parameters={"k": Parameter(1, "how many of the best classes count")},
    output="any",
)
def in_top_k(scores: Floats, labels: NDArray[np.int64], *, k: int) -> Terms:
    """Whether the label's score is finite and fewer than k scores of its row are larger; never in a row with nan.

    tf.math.in_top_k defines it so: ties at the boundary are in, and a score that is not finite is out.
    """
    known = (labels >= 0) & (labels < scores.shape[-1])
    own = np.take_along_axis(scores, np.where(known, labels, 0)[..., None], -1)[..., 0]
    inside = _exceeding(scores, np.where(known, labels, 0)) < k
    return _decided(inside & known & np.isfinite(own) & ~_holds_nan(scores))


def _exceeding(scores: Floats, labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many scores of each row are larger than that of its label."""
    own = np.take_along_axis(scores, labels[..., None], -1)
    return np.asarray(np.count_nonzero(scores > own, axis=-1))
