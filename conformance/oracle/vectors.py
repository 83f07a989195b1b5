"""Angles between vectors and distances of points, with their slopes, in twice the working precision.

    cos(a, b) = ⟨a, b⟩/(‖a‖·‖b‖)     ∂/∂a = (b/‖b‖ - cos·a/‖a‖)/‖a‖
    ‖a - b‖_p = (Σ|aᵢ - bᵢ|^p)^(1/p)     ∂/∂aᵢ = sign(aᵢ - bᵢ)·(|aᵢ - bᵢ|/‖a - b‖)^(p - 1)

Vectors lie on the last axis of arrays (…, n). Of nearly parallel vectors 1 - cos is no difference but
Σ_{i<j}(aᵢbⱼ - aⱼbᵢ)²/(‖a‖²‖b‖²·(1 + cos)), by Lagrange's identity (Steele, "The Cauchy-Schwarz Master Class", 3).
A vector of length 0 has no angle. At a distance of 0 every number in [-1, 1] is a component of some subgradient.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from conformance.oracle.double_double import DoubleDouble
from conformance.oracle.operation import Booleans, Exact, Floats
from conformance.oracle.stable import two_difference, two_product

# Squares and cubes of numbers between these, and products of several, neither overflow nor vanish.
LARGE, SMALL = 2.0**300, 2.0**-300
UP, DOWN = 2.0**600, 2.0**-600
# Sums of numbers up to this stay finite.
SAFE = 2.0**1000


@dataclass(frozen=True)
class Slope:
    """A derivative where [low, high] holds everything that is right; `size` is that of the terms it consists of."""

    value: Floats
    low: Floats
    high: Floats
    size: Floats

    @classmethod
    def of(cls, value: Floats, size: Floats | None = None) -> Slope:
        return cls(value, value, value, np.abs(value) if size is None else size)

    def __neg__(self) -> Slope:
        return Slope(-self.value, -self.high, -self.low, self.size)

    def __add__(self, other: Slope) -> Slope:
        return Slope(self.value + other.value, self.low + other.low, self.high + other.high, self.size + other.size)

    def counted(self, surely: Booleans, perhaps: Booleans) -> Slope:
        """This slope where it counts surely, any part of it where it counts perhaps, else 0."""
        value = np.where(surely, self.value, 0.0)
        low = np.where(perhaps, np.minimum(self.low, 0.0), np.where(surely, self.low, 0.0))
        high = np.where(perhaps, np.maximum(self.high, 0.0), np.where(surely, self.high, 0.0))
        return Slope(value, low, high, np.where(surely | perhaps, self.size, 0.0))

    def exact(self, free: Booleans | None = None) -> Exact:
        kinked = bool((self.low != self.high).any())
        return Exact(
            self.value,
            self.size,
            np.abs(self.value),
            self.low if kinked else None,
            self.high if kinked else None,
            free if free is not None and free.any() else None,
        )


@dataclass(frozen=True)
class Angle:
    """cos(a, b) for each row, shape (…), and its partial derivatives, shape (…, n).

    distance     1 - cos, accurate also where it is small
    scale        Σ|aᵢbᵢ|/(‖a‖·‖b‖): what is added up
    undefined    True where a vector has length 0, or holds an infinity
    poisoned     True where a vector holds nan
    """

    cosine: DoubleDouble
    distance: Floats
    scale: Floats
    first: Slope
    second: Slope
    undefined: Booleans
    poisoned: Booleans

    def settled(self, value: Floats) -> Floats:
        """`value` where there is one, else nan."""
        return np.where(self.undefined | self.poisoned, np.nan, value)

    def free(self) -> Booleans | None:
        return self.undefined if self.undefined.any() else None

    def partial(self, slope: Slope, factor: Floats | float = 1.0) -> Exact:
        """A slope times a factor for each row; nan and free where there is none."""
        gone = (self.undefined | self.poisoned)[..., None]
        exact = slope.exact(np.broadcast_to(self.undefined[..., None], slope.value.shape))
        times = exact.times(np.broadcast_to(np.asarray(factor), self.distance.shape)[..., None])
        return Exact(
            np.where(gone, np.nan, times.value), times.scale, times.condition, times.low, times.high, exact.free
        )


def angle(
    a: Floats,
    b: Floats,
    *,
    floor: float = 0.0,
    shift: float = 0.0,
    straight_through: bool = False,
    unit: bool = False,
) -> Angle:
    """The angle between the rows of a and b, under what an implementation documents.

    floor             each length is at least this, its derivative 0 below
    straight_through  the derivative of the length is as if it had no floor
    shift             added to the square of each length
    unit              the lengths are taken to be 1 without a look

    Raises ValueError where the shapes differ.
    """
    if a.shape != b.shape:
        raise ValueError(f"vectors of the shapes {a.shape} and {b.shape} have no angles")
    poisoned = np.asarray(np.isnan(a).any(axis=-1) | np.isnan(b).any(axis=-1))
    infinite = np.asarray(np.isinf(a).any(axis=-1) | np.isinf(b).any(axis=-1))
    known = np.asarray(~(poisoned | infinite))[..., None]
    plain = not (floor or shift or unit)
    a, a_unit = _scaled(np.where(known, a, 1.0), plain)
    b, b_unit = _scaled(np.where(known, b, 1.0), plain)
    dot, sizes = total(product(a, b)), np.sum(np.abs(a * b), axis=-1)
    length_a = _length(total(product(a, a)), a_unit, floor, shift, straight_through, unit)
    length_b = _length(total(product(b, b)), b_unit, floor, shift, straight_through, unit)
    empty = (length_a.divisor.high == 0) | (length_b.divisor.high == 0)
    over_a, over_b = length_a.divisor.where(~empty, 1.0), length_b.divisor.where(~empty, 1.0)
    both = over_a * over_b
    cosine = dot / both
    scale = sizes / both.high
    apart = np.array((1.0 - cosine).high)
    if plain:
        near = (cosine.high > 0.5) & ~empty
        apart[near] = _near(a[near], b[near], DoubleDouble(cosine.high[near], cosine.low[near]))
    return Angle(
        cosine,
        apart,
        scale,
        _turn(a, b, both, cosine * length_a.bend / over_a, scale * length_a.bend.high / over_a.high, a_unit),
        _turn(b, a, both, cosine * length_b.bend / over_b, scale * length_b.bend.high / over_b.high, b_unit),
        np.asarray((empty | infinite) & ~poisoned),
        poisoned,
    )


def _scaled(vectors: Floats, up: bool) -> tuple[Floats, Floats]:
    """The vectors times a power of two that keeps their squares in range, and that power."""
    largest = np.max(np.abs(vectors), axis=-1, initial=0.0)
    tiny = (largest < SMALL) & (largest > 0) & up
    factor = np.asarray(np.where(largest > LARGE, DOWN, np.where(tiny, UP, 1.0)))
    return np.asarray(vectors * factor[..., None]), factor


@dataclass(frozen=True)
class _Length:
    """What a vector is divided by, and `bend`: its derivative is bend times the vector."""

    divisor: DoubleDouble
    bend: DoubleDouble


def _length(
    square: DoubleDouble, factor: Floats, floor: float, shift: float, straight_through: bool, unit: bool
) -> _Length:
    if unit:
        return _Length(DoubleDouble(factor), DoubleDouble(np.zeros(factor.shape)))
    if shift:
        square = square + shift * factor * factor
    length = root(square, 2)
    there = length.high > 0
    bend = (1.0 / length.where(there, 1.0)).where(there, 0.0)
    if not floor:
        return _Length(length, bend)
    least = DoubleDouble(floor * factor)
    above = length.high >= least.high
    return _Length(length.where(above, least), bend if straight_through else bend.where(above, 0.0))


def _near(a: Floats, b: Floats, cosine: DoubleDouble) -> Floats:
    """1 - cos of rows that point the same way, by Lagrange's identity."""
    i, j = np.triu_indices(a.shape[-1], 1)
    areas = product(a[..., i], b[..., j]) - product(a[..., j], b[..., i])
    squares = total(product(a, a)) * total(product(b, b))
    return (total(areas * areas) / squares / (1.0 + cosine)).high


def _turn(
    own: Floats, other: Floats, both: DoubleDouble, pull: DoubleDouble, pull_size: Floats, factor: Floats
) -> Slope:
    """∂cos by one of the vectors: other/(A·B) - pull·own."""
    value = DoubleDouble(other) / _wide(both) - _wide(pull) * own
    size = np.abs(other) / both.high[..., None] + pull_size[..., None] * np.abs(own)
    return Slope.of(np.asarray(value.high * factor[..., None]), size * factor[..., None])


@dataclass(frozen=True)
class Distance:
    """‖a - b‖_p for each row, shape (…), and its derivative by a, shape (…, n); by b it is the negative.

    value is finite: `infinite` is True where the distance is not, `undefined` where it is ∞ - ∞, `poisoned` where it
    is nan. In all three the slope means nothing.
    """

    value: DoubleDouble
    slope: Slope
    infinite: Booleans
    undefined: Booleans
    poisoned: Booleans


def distance(a: Floats, b: Floats, p: float, *, shift: float = 0.0, power_shift: float = 0.0) -> Distance:
    """The distance under what an implementation documents.

    shift        added to each component of a - b
    power_shift  added to Σ|aᵢ - bᵢ|^p

    Raises ValueError where the shapes differ or p is no positive whole number.
    """
    if a.shape != b.shape:
        raise ValueError(f"points of the shapes {a.shape} and {b.shape} have no distance")
    if p < 1 or p != int(p):
        raise ValueError(f"the degree of the norm is 1, 2, 3, ..., not {p}")
    degree = int(p)
    poisoned = np.asarray(np.isnan(a).any(axis=-1) | np.isnan(b).any(axis=-1))
    undefined = (np.isinf(a) & (a == b)).any(axis=-1)
    known = np.asarray(np.isfinite(a).all(axis=-1) & np.isfinite(b).all(axis=-1))
    a, b = (np.where(known[..., None], x, 0.0) for x in (a, b))
    largest = np.maximum(np.abs(a), np.abs(b)).max(axis=-1, initial=0.0)
    first = np.asarray(np.where(largest > SAFE, 2.0**-40, 1.0))
    gap = DoubleDouble(*two_difference(a * first[..., None], b * first[..., None]))
    if shift:
        gap = gap + (shift * first)[..., None]
    width = np.max(np.abs(gap.high), axis=-1, initial=0.0)
    _, exponent = np.frexp(width)
    far = (width > 2.0**100) | ((width < 2.0**-100) & (width > 0) & (power_shift == 0))
    second = np.asarray(np.where(far, np.ldexp(1.0, -np.clip(exponent, -1020, 1020)), 1.0))
    gap = _times(gap, second[..., None])
    size = gap.where(gap.high >= 0, -gap)
    powers = total(_power(size, degree))
    if power_shift:
        powers = powers + power_shift * (first * second) ** degree
    length = root(powers, degree)
    there = np.asarray(length.high > 0)
    share = size / _wide(length.where(there, 1.0))
    value = np.sign(gap.high) * _power(share, degree - 1).high
    kink = (gap.high == 0) if degree == 1 else np.broadcast_to(~there[..., None], value.shape)
    value = np.where(kink, 0.0, value)
    slope = Slope(value, np.where(kink, -1.0, value), np.where(kink, 1.0, value), np.where(kink, 1.0, np.abs(value)))
    whole = _times(_times(length, 1 / second), 1 / first)
    infinite = np.asarray(~known & ~undefined & ~poisoned)
    return Distance(whole, slope, infinite, np.asarray(undefined & ~poisoned), np.asarray(poisoned))


def product(a: Floats, b: Floats) -> DoubleDouble:
    """a·b, exactly."""
    return DoubleDouble(*two_product(*np.broadcast_arrays(a, b)))


def total(terms: DoubleDouble) -> DoubleDouble:
    """The sum over the last axis, correctly rounded twice: what cancels exactly leaves exactly nothing."""
    shape = terms.high.shape
    rows = np.concatenate([terms.high, terms.low], axis=-1).reshape(math.prod(shape[:-1]), 2 * shape[-1]).tolist()
    highs = [math.fsum(row) for row in rows]
    lows = [math.fsum([*row, -high]) for row, high in zip(rows, highs, strict=True)]
    return DoubleDouble(np.array(highs).reshape(shape[:-1]), np.array(lows).reshape(shape[:-1]))


def root(number: DoubleDouble, degree: int) -> DoubleDouble:
    """The root of a number that is not negative: steps of Newton's method, with the residual in full."""
    positive = number.high > 0
    goal = number.where(positive, 1.0)
    start = np.sqrt(goal.high) if degree == 2 else goal.high ** (1 / degree)
    found = DoubleDouble(start)
    for _ in range(2):
        residual = goal - _power(found, degree)
        found = found + residual.high / (degree * found.high ** (degree - 1))
    return found.where(positive, 0.0)


def _power(base: DoubleDouble, exponent: int) -> DoubleDouble:
    result = DoubleDouble(np.ones(base.high.shape))
    for _ in range(exponent):
        result = result * base
    return result


def _times(number: DoubleDouble, power_of_two: Floats) -> DoubleDouble:
    return DoubleDouble(number.high * power_of_two, number.low * power_of_two)


def _wide(number: DoubleDouble) -> DoubleDouble:
    """With one more axis, of length 1, at the end."""
    return DoubleDouble(number.high[..., None], number.low[..., None])
