"""Second definitions: activations in pieces.

    relu = max(x, 0)    soft_shrink = x - clip(x, -λ, λ)    sparse_plus = max over p in [0, 1] of p·x + p·(1 - p)

Where two pieces meet, the formula is taken on the one side and then on the other, see `Tape.inside`.
"""

from __future__ import annotations

from flint import arb

from conformance.oracle.exact.definition import define
from conformance.oracle.exact.number import Number, absolute, clipped, exceeds, exp, maximum, with_slope


def is_over(x: Number, bound: Number) -> bool:
    """x > bound; on the bound it is a kink, and both are tried."""
    if x.value == bound.value:
        x.tape.kinked = True
        return x.tape.inside
    return exceeds(x, bound)


def between(x: Number, low: float, high: float) -> Number:
    """x between two constants."""
    return clipped(x, (x.tape.constant(low), x.tape.constant(high)))


@define("relu", {"x": "real"})
def relu(x: Number) -> Number:
    return maximum(x, x.tape.constant(0))


@define("relu6", {"x": "real"})
def relu6(x: Number) -> Number:
    return between(x, 0, 6)


@define("hard_tanh", {"x": "real"}, {"low": -1.0, "high": 1.0})
def hard_tanh(x: Number, *, low: Number, high: Number) -> Number:
    return clipped(x, (low, high))


@define("leaky_relu", {"x": "real"}, {"negative_slope": 0.01})
def leaky_relu(x: Number, *, negative_slope: Number) -> Number:
    return x if is_over(x, x.tape.constant(0)) else negative_slope * x


def bent(x: Number, alpha: Number) -> Number:
    """x, or α·(eˣ - 1)."""
    return x if is_over(x, x.tape.constant(0)) else alpha * (exp(x) - 1)


@define("elu", {"x": "real"}, {"alpha": 1.0})
def elu(x: Number, *, alpha: Number) -> Number:
    return bent(x, alpha)


@define("celu", {"x": "real"}, {"alpha": 1.0})
def celu(x: Number, *, alpha: Number) -> Number:
    return x if is_over(x, x.tape.constant(0)) else alpha * (exp(x / alpha) - 1)


@define("selu", {"x": "real"})
def selu(x: Number) -> Number:
    """λ·elu(x), with λ and α in closed form: equation 14 of the paper."""
    root, pi = arb(1).exp().sqrt(), arb.pi()
    one, two = (arb(1) / 2).sqrt().erfc(), arb(2).sqrt().erfc()
    alpha = -(2 / pi).sqrt() / (one * root - 1)
    variance = 2 * two * root**4 + pi * one**2 * root**2 - 2 * (2 + pi) * one * root + pi + 2
    scale = (1 - one * root) * (2 * pi).sqrt() / variance.sqrt()
    constant = x.tape.constant
    return constant(scale) * bent(x, constant(alpha))


@define("hard_sigmoid", {"x": "real"}, {"slope": None})
def hard_sigmoid(x: Number, *, slope: Number | None) -> Number:
    return between((x + 3) / 6 if slope is None else slope * x + x.tape.constant(0.5), 0, 1)


@define("hard_swish", {"x": "real"})
def hard_swish(x: Number) -> Number:
    return x * between(x + 3, 0, 6) / 6


@define("hard_shrink", {"x": "real"}, {"threshold": 0.5})
def hard_shrink(x: Number, *, threshold: Number) -> Number:
    """At the jump it is 0, between a piece with slope 0 and one with slope 1."""
    size = absolute(x)
    if size.value == threshold.value:
        return with_slope(x * 0, x, x.tape.constant(int(is_over(size, threshold))))
    return x if exceeds(size, threshold) else x * 0


@define("threshold", {"x": "real"}, {"threshold": 0.5, "value": 0.0})
def threshold_of(x: Number, *, threshold: Number, value: Number) -> Number:
    """At the jump it is v, between a piece with slope 0 and one with slope 1."""
    if x.value == threshold.value:
        return with_slope(value, x, x.tape.constant(int(is_over(x, threshold))))
    return x if exceeds(x, threshold) or x.value.is_nan() else with_slope(value, x, x.tape.constant(0))


@define("soft_shrink", {"x": "real"}, {"threshold": 0.5})
def soft_shrink(x: Number, *, threshold: Number) -> Number:
    return x - clipped(x, (-threshold, threshold))


@define("sparse_sigmoid", {"x": "real"})
def sparse_sigmoid(x: Number) -> Number:
    return between((x + 1) / 2, 0, 1)


@define("sparse_plus", {"x": "real"})
def sparse_plus(x: Number) -> Number:
    """The maximum of 0 and x, smoothed by p·(1 - p): p = clip((x + 1)/2) attains it."""
    p = between((x + 1) / 2, 0, 1)
    return p * x + p * (1 - p)
