"""Second definitions: areas under curves, by trapezoids and steps through their points, and best points of curves."""

from __future__ import annotations

from collections.abc import Callable
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


def _rate(above: arb, below: arb) -> arb | None:
    return None if below.is_zero() else above / below


def _define_best(name: str, best: Callable[..., arb | None], bound: Callable[..., arb | None]) -> None:
    """The largest `best` among the points of the curve whose `bound` is `least` or more; 0 without such a point.

    Both take false positives, true positives, and the totals of negatives and positives.
    """

    @define(name, SCORES, {"least": 0.5}, rows=True, entries=_scalar)
    def formula(
        probabilities: list[Number],
        targets: list[Number],
        weights: list[Number] | None = None,
        *,
        least: Number,
        place: int,
        shapes: Shapes,
    ) -> arb | None:
        if _any_nan(probabilities) or not probabilities:
            return None
        points = _points(probabilities, targets, weights, shapes)
        pairs = [(best(*point, *points[-1]), bound(*point, *points[-1])) for point in points]
        known = [(x, y) for x, y in pairs if x is not None and y is not None]
        if not known:
            return None
        largest = ZERO
        for x, y in known:
            if y - least.value >= 0 and x > largest:
                largest = x
        return largest


def _precision(fp: arb, tp: arb, negatives: arb, positives: arb) -> arb | None:
    return _rate(tp, tp + fp)


def _recall(fp: arb, tp: arb, negatives: arb, positives: arb) -> arb | None:
    return _rate(tp, positives)


def _specificity(fp: arb, tp: arb, negatives: arb, positives: arb) -> arb | None:
    return _rate(negatives - fp, negatives)


_define_best("precision_at_recall", _precision, _recall)
_define_best("recall_at_precision", _recall, _precision)
_define_best("sensitivity_at_specificity", _recall, _specificity)
_define_best("specificity_at_sensitivity", _specificity, _recall)
