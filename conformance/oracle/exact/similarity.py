"""Second definitions: angles between vectors, distances of points, and what is lost on pairs and triplets of them."""

from __future__ import annotations

from conformance.oracle.exact.definition import define
from conformance.oracle.exact.number import (
    Number,
    absolute,
    exceeds,
    maximum,
    minimum,
    power,
    sqrt,
    total,
    with_gradient_of,
)


def inner(a: list[Number], b: list[Number]) -> Number:
    return total([x * y for x, y in zip(a, b, strict=True)])


def length(
    a: list[Number], floor: Number | None = None, shift: Number | None = None, straight_through: bool = False
) -> Number:
    """‖a‖, or the floor where that is larger, with the slope of ‖a‖ or without one."""
    if shift is not None:
        return sqrt(inner(a, a) + shift)
    if floor is not None and exceeds(floor, sqrt(inner(still(a), still(a)))):
        below = straight_through and not inner(a, a).value.is_zero()
        return with_gradient_of(floor, sqrt(inner(a, a))) if below else floor
    return sqrt(inner(a, a))


def still(a: list[Number]) -> list[Number]:
    return [x.still() for x in a]


def cosine(a: list[Number], b: list[Number], floor: Number | None = None, straight_through: bool = False) -> Number:
    """⟨a, b⟩/(‖a‖‖b‖); singular where a length is 0."""
    return inner(a, b) / (length(a, floor, None, straight_through) * length(b, floor, None, straight_through))


def norm(d: list[Number], p: Number, power_shift: Number | None = None) -> Number:
    """(Σ|dᵢ|^p + ε)^(1/p)."""
    if float(p.value) == 2:
        return sqrt(inner(d, d) + power_shift) if power_shift is not None else sqrt(inner(d, d))
    sizes = total([power(absolute(x), p) for x in d])
    if power_shift is not None:
        sizes = sizes + power_shift
    return power(sizes, 1 / p) if float(p.value) != 1 else sizes


def between(a: list[Number], b: list[Number], shift: Number | None = None) -> list[Number]:
    return [x - y if shift is None else x - y + shift for x, y in zip(a, b, strict=True)]


def given(parameter: Number) -> Number | None:
    """A parameter of a contract, None where it is 0: what is not there is not even added."""
    return None if parameter.value.is_zero() else parameter


@define(
    "cosine_similarity",
    {"predictions": "real", "targets": "real"},
    {"axis": -1, "norm_floor": 0.0, "straight_through": False},
    rows=True,
    reduces=True,
)
def cosine_similarity(
    predictions: list[Number], targets: list[Number], *, norm_floor: Number, straight_through: bool
) -> Number:
    return cosine(predictions, targets, given(norm_floor), straight_through)


@define(
    "cosine_distance",
    {"predictions": "real", "targets": "real"},
    {"axis": -1, "unit": False},
    rows=True,
    reduces=True,
)
def cosine_distance(predictions: list[Number], targets: list[Number], *, unit: bool) -> Number:
    return 1 - (inner(predictions, targets) if unit else cosine(predictions, targets))


@define(
    "cosine_embedding",
    {"first": "real", "second": "real", "targets": "label"},
    {"margin": 0.0, "shift": 0.0},
    rows=True,
    reduces=True,
)
def cosine_embedding(
    first: list[Number], second: list[Number], targets: int, *, margin: Number, shift: Number
) -> Number | None:
    if targets not in (1, -1):
        return None
    more = given(shift)
    found = inner(first, second) / (length(first, None, more) * length(second, None, more))
    return 1 - found if targets == 1 else maximum(found - margin, margin * 0)


@define(
    "pairwise_distance",
    {"first": "real", "second": "real"},
    {"p": 2.0, "axis": -1, "shift": 0.0},
    rows=True,
    reduces=True,
)
def pairwise_distance(first: list[Number], second: list[Number], *, p: Number, shift: Number) -> Number:
    return norm(between(first, second, given(shift)), p)


@define(
    "triplet_margin",
    {"anchors": "real", "positives": "real", "negatives": "real"},
    {"margin": 1.0, "p": 2.0, "swap": False, "axis": -1, "shift": 0.0, "power_shift": 0.0},
    rows=True,
    reduces=True,
)
def triplet_margin(
    anchors: list[Number],
    positives: list[Number],
    negatives: list[Number],
    *,
    margin: Number,
    p: Number,
    swap: bool,
    shift: Number,
    power_shift: Number,
) -> Number | int:
    """Where the loss is surely 0 nothing of it is differentiated, so that no corner of a norm matters there."""

    def excess(a: list[Number], pos: list[Number], neg: list[Number]) -> Number:
        def apart(x: list[Number], y: list[Number]) -> Number:
            return norm(between(x, y, given(shift)), p, given(power_shift))

        away = minimum(apart(a, neg), apart(pos, neg)) if swap else apart(a, neg)
        return apart(a, pos) - away + margin

    lost = excess(still(anchors), still(positives), still(negatives))
    if exceeds(lost * 0, lost):
        return 0
    return maximum(excess(anchors, positives, negatives), lost * 0)


@define("contrastive", {"distances": "real", "targets": "fixed"}, {"margin": 1.0}, reduces=True)
def contrastive(distances: Number, targets: Number, *, margin: Number) -> Number:
    """A coefficient of 0 removes its term."""
    terms = []
    if not targets.value.is_zero():
        terms.append(targets * distances * distances)
    if targets.value != 1:
        lack = maximum(margin - distances, margin * 0)
        terms.append((1 - targets) * lack * lack)
    return total(terms)
