"""Binary cross-entropy and its relatives.

    L(p, y) = -y·ln p - (1 - y)·ln(1 - p)                probabilities
    L(x, y) = (1 - y)·softplus(x) + q·y·softplus(-x)     logits, q = pos_weight

Probabilities p in [0, 1], logits x real or ±inf, targets y in [0, 1], all of one shape; nats.
Cox, "The regression analysis of binary sequences", 1958; Goodfellow, Bengio & Courville, "Deep Learning",
6.2.2.2. Label smoothing: Szegedy et al., 2016, 7.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from conformance.oracle.operation import (
    Booleans,
    Exact,
    Floats,
    Input,
    Parameter,
    Terms,
    elementwise,
    operation,
)
from conformance.oracle.stable import finite, log, product, sigmoid, softplus

PROBABILITIES = Input("probabilities", "probability", "probability of the positive class", differentiable=True)
LOGITS = Input("logits", "real", "log-odds of the positive class", differentiable=True)
TARGETS = Input("targets", "target", "probability that the class is positive, mostly 0 or 1")
LABEL_SMOOTHING = Parameter(0.0, "α: targets become (1 - α)·y + α/2")
CLIP = Parameter(None, "(low, high): probabilities are clipped to this interval first; gradient 0 outside")
SHIFT = Parameter(0.0, "added to the arguments of the logarithms")


@dataclass(frozen=True)
class Targets:
    """Binary targets and their complements; `soft` where rounding them could matter (0 and 1 are exact)."""

    positive: Floats
    negative: Floats
    soft: Floats


def binary_targets(targets: Floats, like: Floats, smoothing: float) -> Targets:
    """y' = (1 - α)·y + α/2 and 1 - y'. Raises ValueError where the shapes differ."""
    if targets.shape != like.shape:
        raise ValueError(f"targets have shape {targets.shape}, predictions {like.shape}")
    positive, negative = targets, 1 - targets
    if smoothing:
        positive = (1 - smoothing) * positive + smoothing / 2
        negative = (1 - smoothing) * negative + smoothing / 2
    soft = np.where((positive == 0) | (positive == 1), 0.0, np.abs(finite(positive)))
    return Targets(positive, negative, soft)


@dataclass(frozen=True)
class Entropy:
    """-y·ln p - (1 - y)·ln(1 - p) under a contract.

    slope      ∂/∂p, which holds where `passes` is 1; where the clip's bound is met it may count in part
    terms      |y|/p + |1 - y|/(1 - p): what the slope is the difference of
    odds       |ln p - ln(1 - p)|: how the loss changes with the target
    """

    value: Floats
    slope: Floats
    terms: Floats
    odds: Floats
    passes: Booleans
    at_bound: Booleans

    def gradient(self, factor: Floats | None = None, more: Floats | None = None) -> tuple[Floats, Floats, Floats]:
        """(value, low, high) of more + factor·slope; an infinite slope outgrows an infinite `more` (a logarithm)."""
        full = self.slope if factor is None else product(factor, self.slope)
        none = np.zeros(full.shape) if more is None else more
        full = np.where(np.isinf(full) & ~np.isnan(none), full, none + full)
        value = np.where(self.passes, full, none)
        low, high = np.minimum(full, none), np.maximum(full, none)
        return value, np.where(self.at_bound, low, value), np.where(self.at_bound, high, value)


def entropy(
    p: Floats,
    y: Targets,
    clip: Sequence[float] | None = None,
    shift: float = 0.0,
    log_floor: float = -np.inf,
    backward_floor: float = 0.0,
) -> Entropy:
    """Binary cross-entropy of probabilities; 0·ln 0 is 0."""
    passes, at_bound = np.ones(p.shape, bool), np.zeros(p.shape, bool)
    complement = 1 - p
    if clip is not None:
        low, high = clip
        under, over = p < low, p > high
        passes, at_bound = ~(under | over), (p == low) | (p == high)
        complement = np.where(under, 1 - low, np.where(over, 1 - high, complement))
        p = np.where(under, low, np.where(over, high, p))
    ln_p, ln_q = log(p, complement, shift), np.where(p > 0.5, np.log(complement + shift), np.log1p(shift - p))
    falling, rising = _over(y.positive, p + shift), _over(y.negative, complement + shift)
    terms = finite(np.abs(falling) + np.abs(rising))
    excess = np.where(p > 0.5, y.negative - complement, p - y.positive)
    if backward_floor:
        slope = excess / np.maximum(p * complement, backward_floor)
    else:
        slope = np.where(ln_q < log_floor, 0.0, rising) - np.where(ln_p < log_floor, 0.0, falling)
        if not shift:
            # for a soft target the two nearly cancel where p is near it, and their difference is known better
            near = (falling != 0) & (rising != 0) & np.isfinite(slope) & (slope == rising - falling)
            slope = np.where(near, excess / p / complement, slope)
    ln_p, ln_q = np.maximum(ln_p, log_floor), np.maximum(ln_q, log_floor)
    value = 0.0 - product(y.positive, ln_p) - product(y.negative, ln_q)
    return Entropy(value, slope, terms, finite(np.abs(ln_p - ln_q)), passes, at_bound)


def _over(coefficient: Floats, divisor: Floats) -> Floats:
    """coefficient/divisor; 0 for a coefficient of 0, save over nan."""
    return np.asarray(np.where((coefficient == 0) & ~np.isnan(divisor), 0.0, coefficient / divisor))


@operation(
    "binary_cross_entropy",
    family="binary",
    inputs=(PROBABILITIES, TARGETS),
    broadcasts=("targets",),
    parameters={"label_smoothing": LABEL_SMOOTHING},
    contract={
        "clip": CLIP,
        "shift": SHIFT,
        "log_floor": Parameter(-np.inf, "both logarithms are at least this"),
        "backward_floor": Parameter(0.0, "the gradient is (p - y)/max(p·(1 - p), this)"),
    },
    reduces=True,
)
def binary_cross_entropy(
    probabilities: Floats,
    targets: Floats,
    *,
    label_smoothing: float,
    clip: Sequence[float] | None,
    shift: float,
    log_floor: float,
    backward_floor: float,
) -> Terms:
    """-y·ln p - (1 - y)·ln(1 - p), elementwise; 0·ln 0 is 0. Gradient (p - y)/(p·(1 - p))."""
    y = binary_targets(targets, probabilities, label_smoothing)
    loss = entropy(probabilities, y, clip, shift, log_floor, backward_floor)
    partial, low, high = loss.gradient()
    size = finite(np.abs(partial))
    kinked = bool(loss.at_bound.any())
    condition = np.abs(finite(probabilities)) * size + y.soft * loss.odds
    return elementwise(
        Exact(loss.value, np.abs(finite(loss.value)) + 1, condition),
        {
            "probabilities": Exact(
                partial,
                np.where(loss.passes, np.maximum(size, loss.terms), 0.0),
                size,
                low if kinked else None,
                high if kinked else None,
            )
        },
    )


@operation(
    "binary_cross_entropy_with_logits",
    family="binary",
    inputs=(LOGITS, TARGETS),
    broadcasts=("targets",),
    parameters={
        "label_smoothing": LABEL_SMOOTHING,
        "pos_weight": Parameter(1.0, "q: the weight of the positive term; a number, or one for each last index"),
    },
    reduces=True,
    grade="A",
    gradient_grade="A",
)
def binary_cross_entropy_with_logits(
    logits: Floats, targets: Floats, *, label_smoothing: float, pos_weight: float | Sequence[float]
) -> Terms:
    """(1 - y)·softplus(x) + q·y·softplus(-x), elementwise. Gradient (1 - y)·σ(x) - q·y·σ(-x)."""
    y = binary_targets(targets, logits, label_smoothing)
    q = np.asarray(pos_weight, np.float64)
    if np.broadcast_shapes(q.shape, logits.shape) != logits.shape:
        raise ValueError(f"pos_weight has shape {q.shape}, which does not fit logits of {logits.shape}")
    positive, negative = q * y.positive, y.negative
    up, down = sigmoid(logits), sigmoid(-logits)
    above, below = softplus(logits), softplus(-logits)
    value = product(negative, above) + product(positive, below)
    partial = product(negative, up) - product(positive, down)
    x, size = np.abs(finite(logits)), finite(np.abs(partial))
    mass = np.abs(negative) + np.abs(positive)
    scale = np.abs(finite(value)) + x * np.maximum(1, np.abs(q))
    condition = x * size + y.soft * finite(np.abs(q * below - above))
    curved = x * mass * up * down + y.soft * (up + np.abs(q) * down)
    return elementwise(Exact(value, scale, condition), {"logits": Exact(partial, mass, curved)})
