"""Overlap losses of predicted and target masks: Dice, Tversky, and both of the softmax of logits.

    T(p, t) = 1 - (I + s)/(I + α·FP + β·FN + s + ε)
    I = Σ p·t     FP = Σ p·(1 - t) = Σ p - I     FN = Σ (1 - p)·t = Σ t - I

The sums run over some axes. α weighs the false positives and β the false negatives, as in the paper; Dice is
α = β = 1/2, 1 - (2I + 2s)/(Σp + Σt + 2s). s, the smoothing, stands in numerator and denominator, ε, which some add
against 0/0, in the denominator alone. The loss is computed as (α·FP + β·FN + ε)/(…), which does not cancel for a good
overlap. Without prediction, target and smoothing it is 0/0.

Milletari, Navab & Ahmadi, "V-Net", 2016, 3; Salehi, Erdogmus & Gholipour, "Tversky loss function for image
segmentation using 3D fully convolutional deep networks", 2017, 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from conformance.oracle.categorical import dense
from conformance.oracle.double_double import DoubleDouble, exp
from conformance.oracle.operation import Exact, Floats, Input, Parameter, Terms, operation
from conformance.oracle.stable import finite, largest_of, two_difference

PROBABILITIES = Input("probabilities", "probability", "predicted probability of each entry", differentiable=True)
TARGETS = Input("targets", "target", "whether each entry belongs to the mask, mostly 0 or 1", differentiable=True)
AXES = Parameter(None, "the axes over which the sums run, a list; all where it is not given")
SMOOTH = Parameter(0.0, "s: added to numerator and denominator")
ALPHA = Parameter(0.5, "α: the weight of the false positives")
BETA = Parameter(0.5, "β: the weight of the false negatives")
EPSILON = Parameter(0.0, "ε: added to the denominator alone")


@dataclass(frozen=True)
class Overlap:
    """1 - (I + s)/D over some axes, and its slopes by predictions and targets.

    value   shape of the inputs without the axes
    by_prediction, by_target   shape of the inputs, for a cotangent of 1; `low` is what their values lack
    """

    value: Exact
    by_prediction: Exact
    by_target: Exact
    axes: tuple[int, ...]
    low: tuple[Floats, Floats]

    def spread(self, cotangent: Floats) -> Floats:
        """A cotangent of the value, for every entry of the inputs."""
        return np.expand_dims(cotangent, self.axes)


def overlap(
    p: DoubleDouble,
    complement: DoubleDouble,
    t: Floats,
    axes: Sequence[int] | None,
    alpha: float,
    beta: float,
    smooth: float,
    epsilon: float,
) -> Overlap:
    """Tversky's loss over the axes; all of them where None. `complement` is 1 - p, known as well as p.

    Raises ValueError for an axis that is not there.
    """
    rank = t.ndim
    if axes is not None and any(not -rank <= int(a) < rank for a in axes):
        raise ValueError(f"axes {list(axes)} are not all among the {rank} of the inputs")
    at = tuple(range(rank)) if axes is None else tuple(sorted({int(a) % rank for a in axes}))
    common = (p * t).sum(at, keepdims=True)
    surplus, missed = (p * (1.0 - DoubleDouble(t))).sum(at, keepdims=True), (complement * t).sum(at, keepdims=True)
    wrong = surplus * alpha + missed * beta + epsilon
    top = common + smooth
    whole = top + wrong
    loss = wrong / whole
    # ∂D/∂p = t + α·(1 - t) - β·t, and the loss changes by (top·∂D - t·D)/D²
    slopes = []
    for other, fall, rise in ((DoubleDouble(t), alpha, beta), (p, beta, alpha)):
        grows = other + (1.0 - other) * fall - other * rise
        value = (top * grows - other * whole) / whole / whole
        parts = (np.abs(top.high) * (np.abs(other.high) * (1 + abs(rise)) + abs(fall) * np.abs(1 - other.high))) / (
            whole.high**2
        ) + np.abs(other.high / whole.high)
        slopes.append((value, parts))
    nothing = np.broadcast_to((whole.high == 0), loss.high.shape)
    free = np.squeeze(nothing, at) if nothing.any() else None
    size = np.where(np.isfinite(loss.high), np.maximum(1.0, np.abs(loss.high)), 0.0)
    (by_p, p_parts), (by_t, t_parts) = slopes
    kappa = np.abs(finite(p.high * by_p.high)) + np.abs(finite(t * by_t.high))
    exact = Exact(np.squeeze(loss.high, at), np.squeeze(size, at), np.asarray(np.sum(kappa, axis=at)), free=free)
    where = np.broadcast_to(nothing, t.shape) if nothing.any() else None
    first = Exact(by_p.high, finite(p_parts), 2 * finite(p_parts), free=where)
    second = Exact(by_t.high, finite(t_parts), 2 * finite(t_parts), free=where)
    return Overlap(exact, first, second, at, (by_p.low, by_t.low))


def of_probabilities(
    p: Floats, t: Floats, axes: Sequence[int] | None, alpha: float, beta: float, smooth: float, epsilon: float
) -> Terms:
    """The loss of probabilities as they are given."""
    found = overlap(DoubleDouble(p), 1.0 - DoubleDouble(p), dense(t, p), axes, alpha, beta, smooth, epsilon)

    def pullback(cotangent: Floats) -> dict[str, Exact]:
        g = found.spread(cotangent)
        return {"probabilities": found.by_prediction.times(g), "targets": found.by_target.times(g)}

    length = t.size // max(1, found.value.value.size)
    return Terms(found.value, pullback, length=max(1, length))


@operation(
    "dice",
    family="overlap",
    inputs=(PROBABILITIES, TARGETS),
    parameters={"axes": AXES, "smooth": SMOOTH},
    contract={"epsilon": EPSILON},
    reduces=True,
)
def dice(probabilities: Floats, targets: Floats, *, axes: Sequence[int] | None, smooth: float, epsilon: float) -> Terms:
    """1 - (2·Σpt + 2s)/(Σp + Σt + 2s + ε) over the axes."""
    return of_probabilities(probabilities, targets, axes, 0.5, 0.5, smooth, epsilon / 2)


@operation(
    "tversky",
    family="overlap",
    inputs=(PROBABILITIES, TARGETS),
    parameters={"axes": AXES, "alpha": ALPHA, "beta": BETA, "smooth": SMOOTH},
    contract={"epsilon": EPSILON},
    reduces=True,
)
def tversky(
    probabilities: Floats,
    targets: Floats,
    *,
    axes: Sequence[int] | None,
    alpha: float,
    beta: float,
    smooth: float,
    epsilon: float,
) -> Terms:
    """1 - (I + s)/(I + α·FP + β·FN + s + ε) over the axes: α weighs false positives, β false negatives."""
    return of_probabilities(probabilities, targets, axes, alpha, beta, smooth, epsilon)


def classes_of(logits: Floats) -> tuple[DoubleDouble, DoubleDouble]:
    """(p, 1 - p): the softmax over the last axis, or the sigmoid where it has length 1; finite logits, or -∞."""
    if logits.shape[-1] == 1:
        size = np.abs(logits)
        tail = exp(DoubleDouble(-size))
        large, small = 1.0 / (tail + 1.0), tail / (tail + 1.0)
        return large.where(logits >= 0, small), small.where(logits >= 0, large)
    gap = DoubleDouble(*two_difference(logits, np.max(logits, axis=-1, keepdims=True, initial=-np.inf)))
    powers = exp(gap)
    top = largest_of(logits)
    rest = powers.where(~top, 0.0).sum(-1, keepdims=True)
    whole = rest + 1.0
    p = powers / whole
    return p, (rest / whole).where(top, 1.0 - p)


@operation(
    "tversky_with_logits",
    family="overlap",
    inputs=(
        Input("logits", "real", "unnormalised log-probability of each class, on the last axis", differentiable=True),
        Input("targets", "target", "one-hot targets; shape of the logits", differentiable=True),
    ),
    parameters={"axes": AXES, "alpha": ALPHA, "beta": BETA, "smooth": SMOOTH},
    reduces=True,
)
def tversky_with_logits(
    logits: Floats, targets: Floats, *, axes: Sequence[int] | None, alpha: float, beta: float, smooth: float
) -> Terms:
    """Tversky's loss over `axes` of softmax(logits) over the last axis, or of σ(logits) where that has length 1."""
    t = dense(targets, logits)
    p, complement = classes_of(logits)
    found = overlap(p, complement, t, axes, alpha, beta, smooth, 0.0)
    single = logits.shape[-1] == 1
    # p is rounded after an exponential of a difference of logits
    spread = 1 + np.abs(finite(np.log(p.high))) + np.abs(finite(logits))
    sizes = finite(found.by_prediction.scale)
    moved = np.sum(finite(p.high * complement.high) * spread * sizes, axis=found.axes)
    value = replace(found.value, condition=finite(np.asarray(moved) + found.value.condition))

    def pullback(cotangent: Floats) -> dict[str, Exact]:
        g = np.broadcast_to(found.spread(cotangent), t.shape)
        slope = DoubleDouble(found.by_prediction.value, found.low[0]) * g
        size = sizes * np.abs(g)
        if single:
            by_logit = (slope * p * complement).high
            scale = size * p.high  # frameworks take σ·(1 - σ) of the rounded σ
        else:
            mean = (slope * p).sum(-1, keepdims=True)
            by_logit = ((slope - mean) * p).high
            scale = p.high * (size + np.sum(size * p.high, axis=-1, keepdims=True))
        free = found.by_prediction.free
        by_target = found.by_target.times(g)
        return {
            "logits": Exact(by_logit, scale, scale * spread, free=free),
            "targets": replace(by_target, condition=by_target.condition + by_target.scale),
        }

    length = t.size // max(1, found.value.value.size)
    return Terms(value, pullback, length=max(1, length))
