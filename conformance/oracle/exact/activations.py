"""Second definitions: smooth activations.

    silu = x·σ(x)    gelu = x·Φ(x)    mish = x·tanh(ln(1 + eˣ))    softsign = x/(1 + |x|)    glu = a·σ(b)

As written, without rearrangement: the precision is raised until nothing is lost.
"""

from __future__ import annotations

from flint import arb

from conformance.oracle.exact.definition import define
from conformance.oracle.exact.number import Number, absolute, erf, exp, log, sqrt, tanh


@define("tanh", {"x": "real"})
def hyperbolic_tangent(x: Number) -> Number:
    return tanh(x)


@define("tanh_shrink", {"x": "real"})
def tanh_shrink(x: Number) -> Number:
    return x - tanh(x)


@define("silu", {"x": "real"})
def silu(x: Number) -> Number:
    return x / (1 + exp(-x))


@define("mish", {"x": "real"})
def mish(x: Number) -> Number:
    return x * tanh(log(1 + exp(x)))


@define("gelu", {"x": "real"})
def gelu(x: Number) -> Number:
    return x * (1 + erf(x / sqrt(x.tape.constant(2)))) / 2


@define("gelu_tanh", {"x": "real"})
def gelu_tanh(x: Number) -> Number:
    """x/2·(1 + tanh(√(2/π)·(x + 44715/10⁶·x³)))."""
    root = sqrt(x.tape.constant(2 / arb.pi()))
    return x * (1 + tanh(root * (x + x * x * x * 44715 / 1_000_000))) / 2


@define("softsign", {"x": "real"})
def softsign(x: Number) -> Number:
    return x / (1 + absolute(x))


@define("squareplus", {"x": "real"}, {"b": 4.0})
def squareplus(x: Number, *, b: Number) -> Number:
    return (x + sqrt(x * x + b)) / 2


@define("glu", {"x": "real"}, {"axis": -1}, rows=True, several=True, outputs=lambda length: length // 2)
def glu(x: list[Number]) -> list[Number]:
    half = len(x) // 2
    return [a / (1 + exp(-b)) for a, b in zip(x[:half], x[half:], strict=True)]
