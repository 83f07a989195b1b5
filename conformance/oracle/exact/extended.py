"""Arithmetic on outcomes: balls, exact infinities, nan and what is missing; and their two-float form."""

from __future__ import annotations

import math
from collections.abc import Iterable

from flint import arb

from conformance.oracle.exact.limits import INFINITY, NOTHING, Missing, Outcome
from conformance.oracle.exact.number import NAN, ZERO

MISSING = (Missing.UNDEFINED, Missing.UNDECIDED)


def product(outcome: Outcome, factor: arb) -> Outcome:
    """outcome × factor. Infinity times zero is undefined; nan stays nan, also times zero."""
    if isinstance(outcome, Missing):
        return outcome
    if outcome.is_nan() or factor.is_nan():
        return NAN
    if outcome.is_finite() and factor.is_finite():
        return outcome * factor
    if outcome.is_zero() or factor.is_zero():
        return Missing.UNDEFINED
    return INFINITY if (outcome > 0) == (factor > 0) else -INFINITY


def total(outcomes: Iterable[Outcome]) -> Outcome:
    """The sum. nan wins; infinities of both signs are undefined."""
    outcomes = list(outcomes)
    for missing in MISSING:
        if missing in outcomes:
            return missing
    balls = [outcome for outcome in outcomes if isinstance(outcome, arb)]
    if any(ball.is_nan() for ball in balls):
        return NAN
    rising = any(ball == INFINITY for ball in balls)
    falling = any(ball == -INFINITY for ball in balls)
    if rising and falling:
        return Missing.UNDEFINED
    if rising or falling:
        return INFINITY if rising else -INFINITY
    return sum(balls, ZERO)


def is_tight(outcome: Outcome, bits: int) -> bool:
    """True where there is nothing to gain from more precision."""
    if isinstance(outcome, Missing) or not outcome.is_finite():
        return True
    return outcome.rel_accuracy_bits() >= bits or bool(abs(outcome) < NOTHING)


def pair(outcome: Outcome) -> tuple[float, float]:
    """(high, low): the nearest float and what it leaves, both exact to a rounding; nan where there is no number."""
    if isinstance(outcome, Missing) or outcome.is_nan():
        return math.nan, 0.0
    if not outcome.is_finite():
        return (math.inf if outcome > 0 else -math.inf), 0.0
    mantissa, exponent = (int(part) for part in outcome.mid().man_exp())
    high = nearest(mantissa, exponent)
    if math.isinf(high) or high == 0:
        return high, 0.0
    numerator, denominator = high.as_integer_ratio()
    # mantissa·2^exponent - numerator/denominator, over the common power of two
    shift = max(0, -exponent)
    rest = (mantissa << max(exponent, 0)) * denominator - (numerator << shift)
    return high, nearest(rest, -(shift + denominator.bit_length() - 1))


def nearest(mantissa: int, exponent: int) -> float:
    """The float64 nearest to mantissa·2^exponent, ties to even; infinite beyond the largest."""
    length = mantissa.bit_length()
    top = length + exponent
    if mantissa == 0 or top < -1080:
        return 0.0
    huge = math.inf if mantissa > 0 else -math.inf
    if top > 1024:
        return huge
    # Python divides integers with one correct rounding, subnormal results included.
    try:
        return mantissa / (1 << -exponent) if exponent < 0 else float(mantissa << exponent)
    except OverflowError:
        return huge
