"""Second definitions: root mean squares and correlations of whole batches, by the moments about zero."""

from __future__ import annotations

from collections.abc import Sequence

from flint import arb

from conformance.oracle.exact.averages import _spread
from conformance.oracle.exact.counts import Shapes, _scalar
from conformance.oracle.exact.definition import define
from conformance.oracle.exact.number import ZERO, Number, power, total


@define(
    "root_mean_squared_error",
    {"predictions": "fixed", "targets": "fixed", "weights": "fixed"},
    rows=True,
    entries=_scalar,
)
def root_mean_squared_error(
    predictions: list[Number],
    targets: list[Number],
    weights: list[Number] | None = None,
    *,
    place: int,
    shapes: Shapes,
) -> arb | Number | None:
    if not targets:
        return None
    spread = [targets[0]._lift(w) for w in _spread(weights, len(targets), shapes, "targets")]
    counted = total(spread)
    if counted.value.is_zero():
        return None
    squares = total([w * power(p - y, 2) for w, p, y in zip(spread, predictions, targets, strict=True)])
    return (squares / counted).value.sqrt()


def _moments(p: Sequence[Number], y: Sequence[Number]) -> tuple[arb, arb, arb, arb, arb]:
    """E[p], E[y], var p, var y, cov(p, y): E[py] - E[p]·E[y], which in ball arithmetic loses nothing that matters."""

    def mean(values: Sequence[arb]) -> arb:
        return sum(values, ZERO) / len(values)

    ps, ys = [v.value for v in p], [v.value for v in y]
    first, second = mean(ps), mean(ys)
    var_p = ZERO if all(v == ps[0] for v in ps) else mean([v * v for v in ps]) - first * first
    var_y = ZERO if all(v == ys[0] for v in ys) else mean([v * v for v in ys]) - second * second
    return first, second, var_p, var_y, mean([a * b for a, b in zip(ps, ys, strict=True)]) - first * second


@define("pearson_correlation", {"predictions": "fixed", "targets": "fixed"}, rows=True, entries=_scalar)
def pearson_correlation(predictions: list[Number], targets: list[Number], *, place: int, shapes: Shapes) -> arb | None:
    if not targets:
        return None
    _, _, var_p, var_y, covariance = _moments(predictions, targets)
    if var_p.is_zero() or var_y.is_zero():
        return None
    return covariance / (var_p * var_y).sqrt()


@define(
    "concordance_correlation",
    {"predictions": "fixed", "targets": "fixed"},
    {"sample": False, "shift": 0.0},
    rows=True,
    entries=_scalar,
)
def concordance_correlation(
    predictions: list[Number],
    targets: list[Number],
    *,
    sample: bool,
    shift: Number,
    place: int,
    shapes: Shapes,
) -> arb | None:
    if not targets:
        return None
    first, second, var_p, var_y, covariance = _moments(predictions, targets)
    if sample and len(targets) > 1:
        factor = arb(len(targets)) / (len(targets) - 1)
        var_p, var_y, covariance = var_p * factor, var_y * factor, covariance * factor
    apart = ZERO if (first - second).is_zero() else first - second
    below = var_p + var_y + apart * apart + shift.value
    return None if below.is_zero() else 2 * covariance / below
