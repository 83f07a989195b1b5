"""Divisors of the reductions, written a second time: for each name, what is counted.

none, sum              nothing is divided
mean                   entries that are kept
mean_with_ignored      all entries
mean_last_axis         entries of the last axis
batch_mean             rows of the first axis
weighted_mean          Σ weight × class weight of the label, over kept entries
nonzero_weight_mean    kept entries with such a weight that is not zero
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from flint import arb

from conformance.oracle.exact.limits import Outcome
from conformance.oracle.exact.number import ZERO

NAMES = (
    "none", "sum", "mean", "mean_with_ignored", "mean_last_axis", "batch_mean", "weighted_mean", "nonzero_weight_mean",
)  # fmt: skip


def groups(how: str, shape: tuple[int, ...]) -> tuple[tuple[int, ...], int]:
    """(shape of the result, number of consecutive entries summed into each of its elements)."""
    if how == "none":
        return shape, 1
    if how == "mean_last_axis":
        return shape[:-1], shape[-1]
    return (), math.prod(shape)


def divisor(
    how: str, shape: tuple[int, ...], kept: Sequence[bool], weights: Sequence[arb], counts: Sequence[Outcome]
) -> arb:
    """What the sum is divided by.

    weights, counts   of all entries: the sample weight, and the class weight of the label
    """
    if how in ("none", "sum"):
        return arb(1)
    if how == "mean":
        return arb(sum(kept))
    if how == "mean_with_ignored":
        return arb(len(kept))
    if how == "mean_last_axis":
        return arb(shape[-1])
    if how == "batch_mean":
        return arb(shape[0])
    shares = [w * c for k, w, c in zip(kept, weights, counts, strict=True) if k and isinstance(c, arb)]
    if how == "weighted_mean":
        return sum(shares, ZERO)
    return arb(sum(not share.is_zero() for share in shares))
