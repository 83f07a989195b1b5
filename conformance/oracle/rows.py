"""Rows of classes: the softmax of logits, and probabilities on their way to a logarithm.

Everything here has the classes on the last axis, shape (…, C); `to_last` brings them there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conformance.oracle.operation import Booleans, Exact, Floats
from conformance.oracle.stable import finite, largest_of, log, others, product, two_difference


def to_last(array: NDArray[Any], axis: int) -> NDArray[Any]:
    """The array with `axis` moved to the end, contiguous. Raises ValueError where there is no such axis."""
    return np.ascontiguousarray(np.moveaxis(array, axis, -1))


def one_hot(labels: NDArray[np.int64], classes: int) -> Floats:
    """(…, C) of 0 and 1. Raises ValueError for a label that is no class."""
    if np.any((labels < 0) | (labels >= classes)):
        raise ValueError(f"labels must be in [0, {classes}): {labels[(labels < 0) | (labels >= classes)]}")
    return np.asarray(labels[..., None] == np.arange(classes), np.float64)


def smoothed(targets: Floats, alpha: float) -> Floats:
    """(1 - α)·t + α/C."""
    return targets if alpha == 0 else (1 - alpha) * targets + alpha / max(1, targets.shape[-1])


class Softmax:
    """The softmax of each row of logits, its logarithm and its complement, none from another by subtraction.

    logits   (…, C); a single +∞ takes all the probability, -∞ has none
    low      what the logits lack of their exact values (the rounding error of a product), or None

    undefined   (…, C): True where no limit exists: at two or more +∞ in a row, in a row of -∞ alone
    """

    def __init__(self, logits: Floats, low: Floats | None = None) -> None:
        self.logits = logits
        self.classes = logits.shape[-1]
        self.maximum = np.max(logits, axis=-1, keepdims=True, initial=-np.inf)
        at_maximum = logits == self.maximum
        gap, error = two_difference(logits, self.maximum)
        gap = np.where(at_maximum, 0.0, gap)
        self.top = largest_of(logits)
        if low is not None:
            error = error + finite(low - np.sum(np.where(self.top, low, 0.0), axis=-1, keepdims=True))
        self.gap = gap
        self.error = error
        powers = np.exp(gap) * (1 + error)
        self.rest = np.sum(np.where(self.top, 0.0, powers), axis=-1, keepdims=True)
        total = 1 + self.rest
        infinite = at_maximum & (self.maximum == np.inf)
        several = np.count_nonzero(infinite, axis=-1, keepdims=True) > 1
        self.undefined: Booleans = infinite & several
        if self.classes > 1:
            self.undefined = self.undefined | (at_maximum & (self.maximum == -np.inf))
        self.value: Floats = np.where(self.undefined, np.nan, powers / total)
        complement = np.where(self.top, self.rest, total - powers) / total
        self.complement: Floats = np.where(self.undefined, np.nan, complement)

    @cached_property
    def log(self) -> Floats:
        """ln softmax, each at most 0."""
        return np.where(self.undefined, np.nan, (self.gap - np.log1p(self.rest)) + self.error)

    @cached_property
    def size(self) -> Floats:
        """|xᵢ| of the finite logits."""
        return np.abs(finite(self.logits))

    @cached_property
    def largest(self) -> Floats:
        """max|x| over the finite logits of each row, (…,)."""
        return np.asarray(np.max(self.size, axis=-1, initial=0.0))

    @cached_property
    def spread(self) -> Floats:
        """1 + m - xᵢ: how the rounding of a logit grows in softmaxᵢ."""
        return 1 - finite(self.gap)

    @cached_property
    def leverage(self) -> Floats:
        """Σⱼ|xⱼ|·|∂ ln sᵢ/∂xⱼ| = |xᵢ|·(1 - sᵢ) + Σ_{j≠i}|xⱼ|·sⱼ."""
        return self.size * finite(self.complement) + others(self.size * finite(self.value))


def cross_entropy(rows: Softmax, targets: Floats) -> tuple[Exact, Exact]:
    """(loss (…,), gradient (…, C)) of -Σ tᵢ·ln softmaxᵢ for any coefficients tᵢ.

    The gradient (Σt)·s - t is written sᵢ·Σ_{j≠i}tⱼ - tᵢ·Σ_{j≠i}sⱼ, which does not cancel for one-hot targets.
    """
    terms = 0.0 - product(targets, rows.log)
    used = rows.undefined & (targets != 0)
    poisoned = np.isnan(rows.maximum[..., 0]) | np.isnan(targets).any(axis=-1)
    terms = np.where(rows.undefined & ~used, 0.0, terms)
    value = np.where(poisoned, np.nan, np.sum(terms, axis=-1))
    size = np.abs(targets)
    entropy = np.sum(finite(np.abs(terms)), axis=-1)
    mass = np.sum(size, axis=-1)
    gradient = rows.value * others(targets) - targets * rows.complement
    slope = finite(np.abs(gradient))
    loss = Exact(
        value,
        entropy + mass * rows.largest,
        np.sum(rows.size * slope, axis=-1) + entropy,
        free=used.any(axis=-1) & ~poisoned if used.any() else None,
    )
    curved = mass[..., None] * finite(rows.value) * rows.leverage
    return loss, Exact(
        gradient,
        np.broadcast_to(mass[..., None], gradient.shape),
        curved + slope,
        free=rows.undefined if rows.undefined.any() else None,
    )


@dataclass(frozen=True)
class Probabilities:
    """Rows of probabilities after the normalisation and the clip that an implementation documents.

    value, complement, log   (…, C): q, 1 - q and ln(q + shift)
    inside   True where the clip passes the gradient; at_bound where it may or may not
    """

    given: Floats
    total: Floats | None
    normal: Floats
    value: Floats
    complement: Floats
    log: Floats
    inside: Booleans | None
    at_bound: Booleans | None

    def gradient(self, slope: Floats, moment: Floats) -> Exact:
        """∂ℓ/∂p of a loss with ∂ℓ/∂q = `slope`, where `moment` is slope·q (its limit where q is 0).

        Through the normalisation q = p/Σp it is (slopeᵢ·(1 - qᵢ) - Σ_{j≠i} momentⱼ)/Σp. At a clip bound the
        slope may count in full, in part or not at all.
        """
        fixed, loose = slope, None
        if self.inside is not None and self.at_bound is not None:
            fixed = np.where(self.inside, slope, 0.0)
            moment = np.where(self.inside, moment, 0.0)
            loose = self.at_bound if self.at_bound.any() else None
        size = finite(np.abs(fixed))
        if self.total is None:
            low = high = None
            if loose is not None:
                low = np.where(loose, np.minimum(fixed, 0.0), fixed)
                high = np.where(loose, np.maximum(fixed, 0.0), fixed)
            return Exact(fixed, size, size, low, high)
        scale = (size + np.sum(finite(np.abs(moment)), axis=-1, keepdims=True)) / np.abs(self.total)
        own = product(others(self.given) / self.total, fixed)
        value = (own - others(moment)) / self.total
        if loose is None:
            return Exact(value, scale, scale)
        free_own, free_across = np.where(loose, own, 0.0), np.where(loose, -moment, 0.0)
        below = np.minimum(free_own, 0.0) + _sum_of_others(np.minimum(free_across, 0.0))
        above = np.maximum(free_own, 0.0) + _sum_of_others(np.maximum(free_across, 0.0))
        rest = value - (free_own + _sum_of_others(free_across)) / self.total
        return Exact(value, scale, scale, rest + below / self.total, rest + above / self.total)


def _sum_of_others(rows: Floats) -> Floats:
    return np.asarray(np.sum(rows, axis=-1, keepdims=True) - rows)


def clipped(
    p: Floats, normalise: bool = False, clip: Sequence[float] | None = None, shift: float = 0.0
) -> Probabilities:
    """Divides each row by its sum (one of 0 divides nothing), clips, takes the logarithm, as far as asked."""
    total, q, complement = None, p, 1 - p
    if normalise:
        mass = np.sum(p, axis=-1, keepdims=True)
        total = np.where(mass == 0, 1.0, mass)
        q, complement = p / total, np.where(mass == 0, complement, others(p) / total)
    if clip is None:
        return Probabilities(p, total, q, q, complement, log(q, complement, shift), None, None)
    low, high = clip
    under, over = q < low, q > high
    value = np.where(under, low, np.where(over, high, q))
    complement = np.where(under, 1 - low, np.where(over, 1 - high, complement))
    at_bound = (q == low) | (q == high)
    return Probabilities(p, total, q, value, complement, log(value, complement, shift), ~(under | over), at_bound)
