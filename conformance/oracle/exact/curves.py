"""Second definitions: areas under curves, by trapezoids and steps through the points of the curve itself."""

from __future__ import annotations

from itertools import pairwise

from flint import arb

from conformance.oracle.exact.counts import SCORES, Shapes, _any_nan, _of_entry, _scalar
from conformance.oracle.exact.definition import define
from conformance.oracle.exact.number import ZERO, Number


def _points(
    probabilities: list[Number], targets: list[Number], weights: list[Number] | None, shapes: Shapes
) -> list[tuple[arb, arb]]:
    """(false positives, true positives) at each threshold, from one above all scores down to the lowest score."""
    ranked = sorted(
        (float(p.value), place) for place, p in enumerate(probabilities)
    )  # the scores are float64 numbers, exactly
    points, hits, misses = [(ZERO, ZERO)], ZERO, ZERO
    previous = None
    for score, place in reversed(ranked):
        if score != previous:
            points.append((misses, hits))
        weight = _of_entry(place, shapes["probabilities"], weights, shapes)
        if targets[place].value.is_zero():
            misses += weight
        else:
            hits += weight
        points[-1] = (misses, hits)
        previous = score
    return points


@define("auc_roc", SCORES, rows=True, entries=_scalar)
def auc_roc(
    probabilities: list[Number],
    targets: list[Number],
    weights: list[Number] | None = None,
    *,
    place: int,
    shapes: Shapes,
) -> arb | None:
    """The area under (false positive rate, true positive rate), by the trapezoidal rule."""
    if _any_nan(probabilities):
        return None
    points = _points(probabilities, targets, weights, shapes)
    negatives, positives = points[-1]
    if negatives.is_zero() or positives.is_zero():
        return None
    return sum(((x2 - x1) * (y1 + y2) / 2 for (x1, y1), (x2, y2) in pairwise(points)), ZERO) / (negatives * positives)


@define("auc_pr", SCORES, rows=True, entries=_scalar)
def auc_pr(
    probabilities: list[Number],
    targets: list[Number],
    weights: list[Number] | None = None,
    *,
    place: int,
    shapes: Shapes,
) -> arb | None:
    """Σ (Rₖ - Rₖ₋₁)·Pₖ along the curve."""
    if _any_nan(probabilities):
        return None
    points = _points(probabilities, targets, weights, shapes)
    positives = points[-1][1]
    if positives.is_zero():
        return None
    steps = [(y2 - y1) * y2 / (x2 + y2) for (_, y1), (x2, y2) in pairwise(points) if y2 != y1]
    return sum(steps, ZERO) / positives
