"""Elementwise special functions that losses are written in: x·ln y and its relatives, entropies, log-odds.

    xlogy(x, y) = x·ln y     entr(x) = -x·ln x     rel_entr(x, y) = x·ln(x/y)     kl_div(x, y) = x·ln(x/y) - x + y

with 0·ln y = 0, also at y = 0. Names and conventions are those of scipy.special. Cover & Thomas, "Elements of
Information Theory", 2.1 and 2.3.
"""

from __future__ import annotations

import numpy as np

from conformance.oracle.operation import Exact, Floats, Input, Parameter, Terms, elementwise, operation
from conformance.oracle.stable import finite, log, product, sigmoid, two_difference

COEFFICIENT = Input("x", "real", "the factor; where it is 0 the product is 0", differentiable=True)
NOT_NEGATIVE = Input("x", "real", "at least 0", differentiable=True)
# Terms of the series of artanh: enough for its argument up to 0.6.
TERMS = 40


def _size(values: Floats) -> Floats:
    return np.abs(finite(values))


ZERO_WINS = {"zero_wins": Parameter(False, "0 times nan is 0, and the slope by x is 0 where x is 0")}


@operation(
    "xlogy",
    family="primitives",
    inputs=(COEFFICIENT, Input("other", "real", "at least 0, shape of x", differentiable=True)),
    broadcasts=("other",),
    contract=ZERO_WINS,
    grade="A",
    gradient_grade="A",
)
def xlogy(x: Floats, other: Floats, *, zero_wins: bool) -> Terms:
    """x·ln y, elementwise, with 0·ln y = 0 for every y but nan. Gradient (ln y, x/y), 0 by y where x is 0."""
    return _multiplied(x, other, np.log(other), other, zero_wins)


@operation(
    "xlog1py",
    family="primitives",
    inputs=(COEFFICIENT, Input("other", "real", "at least -1, shape of x", differentiable=True)),
    broadcasts=("other",),
    contract=ZERO_WINS,
    grade="A",
    gradient_grade="A",
)
def xlog1py(x: Floats, other: Floats, *, zero_wins: bool) -> Terms:
    """x·ln(1 + y), elementwise, with 0·ln(1 + y) = 0 for every y but nan. Gradient (ln(1 + y), x/(1 + y))."""
    return _multiplied(x, other, np.log1p(other), 1 + other, zero_wins)


def _multiplied(x: Floats, y: Floats, logarithm: Floats, argument: Floats, zero_wins: bool) -> Terms:
    value = product(x, np.where((x == 0) & ~np.isnan(y), 0.0, logarithm))
    by_x = logarithm
    by_y = np.where((x == 0) & ~np.isnan(y), 0.0, x / argument)
    if zero_wins:
        value, by_x, by_y = (np.where(x == 0, 0.0, part) for part in (value, by_x, by_y))
    pull_x, pull_y = _size(x * logarithm), _size(y * by_y)
    return elementwise(
        Exact(value, _size(value), pull_x + pull_y),
        {
            "x": Exact(by_x, _size(by_x), _size(y / argument)),
            "other": Exact(by_y, _size(by_y), _size(by_y) * (1 + _size(y / argument))),
        },
    )


@operation("entr", family="primitives", inputs=(NOT_NEGATIVE,), grade="A")
def entr(x: Floats) -> Terms:
    """-x·ln x, elementwise; 0 at 0. Gradient -ln x - 1. Below 0 it is not defined, and free."""
    logarithm = np.log(x)
    value = 0.0 - product(x, logarithm)
    slope = -logarithm - 1
    free = x < 0 if (x < 0).any() else None
    return elementwise(
        Exact(value, _size(value), _size(value) + _size(x), free=free),
        {"x": Exact(slope, 1 + _size(logarithm), np.ones(x.shape), free=free)},
    )


def _ratio(x: Floats, y: Floats) -> Floats:
    """ln(x/y) for x, y > 0."""
    quotient = x / y
    near = (quotient > 0.5) & (quotient < 2)
    ordinary = (quotient > 1e-290) & (quotient < 1e290)
    apart = np.where(ordinary, np.log(quotient), np.log(x) - np.log(y))
    return np.asarray(np.where(near, np.log1p((x - y) / y), apart))


@operation(
    "rel_entr",
    single=True,
    family="primitives",
    inputs=(NOT_NEGATIVE, Input("other", "real", "at least 0, shape of x", differentiable=True)),
    broadcasts=("other",),
)
def rel_entr(x: Floats, other: Floats) -> Terms:
    """x·ln(x/y), elementwise; 0 where x is 0, ∞ where y alone is. Gradient (ln(x/y) + 1, -x/y)."""
    y = other
    logarithm = _ratio(x, y)
    value = np.where((x == 0) & (y >= 0), 0.0, x * logarithm)
    parts = _size(x) * (_size(np.log(x)) + _size(np.log(y)))
    by_y = np.where((x == 0) & (y >= 0), 0.0, -x / y)
    spread = 1 + _size(np.log(x)) + _size(np.log(y))
    return elementwise(
        Exact(value, _size(value) + parts, _size(x * (logarithm + 1)) + _size(x)),
        {
            "x": Exact(logarithm + 1, spread, np.full(x.shape, 2.0)),
            "other": Exact(by_y, _size(by_y), 2 * _size(by_y)),
        },
    )


@operation(
    "kl_div",
    single=True,
    family="primitives",
    inputs=(NOT_NEGATIVE, Input("other", "real", "at least 0, shape of x", differentiable=True)),
    broadcasts=("other",),
)
def kl_div(x: Floats, other: Floats) -> Terms:
    """x·ln(x/y) - x + y, elementwise: `rel_entr` made at least 0. Gradient (ln(x/y), 1 - x/y).

    With d = (y - x)/x it is x·(d - ln(1 + d)), and with s = d/(2 + d) that bracket is d·s - 2(s³/3 + s⁵/5 + …),
    which does not cancel where x and y are close.
    """
    y = other
    logarithm = _ratio(x, y)
    plain = x * logarithm + (y - x)
    d = (y - x) / x
    s = (y - x) / (y + x)
    series = np.zeros(np.shape(s))
    for n in range(TERMS, 0, -1):
        series = (series + 1 / (2 * n + 1)) * s * s
    near = (d > -0.75) & (d < 3)
    value = np.where(near, (y - x) * s - 2 * x * s * series, plain)
    value = np.where((x == 0) & (y >= 0), y, value)
    parts = _size(x) * (_size(np.log(x)) + _size(np.log(y))) + _size(x) + _size(y)
    by_y = np.where((x == 0) & (y >= 0), 1.0, (y - x) / y)
    return elementwise(
        Exact(value, parts, _size(x * logarithm) + _size(y - x)),
        {
            "x": Exact(logarithm, _size(np.log(x)) + _size(np.log(y)), np.full(x.shape, 2.0)),
            "other": Exact(by_y, 1 + _size(x / y), 2 * _size(x / y)),
        },
    )


@operation(
    "logaddexp",
    family="primitives",
    inputs=(
        Input("x", "real", "any numbers, ±inf included", differentiable=True),
        Input("other", "real", "shape of x", differentiable=True),
    ),
    broadcasts=("other",),
)
def logaddexp(x: Floats, other: Floats) -> Terms:
    """ln(eˣ + eʸ), elementwise. Gradient (σ(x - y), σ(y - x)).

    Where both are the same infinity the slopes have no limit but lie between 0 and 1, and all of that is right.
    """
    y = other
    largest = np.maximum(x, y)
    same = (x == y) & np.isinf(x)
    gap, error = two_difference(x, y)
    gap, error = np.where(same, 0.0, gap), np.where(same, 0.0, error)
    value = np.where(np.isinf(largest), largest, largest + np.log1p(np.exp(-np.abs(gap))))
    left, right = sigmoid(gap), sigmoid(-gap)
    bend = error * left * right
    left, right = left + bend, right - bend
    size = np.maximum(_size(x), _size(y))

    def slope(part: Floats) -> Exact:
        scale = finite(part) * (1 + _size(gap))
        low, high = (np.where(same, 0.0, part), np.where(same, 1.0, part)) if same.any() else (None, None)
        return Exact(part, scale, finite(part) * _size(x) + finite(part) * _size(y), low, high)

    condition = _size(x) * finite(left) + _size(y) * finite(right)
    return elementwise(Exact(value, size + _size(value), condition), {"x": slope(left), "other": slope(right)})


@operation(
    "logit",
    family="primitives",
    inputs=(Input("p", "probability", "in [0, 1]", differentiable=True),),
    grade="A",
    gradient_grade="A",
)
def logit(p: Floats) -> Terms:
    """ln(p/(1 - p)), elementwise; -∞ at 0 and ∞ at 1, nan outside. Gradient 1/(p(1 - p))."""
    complement = 1 - p
    lower, upper = (1 - 2 * p) / p, (2 * p - 1) / complement
    middle = np.where(p < 0.5, -np.log1p(lower), np.log1p(upper))
    value = np.where(np.abs(p - 0.5) <= 0.25, middle, log(p, complement) - log(complement, p))
    slope = 1 / complement / p
    return elementwise(
        Exact(value, 1 + _size(value), _size(1 / complement)),
        {"p": Exact(slope, _size(slope), _size(slope) * (1 + _size(p / complement)))},
    )
