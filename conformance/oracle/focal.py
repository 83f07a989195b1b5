"""Focal losses: cross-entropy times (1 - probability of the right class)^γ, so that easy examples count less.

    FL = -α_t·(1 - p_t)^γ·ln p_t        p_t = y·p + (1 - y)·(1 - p),  α_t = y·α + (1 - y)·(1 - α)

α weighs the positives, as in the paper. For targets between 0 and 1, p_t is the mixture above and -ln p_t the
whole cross-entropy. The miss 1 - p_t is computed from σ(-x) and Σ_{j≠k}s_j, never as a difference.
Lin, Goyal, Girshick, He & Dollár, "Focal Loss for Dense Object Detection", 2017, equations 4 and 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conformance.oracle import binary, categorical
from conformance.oracle.binary import Targets, binary_targets, entropy
from conformance.oracle.operation import Booleans, Exact, Floats, Parameter, Terms, elementwise, operation, rowwise
from conformance.oracle.rows import Softmax, clipped, cross_entropy, one_hot, smoothed, to_last
from conformance.oracle.stable import finite, product, sigmoid, softplus

ALPHA = Parameter(None, "α: weight of the positives, 1 - α that of the negatives; None for neither")
GAMMA = Parameter(2.0, "γ ≥ 0: how strongly easy examples are damped")


@operation(
    "sigmoid_focal_loss",
    family="focal",
    inputs=(binary.LOGITS, binary.TARGETS),
    broadcasts=("targets",),
    parameters={"alpha": ALPHA, "gamma": GAMMA, "label_smoothing": binary.LABEL_SMOOTHING},
    contract={"clip": Parameter(None, "(low, high): σ(x) is clipped to this interval inside the cross-entropy")},
    reduces=True,
    grade="A",
)
def sigmoid_focal_loss(
    logits: Floats,
    targets: Floats,
    *,
    alpha: float | None,
    gamma: float,
    label_smoothing: float,
    clip: Sequence[float] | None,
) -> Terms:
    """α_t·m^γ·CE(x, y), m = y·σ(-x) + (1 - y)·σ(x), elementwise.

    Gradient α_t·m^γ·((1 - y)·σ(x) - y·σ(-x) + γ·(1 - 2y)·σ(x)·σ(-x)/m·CE).
    """
    y = binary_targets(targets, logits, label_smoothing)
    up, down, above, below = sigmoid(logits), sigmoid(-logits), softplus(logits), softplus(-logits)
    ce = product(y.negative, above) + product(y.positive, below)
    slope = product(y.negative, up) - product(y.positive, down)
    kinked = None
    if clip is not None:
        cut, kinked = (up < clip[0]) | (down < 1 - clip[1]), (up == clip[0]) | (down == 1 - clip[1])
        ce = np.where(cut, entropy(up, y, clip).value, ce)
        slope = np.where(cut, 0.0, slope)
    miss = product(y.positive, down) + product(y.negative, up)
    # σ(x)·σ(-x)/m, whose limit for a target of 0 or 1 is the probability of the wrong class
    share = np.where(y.positive == 1, up, np.where(y.negative == 1, down, up * down / miss))
    fall = gamma * (y.negative - y.positive) * _vanishing(share, ce)
    weight, damping = _balance(y, alpha), miss**gamma
    value = product(weight, product(damping, ce)) if clip is not None else product(weight, _damped(logits, y, gamma))
    partial, kink = _kinked(product(weight, damping), fall, slope, kinked)
    x, size, odds = np.abs(finite(logits)), np.abs(weight), np.abs(above - below)
    loss, entropies, capped = finite(np.abs(value)), finite(ce), miss ** min(gamma, 1.0)
    by_power = np.abs(finite(gamma * np.log(miss)))
    by_target = size * (damping * odds + _vanishing(_steepness(miss, gamma), entropies)) + damping * entropies
    # the sizes of the terms of ∂²ℓ/∂x² and of ∂²ℓ/∂x∂y
    bend = share * (np.abs(fall + slope) + np.abs(slope) + (np.abs(up - down) + share) * entropies)
    tilt = 1 + gamma * (share * entropies + odds)
    curved = size * damping * (x * (gamma * bend + up * down) + y.soft * tilt)
    return elementwise(
        Exact(
            value,
            loss + size * finite(x * damping + gamma * entropies * capped),
            x * finite(np.abs(partial)) + loss * by_power + y.soft * finite(by_target),
        ),
        {
            "logits": Exact(
                partial,
                finite(size * capped * (1 + gamma * entropies)),
                finite(curved) + finite(np.abs(partial)) * by_power,
                *kink,
            )
        },
    )


def _damped(logits: Floats, y: Targets, gamma: float) -> Floats:
    """m^γ·CE in NumPy's longest float (64 bits of significand on x86): the power multiplies the errors of m by γ."""
    x: Any = logits.astype(np.longdouble)
    up, down = sigmoid(x), sigmoid(-x)
    ce = product(y.negative, softplus(x)) + product(y.positive, softplus(-x))
    miss = product(y.positive, down) + product(y.negative, up)
    return np.asarray(product(miss**gamma, ce), np.float64)


@operation(
    "binary_focal_cross_entropy",
    family="focal",
    inputs=(binary.PROBABILITIES, binary.TARGETS),
    broadcasts=("targets",),
    parameters={"alpha": ALPHA, "gamma": GAMMA, "label_smoothing": binary.LABEL_SMOOTHING},
    contract={
        "clip": Parameter(None, "(low, high): the cross-entropy's p is clipped to this; 1 - p_t is not"),
        "shift": binary.SHIFT,
    },
    reduces=True,
)
def binary_focal_cross_entropy(
    probabilities: Floats,
    targets: Floats,
    *,
    alpha: float | None,
    gamma: float,
    label_smoothing: float,
    clip: Sequence[float] | None,
    shift: float,
) -> Terms:
    """α_t·m^γ·CE(p, y), m = y·(1 - p) + (1 - y)·p, elementwise.

    Gradient α_t·(m^γ·∂CE/∂p + γ·m^(γ-1)·(1 - 2y)·CE).
    """
    y = binary_targets(targets, probabilities, label_smoothing)
    p = probabilities
    ce = entropy(p, y, clip, shift)
    miss = product(y.positive, 1 - p) + product(y.negative, p)
    weight, damping = _balance(y, alpha), miss**gamma
    steep = _steepness(miss, gamma)
    fall = product(weight * (y.negative - y.positive), _vanishing(steep, ce.value))
    partial, low, high = ce.gradient(weight * damping, fall)
    value = product(weight, product(damping, ce.value))
    size, entropies = np.abs(weight), finite(np.abs(ce.value))
    loss = finite(np.abs(value))
    # exponents below 0 would let the scale grow without bound where the loss vanishes
    one, two = miss ** max(gamma - 1, 0.0), miss ** max(gamma - 2, 0.0)
    scale = size * (damping * (entropies + 1) + gamma * one * entropies)
    bent = size * (
        damping * ce.terms
        + gamma * one * (entropies + np.where(ce.passes, ce.terms, 0.0))
        + gamma * abs(gamma - 1) * two * entropies
    )
    condition = np.abs(finite(p * partial)) + loss * (1 + np.abs(finite(gamma * np.log(miss))))
    kinked = bool(ce.at_bound.any())
    return elementwise(
        Exact(value, scale, condition),
        {
            "probabilities": Exact(
                partial,
                np.maximum(bent, finite(np.abs(partial))),
                bent,
                low if kinked else None,
                high if kinked else None,
            )
        },
    )


@operation(
    "categorical_focal_cross_entropy",
    family="focal",
    inputs=(categorical.PROBABILITIES, categorical.TARGETS),
    parameters={
        "axis": categorical.AXIS,
        "alpha": Parameter(1.0, "α: a number, or one for each class"),
        "gamma": GAMMA,
        "label_smoothing": categorical.LABEL_SMOOTHING,
    },
    contract={"normalise": categorical.NORMALISE, "clip": categorical.CLIP},
    reduces=True,
)
def categorical_focal_cross_entropy(
    probabilities: Floats,
    targets: Floats,
    *,
    axis: int,
    alpha: float | Sequence[float],
    gamma: float,
    label_smoothing: float,
    normalise: bool,
    clip: Sequence[float] | None,
) -> Terms:
    """-Σ α_c·t_c·(1 - p_c)^γ·ln p_c over the class axis.

    Gradient α_c·t_c·(γ·(1 - p_c)^(γ-1)·ln p_c - (1 - p_c)^γ/p_c).
    """
    q = clipped(to_last(probabilities, axis), normalise, clip)
    t = smoothed(to_last(categorical.dense(targets, probabilities), axis), label_smoothing)
    coefficients = np.asarray(alpha, np.float64) * t
    miss, surprise = q.complement, -q.log
    damping, steep = miss**gamma, _steepness(miss, gamma)
    terms = product(coefficients, product(damping, surprise))
    value = np.asarray(np.sum(terms, axis=-1))
    falling = product(damping, 1 / q.value) + _vanishing(steep, surprise)
    moment = damping + _vanishing(steep, product(q.value, surprise))
    gradient = q.gradient(-product(coefficients, falling), -product(coefficients, moment))
    size, entropies = np.abs(coefficients), finite(surprise)
    one = miss ** max(gamma - 1, 0.0)
    scale = np.sum(finite(size * (damping * (entropies + 1) + gamma * one * entropies)), axis=-1)
    grown = finite(np.abs(terms)) * (1 + np.abs(finite(gamma * np.log(miss))))
    condition = np.sum(np.abs(finite(q.given * gradient.value)) + grown, axis=-1)
    loss = Exact(value, scale, condition)
    return rowwise(loss, {"probabilities": gradient.moved(-1, axis)}, axis, length=t.shape[-1])


@operation(
    "softmax_focal_loss",
    single=True,
    family="focal",
    inputs=(categorical.LOGITS, categorical.LABELS),
    parameters={"gamma": GAMMA},
    reduces=True,
)
def softmax_focal_loss(logits: Floats, labels: NDArray[np.int64], *, gamma: float) -> Terms:
    """(1 - s_k)^γ·(-ln s_k), s the softmax over the last axis and k the label.

    Gradient ((1 - s_k)^γ + γ·(1 - s_k)^(γ-1)·s_k·(-ln s_k))·(s - e_k).
    """
    x, k, _ = categorical.sparse(logits, labels, None, 0.0)
    rows, here = Softmax(x), one_hot(k, x.shape[-1])
    ce, inner = cross_entropy(rows, here)
    miss, hit = _at(here, rows.complement), _at(here, rows.value)
    damping = miss**gamma
    value = np.where(np.isnan(ce.value), np.nan, product(damping, ce.value))
    factor = damping + _vanishing(_steepness(miss, gamma), product(hit, ce.value))
    size, capped = finite(np.abs(value)), miss ** min(gamma, 1.0)
    entropies = finite(ce.value)
    scale = size + rows.largest * finite(damping) + gamma * finite(capped) * entropies
    slopes = finite(factor)[..., None] * inner.value
    gradient = Exact(
        slopes,
        np.broadcast_to((finite(capped) * (1 + gamma * entropies))[..., None], slopes.shape),
        np.abs(finite(slopes)),
        free=inner.free,
    )
    condition = np.sum(rows.size * np.abs(finite(slopes)), axis=-1) + size
    loss = Exact(value, scale, condition, free=ce.free)
    return rowwise(loss, {"logits": gradient}, -1, length=rows.classes)


def _balance(y: Targets, alpha: float | None) -> Floats:
    if alpha is None:
        return np.ones(y.positive.shape)
    return alpha * y.positive + (1 - alpha) * y.negative


def _kinked(
    factor: Floats, always: Floats, perhaps: Floats, at_kink: Booleans | None
) -> tuple[Floats, tuple[Floats, Floats] | tuple[()]]:
    """(factor·(always + perhaps), its bounds), where `perhaps` may count in part at a kink."""
    full = product(factor, always + perhaps)
    if at_kink is None or not at_kink.any():
        return full, ()
    none = product(factor, always)
    low, high = np.minimum(full, none), np.maximum(full, none)
    return full, (np.where(at_kink, low, full), np.where(at_kink, high, full))


def _steepness(miss: Floats, gamma: float) -> Floats:
    """γ·m^(γ-1), and 0 for γ = 0 where m is 0 too."""
    if gamma == 0:
        return np.zeros(miss.shape)
    if gamma >= 0.5:
        return np.asarray(gamma * miss ** (gamma - 1))
    # γ - 1 would be rounded, which matters for m as small as e⁻¹⁰⁰
    return np.asarray(np.where(miss == 0, np.inf, gamma * (miss**gamma / miss)))


def _vanishing(steep: Floats, quantity: Floats) -> Floats:
    """steep·quantity, which is 0 where either vanishes: ln p goes to 0 as 1 - p, σ(x) faster than |x| grows."""
    vanished = ((steep == 0) | (quantity == 0)) & ~(np.isnan(steep) | np.isnan(quantity))
    return np.asarray(np.where(vanished, 0.0, steep * quantity))


def _at(here: Floats, rows: Floats) -> Floats:
    """The entry of each row where `here` is 1."""
    return np.asarray(np.sum(np.where(here != 0, rows, 0.0), axis=-1))
