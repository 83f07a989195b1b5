"""Second definitions: margin losses, elementwise and over classes.

Hinges are maxima of their branches, as the papers write them; no compensated sums, no case distinctions on signs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from conformance.oracle.exact.definition import Kind, define
from conformance.oracle.exact.number import Number, exceeds, exp, log, maximum, power, total

SCORES_AND_TARGETS: Mapping[str, Kind] = {"scores": "real", "targets": "real"}
SCORES_AND_FIXED: Mapping[str, Kind] = {"scores": "real", "targets": "fixed"}
SCORES_AND_LABELS: Mapping[str, Kind] = {"scores": "real", "labels": "label"}


def positive_part(x: Number) -> Number:
    """max(0, x)."""
    return maximum(x, x.tape.constant(0))


@define("hinge", SCORES_AND_TARGETS, reduces=True)
def hinge(scores: Number, targets: Number) -> Number:
    return positive_part(1 - targets * scores)


@define("perceptron", SCORES_AND_TARGETS, reduces=True)
def perceptron(scores: Number, targets: Number) -> Number:
    return positive_part(-targets * scores)


@define("squared_hinge", SCORES_AND_TARGETS, reduces=True)
def squared_hinge(scores: Number, targets: Number) -> Number:
    return power(positive_part(1 - targets * scores), 2)


@define("binary_sparsemax", SCORES_AND_FIXED, reduces=True)
def binary_sparsemax(scores: Number, targets: Number) -> Number:
    """sup over p in [0, 1] of p·z + p·(1 - p) with z = -y·x, by the p at which it is attained."""
    z = -targets * scores
    tape = z.tape
    p = (z + 1) / 2
    if not exceeds(p, tape.constant(0)) and not p.value.is_nan():
        return tape.constant(0)
    if exceeds(p, tape.constant(1)):
        return z
    return p * z + p * (1 - p)


@define("soft_margin", SCORES_AND_FIXED, reduces=True)
def soft_margin(scores: Number, targets: Number) -> Number:
    return -log(1 / (1 + exp(-targets * scores)))


@define("hinge_embedding", {"distances": "real", "targets": "fixed"}, {"margin": 1.0}, reduces=True)
def hinge_embedding(distances: Number, targets: Number, *, margin: Number) -> Number:
    if targets.value.is_nan():
        return targets * distances
    return distances if targets.value == 1 else positive_part(margin - distances)


@define(
    "margin_ranking",
    {"first": "real", "second": "real", "targets": "real"},
    {"margin": 0.0},
    reduces=True,
)
def margin_ranking(first: Number, second: Number, targets: Number, *, margin: Number) -> Number:
    return positive_part(-targets * (first - second) + margin)


def largest(numbers: Sequence[Number]) -> Number:
    """The maximum of at least one number."""
    return reduce(maximum, numbers)


@define("categorical_hinge", SCORES_AND_TARGETS, rows=True, reduces=True)
def categorical_hinge(scores: list[Number], targets: list[Number]) -> Number:
    wrong = largest([(1 - t) * x for x, t in zip(scores, targets, strict=True)])
    right = total([t * x for x, t in zip(scores, targets, strict=True)])
    return positive_part(wrong - right + 1)


@define("multiclass_hinge", SCORES_AND_LABELS, rows=True, reduces=True)
def multiclass_hinge(scores: list[Number], labels: int) -> Number | None:
    if not 0 <= labels < len(scores):
        return None
    return largest([x + int(c != labels) for c, x in enumerate(scores)]) - scores[labels]


@define("multiclass_perceptron", SCORES_AND_LABELS, rows=True, reduces=True)
def multiclass_perceptron(scores: list[Number], labels: int) -> Number | None:
    if not 0 <= labels < len(scores):
        return None
    return largest(scores) - scores[labels]


@define(
    "multi_margin",
    {"scores": "real", "labels": "label", "class_weights": "classes"},
    {"p": 1, "margin": 1.0},
    rows=True,
    reduces=True,
)
def multi_margin(
    scores: list[Number], labels: int, class_weights: list[Number] | None = None, *, p: Number, margin: Number
) -> Number | int | None:
    if not 0 <= labels < len(scores):
        return None
    rivals = [x for c, x in enumerate(scores) if c != labels]
    if not rivals:
        return 0
    loss = total([power(positive_part(margin - scores[labels] + x), p) for x in rivals]) / len(scores)
    return loss if class_weights is None else class_weights[labels] * loss


def one_row_each(shapes: Mapping[str, tuple[int, ...]], parameters: Mapping[str, Any]) -> tuple[int, ...]:
    """One loss for each row of scores."""
    return shapes["scores"][:-1]


@define("multilabel_margin", SCORES_AND_LABELS, entries=one_row_each, reduces=True, rows=True)
def multilabel_margin(
    scores: list[Number], labels: tuple[int, ...], *, place: int, shapes: Mapping[str, tuple[int, ...]]
) -> Number | int:
    classes = shapes["scores"][-1]
    x = scores[place * classes : (place + 1) * classes]
    row = [*labels[place * classes : (place + 1) * classes], -1]
    right = row[: row.index(-1)]
    gaps = [1 - (x[j] - x[i]) for j in right for i in range(classes) if i not in right]
    return total([positive_part(gap) for gap in gaps]) / classes if gaps else 0


@define(
    "multilabel_soft_margin",
    {"scores": "real", "targets": "real", "class_weights": "classes"},
    rows=True,
    reduces=True,
)
def multilabel_soft_margin(
    scores: list[Number], targets: list[Number], class_weights: list[Number] | None = None
) -> Number:
    losses = []
    for c, (x, y) in enumerate(zip(scores, targets, strict=True)):
        loss = -(y * log(1 / (1 + exp(-x))) + (1 - y) * log(exp(-x) / (1 + exp(-x))))
        losses.append(loss if class_weights is None else class_weights[c] * loss)
    return total(losses) / len(scores)


@define("sparsemax", SCORES_AND_LABELS, rows=True, reduces=True)
def sparsemax(scores: list[Number], labels: int) -> Number | None:
    """½·Σ_{j in S}(x_j² - τ²) + ½ - x_k, equation 26 of the paper; S are the classes above the threshold τ."""
    if not 0 <= labels < len(scores):
        return None
    if any(x.value.is_nan() for x in scores):
        return total(scores)
    support: list[Number] = []
    for x in _falling(scores):
        if not exceeds(1 + (len(support) + 1) * x, total([*support, x])):
            break
        support.append(x)
    tau = (total(support) - 1) / len(support)
    return total([x * x - tau * tau for x in support]) / 2 + 0.5 - scores[labels]


def _falling(scores: Sequence[Number]) -> list[Number]:
    """From the largest to the smallest. Comparisons that are not decided raise Imprecise."""
    ordered: list[Number] = []
    for x in scores:
        place = sum(1 for other in ordered if not exceeds(x, other))
        ordered.insert(place, x)
    return ordered
