"""Second definitions: accuracies. A prediction is the class that exceeds every class before it."""

from __future__ import annotations

from conformance.oracle.exact.definition import define
from conformance.oracle.exact.number import Number, exceeds


def _first_largest(row: list[Number]) -> int:
    return next(c for c, x in enumerate(row) if not any(exceeds(other, x) for other in row))


def _any_nan(row: list[Number]) -> bool:
    return any(x.value.is_nan() for x in row)


@define(
    "binary_accuracy",
    {"probabilities": "fixed", "targets": "fixed"},
    {"threshold": 0.5, "inclusive": False},
    reduces=True,
)
def binary_accuracy(probabilities: Number, targets: Number, *, threshold: Number, inclusive: bool) -> int:
    """1 where the prediction p > threshold (p = threshold too, if inclusive) is the target; a nan exceeds nothing."""
    predicted = exceeds(probabilities, threshold) or (inclusive and probabilities.value == threshold.value)
    return int(targets.value == int(predicted))


@define("categorical_accuracy", {"probabilities": "fixed", "targets": "fixed"}, rows=True, reduces=True)
def categorical_accuracy(probabilities: list[Number], targets: list[Number]) -> int | None:
    if _any_nan(probabilities) or _any_nan(targets):
        return None
    return int(_first_largest(probabilities) == _first_largest(targets))


@define("sparse_categorical_accuracy", {"probabilities": "fixed", "labels": "label"}, rows=True, reduces=True)
def sparse_categorical_accuracy(probabilities: list[Number], labels: int) -> int | None:
    if _any_nan(probabilities):
        return None
    return int(_first_largest(probabilities) == labels)


@define("accuracy", {"predictions": "label", "labels": "label"}, {"label_dtype": "int64"}, reduces=True)
def accuracy(predictions: int, labels: int, *, label_dtype: str) -> int:
    return int(predictions == labels)


@define("top_k_categorical_accuracy", {"probabilities": "fixed", "targets": "fixed"}, {"k": 5}, rows=True, reduces=True)
def top_k_categorical_accuracy(probabilities: list[Number], targets: list[Number], *, k: int) -> int | None:
    if _any_nan(probabilities) or _any_nan(targets):
        return None
    return int(_rank(probabilities, _first_largest(targets)) < k)


@define(
    "sparse_top_k_categorical_accuracy",
    {"probabilities": "fixed", "labels": "label"},
    {"k": 5},
    rows=True,
    reduces=True,
)
def sparse_top_k_categorical_accuracy(probabilities: list[Number], labels: int, *, k: int) -> int | None:
    return None if _any_nan(probabilities) else int(_rank(probabilities, labels) < k)


@define("in_top_k", {"scores": "fixed", "labels": "label"}, {"k": 1}, rows=True)
def in_top_k(scores: list[Number], labels: int, *, k: int) -> int:
    if not 0 <= labels < len(scores) or _any_nan(scores) or not scores[labels].value.is_finite():
        return 0
    return int(_rank(scores, labels) < k)


def _rank(row: list[Number], chosen: int) -> int:
    """How many members of the row lie above the chosen one."""
    return sum(exceeds(other, row[chosen]) for other in row)
