"""Second definitions: angles between vectors, distances of points, and what is lost on pairs and triplets of them."""

from __future__ import annotations

from conformance.oracle.exact.definition import define
from conformance.oracle.exact.number import Number, absolute, exceeds, maximum, minimum, power, sqrt, total


def inner(a: list[Number], b: list[Number]) -> Number:
    return total([x * y for x, y in zip(a, b, strict=True)])


def length(a: list[Number]) -> Number:
    return sqrt(inner(a, a))


def cosine(a: list[Number], b: list[Number]) -> Number:
    """⟨a, b⟩/(‖a‖‖b‖); singular where a length is 0."""
    return inner(a, b) / (length(a) * length(b))


def norm(d: list[Number], p: Number) -> Number:
    """(Σ|dᵢ|^p)^(1/p)."""
    if float(p.value) == 2:
        return sqrt(inner(d, d))
    sizes = total([power(absolute(x), p) for x in d])
    return power(sizes, 1 / p) if float(p.value) != 1 else sizes


def between(a: list[Number], b: list[Number]) -> list[Number]:
    return [x - y for x, y in zip(a, b, strict=True)]


@define("cosine_similarity", {"predictions": "real", "targets": "real"}, {"axis": -1}, rows=True, reduces=True)
def cosine_similarity(predictions: list[Number], targets: list[Number]) -> Number:
    return cosine(predictions, targets)


@define("cosine_distance", {"predictions": "real", "targets": "real"}, {"axis": -1}, rows=True, reduces=True)
def cosine_distance(predictions: list[Number], targets: list[Number]) -> Number:
    return 1 - cosine(predictions, targets)


@define(
    "cosine_embedding",
    {"first": "real", "second": "real", "targets": "label"},
    {"margin": 0.0},
    rows=True,
    reduces=True,
)
def cosine_embedding(first: list[Number], second: list[Number], targets: int, *, margin: Number) -> Number | None:
    if targets not in (1, -1):
        return None
    found = cosine(first, second)
    return 1 - found if targets == 1 else maximum(found - margin, margin * 0)


@define("pairwise_distance", {"first": "real", "second": "real"}, {"p": 2.0, "axis": -1}, rows=True, reduces=True)
def pairwise_distance(first: list[Number], second: list[Number], *, p: Number) -> Number:
    return norm(between(first, second), p)


@define(
    "triplet_margin",
    {"anchors": "real", "positives": "real", "negatives": "real"},
    {"margin": 1.0, "p": 2.0, "swap": False, "axis": -1},
    rows=True,
    reduces=True,
)
def triplet_margin(
    anchors: list[Number], positives: list[Number], negatives: list[Number], *, margin: Number, p: Number, swap: bool
) -> Number | int:
    """Where the loss is surely 0 nothing of it is differentiated, so that no corner of a norm matters there."""
    a, pos, neg = ([x.still() for x in row] for row in (anchors, positives, negatives))
    lost = _excess(a, pos, neg, margin, p, swap)
    if exceeds(lost * 0, lost):
        return 0
    return maximum(_excess(anchors, positives, negatives, margin, p, swap), lost * 0)


def _excess(a: list[Number], pos: list[Number], neg: list[Number], margin: Number, p: Number, swap: bool) -> Number:
    away = norm(between(a, neg), p)
    if swap:
        away = minimum(away, norm(between(pos, neg), p))
    return norm(between(a, pos), p) - away + margin


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
