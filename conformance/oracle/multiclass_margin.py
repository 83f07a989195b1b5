"""Margin losses over classes: the score of the right class against those of the others.

    multiclass hinge       max_c (x_c + [c ≠ k]) - x_k                   Crammer & Singer, 2001
    categorical hinge      max(0, 1 + max_c (1 - t_c)·x_c - Σ t_c·x_c)   the form that Keras documents
    multiclass perceptron  max_c x_c - x_k                               Collins, 2002
    multi margin           (1/C)·Σ_{j≠k} w_k·max(0, m - x_k + x_j)^p     Weston & Watkins, 1999
    multilabel margin      (1/C)·Σ_{j∈T} Σ_{i∉T} max(0, 1 - x_j + x_i)   T are the right classes
    multilabel soft margin (1/C)·Σ w_c·(t_c·ln(1 + e^{-x_c}) + (1 - t_c)·ln(1 + e^{x_c}))
    sparsemax              ½·Σ_{j∈S} (x_j² - τ²) + ½ - x_k               Martins & Astudillo, 2016

Classes lie on the last axis. At a kink, and where several classes share the largest score, the gradient of each entry
may be anything between its one-sided derivatives: that is the smallest box around the subdifferential, whose elements
are the convex combinations of the branches that meet.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from conformance.oracle.margin import SCORES, TARGETS, matched
from conformance.oracle.operation import Booleans, Exact, Floats, Input, Parameter, Terms, operation, rowwise
from conformance.oracle.reduction import sum_exactly
from conformance.oracle.rows import one_hot
from conformance.oracle.stable import finite, product, sigmoid, softplus, two_difference, two_product

LABELS = Input("labels", "label", "index of the right class; shape of the scores without the last axis")
CLASS_WEIGHTS = Input("class_weights", "weight", "one weight for each class, shape (C,)", optional=True)
Labels = NDArray[np.int64]


def row_sums(*rows: Floats) -> Floats:
    """Σ over the last axis (…, C) of all arrays together, each sum rounded once."""
    parts = np.concatenate(rows, axis=-1)
    flat = parts.reshape(math.prod(parts.shape[:-1]), parts.shape[-1])
    return np.array([sum_exactly(row) for row in flat]).reshape(parts.shape[:-1])


def labelled(scores: Floats, labels: Labels) -> Booleans:
    """(…, C), True at the right class. Raises ValueError for labels of another shape or that name no class."""
    if labels.shape != scores.shape[:-1]:
        raise ValueError(f"labels have shape {labels.shape}, rows of scores {scores.shape[:-1]}")
    return np.asarray(one_hot(labels, scores.shape[-1]) != 0)


def weighed(class_weights: Floats | None, classes: int) -> Floats:
    """The class weights, ones without them. Raises ValueError where there is not one for each class."""
    if class_weights is None:
        return np.ones(classes)
    if class_weights.shape != (classes,):
        raise ValueError(f"class_weights have shape {class_weights.shape}, expected ({classes},)")
    return class_weights


def bounded(value: Floats, low: Floats, high: Floats, scale: Floats, free: Booleans) -> Exact:
    """An exact gradient between two bounds, which it carries only where they differ."""
    loose = bool(np.any(low != high))
    none = np.zeros(value.shape)
    everywhere = np.broadcast_to(free, value.shape)
    return Exact(
        np.where(everywhere, np.nan, value), np.broadcast_to(scale, value.shape), none,
        low if loose else None, high if loose else None, everywhere if free.any() else None,
    )  # fmt: skip


@operation("multiclass_hinge", single=True, family="margin", inputs=(SCORES, LABELS), reduces=True)
def multiclass_hinge(scores: Floats, labels: Labels) -> Terms:
    """max_c (x_c + [c ≠ k]) - x_k over the last axis. Gradient e_c - e_k for the winner c."""
    return _against_the_best(scores, labels, 1.0)


@operation("multiclass_perceptron", single=True, family="margin", inputs=(SCORES, LABELS), reduces=True)
def multiclass_perceptron(scores: Floats, labels: Labels) -> Terms:
    """max_c x_c - x_k over the last axis. Gradient e_c - e_k for the winner c."""
    return _against_the_best(scores, labels, 0.0)


def _against_the_best(scores: Floats, labels: Labels, margin: float) -> Terms:
    """max(0, margin + max_{c≠k} x_c - x_k)."""
    here = labelled(scores, labels)
    right = np.sum(np.where(here, scores, 0.0), axis=-1)
    rivals = np.where(here, -np.inf, scores)
    best = np.max(rivals, axis=-1, initial=-np.inf)
    difference, low = two_difference(best, right)
    raised, rest = two_difference(difference, np.full(best.shape, -margin))
    alone = scores.shape[-1] == 1
    gap = np.where(alone & ~np.isnan(right), -np.inf, raised + (rest + low))
    unknown = np.isnan(gap)
    undefined = unknown & ~np.isnan(scores).any(axis=-1)
    size = np.abs(finite(best)) + np.abs(finite(right))
    value = Exact(np.maximum(gap, 0.0), margin + size, np.where(gap > 0, size, 0.0), free=_some(undefined))

    winners = (rivals == best[..., None]) & ~here
    shared = np.count_nonzero(winners, axis=-1) > 1
    active, kink = (gap > 0)[..., None], (gap == 0)[..., None]
    first = winners & (np.cumsum(winners, axis=-1) == 1)
    slope = first.astype(np.float64) - here
    low_end = np.where(winners, np.where(shared[..., None], 0.0, 1.0), -1.0 * here)
    high_end = np.where(winners, 1.0, -1.0 * here)
    return rowwise(
        value,
        {
            "scores": bounded(
                np.where(active, slope, 0.0),
                np.where(active, low_end, np.where(kink, np.minimum(low_end, 0.0), 0.0)),
                np.where(active, high_end, np.where(kink, np.maximum(high_end, 0.0), 0.0)),
                np.where(active | kink, 1.0, 0.0),
                unknown[..., None],
            )
        },
        -1,
        length=scores.shape[-1],
    )


@operation("categorical_hinge", family="margin", inputs=(SCORES, TARGETS), reduces=True)
def categorical_hinge(scores: Floats, targets: Floats) -> Terms:
    """max(0, 1 + max_c (1 - t_c)·x_c - Σ t_c·x_c) over the last axis, for targets of 0 and 1, or of 1 and -1.

    The right class takes part in the maximum with 0: where all scores are negative this is not the multiclass hinge.
    """
    x, t = scores, matched(targets, scores)
    other = 1 - t
    wrong, wrong_low = product(other, x), two_product(other, x)[1]
    right, right_low = product(t, x), two_product(t, x)[1]
    top = np.max(wrong, axis=-1, keepdims=True, initial=-np.inf)
    at_top = wrong == top
    top_low = np.max(np.where(at_top, wrong_low, -np.inf), axis=-1, keepdims=True, initial=-np.inf)
    winners = at_top & (wrong_low == top_low)
    gap = row_sums(np.ones(top.shape), top, finite(top_low), -right, -right_low)
    unknown = np.isnan(gap)
    undefined = unknown & ~np.isnan(x).any(axis=-1) & ~np.isnan(t).any(axis=-1)
    terms = np.abs(finite(top[..., 0])) + np.sum(np.abs(finite(right)), axis=-1)
    value = Exact(np.maximum(gap, 0.0), 1 + terms, np.where(gap > 0, 2 * terms, 0.0), free=_some(undefined))
    length = x.shape[-1]

    def partial(of_winner: Floats, of_all: Floats) -> Exact:
        """The maximum contributes `of_winner` where it is attained, the sum `of_all` everywhere."""
        shared = np.count_nonzero(winners, axis=-1, keepdims=True) > 1
        first = winners & (np.cumsum(winners, axis=-1) == 1)
        low = of_all + np.where(winners, np.where(shared, np.minimum(of_winner, 0.0), of_winner), 0.0)
        high = of_all + np.where(winners, np.where(shared, np.maximum(of_winner, 0.0), of_winner), 0.0)
        active, kink = (gap > 0)[..., None], (gap == 0)[..., None]
        scale = np.abs(finite(of_all)) + np.where(winners, np.abs(finite(of_winner)), 0.0)
        return bounded(
            np.where(active, of_all + np.where(first, of_winner, 0.0), 0.0),
            np.where(active, low, np.where(kink, np.minimum(low, 0.0), 0.0)),
            np.where(active, high, np.where(kink, np.maximum(high, 0.0), 0.0)),
            np.where(active | kink, scale, 0.0),
            unknown[..., None],
        )

    return rowwise(value, {"scores": partial(other, -t), "targets": partial(-x, -x)}, -1, length=length)


@operation(
    "multi_margin",
    family="margin",
    inputs=(SCORES, LABELS, CLASS_WEIGHTS),
    parameters={
        "p": Parameter(1, "the power of each violation: 1 or 2"),
        "margin": Parameter(1.0, "m: by how much the right class is to lead"),
    },
    reduces=True,
)
def multi_margin(
    scores: Floats, labels: Labels, class_weights: Floats | None = None, *, p: int, margin: float
) -> Terms:
    """(1/C)·Σ_{j≠k} w_k·max(0, m - x_k + x_j)^p over the last axis. Gradient p·w_k·max(0, ·)^{p-1}/C at j.

    The weight of the label multiplies the loss, and enters no divisor. At a violation of exactly 0 and p = 1 the
    gradient may be anything from 0 to w_k/C.
    """
    if p not in (1, 2):
        raise ValueError(f"p is 1 or 2, not {p}")
    here = labelled(scores, labels)
    classes = scores.shape[-1]
    weight = weighed(class_weights, classes)[labels][..., None] / classes
    right = np.sum(np.where(here, scores, 0.0), axis=-1, keepdims=True)
    lead, low = two_difference(scores, np.broadcast_to(right, scores.shape))
    gap, rest = two_difference(lead, np.full(scores.shape, -margin))
    gap = np.where(here, -np.inf, gap + (rest + low))
    broken = np.isnan(gap)
    unknown = np.asarray(broken.any(axis=-1))
    undefined = unknown & ~np.isnan(scores).any(axis=-1)
    height = np.maximum(gap, 0.0)
    around = np.where(gap >= 0, abs(margin) + np.abs(finite(right)) + np.abs(finite(scores)), 0.0)
    value = row_sums(height if p == 1 else height * height)
    heights = finite(height)
    scale = np.sum(around if p == 1 else heights * (heights + 2 * around), axis=-1)
    slopes = (gap > 0).astype(np.float64) if p == 1 else 2 * height
    steep = np.where(gap > 0, 1.0, 0.0) if p == 1 else 2 * (heights + around)
    kink = (gap == 0).astype(np.float64) if p == 1 else np.zeros(gap.shape)
    leads = np.abs(finite(scores)) + np.abs(finite(right))
    condition = np.sum(finite(slopes) * leads, axis=-1)
    factor = weight[..., 0]
    loss = Exact(value, scale, condition, free=_some(undefined)).times(factor)

    def spread(at_rivals: Floats) -> Floats:
        """At the right class the negative sum over its rivals."""
        return np.where(here, -np.sum(at_rivals, axis=-1, keepdims=True), at_rivals)

    closed, opened = spread(slopes), spread(slopes + kink)
    size = np.abs(spread(steep + kink))
    gradient = bounded(
        closed, np.minimum(closed, opened), np.maximum(closed, opened), size, unknown[..., None]
    ).times(weight)  # fmt: skip
    return rowwise(loss, {"scores": gradient}, -1, length=classes)


@operation(
    "multilabel_margin",
    family="margin",
    inputs=(
        SCORES,
        Input("labels", "label", "the right classes of each row, closed by a -1 if fewer than C", free=True),
    ),
    reduces=True,
)
def multilabel_margin(scores: Floats, labels: Labels) -> Terms:
    """(1/C)·Σ_{j∈T} Σ_{i∉T} max(0, 1 - x_j + x_i) over the last axis, T the labels before the first -1."""
    classes = scores.shape[-1]
    if labels.shape != scores.shape:
        raise ValueError(f"labels have shape {labels.shape}, scores {scores.shape}")
    if np.any((labels < -1) | (labels >= classes)):
        raise ValueError(f"labels must be in [-1, {classes})")
    listed = np.cumprod(labels >= 0, axis=-1) != 0
    # (…, J, C): which class the j-th label of the row names
    named = (labels[..., None] == np.arange(classes)) & listed[..., None]
    outside = ~named.any(axis=-2, keepdims=True)
    counted = listed[..., None] & outside
    right = np.sum(np.where(named, scores[..., None, :], 0.0), axis=-1, keepdims=True)
    lead, low = two_difference(*np.broadcast_arrays(scores[..., None, :], right))
    gap, rest = two_difference(lead, np.full(lead.shape, -1.0))
    gap = np.where(counted, gap + (rest + low), -np.inf)
    unknown = np.asarray(np.isnan(gap).any(axis=(-1, -2)))
    undefined = unknown & ~np.isnan(scores).any(axis=-1)
    pairs = gap.reshape(*scores.shape[:-1], labels.shape[-1] * classes)
    around = np.where(gap >= 0, 1 + np.abs(finite(right)) + np.abs(finite(scores[..., None, :])), 0.0)
    loss = Exact(
        row_sums(np.maximum(pairs, 0.0)),
        np.sum(around, axis=(-1, -2)),
        np.sum(np.where(gap > 0, around - 1, 0.0), axis=(-1, -2)),
        free=_some(undefined),
    ).times(np.asarray(1 / classes))

    def spread(at_pairs: Floats) -> Floats:
        """The derivative of a sum over pairs: 1 at the class outside, -1 at the class named."""
        return np.asarray(
            np.sum(at_pairs, axis=-2) - np.sum(np.sum(at_pairs, axis=-1)[..., None] * named, axis=-2)
        )  # fmt: skip

    closed, opened = spread((gap > 0).astype(np.float64)), spread((gap >= 0).astype(np.float64))
    gradient = bounded(
        closed, np.minimum(closed, opened), np.maximum(closed, opened),
        np.maximum(np.abs(closed), np.abs(opened)), unknown[..., None],
    ).times(np.asarray(1 / classes))  # fmt: skip
    # Divided, not multiplied by 1/C: one rounding less.
    loss = replace(loss, value=row_sums(np.maximum(pairs, 0.0)) / classes)
    return rowwise(loss, {"scores": gradient}, -1, length=max(1, classes * classes))


@operation(
    "multilabel_soft_margin",
    family="margin",
    inputs=(
        SCORES,
        Input("targets", "target", "1 for each class that is right, else 0, of the shape of the scores", True),
        CLASS_WEIGHTS,
    ),
    reduces=True,
    grade="A",
)
def multilabel_soft_margin(scores: Floats, targets: Floats, class_weights: Floats | None = None) -> Terms:
    """The mean over the last axis of w_c times the binary cross-entropy of logits. Gradient w_c·(σ(x_c) - t_c)/C."""
    y = matched(targets, scores)
    classes = scores.shape[-1]
    share = weighed(class_weights, classes) / classes
    above, below = softplus(scores), softplus(-scores)
    up, down = sigmoid(scores), sigmoid(-scores)
    terms = weighed(class_weights, classes) * (product(1 - y, above) + product(y, below))
    partial = product(1 - y, up) - product(y, down)
    x, sizes = np.abs(finite(scores)), np.abs(finite(terms)) / classes
    mass = np.abs(1 - y) + np.abs(y)
    condition = np.sum(x * np.abs(finite(partial)) * np.abs(share) + np.abs(finite(y)) * x * np.abs(share), axis=-1)
    value = Exact(row_sums(terms) / classes, np.sum(sizes + x * np.abs(share), axis=-1), condition)
    curved = x * mass * up * down
    return rowwise(
        value,
        {
            "scores": Exact(partial, np.abs(finite(partial)) + curved, curved).times(share),
            # ln σ(-x) - ln σ(x), as automatic differentiation leaves it
            "targets": Exact(-scores, finite(above + below), x).times(share),
        },
        -1,
        length=classes,
    )


@operation("sparsemax", family="margin", inputs=(SCORES, LABELS), reduces=True)
def sparsemax(scores: Floats, labels: Labels) -> Terms:
    """½·Σ_{j∈S} (x_j² - τ²) + ½ - x_k over the last axis. Gradient sparsemax(x) - e_k, continuous.

    p = sparsemax(x) = max(0, x - τ) is the nearest point of the simplex, S its support. Written as
    max(0, τ - x_k) + ½·‖p - e_k‖² nothing cancels.
    """
    here = labelled(scores, labels)
    p, shortfall, undefined = _projected(scores, here)
    rest = np.sum(np.where(here, 0.0, p), axis=-1)
    off = np.where(here, -rest[..., None], p)
    missed = np.sum(np.where(here, p, 0.0), axis=-1) == 0
    off = np.where(here & missed[..., None], -1.0, off)
    nan = np.asarray(np.isnan(scores).any(axis=-1))
    value = np.where(nan | undefined, np.nan, shortfall + np.sum(off * off, axis=-1) / 2)
    largest = np.max(np.abs(finite(scores)), axis=-1, initial=0.0)
    moved = np.sum(np.abs(finite(scores)) * np.abs(off), axis=-1)
    unknown = (nan | undefined)[..., None]
    scale = np.broadcast_to((1 + largest)[..., None], off.shape)
    gradient = Exact(
        np.where(unknown, np.nan, off), np.where(off == 0, 0.0, scale), np.abs(off),
        free=np.broadcast_to(unknown, off.shape) if unknown.any() else None,
    )  # fmt: skip
    loss = Exact(value, 1 + largest + np.abs(finite(value)), moved, free=_some(np.asarray(undefined & ~nan)))
    return rowwise(loss, {"scores": gradient}, -1, length=scores.shape[-1])


def _projected(scores: Floats, here: Booleans) -> tuple[Floats, Floats, Booleans]:
    """(p (…, C), max(0, τ - x_k) (…,), where no limit exists (…,)); sums of scores are rounded once."""
    rows = scores.reshape(math.prod(scores.shape[:-1]), scores.shape[-1])
    right = np.sum(np.where(here, scores, 0.0), axis=-1).ravel()
    p, short = np.zeros(rows.shape), np.zeros(len(rows))
    undefined = np.zeros(len(rows), bool)
    for i, (row, x_k) in enumerate(zip(rows.tolist(), right.tolist(), strict=True)):
        top = max(row)
        if not all(math.isfinite(x) or x < 0 for x in row) or top == -math.inf:
            # One infinite score takes everything; of several none does.
            undefined[i] = row.count(top) > 1
            p[i] = [float(x == top) for x in row]
            short[i] = math.inf if x_k < top else 0.0
            continue
        ordered = sorted(row, reverse=True)
        count = next((n for n in range(1, len(row)) if _sum(ordered[n], ordered[:n], 1.0) <= 0), len(row))
        support = ordered[:count]
        p[i] = [max(0.0, _sum(x, support, 1.0) / count) if x >= support[-1] else 0.0 for x in row]
        short[i] = max(0.0, -_sum(x_k, support, 1.0) / count)
    return p.reshape(scores.shape), short.reshape(scores.shape[:-1]), undefined.reshape(scores.shape[:-1])


def _sum(x: float, others: list[float], more: float) -> float:
    """more + Σ (x - other), rounded once."""
    if math.isinf(x):
        return -math.inf
    return math.fsum([more, *(x for _ in others), *(-other for other in others)])


def _some(where: Booleans) -> Booleans | None:
    return where if where.any() else None
