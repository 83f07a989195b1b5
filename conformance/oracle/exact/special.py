"""Second definitions: x·ln y and its relatives, as they are written in scipy.special's documentation."""

from __future__ import annotations

from conformance.oracle.exact.definition import Kind, define
from conformance.oracle.exact.number import Number, exp, log

# The arguments are called probabilities so that the limit at 0 is looked for.
PAIR: dict[str, Kind] = {"x": "probability", "other": "probability"}


def _sloped(value: int, x: Number, slope: Number) -> Number:
    return x.tape.number(x.tape.constant(value).value, (x, slope.value))


def _multiplied(x: Number, y: Number, logarithm: Number) -> Number:
    # 0·ln y is 0 by definition, and its slope by x is ln y.
    if x.value.is_zero() and not y.value.is_nan():
        return _sloped(0, x, logarithm.still())
    return x * logarithm


@define("xlogy", {"x": "real", "other": "probability"}, {"zero_wins": False})
def xlogy(x: Number, other: Number, *, zero_wins: bool) -> Number | int:
    if zero_wins and x.value.is_zero():
        return 0
    return _multiplied(x, other, log(other))


@define("xlog1py", {"x": "real", "other": "real"}, {"zero_wins": False})
def xlog1py(x: Number, other: Number, *, zero_wins: bool) -> Number | int:
    if zero_wins and x.value.is_zero():
        return 0
    return _multiplied(x, other, log(1 + other))


@define("entr", {"x": "probability"})
def entr(x: Number) -> Number | None:
    if x.value < 0:
        return None
    return -(x * log(x))


@define("rel_entr", PAIR)
def rel_entr(x: Number, other: Number) -> Number:
    return x * (log(x) - log(other))


@define("kl_div", PAIR)
def kl_div(x: Number, other: Number) -> Number:
    return x * (log(x) - log(other)) - x + other


@define("logaddexp", {"x": "real", "other": "real"})
def logaddexp(x: Number, other: Number) -> Number:
    return log(exp(x) + exp(other))


@define("logit", {"p": "probability"})
def logit(p: Number) -> Number:
    return log(p) - log(1 - p)
