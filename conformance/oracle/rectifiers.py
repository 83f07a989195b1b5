"""Activations in pieces: rectifiers, their leaky and exponential relatives, and what is clipped or shrunk.

    relu(x) = max(x, 0)     elu(x) = x or α·(eˣ - 1)     hard_sigmoid(x) = min(max(x + 3, 0), 6)/6

Where two pieces meet at an angle, every slope between the two is right. The slope at nan is left open: a piece is
chosen by a comparison, which nan has no part in; the value at nan is nan.
relu: Nair & Hinton, 2010; leaky relu: Maas, Hannun & Ng, 2013; elu: Clevert, Unterthiner & Hochreiter, 2015; selu:
Klambauer, Unterthiner, Mayr & Hochreiter, 2017; celu: Barron, 2017; hard swish: Howard et al., 2019; sparse plus:
Mensch & Blondel, 2018 (the smoothed maximum of 0 and x under a quadratic regulariser), as jax.nn scales it.
"""

from __future__ import annotations

import numpy as np

from conformance.oracle.activations import X, unary
from conformance.oracle.operation import Exact, Floats, Parameter, Terms, operation
from conformance.oracle.stable import finite, two_product

# α and λ of "Self-normalizing neural networks", equation 14: the fixed point of mean 0 and variance 1.
SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805
NEGATIVE_SLOPE = Parameter(0.01, "the slope where x is negative")
ALPHA = Parameter(1.0, "α > 0: minus the limit at -∞")
THRESHOLD = Parameter(0.5, "λ ≥ 0: what is at most so far from 0 becomes 0")


def pieces(
    x: Floats,
    value: Floats,
    slope: Floats,
    low: Floats | None = None,
    high: Floats | None = None,
    curve: Floats | float = 0.0,
) -> Terms:
    """Terms of a function in pieces: `low` and `high` bound the slope, and differ at a kink.

    curve   the second derivative inside the pieces: how a rounding of x changes the slope
    """
    missing = np.isnan(x)
    value, slope = np.where(missing, np.nan, value), np.where(missing, np.nan, slope)
    return unary(
        x,
        Exact(value, np.abs(finite(value)), slope),
        Exact(
            slope,
            np.abs(finite(slope)),
            np.broadcast_to(curve, x.shape),
            low,
            high,
            missing if missing.any() else None,
        ),
    )


def kinked(x: Floats, at: float, slope: Floats, left: float, right: float) -> tuple[Floats, Floats]:
    """Bounds of the slope: itself, save at `at`, where all slopes from `left` to `right` are right."""
    here = x == at
    return (
        np.asarray(np.where(here, min(left, right), slope)),
        np.asarray(np.where(here, max(left, right), slope)),
    )


def clipped(x: Floats, low: float, high: float) -> Terms:
    """x between two numbers, of which the upper may be inf; the slope is 1 inside, 0 outside."""
    inside = (x > low) & ((x < high) | np.isposinf(high))
    slope = np.where(inside, 1.0, 0.0)
    at = ((x == low) | (x == high)) & ~inside
    return pieces(x, np.minimum(np.maximum(x, low), high), slope, slope, np.where(at, 1.0, slope))


@operation("relu", family="activations", inputs=(X,), grade="A", gradient_grade="A")
def relu(x: Floats) -> Terms:
    """max(x, 0), elementwise. Gradient 0 or 1, and anything between at 0."""
    return clipped(x, 0.0, np.inf)


@operation("relu6", family="activations", inputs=(X,), grade="A", gradient_grade="A")
def relu6(x: Floats) -> Terms:
    """min(max(x, 0), 6), elementwise. Gradient 1 inside, 0 outside."""
    return clipped(x, 0.0, 6.0)


@operation(
    "hard_tanh",
    family="activations",
    inputs=(X,),
    parameters={"low": Parameter(-1.0, "the least value"), "high": Parameter(1.0, "the greatest value")},
    grade="A",
    gradient_grade="A",
)
def hard_tanh(x: Floats, *, low: float, high: float) -> Terms:
    """min(max(x, low), high), elementwise. Gradient 1 inside, 0 outside."""
    return clipped(x, low, high)


@operation(
    "leaky_relu",
    family="activations",
    inputs=(X,),
    parameters={"negative_slope": NEGATIVE_SLOPE},
    grade="A",
    gradient_grade="A",
)
def leaky_relu(x: Floats, *, negative_slope: float) -> Terms:
    """x where it is positive, else x times the negative slope, elementwise.

    The default of 0.01 is the paper's; TensorFlow and Keras 3 default to 0.2, the layer of Keras to 0.3.
    """
    slope = np.where(x > 0, 1.0, negative_slope)
    value = np.where(x > 0, x, np.where(x == 0, x, x * negative_slope))
    return pieces(x, value, slope, *kinked(x, 0.0, slope, negative_slope, 1.0))


def exponential(x: Floats, alpha: float, scale: float = 1.0, divisor: float = 1.0) -> Terms:
    """scale·(x where it is positive, else α·(e^{x/divisor} - 1))."""
    negative = np.where(x > 0, 0.0, x)
    scaled = negative / divisor
    back, error = two_product(scaled, np.broadcast_to(np.float64(divisor), x.shape))
    remainder = finite(((negative - back) - error) / divisor)
    rise = np.exp(scaled) * (1 + remainder)
    value = np.where(x > 0, scale * x, scale * alpha * np.expm1(scaled))
    slope = np.where(x > 0, scale, scale * alpha / divisor * rise)
    curve = np.where(x > 0, 0.0, slope / divisor)
    return pieces(x, value, slope, *kinked(x, 0.0, slope, scale * alpha / divisor, scale), curve)


@operation("elu", family="activations", inputs=(X,), parameters={"alpha": ALPHA}, grade="A", gradient_grade="A")
def elu(x: Floats, *, alpha: float) -> Terms:
    """x where it is positive, else α·(eˣ - 1), elementwise. Gradient 1, or α·eˣ."""
    return exponential(x, alpha)


@operation("selu", family="activations", inputs=(X,), grade="A", gradient_grade="A")
def selu(x: Floats) -> Terms:
    """λ·elu(x) with α = 1.67326… and λ = 1.05070…, elementwise. Gradient λ, or λ·α·eˣ."""
    return exponential(x, SELU_ALPHA, SELU_SCALE)


@operation("celu", family="activations", inputs=(X,), parameters={"alpha": ALPHA}, grade="A", gradient_grade="A")
def celu(x: Floats, *, alpha: float) -> Terms:
    """x where it is positive, else α·(e^{x/α} - 1), elementwise: smooth for every α. Gradient 1, or e^{x/α}.

    Raises ValueError for α = 0.
    """
    if alpha == 0:
        raise ValueError("celu divides by alpha, which is 0")
    return exponential(x, alpha, divisor=alpha)


@operation(
    "hard_sigmoid",
    family="activations",
    inputs=(X,),
    contract={"slope": Parameter(None, "the slope inside, where it is not 1/6: Keras 2 has 0.2")},
    grade="A",
    gradient_grade="A",
)
def hard_sigmoid(x: Floats, *, slope: float | None) -> Terms:
    """min(max(x + 3, 0), 6)/6, elementwise. Gradient 1/6 inside, 0 outside."""
    if slope is None:
        ramp, steep = (x + 3) / 6, 1 / 6
    else:
        p, error = two_product(x, np.broadcast_to(np.float64(slope), x.shape))
        ramp, steep = (p + 0.5) + error, slope
    inside = (ramp > 0) & (ramp < 1)
    partial = np.where(inside, steep, 0.0)
    at = (ramp == 0) | (ramp == 1)
    value = np.minimum(np.maximum(ramp, 0.0), 1.0)
    return pieces(x, value, partial, partial, np.where(at, steep, partial))


@operation("hard_swish", family="activations", inputs=(X,), grade="A", gradient_grade="A")
def hard_swish(x: Floats) -> Terms:
    """x·hard_sigmoid(x), elementwise; also called hard silu. Gradient (2x + 3)/6 inside, 0 or 1 outside."""
    inside = (x > -3) & (x < 3)
    near = np.where(inside, x, 0.0)
    value = np.where(inside, near * (near + 3) / 6, np.where(x > 0, x, 0.0))
    slope = np.where(inside, (2 * near + 3) / 6, np.where(x > 0, 1.0, 0.0))
    low, high = kinked(x, -3.0, slope, -0.5, 0.0)
    below, above = kinked(x, 3.0, slope, 1.0, 1.5)
    low, high = np.minimum(low, below), np.maximum(high, above)
    return pieces(x, value, slope, low, high, np.where(inside, 1 / 3, 0.0))


@operation(
    "hard_shrink",
    family="activations",
    inputs=(X,),
    parameters={"threshold": THRESHOLD},
    grade="A",
    gradient_grade="A",
)
def hard_shrink(x: Floats, *, threshold: float) -> Terms:
    """x where |x| > λ, else 0, elementwise. Gradient 1 or 0.

    It jumps at |x| = λ, where it is 0; the slopes on both sides are 0 and 1, and anything between is accepted.
    """
    kept = np.abs(x) > threshold
    slope = np.where(kept, 1.0, 0.0)
    return pieces(x, np.where(kept, x, 0.0), slope, slope, np.where(np.abs(x) == threshold, 1.0, slope))


@operation(
    "threshold",
    family="activations",
    inputs=(X,),
    parameters={
        "threshold": Parameter(0.5, "θ: what is larger stays as it is"),
        "value": Parameter(0.0, "v: what stands for the rest"),
    },
    grade="A",
    gradient_grade="A",
)
def threshold_of(x: Floats, *, threshold: float, value: float) -> Terms:
    """x where x > θ, else v, elementwise. Gradient 1 or 0; anything between at θ."""
    kept = ~(x <= threshold)
    slope = np.where(kept, 1.0, 0.0)
    return pieces(x, np.where(kept, x, value), slope, slope, np.where(x == threshold, 1.0, slope))


@operation(
    "soft_shrink",
    family="activations",
    inputs=(X,),
    parameters={"threshold": THRESHOLD},
    grade="A",
    gradient_grade="A",
)
def soft_shrink(x: Floats, *, threshold: float) -> Terms:
    """sign(x)·max(|x| - λ, 0), elementwise. Gradient 1 where |x| > λ, else 0."""
    kept = np.abs(x) > threshold
    slope = np.where(kept, 1.0, 0.0)
    value = np.where(kept, np.copysign(np.abs(x) - threshold, x), 0.0)
    return pieces(x, value, slope, slope, np.where(np.abs(x) == threshold, 1.0, slope))


@operation("sparse_plus", family="activations", inputs=(X,), grade="A", gradient_grade="A")
def sparse_plus(x: Floats) -> Terms:
    """0 up to -1, (x + 1)²/4 up to 1, then x, elementwise. Gradient sparse_sigmoid(x): it has no kink."""
    near = np.where((x > -1) & (x < 1), x, 0.0)
    value = np.where(x <= -1, 0.0, np.where(x >= 1, x, (near + 1) ** 2 / 4))
    slope = np.where(x <= -1, 0.0, np.where(x >= 1, 1.0, (near + 1) / 2))
    return pieces(x, value, slope, curve=np.where((x > -1) & (x < 1), 0.5, 0.0))


@operation("sparse_sigmoid", family="activations", inputs=(X,), grade="A", gradient_grade="A")
def sparse_sigmoid(x: Floats) -> Terms:
    """min(max(x + 1, 0), 2)/2, elementwise. Gradient ½ inside, 0 outside."""
    slope = np.where((x > -1) & (x < 1), 0.5, 0.0)
    at = (x == -1) | (x == 1)
    return pieces(x, np.minimum(np.maximum((x + 1) / 2, 0.0), 1.0), slope, slope, np.where(at, 0.5, slope))
