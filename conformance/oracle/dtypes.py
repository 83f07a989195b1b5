"""The floating-point dtypes under test: rounding to them, their units, and arrays of them as bits.

Rounding goes from float64 to the dtype in one step, to nearest, ties to even (IEEE 754-2019, 4.3.1). Casts
that pass through float32 on the way round twice, and are one unit off where the first rounding makes a tie.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conformance.worker.arrays import Array

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Format:
    """A binary format: bits of its significand (the hidden one included) and its exponent range."""

    precision: int
    smallest_exponent: int
    largest_exponent: int

    @property
    def unit_roundoff(self) -> float:
        """u: half the distance from 1 to the next larger number."""
        return 2.0**-self.precision

    @property
    def smallest_normal(self) -> float:
        return 2.0**self.smallest_exponent

    @property
    def smallest_subnormal(self) -> float:
        return 2.0 ** (self.smallest_exponent - self.precision + 1)

    @property
    def largest(self) -> float:
        return (2.0 - 2.0 ** (1 - self.precision)) * 2.0**self.largest_exponent


FORMATS = {
    "float64": Format(53, -1022, 1023),
    "float32": Format(24, -126, 127),
    "float16": Format(11, -14, 15),
    "bfloat16": Format(8, -126, 127),
}


def unit_roundoff(dtype: str) -> float:
    """u of a dtype: the largest relative error of one rounding."""
    return FORMATS[dtype].unit_roundoff


def coarsest(*names: str) -> str:
    """The float dtype of the largest unit roundoff; other names do not count."""
    return max((name for name in names if name in FORMATS), key=unit_roundoff)


def smallest_normal(dtype: str) -> float:
    """The smallest positive number with full precision."""
    return FORMATS[dtype].smallest_normal


def smallest_subnormal(dtype: str) -> float:
    """The smallest positive number, and the distance between all numbers below the smallest normal one."""
    return FORMATS[dtype].smallest_subnormal


def largest(dtype: str) -> float:
    """The largest finite number."""
    return FORMATS[dtype].largest


def round_to(array: ArrayLike, dtype: str) -> Floats:
    """The float64 array of the numbers of `dtype` nearest to `array`, ties to even.

    Beyond the largest number the result is ±inf, as IEEE 754 says; nan and the sign of zero stay.
    Raises KeyError for a dtype that is not one of `FORMATS`.
    """
    exact = np.asarray(array, np.float64)
    if dtype == "float64":
        return exact
    with np.errstate(all="ignore"):
        if dtype == "float32":
            return exact.astype(np.float32).astype(np.float64)
        return _round_bits(exact, FORMATS[dtype])


def _round_bits(exact: Floats, to: Format) -> Floats:
    """Rounds the significand in the bits of the float64; a carry moves into the exponent by itself."""
    dropped = np.uint64(53 - to.precision)
    bits = np.atleast_1d(exact).view(np.uint64)
    one = np.uint64(1)
    below_half = (one << (dropped - one)) - one
    odd = (bits >> dropped) & one
    kept = ((bits + below_half + odd) >> dropped) << dropped
    rounded = kept.view(np.float64).reshape(exact.shape)
    # Below the smallest normal number the numbers are equally spaced, and so is the grid of rint.
    subnormal = np.rint(exact / to.smallest_subnormal) * to.smallest_subnormal
    size = np.abs(exact)
    normal = np.where(np.abs(rounded) > to.largest, np.copysign(np.inf, exact), rounded)
    result = np.where(size < to.smallest_normal, subnormal, normal)
    return np.where(np.isnan(exact), exact, result)


def to_storage(array: ArrayLike, dtype: str) -> Array:
    """The bits of `array` in `dtype`; floats are rounded once.

    Raises ValueError where `dtype` is an integer dtype and a number is no member of it.
    """
    if dtype not in FORMATS:
        given = np.asarray(array)
        stored = given.astype(np.dtype(dtype))
        if not np.array_equal(stored, given):
            raise ValueError(f"not every number is a member of {dtype}: {given!r}")
        return Array(dtype, stored)
    rounded = round_to(array, dtype)
    if dtype != "bfloat16":
        with np.errstate(all="ignore"):
            return Array(dtype, rounded.astype(np.dtype(dtype)))
    with np.errstate(all="ignore"):
        upper = np.atleast_1d(rounded.astype(np.float32)).view(np.uint32) >> np.uint32(16)
    return Array(dtype, upper.astype(np.uint16).reshape(rounded.shape))


def from_storage(array: Array) -> NDArray[Any]:
    """The exact values of an `Array`: float64 for every float dtype, int64 for integers and booleans."""
    if array.dtype == "bfloat16":
        upper = np.atleast_1d(array.storage).astype(np.uint32) << np.uint32(16)
        with np.errstate(all="ignore"):
            return np.asarray(upper.view(np.float32).astype(np.float64).reshape(array.shape))
    kind = np.float64 if array.dtype in FORMATS else np.int64
    with np.errstate(all="ignore"):
        return np.asarray(array.storage.astype(kind))
