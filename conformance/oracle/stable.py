"""Stable building blocks: nothing here subtracts numbers that a rounding has already spoilt.

Error-free transformations are those of Dekker (1971) and Knuth (TAOCP 2, 4.2.2). All arrays are float64.
"""

from __future__ import annotations

import numpy as np

from conformance.oracle.operation import Booleans, Floats

SPLITTER = 2.0**27 + 1


def sigmoid(x: Floats) -> Floats:
    """σ(x) = 1/(1 + e⁻ˣ). Its complement is sigmoid(-x), never 1 - sigmoid(x)."""
    tail = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0, 1.0, tail) / (1 + tail))


def softplus(x: Floats) -> Floats:
    """ln(1 + eˣ) = -ln σ(-x)."""
    return np.asarray(np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x))))


def product(coefficient: Floats, quantity: Floats) -> Floats:
    """coefficient·quantity with 0·∞ = 0; nan stays nan."""
    return np.asarray(np.where((coefficient == 0) & ~np.isnan(quantity), 0.0, coefficient * quantity))


def finite(array: Floats) -> Floats:
    """`array` with 0 instead of nan and ±inf."""
    return np.asarray(np.where(np.isfinite(array), array, 0.0))


def log(p: Floats, complement: Floats, shift: float = 0.0) -> Floats:
    """ln(p + shift), where complement = 1 - p is known at least as well as p."""
    return np.asarray(np.where(p > 0.5, np.log1p(shift - complement), np.log(p + shift)))


def two_difference(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """(d, e): d is a - b rounded, and d + e is a - b exactly; e is 0 where d is not finite."""
    d = np.asarray(a - b)
    back = d - a
    return d, finite((a - (d - back)) - (b + back))


def two_product(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """(p, e): p is a·b rounded, and p + e is a·b exactly; e is 0 where that is out of range."""
    p = np.asarray(a * b)
    a_high, a_low = _split(a)
    b_high, b_low = _split(b)
    return p, finite(((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low)


def _split(a: Floats) -> tuple[Floats, Floats]:
    scaled = SPLITTER * a
    high = scaled - (scaled - a)
    return high, a - high


def largest_of(rows: Floats) -> Booleans:
    """True at the first largest number of each row (…, C), or at its first nan."""
    if not rows.shape[-1]:
        return np.zeros(rows.shape, bool)
    return np.asarray(np.arange(rows.shape[-1]) == np.argmax(rows, axis=-1)[..., None])


def others(rows: Floats) -> Floats:
    """Σ over the other members of the row (…, C), for every member; the largest is left out, not subtracted."""
    largest = largest_of(np.abs(rows))
    rest = np.sum(np.where(largest, 0.0, rows), axis=-1, keepdims=True)
    top = np.sum(np.where(largest, rows, 0.0), axis=-1, keepdims=True)
    return np.asarray(np.where(largest, rest, top + (rest - rows)))
