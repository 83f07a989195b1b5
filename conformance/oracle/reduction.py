"""Reductions: how per-entry losses ℓᵢ with weights wᵢ become one number, and by what they are divided.

Each framework calls several of these "mean"; here each divisor has a name of its own.

    none                  wᵢℓᵢ
    sum                   Σwᵢℓᵢ
    mean                  Σwᵢℓᵢ / number of entries that are kept
    mean_with_ignored     Σwᵢℓᵢ / number of all entries, ignored ones included
    mean_last_axis        over the last axis only; divided by its length
    batch_mean            Σwᵢℓᵢ / length of the first axis
    weighted_mean         Σwᵢℓᵢ / Σwᵢ, class weights included, over kept entries
    nonzero_weight_mean   Σwᵢℓᵢ / number of kept entries whose weight is not 0

A divisor of zero has no right value: result and gradient are nan and `free`, and a case says by `one_of` what it
accepts.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from conformance.oracle.operation import Evaluation, Exact, Floats, Terms

REDUCTIONS = (
    "none",
    "sum",
    "mean",
    "mean_last_axis",
    "batch_mean",
    "weighted_mean",
    "nonzero_weight_mean",
    "mean_with_ignored",
)
# A power of two that keeps a sum of float64 from overflowing on the way to a mean that does not.
HEADROOM = 2.0**-64


@dataclass(frozen=True)
class Divisor:
    """What a sum is divided by. `cancellation` is Σ|wᵢ| / |Σwᵢ|: how its own rounding grows; 0 for a count."""

    number: float
    cancellation: float = 0.0


def reduce(terms: Terms, how: str, weights: Floats | None) -> Evaluation:
    """Applies sample weights, removes ignored entries and reduces.

    Raises ValueError for an unknown reduction, weights that do not broadcast against the losses, and the
    reduction of an axis that a scalar does not have.
    """
    if how not in REDUCTIONS:
        raise ValueError(f"unknown reduction '{how}'; expected one of: {', '.join(REDUCTIONS)}")
    entries = terms.value
    shape = entries.value.shape
    if weights is not None:
        weights = np.broadcast_to(weights, shape)
        entries = entries.times(weights)
    if terms.kept is not None:
        entries = entries.only(terms.kept)
    if how == "none":
        return Evaluation(entries, _spreading(terms, weights, None, last=False), reduced_length=terms.length)
    last = how == "mean_last_axis"
    divisor = _divisor(how, terms, weights, shape)
    value = _total(entries, divisor, last)
    count = shape[-1] if last else entries.value.size
    return Evaluation(value, _spreading(terms, weights, divisor, last), max(1, count) * terms.length)


def masked(terms: Terms, mask: NDArray[np.int64] | None) -> Terms:
    """The terms, those with a mask of 0 ignored: value and gradient are 0, and they do not count.

    Raises ValueError for a mask that does not broadcast against the losses.
    """
    if mask is None:
        return terms
    kept = np.broadcast_to(mask != 0, terms.value.value.shape)
    pull = terms.pullback

    def pullback(cotangent: Floats) -> dict[str, Exact]:
        assert pull is not None
        gradients = pull(np.where(kept, cotangent, 0.0))
        rows = kept if terms.row_axis is None else np.expand_dims(kept, terms.row_axis)
        # An input that is broadcast, or that several entries share, is left as the pullback has it.
        fits = {name: rows.ndim == g.value.ndim for name, g in gradients.items()}
        return {
            name: g.only(np.broadcast_to(rows, g.value.shape)) if fits[name] else g for name, g in gradients.items()
        }

    return replace(
        terms,
        kept=kept if terms.kept is None else kept & terms.kept,
        pullback=None if pull is None else pullback,
    )


def _only(rows: NDArray[np.bool_], gradient: Exact) -> Exact:
    shape = gradient.value.shape
    return gradient.only(np.broadcast_to(rows, shape)) if rows.ndim == len(shape) else gradient


def _spreading(
    terms: Terms, weights: Floats | None, divisor: Divisor | None, last: bool
) -> Callable[[Floats], dict[str, Exact]] | None:
    """The pullback through the reduction: the cotangent over the divisor, at every entry, times its weight."""
    pull = terms.pullback
    if pull is None:
        return None
    shape = terms.value.value.shape
    undefined = divisor is not None and divisor.number == 0

    def pullback(cotangent: Floats) -> dict[str, Exact]:
        spread = cotangent
        if divisor is not None:
            spread = cotangent / divisor.number if not undefined else cotangent * np.nan
        if last:
            spread = np.expand_dims(spread, -1)
        spread = np.broadcast_to(spread, shape)
        if weights is not None:
            spread = spread * weights
        gradients = pull(spread)
        if undefined:
            return {name: replace(g, free=np.ones(g.value.shape, bool)) for name, g in gradients.items()}
        return gradients

    return pullback


def _divisor(how: str, terms: Terms, weights: Floats | None, shape: tuple[int, ...]) -> Divisor | None:
    kept = terms.kept
    size = math.prod(shape)
    if how == "sum":
        return None
    if how == "mean":
        return Divisor(size if kept is None else int(np.count_nonzero(kept)))
    if how == "mean_with_ignored":
        return Divisor(size)
    if how in ("mean_last_axis", "batch_mean"):
        if not shape:
            raise ValueError(f"'{how}' needs an axis, and the unreduced loss is a scalar")
        return Divisor(shape[-1] if how == "mean_last_axis" else shape[0])
    counted = np.ones(shape) if weights is None else weights
    if terms.divisor_weights is not None:
        counted = counted * terms.divisor_weights
    if kept is not None:
        counted = np.where(kept, counted, 0.0)
    if how == "nonzero_weight_mean":
        return Divisor(int(np.count_nonzero(counted)))
    total = sum_exactly(counted)
    return Divisor(total, float(np.sum(np.abs(counted)) / abs(total)) if total else 0.0)


def _total(entries: Exact, divisor: Divisor | None, last: bool) -> Exact:
    axis = -1 if last else None
    size = np.where(np.isfinite(entries.value), np.abs(entries.value), 0.0)
    number = 1.0 if divisor is None else divisor.number
    over = 1.0 / abs(number) if number else 0.0
    value = _over(entries.value, number, last)
    magnitude = np.asarray(np.sum(size, axis=axis)) * over
    scale = np.sum(np.maximum(entries.scale, size), axis=axis) * over
    condition = np.sum(np.maximum(entries.condition, size), axis=axis) * over
    if divisor is not None and divisor.cancellation > 1:
        scale, condition = scale + magnitude * divisor.cancellation, condition + magnitude * divisor.cancellation
    free = None
    if number == 0:
        free = np.ones(value.shape, bool)
    elif entries.free is not None:
        free = np.asarray(np.any(entries.free, axis=axis))
    return Exact(value, np.asarray(scale), np.asarray(condition), free=free)


def _over(values: Floats, divisor: float, last: bool) -> Floats:
    """Σvalues / divisor; nan where the divisor is 0."""
    if divisor == 0:
        return np.full(values.shape[:-1] if last else (), np.nan)
    if not last:
        return np.asarray(sum_exactly(values, divisor))
    rows = values.reshape(-1, values.shape[-1])
    return np.array([sum_exactly(row, divisor) for row in rows]).reshape(values.shape[:-1])


def sum_exactly(values: Floats, divisor: float = 1.0) -> float:
    """Σvalues / divisor, the sum correctly rounded; by IEEE 754 where nan or infinities are summed."""
    numbers = values.ravel().tolist()
    try:
        return math.fsum(numbers) / divisor
    except OverflowError:
        return math.fsum(number * HEADROOM for number in numbers) / divisor / HEADROOM
    except ValueError:
        return math.nan  # ∞ - ∞
