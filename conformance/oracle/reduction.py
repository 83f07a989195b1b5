"""Reductions: how per-entry losses ℓᵢ with weights wᵢ become one number, and by what they are divided.

Each framework calls several of these "mean"; here each divisor has a name of its own.

    none                  wᵢℓᵢ
    sum                   Σwᵢℓᵢ
    mean                  Σwᵢℓᵢ / number of entries that are kept
    mean_with_ignored     Σwᵢℓᵢ / number of all entries, ignored ones included
    mean_last_axis        over the last axis only
    batch_mean            Σwᵢℓᵢ / length of the first axis
    weighted_mean         Σwᵢℓᵢ / Σwᵢ, class weights included, over kept entries
    nonzero_weight_mean   Σwᵢℓᵢ / number of kept entries whose weight is not 0

A divisor of zero has no right value: the result is nan and `free`, and a case says by `one_of` what it accepts.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from conformance.oracle.operation import Evaluation, Exact, Floats, Terms

REDUCTIONS = (
    "none", "sum", "mean", "mean_last_axis", "batch_mean", "weighted_mean", "nonzero_weight_mean", "mean_with_ignored",
)  # fmt: skip


def reduce(terms: Terms, how: str, weights: Floats | None) -> Evaluation:
    """Applies sample weights, removes ignored entries and reduces. Raises ValueError for an unknown reduction."""
    losses = terms.value
    shape = losses.value.shape
    weights = None if weights is None else np.broadcast_to(weights, shape)
    entries = losses if weights is None else _weighted(losses, weights)
    kept = terms.kept
    if kept is not None:
        entries = _only(kept, entries)
    axis, divisor, counts = _divisor(how, terms, weights, shape)
    undefined = divisor == 0 if divisor is not None else np.False_

    if how == "none":
        value, factor = entries, np.ones(())
    else:
        factor = np.ones(()) if divisor is None else 1.0 / divisor
        value = _total(entries, axis, factor, undefined)

    pull = terms.pullback

    def pullback(cotangent: Floats) -> dict[str, Exact]:
        assert pull is not None
        with np.errstate(all="ignore"):
            spread = cotangent * factor
            if axis is not None:
                spread = np.expand_dims(spread, axis)
            spread = np.broadcast_to(spread, shape)
            if weights is not None:
                spread = spread * weights
            gradients = pull(spread)
            if kept is not None:
                gradients = {name: _only(_along(kept, g.value.shape), g) for name, g in gradients.items()}
            if np.any(undefined):
                gradients = {name: _freed(g) for name, g in gradients.items()}
            return gradients

    return Evaluation(value, None if pull is None else pullback, reduced_length=counts)


def _divisor(
    how: str, terms: Terms, weights: Floats | None, shape: tuple[int, ...]
) -> tuple[tuple[int, ...] | int | None, Any, int]:
    """(axes summed, divisor or None, number of entries summed into one)."""
    size = int(np.prod(shape))
    kept = np.ones(shape, bool) if terms.kept is None else np.broadcast_to(terms.kept, shape)
    everything = tuple(range(len(shape)))
    if how == "none":
        return None, None, 1
    if how == "sum":
        return everything, None, size
    if how == "mean":
        return everything, np.float64(kept.sum()), size
    if how == "mean_with_ignored":
        return everything, np.float64(size), size
    if how == "mean_last_axis":
        return -1, np.float64(shape[-1]), shape[-1]
    if how == "batch_mean":
        return everything, np.float64(shape[0]), size
    counted = np.ones(shape) if weights is None else weights
    if terms.divisor_weights is not None:
        counted = counted * terms.divisor_weights
    if how == "weighted_mean":
        return everything, np.float64(np.where(kept, counted, 0.0).sum()), size
    if how == "nonzero_weight_mean":
        return everything, np.float64(np.sum(kept & (counted != 0))), size
    raise ValueError(f"unknown reduction '{how}'; expected one of: {', '.join(REDUCTIONS)}")


def _weighted(losses: Exact, weights: Floats) -> Exact:
    """wᵢℓᵢ; the weight is an input too, so |wᵢℓᵢ| joins the condition sum."""
    product = losses.times(weights)
    extra = np.where(np.isfinite(product.value), np.abs(product.value), 0.0)
    return Exact(product.value, product.scale, product.condition + extra, product.low, product.high, product.free)


def _only(kept: NDArray[np.bool_], entries: Exact) -> Exact:
    """Zero, exactly, where an entry is ignored, whatever it held."""

    def masked(array: Floats | None) -> Floats | None:
        return None if array is None else np.where(kept, array, 0.0)

    return Exact(
        np.where(kept, entries.value, 0.0),
        np.where(kept, entries.scale, 0.0),
        np.where(kept, entries.condition, 0.0),
        masked(entries.low),
        masked(entries.high),
        None if entries.free is None else entries.free & kept,
    )


def _total(entries: Exact, axis: tuple[int, ...] | int | None, factor: Floats, undefined: Any) -> Exact:
    finite = np.isfinite(entries.value)
    magnitude = np.where(finite, np.abs(entries.value), 0.0)
    free = np.any(entries.free, axis=axis) if entries.free is not None else np.zeros(np.sum(magnitude, axis=axis).shape, bool)
    free = free | undefined
    size = np.abs(factor)
    return Exact(
        np.asarray(_sum(entries.value, axis) * factor),
        np.asarray(np.sum(np.maximum(entries.scale, magnitude), axis=axis) * size),
        np.asarray(np.sum(entries.condition + magnitude, axis=axis) * size),
        free=np.asarray(free) if np.any(free) else None,
    )


def _sum(values: Floats, axis: tuple[int, ...] | int | None) -> Floats:
    """The sum, correctly rounded where everything is added and finite."""
    if axis != -1 and np.all(np.isfinite(values)):
        import math

        return np.float64(math.fsum(values.ravel().tolist()))
    return np.asarray(np.sum(values, axis=axis))


def _along(kept: NDArray[np.bool_], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """The mask of losses as a mask of an input that has further axes behind (or a class axis inside)."""
    while kept.ndim < len(shape):
        kept = kept[..., None]
    return np.broadcast_to(kept, shape)


def _freed(gradient: Exact) -> Exact:
    return Exact(
        gradient.value, gradient.scale, gradient.condition, gradient.low, gradient.high, np.ones(gradient.value.shape, bool)
    )
