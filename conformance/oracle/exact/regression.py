"""Second definitions: regression losses, from the textbook forms of each."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.oracle.exact.definition import define
from conformance.oracle.exact.number import Number, absolute, at_least, exceeds, exp, log, total


def distance(predictions: Number, targets: Number) -> Number:
    """|p - y|; of a nan nothing is known, its slope neither."""
    d = predictions - targets
    return d * d if d.value.is_nan() else absolute(d)


@define("squared_error", {"predictions": "real", "targets": "real"}, reduces=True)
def squared_error(predictions: Number, targets: Number) -> Number:
    d = predictions - targets
    return d * d


@define("half_squared_error", {"predictions": "real", "targets": "real"}, reduces=True)
def half_squared_error(predictions: Number, targets: Number) -> Number:
    d = predictions - targets
    return d * d / 2


@define("absolute_error", {"predictions": "real", "targets": "real"}, reduces=True)
def absolute_error(predictions: Number, targets: Number) -> Number:
    return distance(predictions, targets)


# Zeros are approached from above, which is what "probability" says: the limit by the target is +∞.
@define(
    "absolute_percentage_error",
    {"predictions": "probability", "targets": "probability"},
    {"smallest_target": 0.0},
    reduces=True,
)
def absolute_percentage_error(predictions: Number, targets: Number, *, smallest_target: Number) -> Number:
    divisor = absolute(targets)
    if not smallest_target.value.is_zero():
        divisor = at_least(divisor, smallest_target)
    return 100 * distance(predictions, targets) / divisor


@define("squared_logarithmic_error", {"predictions": "real", "targets": "real"}, {"floor": None}, reduces=True)
def squared_logarithmic_error(predictions: Number, targets: Number, *, floor: Number | None) -> Number:
    if floor is not None:
        predictions, targets = at_least(predictions, floor), at_least(targets, floor)
    d = log(1 + predictions) - log(1 + targets)
    return d * d


@define("huber", {"predictions": "real", "targets": "real"}, {"delta": 1.0}, reduces=True)
def huber(predictions: Number, targets: Number, *, delta: Number) -> Number:
    d = distance(predictions, targets)
    return delta * (d - delta / 2) if exceeds(d, delta) else d * d / 2


@define("smooth_l1", {"predictions": "real", "targets": "real"}, {"beta": 1.0}, reduces=True)
def smooth_l1(predictions: Number, targets: Number, *, beta: Number) -> Number:
    d = distance(predictions, targets)
    if beta.value.is_zero():
        return d
    return d - beta / 2 if exceeds(d, beta) else d * d / (2 * beta)


@define("log_cosh", {"predictions": "real", "targets": "real"}, reduces=True)
def log_cosh(predictions: Number, targets: Number) -> Number:
    d = predictions - targets
    return log((exp(d) + exp(-d)) / 2)


@define(
    "mean_pairwise_squared_error",
    {"predictions": "real", "targets": "real"},
    {"axis": -1},
    rows=True,
    reduces=True,
)
def mean_pairwise_squared_error(predictions: Sequence[Number], targets: Sequence[Number]) -> Number:
    d = [p - t for p, t in zip(predictions, targets, strict=True)]
    n = len(d)
    if n < 2:
        return d[0] / 0  # the mean over no pairs
    pairs = [(d[i] - d[j]) * (d[i] - d[j]) for i in range(n) for j in range(i)]
    return total(pairs) / len(pairs)
