"""Losses over all pairs of a batch of embeddings, told apart by their labels.

    NT-Xent: -ln(e^{s_ij}/(e^{s_ij} + Σ_{k: y_k ≠ y_i} e^{s_ik})),  s = cos/T, mean over the pairs i ≠ j with y_i = y_j
    circle:  softplus(ln Σ_{j: y_j = y_i} e^{-γ(m + d)(m - d)} + ln Σ_{k: y_k ≠ y_i} e^{γ·max(0, 1 + m - d)(1 - m - d)})

with d = max(0, 1 - ⟨e_i, e_j⟩) for embeddings of length 1. Chen et al., "A simple framework for contrastive learning of
visual representations", 2020 (NT-Xent, here for labels); Sun et al., "Circle loss: a unified perspective of pair
similarity optimization", 2020, equations 6 to 9, the weights differentiated like the rest.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conformance.oracle.double_double import DoubleDouble, exp, log
from conformance.oracle.operation import Booleans, Exact, Floats, Input, Parameter, Terms, operation
from conformance.oracle.vectors import Slope, angle, product, total

EMBEDDINGS = Input("embeddings", "real", "one vector in each row, (N, D)", differentiable=True)
LABELS = Input("labels", "label", "(N,): embeddings of one label belong together", free=True)


def batch(embeddings: Floats, labels: NDArray[np.int64]) -> tuple[Booleans, Booleans]:
    """(N, N): True at the pairs of two embeddings with one label, and at those with two."""
    if embeddings.ndim != 2 or labels.shape != embeddings.shape[:1]:
        raise ValueError(f"embeddings are rows with a label each, not {embeddings.shape} and {labels.shape}")
    same = labels[:, None] == labels[None, :]
    return same & ~np.eye(len(labels), dtype=bool), ~same


@operation(
    "ntxent",
    single=True,
    family="similarity",
    inputs=(EMBEDDINGS, LABELS),
    parameters={"temperature": Parameter(0.07, "T: cosines are divided by it")},
    contract={"norm_floor": Parameter(0.0, "each length is at least this; its derivative is 0 below")},
)
def ntxent(embeddings: Floats, labels: NDArray[np.int64], *, temperature: float, norm_floor: float) -> Terms:
    """The mean of the normalised, temperature-scaled cross-entropies of all ordered pairs of one label; a scalar.

    Free where there is no such pair, or where an embedding is zero.
    """
    alike, apart = batch(embeddings, labels)
    count = len(labels)
    i, j = np.meshgrid(np.arange(count), np.arange(count), indexing="ij")
    angles = angle(embeddings[i.ravel()], embeddings[j.ravel()], floor=norm_floor)
    off = ~np.eye(count, dtype=bool)
    poisoned = bool(np.isnan(embeddings).any())
    pairs = int(np.count_nonzero(alike))
    free = not poisoned and (not pairs or bool((angles.undefined.reshape(count, count) & off).any()))
    scaled = DoubleDouble(angles.cosine.high.reshape(count, count), angles.cosine.low.reshape(count, count))
    scaled = scaled / temperature
    ones, value, scale = np.ones((count, count)), 0.0, 0.0
    slope, size = np.zeros((count, count)), np.zeros((count, count))
    losses = []
    for a, b in np.argwhere(alike):
        gap = DoubleDouble(scaled.high[a] - 0.0, scaled.low[a]) - DoubleDouble(
            np.full(count, scaled.high[a, b]), np.full(count, scaled.low[a, b])
        )
        others = apart[a]
        top = float(np.max(np.where(others, gap.high, 0.0), initial=0.0))
        weights = exp(gap - top * ones[0]).where(others, 0.0)
        rest = total(DoubleDouble(weights.high[None], weights.low[None]))
        whole = rest + exp(DoubleDouble(np.full(1, -top)))
        loss = log(whole) + top if top > 0 else DoubleDouble(_log1p(rest))
        losses.append(loss)
        share = weights.high / whole.high
        reach = float(np.max(np.abs(scaled.high[a]), where=others, initial=abs(scaled.high[a, b])))
        slope[a] += share
        slope[a, b] -= np.sum(share)
        size[a] += share * (1 + 2 * reach)
        size[a, b] += 1 + np.sum(share) * (1 + 2 * reach)  # the usual way is the pair's own share minus 1
        scale += float(loss.high[0]) + 2 * reach
    if losses:
        each = DoubleDouble(
            np.concatenate([x.high for x in losses])[None], np.concatenate([x.low for x in losses])[None]
        )
        value = float((total(each) / float(pairs)).high[0])
        scale /= pairs
    if free or poisoned:
        value = np.nan
    unit = 1 / (temperature * max(pairs, 1))

    def pullback(cotangent: Floats) -> dict[str, Exact]:
        parts, sizes = np.zeros(embeddings.shape), np.zeros(embeddings.shape)
        for of, turn in ((i, angles.first), (j, angles.second)):
            factor, weight = (slope * unit).ravel()[:, None], (size * abs(unit)).ravel()[:, None]
            used = factor != 0
            np.add.at(parts, of.ravel(), np.where(used, factor * turn.value, 0.0))
            np.add.at(sizes, of.ravel(), np.where(weight != 0, weight * turn.size, 0.0))
        whole = Exact(parts, sizes, np.abs(parts), free=np.full(parts.shape, True) if free or poisoned else None)
        return {"embeddings": whole.times(np.broadcast_to(cotangent, parts.shape))}

    answer = np.asarray(value)
    return Terms(
        Exact(answer, np.asarray(scale), np.asarray(scale), free=np.asarray(True) if free else None),
        pullback,
        length=max(1, count * count),
    )


def _log1p(x: DoubleDouble) -> Floats:
    return np.asarray(np.log1p(x.high) + x.low / (1 + x.high))


@operation(
    "circle",
    family="similarity",
    inputs=(EMBEDDINGS, LABELS),
    parameters={
        "scale": Parameter(80.0, "γ: what weighted similarities are multiplied with"),
        "margin": Parameter(0.4, "m: the relaxation, in [0, 1]"),
    },
    contract={"lost_only": Parameter(False, "entries that are 0 count in no mean")},
    reduces=True,
    couples=True,
)
def circle(embeddings: Floats, labels: NDArray[np.int64], *, scale: float, margin: float, lost_only: bool) -> Terms:
    """The circle loss of each embedding against all others of its batch, (N,); 0 without one alike or one apart.

    Embeddings are taken to have length 1. Where two are equal, d = 0 is a corner of max(0, 1 - ⟨e, e'⟩).
    """
    alike, apart = batch(embeddings, labels)
    count, width = embeddings.shape
    poisoned = np.asarray(np.isnan(embeddings).any(axis=-1))
    broken = np.asarray(~np.isfinite(embeddings).all(axis=-1))
    e = np.where(broken[:, None], 0.0, embeddings)
    d = 1.0 - total(product(e[:, None, :], e[None, :, :]))
    inside, corner = d.high > 0, d.high == 0
    d = d.where(inside, 0.0)
    reach = DoubleDouble(1.0) + margin - d
    heavy, edge = reach.high > 0, reach.high == 0
    pull = (d * d - DoubleDouble(*_square(margin))) * scale
    push = (reach.where(heavy, 0.0) * ((1.0 - d) - margin)) * scale
    near, shares_near = _log_sum_exp(pull, alike)
    far, shares_far = _log_sum_exp(push, apart)
    lone = ~(alike.any(axis=1) & apart.any(axis=1))
    sums = near + far
    value = np.where(lone, 0.0, softplus(sums))
    slope = np.where(lone, 0.0, sigmoid(sums))
    by_pull, by_push = 2 * scale * d.high, np.where(heavy | edge, -2 * scale * (1.0 - d).high, 0.0)
    rounding = scale * (1 + margin + d.high) ** 2
    sizes = np.where(alike, shares_near, 0.0) * rounding + np.where(apart, shares_far, 0.0) * rounding
    error = value + slope * np.sum(sizes, axis=1)
    nan = poisoned | (((alike | apart) & poisoned[None, :]).any(axis=1))
    nan &= ~lone
    free = ((broken & ~poisoned) | ((alike | apart) & (broken & ~poisoned)[None, :]).any(axis=1)) & ~nan & ~lone

    def pullback(cotangent: Floats) -> dict[str, Exact]:
        g = (np.asarray(cotangent) * slope)[:, None]
        certain = g * (shares_near * by_pull + np.where(heavy, shares_far * by_push, 0.0))
        doubtful = g * np.where(edge, shares_far * by_push, 0.0)
        weigh = np.abs(g) * (shares_near * np.abs(by_pull) + shares_far * np.abs(by_push))
        # the shares are exponentials of what is rounded
        weigh = weigh * (1 + rounding) + np.abs(g) * (shares_near + shares_far) * 2 * scale * (1 + margin)
        by_d = Slope.of(certain, weigh) + Slope(
            np.zeros(doubtful.shape), np.minimum(doubtful, 0), np.maximum(doubtful, 0), np.abs(doubtful)
        )
        by_d = by_d.counted(inside & (alike | apart), corner & (alike | apart))
        parts = [np.zeros(e.shape) for _ in range(3)]
        size = by_d.size @ np.abs(e) + by_d.size.T @ np.abs(e)
        for which, number in enumerate((by_d.value, by_d.low, by_d.high)):
            parts[which] = -(number @ e) - number.T @ e
        low, high = parts[1], parts[2]
        if bool((by_d.low != by_d.high).any()):
            low, high = _hull(by_d, e)
        kinked = bool((by_d.low != by_d.high).any())
        gone = bool(broken.any())
        return {
            "embeddings": Exact(
                parts[0],
                size,
                np.abs(parts[0]),
                low if kinked else None,
                high if kinked else None,
                np.full(e.shape, True) if gone else None,
            )
        }

    answer = np.where(nan | free, np.nan, value)
    kept = ~(answer == 0) if lost_only else None
    return Terms(
        Exact(answer, error, error, free=np.asarray(free) if free.any() else None),
        pullback,
        kept=kept,
        length=max(1, count * width),
    )


def _hull(by_d: Slope, e: Floats) -> tuple[Floats, Floats]:
    """The ends of -Σⱼ(D_ij + D_ji)·e_j for every D between `low` and `high`."""
    up, down = np.maximum(e, 0.0), np.minimum(e, 0.0)
    low = -(by_d.high @ up + by_d.low @ down) - (by_d.high.T @ up + by_d.low.T @ down)
    high = -(by_d.low @ up + by_d.high @ down) - (by_d.low.T @ up + by_d.high.T @ down)
    return low, high


def _square(x: float) -> tuple[Floats, Floats]:
    square = product(np.asarray(x), np.asarray(x))
    return square.high, square.low


def _log_sum_exp(terms: DoubleDouble, kept: Booleans) -> tuple[DoubleDouble, Floats]:
    """ln Σe^t over the kept terms of each row (0 where there is none), and the share of each."""
    top = np.max(np.where(kept, terms.high, -np.inf), axis=1, initial=-np.inf)
    top = np.asarray(np.where(np.isfinite(top), top, 0.0))
    weights = exp(terms - top[:, None]).where(kept, 0.0)
    sums = total(weights).where(np.asarray(kept.any(axis=1)), 1.0)
    return log(sums) + top, weights.high / sums.high[:, None]


def softplus(x: DoubleDouble) -> Floats:
    """ln(1 + eˣ)."""
    tail = exp(x.where(x.high <= 0, -x))
    return (DoubleDouble(_log1p(tail)) + x.where(x.high > 0, 0.0)).high


def sigmoid(x: DoubleDouble) -> Floats:
    tail = exp(x.where(x.high <= 0, -x)).high
    return np.asarray(np.where(x.high >= 0, 1.0, tail) / (1 + tail))
