"""Triplet losses that look for their triplets in the batch: of every pair that belongs together, or of every anchor.

    semi-hard: mean over the pairs (i, j) with y_i = y_j of max(0, d_ij - n_ij + m),
               n_ij the least d_ik > d_ij with y_k ≠ y_i, or else the greatest d_ik with y_k ≠ y_i
    hard:      mean over i of max(0, p_i - n_i + m), or ln(1 + e^(p_i - n_i)) where the margin is soft,
               p_i the greatest d_ij with y_j = y_i, n_i the least d_ik with y_k ≠ y_i

Schroff, Kalenichenko & Philbin, "FaceNet: a unified embedding for face recognition and clustering", 2015, section 3.2
(semi-hard); Hermans, Beyer & Leibe, "In defense of the triplet loss for person re-identification", 2017, section 2
(hard, and the soft margin). What is chosen is differentiated as if it stood fixed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from conformance.oracle.double_double import DoubleDouble
from conformance.oracle.metric_learning import EMBEDDINGS, LABELS, batch, sigmoid, softplus
from conformance.oracle.operation import Booleans, Exact, Floats, Parameter, Terms, operation
from conformance.oracle.stable import two_difference
from conformance.oracle.vectors import Slope, angle, distance, total

Labels = NDArray[np.int64]
MARGIN = Parameter(1.0, "m: how much further away what does not belong together has to be")
DISTANCE = Parameter("euclidean", "euclidean: ‖a - b‖; squared: ‖a - b‖²; cosine: 1 - cos(a, b)")
NORM_FLOOR = Parameter(0.0, "each length is at least this under a cosine; its derivative is 0 below")


@operation(
    "triplet_semihard",
    family="similarity",
    inputs=(EMBEDDINGS, LABELS),
    parameters={"margin": MARGIN, "distance": DISTANCE},
    contract={"norm_floor": NORM_FLOOR},
    limits=(0.0, np.inf),
)
def triplet_semihard(embeddings: Floats, labels: Labels, *, margin: float, distance: str, norm_floor: float) -> Terms:
    """The mean over all ordered pairs of one label, each against its semi-hard negative; a scalar.

    Free where there is no such pair, or nothing of another label to hold one against.
    """
    alike, apart = batch(embeddings, labels)
    pairs = _pairs(embeddings, distance, norm_floor)
    chosen = _Chosen(pairs.value, int(np.count_nonzero(alike)))
    for a, b in np.argwhere(alike):
        gaps = pairs.row(a) - pairs.at(a, b)
        beyond = apart[a] & (gaps.high > 0)
        far = _least(gaps.high, beyond) if beyond.any() else _least(-gaps.high, apart[a])
        near = np.zeros(len(labels), bool)
        near[b] = True
        chosen.hinge(a, near, far, margin)
    return chosen.terms(pairs)


@operation(
    "triplet_hard",
    family="similarity",
    inputs=(EMBEDDINGS, LABELS),
    parameters={
        "margin": MARGIN,
        "soft": Parameter(False, "ln(1 + eˣ) in place of max(0, x + m); the margin then takes no part"),
        "distance": DISTANCE,
    },
    contract={"norm_floor": NORM_FLOOR},
    limits=(0.0, np.inf),
)
def triplet_hard(
    embeddings: Floats, labels: Labels, *, margin: float, soft: bool, distance: str, norm_floor: float
) -> Terms:
    """The mean over all embeddings, each with the furthest of its own label and the nearest of another; a scalar.

    Free where an embedding has nothing of its label, or nothing of another.
    """
    alike, apart = batch(embeddings, labels)
    pairs = _pairs(embeddings, distance, norm_floor)
    chosen = _Chosen(pairs.value, len(labels))
    for a in range(len(labels)):
        row = pairs.row(a).high
        near, far = _least(-row, alike[a]), _least(row, apart[a])
        if soft:
            chosen.soft(a, near, far)
        else:
            chosen.hinge(a, near, far, margin)
    return chosen.terms(pairs)


def _least(numbers: Floats, among: Booleans) -> Booleans:
    """True at the least of some numbers, at all of them where several are."""
    return np.asarray(among & (numbers == np.min(np.where(among, numbers, np.inf), initial=np.inf)))


@dataclass(frozen=True)
class _Pairs:
    """The distances of all pairs, (N, N), and their derivatives by the first and the second one, (N, N, D)."""

    value: DoubleDouble
    first: Slope
    second: Slope
    free: bool
    poisoned: bool

    def row(self, a: int) -> DoubleDouble:
        return DoubleDouble(self.value.high[a], self.value.low[a])

    def at(self, a: int, b: int) -> DoubleDouble:
        return DoubleDouble(self.value.high[a, b], self.value.low[a, b])


def _pairs(embeddings: Floats, how: str, norm_floor: float) -> _Pairs:
    """Raises ValueError for a distance that is none of those `DISTANCE` names."""
    count, width = embeddings.shape
    shape = (count, count, width)
    first, second = np.broadcast_to(embeddings[:, None], shape), np.broadcast_to(embeddings[None], shape)
    poisoned, infinite = bool(np.isnan(embeddings).any()), bool(np.isinf(embeddings).any())
    if how == "euclidean":
        found = distance(first, second, 2)
        return _Pairs(found.value, found.slope, -found.slope, infinite and not poisoned, poisoned)
    if how == "squared":
        gap = DoubleDouble(*two_difference(first, second))
        slope = Slope.of(2 * gap.high)
        return _Pairs(total(gap * gap), slope, -slope, infinite and not poisoned, poisoned)
    if how != "cosine":
        raise ValueError(f"the distance is euclidean, squared or cosine, not '{how}'")
    angles = angle(first, second, floor=norm_floor)
    undefined = bool((angles.undefined & ~np.eye(count, dtype=bool)).any())
    return _Pairs(1.0 - angles.cosine, -angles.first, -angles.second, undefined and not poisoned, poisoned)


@dataclass
class _Chosen:
    """The losses of the triplets that were chosen, and what each distance counts in their mean.

    A loss that several equal distances share is differentiated by any of them; at the kink of a hinge it is
    differentiated wholly, partly or not: `low` and `high` hold all of it.
    """

    distances: DoubleDouble
    count: int
    losses: list[DoubleDouble] = field(default_factory=list)
    scale: float = 0.0
    missing: bool = False

    def __post_init__(self) -> None:
        self.value, self.low, self.high, self.size = (np.zeros(self.distances.high.shape) for _ in range(4))

    def hinge(self, a: int, near: Booleans, far: Booleans, margin: float) -> None:
        """max(0, d - n + m) of an anchor, one of `near` and one of `far`."""
        excess = self._excess(a, near, far)
        if excess is None:
            return
        excess = excess + margin
        self.losses.append(excess.where(excess.high > 0, 0.0))
        self.scale += abs(margin)
        open_, surely = bool(excess.high >= 0), bool(excess.high > 0)
        self._count(a, near, far, float(surely), float(open_), 1.0)

    def soft(self, a: int, near: Booleans, far: Booleans) -> None:
        """ln(1 + e^(d - n))."""
        excess = self._excess(a, near, far)
        if excess is None:
            return
        self.losses.append(DoubleDouble(softplus(excess)))
        slope = float(sigmoid(excess))
        size = 1 + sum(float(np.max(self.distances.high[a], where=of, initial=0.0)) for of in (near, far))
        self._count(a, near, far, slope, slope, size)

    def _excess(self, a: int, near: Booleans, far: Booleans) -> DoubleDouble | None:
        if not (near.any() and far.any()):
            self.missing = True
            return None
        high, low = self.distances.high[a], self.distances.low[a]
        to, off = int(np.argmax(near)), int(np.argmax(far))
        self.scale += float(high[to] + high[off])
        return DoubleDouble(high[to], low[to]) - DoubleDouble(high[off], low[off])

    def _count(self, a: int, near: Booleans, far: Booleans, least: float, most: float, size: float) -> None:
        """The slope of one loss is between `least` and `most`, and `least` where nothing else is said."""
        for of, sign in ((near, 1.0), (far, -1.0)):
            shared = np.count_nonzero(of)
            self.value[a] += np.where(of, sign * least / shared, 0.0)
            ends = sign * (least if shared == 1 else 0.0), sign * most
            self.low[a] += np.where(of, min(ends), 0.0)
            self.high[a] += np.where(of, max(ends), 0.0)
            self.size[a] += np.where(of, most * size, 0.0)

    def terms(self, pairs: _Pairs) -> Terms:
        """The mean of the losses and its pullback to the embeddings."""
        gone = pairs.poisoned or pairs.free or self.missing or not self.count
        over = max(self.count, 1)
        value = np.nan if gone else float(_mean(self.losses, over).high)
        free = np.asarray(True) if gone and not pairs.poisoned else None
        by_first, by_second = (self._times(slope, over) for slope in (pairs.first, pairs.second))

        def pullback(cotangent: Floats) -> dict[str, Exact]:
            def added(of: Callable[[Slope], Floats]) -> Floats:
                return np.asarray(of(by_first).sum(axis=1) + of(by_second).sum(axis=0))

            whole = Slope(*(added(lambda s, n=name: getattr(s, n)) for name in ("value", "low", "high", "size")))  # type: ignore[misc]
            open_ = np.full(whole.value.shape, gone)
            return {"embeddings": whole.exact(open_).times(np.broadcast_to(cotangent, whole.value.shape))}

        scale = np.asarray(self.scale / over)
        return Terms(Exact(np.asarray(value), scale, scale, free=free), pullback, length=pairs.first.value.size or 1)

    def _times(self, slope: Slope, over: int) -> Slope:
        """What each distance counts, times its derivative."""
        value, low, high, size = (x[..., None] / over for x in (self.value, self.low, self.high, self.size))
        used = size > 0
        ends = [np.where(used, x * y, 0.0) for x in (low, high) for y in (slope.low, slope.high)]
        return Slope(
            np.where(used, value * slope.value, 0.0),
            np.minimum.reduce(ends),
            np.maximum.reduce(ends),
            np.where(used, size * slope.size, 0.0),
        )


def _mean(losses: list[DoubleDouble], over: int) -> DoubleDouble:
    high, low = (np.array([float(getattr(x, part)) for x in losses]) for part in ("high", "low"))
    return total(DoubleDouble(high, low)) / float(over)
