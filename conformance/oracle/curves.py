"""Areas under curves of ranked scores, and the best point of a curve under a condition.

    ROC   P(s⁺ > s⁻) + ½·P(s⁺ = s⁻): the Mann-Whitney statistic of the scores of positive and negative samples
    PR    Σ (Rₖ - Rₖ₋₁)·Pₖ over the distinct scores, falling: the average precision
    best  max {X(t) : Y(t) ≥ least} over the thresholds t, where X and Y are two rates of the decisions s ≥ t

Any shape; a sample counts as much as its weight. Without a positive sample neither exists, without a negative one
the ROC curve does not. Hanley & McNeil, "The meaning and use of the area under a ROC curve", 1982; Manning, Raghavan
& Schütze, "Introduction to Information Retrieval", 2008, 8.4. Keras evaluates both at fixed thresholds: the scores
are then equal where no threshold lies between them, and a PR curve is interpolated as Davis & Goadrich, "The
relationship between precision-recall and ROC curves", 2006, say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from conformance.oracle.counts import ENTRY_WEIGHTS, PROBABILITIES, TARGETS
from conformance.oracle.operation import Booleans, Exact, Floats, Parameter, Terms, operation
from conformance.oracle.reduction import sum_exactly

THRESHOLDS = Parameter(None, "how many equally spaced thresholds tell scores apart; all that there are where None")


@operation(
    "auc_roc",
    family="metrics",
    inputs=(PROBABILITIES, TARGETS, ENTRY_WEIGHTS),
    contract={"thresholds": THRESHOLDS},
    output="float",
)
def auc_roc(
    probabilities: Floats, targets: Floats, weights: Floats | None = None, *, thresholds: float | None
) -> Terms:
    """P(s⁺ > s⁻) + ½·P(s⁺ = s⁻)."""
    scores, positive, spread = _flat(probabilities, targets, weights)
    if thresholds is not None:
        scores = bucket(scores, int(thresholds))
    above, below = spread[positive], spread[~positive]
    undefined = sum_exactly(above) == 0 or sum_exactly(below) == 0
    first, second = scores[positive][:, None], scores[~positive]
    won = np.where(first > second, 1.0, np.where(first == second, 0.5, 0.0)) * below
    wins = sum_exactly(np.array([sum_exactly(row) for row in won]) * above)
    return _area(0.0 if undefined else wins / (sum_exactly(above) * sum_exactly(below)), undefined, scores)


@operation(
    "auc_pr",
    family="metrics",
    inputs=(PROBABILITIES, TARGETS, ENTRY_WEIGHTS),
    contract={"thresholds": THRESHOLDS},
    output="float",
)
def auc_pr(probabilities: Floats, targets: Floats, weights: Floats | None = None, *, thresholds: float | None) -> Terms:
    """Σ (Rₖ - Rₖ₋₁)·Pₖ: the mean, over the positive samples, of the precision at their own score."""
    scores, positive, spread = _flat(probabilities, targets, weights)
    total = sum_exactly(spread[positive])
    if total == 0:
        return _area(0.0, True, scores)
    if thresholds is not None:
        return _area(_interpolated(bucket(scores, int(thresholds)), positive, spread, int(thresholds)), False, scores)
    parts = []
    for score in np.unique(scores[positive]):
        level = scores >= score
        here = sum_exactly(spread[positive & (scores == score)])
        parts.append(here * sum_exactly(spread[positive & level]) / sum_exactly(spread[level]))
    return _area(sum_exactly(np.array(parts), total), False, scores)


def _best(
    name: str, best: Callable[[_Rates], tuple[Fraction, Fraction]], bound: Callable[[_Rates], tuple[Fraction, Fraction]]
) -> None:
    """Registers max {best(t) : bound(t) ≥ least}; both are (numerator, denominator) of the counts at t.

    0 where no threshold satisfies the condition, as all who offer these say; undefined where a rate is 0/0 at every
    threshold.
    """

    @operation(
        name,
        family="metrics",
        inputs=(PROBABILITIES, TARGETS, ENTRY_WEIGHTS),
        parameters={"least": Parameter(0.5, "the smallest rate that satisfies the condition, in [0, 1]")},
        contract={"thresholds": THRESHOLDS},
        output="float",
    )
    def found(
        probabilities: Floats,
        targets: Floats,
        weights: Floats | None = None,
        *,
        least: float,
        thresholds: float | None,
    ) -> Terms:
        scores, positive, spread = _flat(probabilities, targets, weights)
        if thresholds is not None:  # 0, 1/(T-1), …, 1: a score of 0 is above none of them
            scores = np.where(scores > 0, bucket(scores, int(thresholds)), np.minimum(scores, -np.inf))
        values, defined = [Fraction(0)], False
        for rates in _every_threshold(scores, positive, spread):
            above, below = best(rates)
            hits, of = bound(rates)
            if below and of:
                defined = True
                if hits >= Fraction(least) * of:
                    values.append(above / below)
        return _area(float(max(values)), not defined, scores)


@dataclass(frozen=True)
class _Rates:
    """Counts at one threshold, exactly."""

    tp: Fraction
    fp: Fraction
    tn: Fraction
    fn: Fraction


def _every_threshold(scores: Floats, positive: Booleans, weights: Floats) -> Iterator[_Rates]:
    """The counts of the decisions s ≥ t, from none of the samples to all of them."""
    total = {True: Fraction(0), False: Fraction(0)}
    for truth, weight in zip(positive.tolist(), weights.tolist(), strict=True):
        total[truth] += Fraction(weight)
    found = {True: Fraction(0), False: Fraction(0)}
    yield _Rates(found[True], found[False], total[False], total[True])
    for score in np.unique(scores[scores > -np.inf])[::-1]:
        here = scores == score
        for truth, weight in zip(positive[here].tolist(), weights[here].tolist(), strict=True):
            found[truth] += Fraction(weight)
        yield _Rates(found[True], found[False], total[False] - found[False], total[True] - found[True])


def _precision(rates: _Rates) -> tuple[Fraction, Fraction]:
    return rates.tp, rates.tp + rates.fp


def _recall(rates: _Rates) -> tuple[Fraction, Fraction]:
    return rates.tp, rates.tp + rates.fn


def _specificity(rates: _Rates) -> tuple[Fraction, Fraction]:
    return rates.tn, rates.tn + rates.fp


_best("precision_at_recall", best=_precision, bound=_recall)
_best("recall_at_precision", best=_recall, bound=_precision)
_best("sensitivity_at_specificity", best=_recall, bound=_specificity)
_best("specificity_at_sensitivity", best=_specificity, bound=_recall)


def bucket(scores: Floats, thresholds: int) -> Floats:
    """How many of the T thresholds -ε, 1/(T-1), …, (T-2)/(T-1), 1 + ε lie below each score in [0, 1], minus 1."""
    return np.where(np.isnan(scores), np.nan, np.clip(np.ceil(scores * (thresholds - 1)) - 1, 0, thresholds - 2))


def _interpolated(buckets: Floats, positive: Booleans, weights: Floats, thresholds: int) -> float:
    """The area under the curve through the points of all thresholds, precision interpolated between two of them.

    Between thresholds the true positives grow with the decisions at a fixed slope, and precision is their quotient.
    """
    levels = np.arange(thresholds)
    hits = np.array([sum_exactly(weights[positive & (buckets >= k)]) for k in levels])
    decided = np.array([sum_exactly(weights[buckets >= k]) for k in levels])
    more_hits, more = hits[:-1] - hits[1:], decided[:-1] - decided[1:]
    slope = np.divide(more_hits, more, out=np.zeros_like(more), where=more != 0)
    intercept = hits[1:] - slope * decided[1:]
    both = (decided[:-1] > 0) & (decided[1:] > 0)
    ratio = np.divide(decided[:-1], decided[1:], out=np.ones_like(more), where=both)
    return sum_exactly(slope * (more_hits + intercept * np.log(ratio)), sum_exactly(weights[positive]))


def _flat(probabilities: Floats, targets: Floats, weights: Floats | None) -> tuple[Floats, Booleans, Floats]:
    spread = np.ones(targets.shape) if weights is None else np.broadcast_to(weights, targets.shape)
    return probabilities.ravel(), targets.ravel() != 0, np.array(spread).ravel()


def _area(value: float, undefined: bool, scores: Floats) -> Terms:
    """The scale is 1 + value: rates of up to 1 are rounded before they are subtracted."""
    free = undefined or bool(np.isnan(scores).any())
    number = np.asarray(np.nan if free else value, np.float64)
    size = np.asarray(0.0 if free else abs(value))
    return Terms(Exact(number, 1 + size, size, free=np.ones((), bool) if free else None), length=max(1, scores.size))
