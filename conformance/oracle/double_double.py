"""Sums, products, exponentials and logarithms to twice the precision of float64.

A number is the unevaluated sum high + low of two float64, |low| ≤ ulp(high)/2: some 104 bits, so that a difference
which loses half of them still is a correct float64. Infinities and nan stand in `high`, with `low` 0.

Dekker, "A floating-point technique for extending the available precision", 1971; Hida, Li & Bailey, "Library for
double-double and quad-double arithmetic", 2007 (exponential and logarithm: 4.3 and 4.4).
"""

from __future__ import annotations

import math

import numpy as np

from conformance.oracle.operation import Booleans, Floats
from conformance.oracle.stable import finite, two_product

# ln 2 in three parts; k·LN2[0] is exact for every |k| < 2^21
LN2 = (0.6931471803691238, 1.9082149292705877e-10, 1.1612227229362532e-26)
# The argument of the series is divided by 2^HALVINGS first, the result squared as often.
HALVINGS = 8
TERMS = 11
SQRT_HALF = math.sqrt(0.5)


class DoubleDouble:
    """high + low; arrays of one shape, or that broadcast against each other."""

    __slots__ = ("high", "low")
    # NumPy leaves array + DoubleDouble to this class.
    __array_ufunc__ = None

    def __init__(self, high: Floats | float, low: Floats | float = 0.0) -> None:
        self.high = np.asarray(high, np.float64)
        self.low = np.broadcast_to(np.asarray(low, np.float64), self.high.shape)

    def __add__(self, other: DoubleDouble | Floats | float) -> DoubleDouble:
        b = _lifted(other)
        high, error = _two_sum(self.high, b.high)
        low, rest = _two_sum(self.low, b.low)
        high, error = _two_sum(high, error + low)
        return _renormalised(high, error + rest)

    __radd__ = __add__

    def __neg__(self) -> DoubleDouble:
        return DoubleDouble(-self.high, -self.low)

    def __sub__(self, other: DoubleDouble | Floats | float) -> DoubleDouble:
        return self + -_lifted(other)

    def __rsub__(self, other: Floats | float) -> DoubleDouble:
        return _lifted(other) + -self

    def __mul__(self, other: DoubleDouble | Floats | float) -> DoubleDouble:
        b = _lifted(other)
        high, error = two_product(*np.broadcast_arrays(self.high, b.high))
        return _renormalised(high, finite(error + (self.high * b.low + self.low * b.high)))

    __rmul__ = __mul__

    def __truediv__(self, other: DoubleDouble | Floats | float) -> DoubleDouble:
        b = _lifted(other)
        first = self.high / b.high
        rest = self - b * first
        second = finite(rest.high / b.high)
        rest = rest - b * second
        return _renormalised(first, second) + finite(rest.high / b.high)

    def __rtruediv__(self, other: Floats | float) -> DoubleDouble:
        return _lifted(other) / self

    def scaled(self, exponent: int | Floats) -> DoubleDouble:
        """Times 2^exponent."""
        whole = np.asarray(exponent, np.int64)
        return DoubleDouble(np.ldexp(self.high, whole), np.ldexp(self.low, whole))

    def where(self, kept: Booleans, other: DoubleDouble | Floats | float) -> DoubleDouble:
        """These numbers where `kept`, the others elsewhere."""
        b = _lifted(other)
        return DoubleDouble(np.where(kept, self.high, b.high), np.where(kept, self.low, b.low))

    def sum(self, axes: tuple[int, ...] | int, keepdims: bool = False) -> DoubleDouble:
        """The sum over some axes; halves are added to each other, so that a long sum loses no more than a short one."""
        axes = (axes,) if isinstance(axes, int) else axes
        at = tuple(a % self.high.ndim for a in axes)
        rest = tuple(a for a in range(self.high.ndim) if a not in at)
        kept = tuple(1 if a in at else n for a, n in enumerate(self.high.shape))
        shape = kept if keepdims else tuple(self.high.shape[a] for a in rest)
        length = math.prod(self.high.shape[a] for a in at)
        order = (*rest, *at)
        total = DoubleDouble(
            self.high.transpose(order).reshape(-1, length) if length else np.zeros((math.prod(shape), 1)),
            self.low.transpose(order).reshape(-1, length) if length else 0.0,
        )
        while total.high.shape[-1] > 1:
            half = total.high.shape[-1] // 2
            odd = total.high.shape[-1] % 2
            pairs = total._columns(0, half) + total._columns(half, 2 * half)
            if odd:
                last = total._columns(2 * half, 2 * half + 1)
                pairs = DoubleDouble(
                    np.concatenate([pairs.high, last.high], -1), np.concatenate([pairs.low, last.low], -1)
                )
            total = pairs
        return DoubleDouble(total.high.reshape(shape), total.low.reshape(shape))

    def _columns(self, start: int, stop: int) -> DoubleDouble:
        return DoubleDouble(self.high[..., start:stop], self.low[..., start:stop])


def _lifted(number: DoubleDouble | Floats | float) -> DoubleDouble:
    return number if isinstance(number, DoubleDouble) else DoubleDouble(number)


def _two_sum(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    total = np.asarray(a + b)
    back = total - a
    return total, finite((a - (total - back)) + (b - back))


def _renormalised(high: Floats, low: Floats) -> DoubleDouble:
    return DoubleDouble(*_two_sum(high, low))


def exp(x: DoubleDouble) -> DoubleDouble:
    """eˣ. What is left after multiples of ln 2 goes through the series of eˣ - 1, which keeps relative accuracy."""
    power = np.rint(finite(x.high) / LN2[0])
    power = np.clip(power, -3000, 3000)
    rest = x - power * LN2[0]
    rest = rest - DoubleDouble(*two_product(power, np.broadcast_to(LN2[1], power.shape))) - power * LN2[2]
    rest = DoubleDouble(finite(rest.high), finite(rest.low)).scaled(-HALVINGS)
    series = rest / float(TERMS)
    for n in range(TERMS - 1, 0, -1):
        series = (series + 1.0) * rest / float(n)
    for _ in range(HALVINGS):
        series = series + series + series * series
    grown = (series + 1.0).scaled(power)
    plain = np.exp(x.high)
    usual = np.isfinite(plain) & (plain > 0)
    return grown.where(usual & np.isfinite(grown.high), plain)


def log(x: DoubleDouble) -> DoubleDouble:
    """ln x: the float64 logarithm y of the mantissa, corrected by x·e⁻ʸ - 1."""
    mantissa, exponent = np.frexp(x.high)
    low = mantissa < SQRT_HALF
    exponent = np.where(low, exponent - 1, exponent)
    scaled = DoubleDouble(np.where(low, 2 * mantissa, mantissa), np.ldexp(x.low, -exponent))
    first = np.log(scaled.high)
    usual = np.isfinite(first)
    guess = np.where(usual, first, 0.0)
    error = scaled * exp(DoubleDouble(-guess)) - 1.0
    whole = exponent.astype(np.float64)
    fine = error - error * error * 0.5 + guess
    fine = fine + DoubleDouble(*two_product(whole, np.broadcast_to(LN2[1], whole.shape))) + whole * LN2[2]
    fine = fine + whole * LN2[0]
    return fine.where(usual, np.log(x.high))
