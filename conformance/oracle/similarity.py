"""Similarity of vectors and the losses made of it: of pairs and of triplets.

    cos(a, b) = ⟨a, b⟩/(‖a‖·‖b‖)
    triplet: max(0, ‖a - p‖ - ‖a - n‖ + m)
    contrastive: y·d² + (1 - y)·max(0, m - d)²

Vectors lie along `axis`; the value has one entry for each of them. Hadsell, Chopra & LeCun, "Dimensionality reduction
by learning an invariant mapping", 2006 (contrastive); Balntas et al., "Learning local feature descriptors with
triplets and shallow convolutional neural networks", 2016 (triplets and the swap). What is lost over a whole batch
stands in `metric_learning.py`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conformance.oracle.operation import (
    Booleans,
    Exact,
    Floats,
    Input,
    Parameter,
    Terms,
    elementwise,
    operation,
    rowwise,
)
from conformance.oracle.rows import to_last
from conformance.oracle.stable import finite, product
from conformance.oracle.vectors import Angle, Slope, angle, distance

PREDICTIONS = Input("predictions", "real", "vectors along the axis", differentiable=True)
TARGETS = Input("targets", "real", "vectors, shape of the predictions", differentiable=True)
FIRST = Input("first", "real", "vectors along the last axis", differentiable=True)
SECOND = Input("second", "real", "vectors, shape of the first", differentiable=True)
AXIS = Parameter(-1, "the axis along which a vector lies")
DEGREE = Parameter(2, "p: the degree of the norm, a positive whole number")
NORM_FLOOR = Parameter(0.0, "each length is at least this; its derivative is 0 below")
STRAIGHT_THROUGH = Parameter(False, "the derivative of a length is as if it had no floor")
SHIFT = Parameter(0.0, "ε added to each component of a difference")
POWER_SHIFT = Parameter(0.0, "ε added to the sum of the powers, inside the root")


@operation(
    "cosine_similarity",
    family="similarity",
    inputs=(PREDICTIONS, TARGETS),
    parameters={"axis": AXIS},
    contract={"norm_floor": NORM_FLOOR, "straight_through": STRAIGHT_THROUGH},
    limits=(-1.0, 1.0),
    reduces=True,
)
def cosine_similarity(
    predictions: Floats, targets: Floats, *, axis: int, norm_floor: float, straight_through: bool
) -> Terms:
    """⟨a, b⟩/(‖a‖·‖b‖) along `axis`, in [-1, 1]; free where a vector is zero, for it has no direction.

    Gradient by a: (b/‖b‖ - cos·a/‖a‖)/‖a‖.
    """
    found = _angle(predictions, targets, axis, floor=norm_floor, straight_through=straight_through)
    value = Exact(found.settled(found.cosine.high), found.scale, found.scale, free=found.free())
    return _of_angle(value, found, 1.0, axis)


@operation(
    "cosine_distance",
    family="similarity",
    inputs=(PREDICTIONS, TARGETS),
    parameters={"axis": AXIS},
    contract={"unit": Parameter(False, "the vectors are taken to have length 1 without a look")},
    limits=(0.0, 2.0),
    reduces=True,
)
def cosine_distance(predictions: Floats, targets: Floats, *, axis: int, unit: bool) -> Terms:
    """1 - cos along `axis`, in [0, 2]; free where a vector is zero. Gradient: that of -cos."""
    found = _angle(predictions, targets, axis, unit=unit)
    value = Exact(found.settled(found.distance), 1 + found.scale, 1 + found.scale, free=found.free())
    return _of_angle(value, found, -1.0, axis)


def _angle(predictions: Floats, targets: Floats, axis: int, **contract: float | bool) -> Angle:
    if predictions.shape != targets.shape:
        raise ValueError(f"targets have shape {targets.shape}, predictions {predictions.shape}")
    return angle(to_last(predictions, axis), to_last(targets, axis), **contract)  # type: ignore[arg-type]


def _of_angle(value: Exact, found: Angle, factor: float, axis: int) -> Terms:
    partials = {
        "predictions": found.partial(found.first, factor).moved(-1, axis),
        "targets": found.partial(found.second, factor).moved(-1, axis),
    }
    return rowwise(value, partials, axis, length=found.first.value.shape[-1])


@operation(
    "cosine_embedding",
    family="similarity",
    inputs=(
        FIRST,
        SECOND,
        Input("targets", "label", "1: the two are alike, -1: they are not; one for each pair", free=True),
    ),
    parameters={"margin": Parameter(0.0, "m: a pair that is not alike costs nothing up to this cosine")},
    contract={"shift": Parameter(0.0, "ε added to the square of each length")},
    reduces=True,
)
def cosine_embedding(
    first: Floats, second: Floats, targets: NDArray[np.int64], *, margin: float, shift: float
) -> Terms:
    """1 - cos of a pair that is alike, max(0, cos - m) of one that is not; free for another target than 1 and -1."""
    if targets.shape != first.shape[:-1]:
        raise ValueError(f"targets have shape {targets.shape}, pairs {first.shape[:-1]}")
    found = angle(first, second, shift=shift)
    alike, unlike = targets == 1, targets == -1
    excess = found.cosine - margin
    beyond, bound = unlike & (excess.high > 0), unlike & (excess.high == 0)
    loss = np.where(alike, found.distance, np.where(beyond, excess.high, 0.0))
    scale = np.where(alike, 1 + found.scale, abs(margin) + found.scale)
    free = found.undefined | ~(alike | unlike)
    value = Exact(found.settled(loss), scale, scale, free=free if free.any() else None)

    def partial(slope: Slope) -> Exact:
        slope = _signed(slope, alike[..., None]).counted((alike | beyond)[..., None], bound[..., None])
        exact = found.partial(slope)
        open_ = np.broadcast_to(free[..., None], exact.value.shape)
        return Exact(exact.value, exact.scale, exact.condition, exact.low, exact.high, open_ if free.any() else None)

    partials = {"first": partial(found.first), "second": partial(found.second)}
    return rowwise(value, partials, -1, length=first.shape[-1])


def _signed(slope: Slope, falling: Booleans) -> Slope:
    down = -slope
    return Slope(
        np.where(falling, down.value, slope.value),
        np.where(falling, down.low, slope.low),
        np.where(falling, down.high, slope.high),
        slope.size,
    )


@operation(
    "pairwise_distance",
    family="similarity",
    inputs=(FIRST, SECOND),
    parameters={"p": DEGREE, "axis": AXIS},
    contract={"shift": SHIFT},
    reduces=True,
)
def pairwise_distance(first: Floats, second: Floats, *, p: float, axis: int, shift: float) -> Terms:
    """(Σ|aᵢ - bᵢ|^p)^(1/p) along `axis`. Gradient by a: sign(aᵢ - bᵢ)·(|aᵢ - bᵢ|/‖a - b‖)^(p - 1).

    At a distance of 0, and for p = 1 in each component that is 0, every number in [-1, 1] is right.
    """
    found = distance(to_last(first, axis), to_last(second, axis), p, shift=shift)
    length = np.where(found.infinite, np.inf, np.where(found.poisoned | found.undefined, np.nan, found.value.high))
    size = finite(length)
    value = Exact(length, size, size, free=found.undefined if found.undefined.any() else None)
    gone = _rows(found.infinite | found.undefined | found.poisoned, found.slope.value)
    partials = {
        "first": found.slope.exact(gone).moved(-1, axis),
        "second": (-found.slope).exact(gone).moved(-1, axis),
    }
    return rowwise(value, partials, axis, length=found.slope.value.shape[-1])


def _rows(of: Booleans, like: Floats) -> Booleans:
    return np.broadcast_to(of[..., None], like.shape)


@operation(
    "triplet_margin",
    family="similarity",
    inputs=(
        Input("anchors", "real", "points, their coordinates along the axis", differentiable=True),
        Input("positives", "real", "points that belong to the anchors, same shape", differentiable=True),
        Input("negatives", "real", "points that do not, same shape", differentiable=True),
    ),
    parameters={
        "margin": Parameter(1.0, "m: how much further away a negative has to be"),
        "p": DEGREE,
        "swap": Parameter(False, "the negative may be measured from the positive, where that is nearer"),
        "axis": AXIS,
    },
    contract={"shift": SHIFT, "power_shift": POWER_SHIFT},
    reduces=True,
)
def triplet_margin(
    anchors: Floats,
    positives: Floats,
    negatives: Floats,
    *,
    margin: float,
    p: float,
    swap: bool,
    axis: int,
    shift: float,
    power_shift: float,
) -> Terms:
    """max(0, ‖a - p‖ - ‖a - n‖ + m) along `axis`; with `swap` the smaller of ‖a - n‖ and ‖p - n‖ is subtracted.

    Gradient by p: -∂‖a - p‖ where the loss is positive; 0 to that at the kink. At coinciding points see
    `pairwise_distance`.
    """
    a, pos, neg = (to_last(x, axis) for x in (anchors, positives, negatives))
    near = distance(a, pos, p, shift=shift, power_shift=power_shift)
    far = distance(a, neg, p, shift=shift, power_shift=power_shift)
    reach, from_anchor, from_positive = far.value, far.slope, None
    distances = [near, far]
    if swap:
        other = distance(pos, neg, p, shift=shift, power_shift=power_shift)
        gap = (far.value - other.value).high
        reach = far.value.where(gap <= 0, other.value)
        from_anchor = far.slope.counted((gap <= 0)[..., None], (gap == 0)[..., None])
        from_positive = other.slope.counted((gap > 0)[..., None], (gap == 0)[..., None])
        distances.append(other)
    gone = np.logical_or.reduce([d.infinite | d.undefined | d.poisoned for d in distances])
    excess = near.value - reach + margin
    active, bound = (excess.high > 0)[..., None], (excess.high == 0)[..., None]
    by_negative = -from_anchor if from_positive is None else -(from_anchor + from_positive)
    slopes = {
        "anchors": near.slope + -from_anchor,
        "positives": -near.slope if from_positive is None else -(near.slope + from_positive),
        "negatives": -by_negative,
    }
    open_ = _rows(gone, near.slope.value)
    partials = {n: s.counted(active, bound).exact(open_).moved(-1, axis) for n, s in slopes.items()}
    scale = near.value.high + reach.high + abs(margin)
    loss = np.maximum(excess.high, 0.0)
    poisoned = np.logical_or.reduce([d.poisoned for d in distances])
    if gone.any():
        loss = np.where(near.infinite & ~far.infinite, np.inf, np.where(far.infinite & ~near.infinite, 0.0, loss))
        loss = np.where(poisoned, np.nan, loss)
    free = gone & ~poisoned & ((near.infinite == far.infinite) | swap)
    value = Exact(np.where(free, np.nan, loss), scale, scale, free=free if free.any() else None)
    return rowwise(value, partials, axis, length=a.shape[-1])


@operation(
    "contrastive",
    family="similarity",
    inputs=(
        Input("distances", "real", "distance of the two members of a pair", differentiable=True),
        Input("targets", "target", "1: the two are alike, 0: they are not; shape of the distances"),
    ),
    broadcasts=("targets",),
    parameters={"margin": Parameter(1.0, "m: a pair that is not alike costs nothing from this distance on")},
    reduces=True,
)
def contrastive(distances: Floats, targets: Floats, *, margin: float) -> Terms:
    """y·d² + (1 - y)·max(0, m - d)², elementwise. Gradient 2·y·d - 2·(1 - y)·max(0, m - d)."""
    if distances.shape != targets.shape:
        raise ValueError(f"targets have shape {targets.shape}, distances {distances.shape}")
    lack = np.maximum(margin - distances, 0.0)
    pulled, pushed = product(targets, distances * distances), product(1 - targets, lack * lack)
    inward, outward = product(targets, 2 * distances), product(1 - targets, 2 * lack)
    value, slope = pulled + pushed, inward - outward
    scale = np.abs(finite(pulled)) + np.abs(finite(pushed))
    size = np.abs(finite(inward)) + np.abs(finite(outward))
    return elementwise(Exact(value, scale, np.abs(finite(distances)) * size), {"distances": Exact(slope, size, size)})
