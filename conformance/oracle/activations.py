"""Smooth activations: each is a function of one number, save the gated linear unit, which takes two.

    silu(x) = x·σ(x)     gelu(x) = x·Φ(x)     mish(x) = x·tanh(softplus(x))     softsign(x) = x/(1 + |x|)

At ±∞ they have their limits: those that weigh x by something that vanishes faster are -0 at -∞. Where the textbook
form subtracts, what is here does not: σ and Φ come from their own tails, tanh from exponentials of negative numbers.
silu and gelu: Hendrycks & Gimpel, "Gaussian Error Linear Units", 2016; mish: Misra, 2019; softsign: Bergstra,
Desjardins, Lamblin & Bengio, 2009; squareplus: Barron, 2021; gated linear unit: Dauphin, Fan, Auli & Grangier, 2017.
"""

from __future__ import annotations

import math

import numpy as np

from conformance.oracle.operation import Exact, Floats, Input, Parameter, Terms, elementwise, operation
from conformance.oracle.rows import to_last
from conformance.oracle.stable import finite, product, sigmoid, two_product

X = Input("x", "real", "any numbers, ±inf included", differentiable=True)
# Constants as (high, low): their sum is within 2⁻¹⁰⁶ of the real number.
Constant = tuple[float, float]
ROOT_HALF: Constant = (0.7071067811865476, -4.833646656726457e-17)  # √½
INVERSE_ROOT_TAU: Constant = (0.3989422804014327, -2.49232720227773e-17)  # 1/√(2π)
TWICE_ROOT: Constant = (1.5957691216057308, -9.96930880911092e-17)  # 2·√(2/π)
CUBIC: Constant = (0.044715, 2.1960211427085595e-18)  # the coefficient of x³ in the tanh approximation
THRICE_CUBIC: Constant = (0.134145, 1.3526957332032908e-17)
# Below this |x| the series of x - tanh(x) is used, and so many terms of it.
SERIES_UNTIL, SERIES_TERMS = 3.0, 20

_complementary_error_function = np.frompyfunc(math.erfc, 1, 1)


def erfc(x: Floats) -> Floats:
    """1 - erf(x), to full relative accuracy in the tail."""
    return np.asarray(_complementary_error_function(x), np.float64)


def times(x: Floats, low: Floats, constant: Constant) -> tuple[Floats, Floats]:
    """(x + low)·constant as a sum of two, the second small."""
    p, error = two_product(x, np.broadcast_to(constant[0], x.shape))
    return p, finite(error + low * constant[0] + x * constant[1])


def unary(x: Floats, value: Exact, slope: Exact) -> Terms:
    """Terms of a function of x alone; a condition is given as ∂f/∂x and here multiplied by |x|."""
    size = np.abs(finite(x))

    def sized(exact: Exact) -> Exact:
        condition = size * np.abs(finite(exact.condition))
        return Exact(exact.value, exact.scale, condition, exact.low, exact.high, exact.free)

    return elementwise(sized(value), {"x": sized(slope)})


@operation("tanh", family="activations", inputs=(X,), grade="A")
def tanh(x: Floats) -> Terms:
    """tanh x, elementwise. Gradient 1 - tanh²x, which every framework computes so: its error scale is 1."""
    value, slope = np.tanh(x), sech_squared(x)
    return unary(
        x,
        Exact(value, np.abs(finite(value)), slope),
        Exact(slope, np.ones(x.shape), 2 * value * slope),
    )


def sech_squared(x: Floats) -> Floats:
    """1 - tanh²x, without a difference."""
    tail = np.exp(-2 * np.abs(x))
    return np.asarray(4 * tail / (1 + tail) ** 2)


@operation("tanh_shrink", family="activations", inputs=(X,))
def tanh_shrink(x: Floats) -> Terms:
    """x - tanh x, elementwise. Gradient tanh²x.

    Near 0 it is x³/3, and every framework subtracts: the error scale is |x|, that of the gradient 1.
    """
    near = np.where(np.abs(x) < SERIES_UNTIL, x, 0.0)
    # x·cosh x - sinh x = Σ_{k≥1} 2k·x^{2k+1}/(2k+1)!, all of one sign
    square, total = near * near, np.zeros(x.shape)
    for k in range(SERIES_TERMS, 0, -1):
        total = (total * square) + 2 * k / math.factorial(2 * k + 1)
    value = np.where(np.abs(x) < SERIES_UNTIL, near * (square * total) / np.cosh(near), x - np.tanh(x))
    y = np.tanh(x)
    slope = y * y
    return unary(
        x,
        Exact(value, np.abs(finite(x)), slope),
        Exact(slope, np.ones(x.shape), 2 * y * sech_squared(x)),
    )


@operation("silu", family="activations", inputs=(X,), grade="A")
def silu(x: Floats) -> Terms:
    """x·σ(x), elementwise; also called swish. Gradient σ(x)·(1 + x·σ(-x)).

    The gradient's error scale is σ(x)·(1 + |x|): frameworks compute σ(-x) as 1 - σ(x). In the left tail that is still
    relative accuracy.
    """
    up, down = sigmoid(x), sigmoid(-x)
    value = _gated(x, up)
    slope = up * (1 + product(down, x))
    curve = up * down * (2 + x * (down - up))
    return unary(
        x,
        Exact(value, np.abs(finite(value)), slope),
        Exact(np.where(x == -np.inf, 0.0, slope), up * (1 + np.abs(finite(x))), curve),
    )


def _gated(x: Floats, gate: Floats) -> Floats:
    """x·gate, for a gate that vanishes faster than x grows: -0 at -∞."""
    return np.asarray(np.where(x == -np.inf, -0.0, x * gate))


@operation("mish", family="activations", inputs=(X,), grade="A")
def mish(x: Floats) -> Terms:
    """x·tanh(softplus(x)), elementwise. Gradient w + x·w' with w = tanh(softplus(x)).

    w = n/(n + 2) with n = e²ˣ + 2eˣ, and for positive x the same divided by e²ˣ. The gradient's error scale is
    w + |x|·σ(x): w' is σ(x)·(1 - w²), and frameworks subtract. In the left tail that is still relative accuracy.
    """
    tail = np.exp(-np.abs(x))
    positive = x >= 0
    rest = np.where(positive, 2 * tail * tail, 2.0)
    part = np.where(positive, 1 + 2 * tail, tail * (tail + 2))
    weight = part / (part + rest)
    rise = 4 * tail * (1 + tail) * np.where(positive, tail, 1.0) / (part + rest) ** 2
    value = _gated(x, weight)
    # for negative x the same, multiplied out, so that few roundings meet
    fall = 4 + 4 * np.maximum(x, -1e4)  # the tail is 0 long before
    below = tail * (fall + tail * (fall + 2 + tail * (4 + tail))) / (4 + part * (4 + part))
    slope = np.where(positive, weight + product(rise, x), np.where(x == -np.inf, 0.0, below))
    curve = 2 * rise + x * rise * (sigmoid(-x) - 2 * weight * sigmoid(x))
    return unary(
        x,
        Exact(value, np.abs(finite(value)), slope),
        Exact(slope, weight + np.abs(finite(x)) * sigmoid(x), curve),
    )


@operation("gelu", family="activations", inputs=(X,), grade="A", gradient_grade="A")
def gelu(x: Floats) -> Terms:
    """x·Φ(x), Φ the distribution function of the standard normal, elementwise. Gradient Φ(x) + x·φ(x)."""
    area, density = normal(x)
    value = _gated(x, area)
    slope = area + product(density, x)
    return unary(
        x,
        Exact(value, np.abs(finite(value)), slope),
        Exact(slope, np.abs(finite(slope)), density * (2 - x * x)),
    )


def normal(x: Floats) -> tuple[Floats, Floats]:
    """Φ(x) and φ(x) of the standard normal distribution, both to full relative accuracy in the tails."""
    high, low = times(-x, np.zeros(x.shape), ROOT_HALF)
    area = 0.5 * (erfc(high) - finite(2 / math.sqrt(math.pi) * np.exp(-high * high) * low))
    square, error = two_product(x, x)
    density = INVERSE_ROOT_TAU[0] * np.exp(-0.5 * square) * (1 - 0.5 * error)
    return area, np.where(np.isinf(x), 0.0, density)


@operation("gelu_tanh", family="activations", inputs=(X,))
def gelu_tanh(x: Floats) -> Terms:
    """½x·(1 + tanh(√(2/π)·(x + 0.044715x³))), elementwise: the approximation of gelu that many models are trained with.

    It is x·σ(2u) with u the argument of tanh. Gradient σ(2u) + x·σ(2u)·σ(-2u)·2u'. Every framework adds 1 to tanh u
    and subtracts tanh²u from 1: the error scale of the value is |x|, that of the gradient 1 + |x|·u' as long as
    tanh u is not ±1 in float64.
    """
    (twice, low), (growth, rest) = _cubic(x, CUBIC), _cubic(x, THRICE_CUBIC)
    positive = twice >= 0
    first = np.exp(-np.abs(twice))
    more = np.where(positive, -low, low)
    tail = first + more * first
    whole, square = 1 + tail, 1 + tail * (2 + tail)
    value = _gated(x, np.where(positive, 1.0, tail) / whole)
    # σ(2u)·(1 + σ(-2u)·growth), each side over the square of the same sum
    outer = whole + growth
    rising, falling = whole + product(tail, growth), product(first, outer + finite(rest + more * outer))
    slope = np.where(positive, rising, falling) / square
    bend, square = tail / square, x * x
    turn = np.where(positive, tail - 1, 1 - tail) / whole
    steep = TWICE_ROOT[0] * (1 + 3 * CUBIC[0] * square)
    curve = product(bend, 2 * steep + 6 * TWICE_ROOT[0] * CUBIC[0] * square + growth * steep * turn)
    size = np.abs(finite(x))
    lost = np.where(np.abs(twice) < 40, 0.5 * np.abs(growth), 0.0)
    return unary(x, Exact(value, size, slope), Exact(slope, 1 + finite(lost), curve))


def _cubic(x: Floats, coefficient: Constant) -> tuple[Floats, Floats]:
    """2·√(2/π)·x·(1 + coefficient·x²) as a sum of two, the second small."""
    scaled, error = times(*two_product(x, x), coefficient)
    total = 1 + scaled
    error = error + finite((1 - (total - (total - 1))) + (scaled - (total - 1)))
    product_, rest = two_product(x, total)
    return times(product_, rest + finite(x * error), TWICE_ROOT)


@operation("softsign", family="activations", inputs=(X,), grade="A")
def softsign(x: Floats) -> Terms:
    """x/(1 + |x|), elementwise. Gradient 1/(1 + |x|)².

    By the quotient rule it is a difference of two numbers of size 1/(1 + |x|), which is its error scale.
    """
    size = 1 + np.abs(x)
    value = np.where(np.isinf(x), np.sign(x), x / size)
    slope = 1 / size / size
    return unary(
        x,
        Exact(value, np.abs(finite(value)), slope),
        Exact(slope, 1 / size, 2 * slope / size),
    )


@operation(
    "squareplus",
    family="activations",
    inputs=(X,),
    parameters={"b": Parameter(4.0, "how round the bend is; 0 is relu")},
)
def squareplus(x: Floats, *, b: float) -> Terms:
    """(x + √(x² + b))/2, elementwise. Gradient (1 + x/√(x² + b))/2.

    For negative x the two cancel to b/(4|x|), and every framework subtracts: the error scale is the root.
    """
    root = np.hypot(x, math.sqrt(b))
    middle = root / 2 + np.abs(x) / 2
    value = np.where(x < 0, b / middle / 4, middle)
    slope = np.where(x < 0, b / middle / root / 4, np.where(np.isinf(x), 1.0, middle / root))
    slope = np.where(np.isnan(x), np.nan, slope)
    return unary(
        x,
        Exact(value, finite(root), slope),
        Exact(slope, np.ones(x.shape), b / root / root / root / 2),
    )


@operation(
    "glu",
    family="activations",
    inputs=(X,),
    parameters={"axis": Parameter(-1, "the axis that is halved; its length must be even")},
    grade="A",
)
def glu(x: Floats, *, axis: int) -> Terms:
    """a·σ(b), a and b the first and the second half of `axis`. Gradient σ(b) for a, a·σ(b)·σ(-b) for b.

    The gradient's error scale for b is |a|·σ(b), as that of sigmoid. Raises ValueError where the axis has odd length.
    """
    rows = to_last(x, axis)
    if rows.shape[-1] % 2:
        raise ValueError(f"axis {axis} has length {rows.shape[-1]}, which has no halves")
    a, b = np.split(rows, 2, axis=-1)
    up, down = sigmoid(b), sigmoid(-b)
    value, slope = a * up, a * up * down
    size, far = np.abs(finite(a)), np.abs(finite(b))
    condition = size * up + size * far * up * down
    free = np.isinf(a) & (b == -np.inf)

    def pullback(cotangent: Floats) -> dict[str, Exact]:
        g = to_last(cotangent, axis)
        first = Exact(up, up, far * up * down).times(g)
        second = Exact(slope, size * up, size * up * down * (1 + far * np.abs(down - up))).times(g)
        open_ = np.isinf(a) & np.isinf(b)
        joined = Exact(
            np.concatenate([first.value, second.value], axis=-1),
            np.concatenate([first.scale, second.scale], axis=-1),
            np.concatenate([first.condition, second.condition], axis=-1),
            free=np.concatenate([np.zeros(a.shape, bool), open_], axis=-1) if open_.any() else None,
        )
        return {"x": joined.moved(-1, axis)}

    exact = Exact(value, np.abs(finite(value)), condition, free=free if free.any() else None)
    return Terms(exact.moved(-1, axis), pullback)
