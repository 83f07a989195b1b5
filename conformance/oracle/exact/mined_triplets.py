"""Second definitions: triplet losses that choose among all pairs of a batch.

Distances are compared before their root is taken: the squares of floats are exact.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

from conformance.oracle.exact.definition import define
from conformance.oracle.exact.metric_learning import Shapes, vectors_of
from conformance.oracle.exact.number import Number, exceeds, exp, log, maximum, minimum, sqrt, total
from conformance.oracle.exact.similarity import between, cosine, given, inner

Between = Callable[[int, int], Number]


class _Batch:
    """`key` orders the pairs, `measured` makes a distance of it; None among the others of one label or of the rest."""

    def __init__(self, embeddings: list[Number], labels: tuple[int, ...], how: str, floor: Number, shapes: Shapes):
        self.vectors, self.labels = vectors_of(embeddings, shapes), labels
        self.how, self.floor = how, given(floor)
        self.keys: dict[tuple[int, int], Number] = {}

    def key(self, i: int, j: int, fixed: bool = False) -> Number:
        """Of a pair, in either order; worked out once."""
        pair = min(i, j), max(i, j)
        if pair not in self.keys:
            self.keys[pair] = self.between(*pair)
        return self.keys[pair].still() if fixed else self.keys[pair]

    def between(self, i: int, j: int) -> Number:
        a, b = self.vectors[i], self.vectors[j]
        if self.how == "cosine":
            return 1 - cosine(a, b, self.floor)
        apart = between(a, b)
        return inner(apart, apart)

    def measured(self, key: Number) -> Number:
        return sqrt(key) if self.how == "euclidean" else key

    def alike(self, i: int) -> list[int]:
        return [j for j, label in enumerate(self.labels) if j != i and label == self.labels[i]]

    def apart(self, i: int) -> list[int]:
        return [j for j, label in enumerate(self.labels) if label != self.labels[i]]

    def nowhere(self) -> Number | None:
        """What is no number, where the distances are none: there is nothing to choose among."""
        count = len(self.labels)
        whole = total(
            [self.key(i, j, fixed=True) for i in range(count) for j in range(i + 1, count)] or [self.key(0, 0)]
        )
        return None if whole.value.is_finite() else whole

    def hinge(self, near: Number, far: Number, margin: Number) -> Number:
        """Where it is surely 0 nothing is differentiated, so that no corner of a norm matters there."""
        lost = self.measured(near.still()) - self.measured(far.still()) + margin
        if exceeds(margin * 0, lost):
            return margin * 0
        return maximum(self.measured(near) - self.measured(far) + margin, margin * 0)


@define(
    "triplet_semihard",
    {"embeddings": "real", "labels": "label"},
    {"margin": 1.0, "distance": "euclidean", "norm_floor": 0.0},
    rows=True,
    entries=lambda shapes, parameters: (),
)
def triplet_semihard(
    embeddings: list[Number],
    labels: tuple[int, ...],
    *,
    margin: Number,
    distance: str,
    norm_floor: Number,
    place: int,
    shapes: Shapes,
) -> Number | None:
    batch = _Batch(embeddings, labels, distance, norm_floor, shapes)
    nowhere = batch.nowhere()
    if nowhere is not None:
        return nowhere
    losses = []
    for i in range(len(labels)):
        for j in batch.alike(i):
            reach = batch.key(i, j, fixed=True)
            others = batch.apart(i)
            outside = [k for k in others if exceeds(batch.key(i, k, fixed=True), reach)]
            if not others:
                return None
            pick, among = (minimum, outside) if outside else (maximum, others)
            losses.append(batch.hinge(batch.key(i, j), reduce(pick, [batch.key(i, k) for k in among]), margin))
    return total(losses) / len(losses) if losses else None


@define(
    "triplet_hard",
    {"embeddings": "real", "labels": "label"},
    {"margin": 1.0, "soft": False, "distance": "euclidean", "norm_floor": 0.0},
    rows=True,
    entries=lambda shapes, parameters: (),
)
def triplet_hard(
    embeddings: list[Number],
    labels: tuple[int, ...],
    *,
    margin: Number,
    soft: bool,
    distance: str,
    norm_floor: Number,
    place: int,
    shapes: Shapes,
) -> Number | None:
    batch = _Batch(embeddings, labels, distance, norm_floor, shapes)
    nowhere = batch.nowhere()
    if nowhere is not None:
        return nowhere
    losses = []
    for i in range(len(labels)):
        alike, apart = batch.alike(i), batch.apart(i)
        if not alike or not apart:
            return None
        near = reduce(maximum, [batch.key(i, j) for j in alike])
        far = reduce(minimum, [batch.key(i, k) for k in apart])
        if soft:
            losses.append(log(1 + exp(batch.measured(near) - batch.measured(far))))
        else:
            losses.append(batch.hinge(near, far, margin))
    return total(losses) / len(losses)
