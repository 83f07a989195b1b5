"""Second definitions: running means and sums, and the share of variance that is explained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.oracle.exact.counts import Shapes, _scalar
from conformance.oracle.exact.definition import define
from conformance.oracle.exact.number import Number, power, total


def _spread(weights: list[Number] | None, places: int, shapes: Shapes, of: str) -> list[Number | int]:
    """A weight for each place of the flattened values."""
    if weights is None:
        return [1] * places
    own, shape = shapes["weights"], shapes[of]
    spread: list[Number | int] = []
    for place in range(places):
        index, step = 0, 1
        for length, of_weight in zip(reversed(shape), [*reversed(own), *[1] * (len(shape) - len(own))], strict=True):
            place, here = divmod(place, length)
            if of_weight != 1:
                index, step = index + here * step, step * of_weight
        spread.append(weights[index])
    return spread


@define("running_mean", {"values": "fixed", "weights": "fixed"}, rows=True, entries=_scalar)
def running_mean(
    values: list[Number], weights: list[Number] | None = None, *, place: int, shapes: Shapes
) -> Number | None:
    spread = _spread(weights, len(values), shapes, "values")
    if not values:
        return None
    counted = total([values[0]._lift(w) for w in spread])
    if counted.value.is_zero():
        return None
    return total([v * w for v, w in zip(values, spread, strict=True)]) / counted


@define("running_sum", {"values": "fixed", "weights": "fixed"}, rows=True, entries=_scalar)
def running_sum(
    values: list[Number], weights: list[Number] | None = None, *, place: int, shapes: Shapes
) -> Number | int:
    spread = _spread(weights, len(values), shapes, "values")
    return total([v * w for v, w in zip(values, spread, strict=True)]) if values else 0


def _outputs(shapes: Shapes, parameters: Mapping[str, Any]) -> tuple[int, ...]:
    shape = shapes["predictions"]
    return shape[1:] if parameters["average"] == "none" else ()


@define(
    "r2_score",
    {"predictions": "fixed", "targets": "fixed", "weights": "fixed"},
    {"average": "uniform"},
    rows=True,
    entries=_outputs,
)
def r2_score(
    predictions: list[Number],
    targets: list[Number],
    weights: list[Number] | None = None,
    *,
    average: str,
    place: int,
    shapes: Shapes,
) -> Number | None:
    """1 - residual sum of squares/total sum of squares, averaged over the outputs."""
    shape = shapes["predictions"]
    columns = shape[1] if len(shape) > 1 else 1
    if not targets:
        return None
    w = [targets[0]._lift(1)] * (len(targets) // columns) if weights is None else weights
    residual, around = [], []
    for d in range(columns):
        p, y = predictions[d::columns], targets[d::columns]
        mean = total([a * b for a, b in zip(w, y, strict=True)]) / total(w)
        residual.append(total([a * power(t - q, 2) for a, t, q in zip(w, y, p, strict=True)]))
        around.append(total([a * power(t - mean, 2) for a, t in zip(w, y, strict=True)]))
        if all(y[0].value == t.value for t, a in zip(y, w, strict=True) if not a.value.is_zero()):
            around[-1] = targets[0]._lift(0)
    if average == "variance":
        return None if all(a.value.is_zero() for a in around) else 1 - total(residual) / total(around)
    outputs = [None if a.value.is_zero() else 1 - r / a for r, a in zip(residual, around, strict=True)]
    if average == "none" and len(shape) > 1:
        return outputs[place]
    known = [value for value in outputs if value is not None]
    return total(known) / len(outputs) if len(known) == len(outputs) else None
