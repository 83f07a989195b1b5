"""Activations and the functions that losses are made of.

    σ(x) = 1/(1 + e⁻ˣ)     softplus(x) = ln(1 + eˣ)     softmax(x)ᵢ = e^{xᵢ}/Σe^{xⱼ}

Infinite arguments have the values of the limits; a limit that does not exist (two +∞ in one row of a softmax) is
free. Goodfellow, Bengio & Courville, "Deep Learning", 3.10 and 4.1; label smoothing: Szegedy et al., 2016, 7.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conformance.oracle.operation import Exact, Floats, Input, Parameter, Terms, elementwise, operation, rowwise
from conformance.oracle.rows import Softmax, smoothed, to_last
from conformance.oracle.stable import finite, others, sigmoid, softplus, two_product

X = Input("x", "real", "any numbers, ±inf included", differentiable=True)
AXIS = Parameter(-1, "the axis of the classes")


@operation("sigmoid", family="primitives", inputs=(X,), grade="A", gradient_grade="B")
def logistic(x: Floats) -> Terms:
    """σ(x) = 1/(1 + e⁻ˣ), elementwise. Gradient σ(x)·σ(-x).

    The gradient's error scale is σ(x), not its own size: every framework computes it from the rounded value.
    """
    value, complement = sigmoid(x), sigmoid(-x)
    slope, size = value * complement, np.abs(finite(x))
    return elementwise(
        Exact(value, value, size * slope),
        {"x": Exact(slope, value, size * slope * np.abs(complement - value))},
    )


@operation("log_sigmoid", family="primitives", inputs=(X,), grade="A", gradient_grade="A")
def log_sigmoid(x: Floats) -> Terms:
    """ln σ(x) = -softplus(-x), elementwise. Gradient σ(-x)."""
    return _softplus(x, np.float64(-1.0))


@operation(
    "softplus",
    family="primitives",
    inputs=(X,),
    parameters={"beta": Parameter(1.0, "β: how sharp the bend is")},
    contract={"threshold": Parameter(None, "x itself is returned where β·x is larger, with gradient 1")},
    grade="A",
    gradient_grade="A",
)
def softplus_of(x: Floats, *, beta: float, threshold: float | None) -> Terms:
    """ln(1 + e^{βx})/β, elementwise. Gradient σ(βx)."""
    terms = _softplus(x, np.float64(beta))
    if threshold is None or terms.pullback is None:
        return terms
    linear = beta * x > threshold
    smooth, slope = terms.value, terms.pullback(np.ones(()))["x"]
    zero = np.zeros(())
    return elementwise(
        Exact(
            np.where(linear, x, smooth.value),
            np.where(linear, np.abs(x), smooth.scale),
            np.where(linear, np.abs(x), smooth.condition),
        ),
        {
            "x": Exact(
                np.where(linear, 1.0, slope.value),
                np.where(linear, 1.0, slope.scale),
                np.where(linear, zero, slope.condition),
            )
        },
    )


def _softplus(x: Floats, beta: np.float64) -> Terms:
    scaled, error = two_product(x, np.broadcast_to(beta, x.shape))
    slope = sigmoid(scaled)
    value = (softplus(scaled) + error * slope) / beta
    bend = np.abs(finite(scaled)) * slope * sigmoid(-scaled)
    return elementwise(
        Exact(value, np.abs(finite(value)), np.abs(finite(x)) * slope),
        {"x": Exact(slope * (1 + error * sigmoid(-scaled)), slope, bend)},
    )


@operation("softmax", family="primitives", inputs=(X,), parameters={"axis": AXIS}, couples=True)
def softmax(x: Floats, *, axis: int) -> Terms:
    """e^{xᵢ}/Σⱼe^{xⱼ} along `axis`. Gradient of ⟨g, s⟩: s·(g - ⟨g, s⟩)."""
    rows = Softmax(to_last(x, axis))
    s, size = rows.value, finite(rows.value)
    free = rows.undefined if rows.undefined.any() else None

    def pullback(cotangent: Floats) -> dict[str, Exact]:
        g = to_last(cotangent, axis)
        # Measured from the cotangent of the largest logit, what that entry contributes vanishes and cannot cancel.
        h = g - np.sum(np.where(rows.top, g, 0.0), axis=-1, keepdims=True)
        inner = h - np.sum(h * size, axis=-1, keepdims=True)
        gradient = s * inner
        rounded = size * np.abs(g) * rows.spread
        scale = rounded + size * (np.sum(rounded, axis=-1, keepdims=True) + rows.spread * np.abs(finite(inner)))
        return {"x": Exact(gradient, scale, scale, free=free).moved(-1, axis)}

    value = Exact(s, size * rows.spread, size * rows.leverage, free=free)
    return Terms(value.moved(-1, axis), pullback, length=rows.classes)


@operation("log_softmax", family="primitives", inputs=(X,), parameters={"axis": AXIS}, couples=True)
def log_softmax(x: Floats, *, axis: int) -> Terms:
    """xᵢ - ln Σⱼe^{xⱼ} along `axis`. Gradient of ⟨g, ln s⟩: g - s·Σg."""
    rows = Softmax(to_last(x, axis))
    free = rows.undefined if rows.undefined.any() else None

    def pullback(cotangent: Floats) -> dict[str, Exact]:
        g = to_last(cotangent, axis)
        gradient = g * rows.complement - rows.value * others(g)
        total = np.sum(np.abs(g), axis=-1, keepdims=True)
        scale = np.abs(g) + finite(rows.value) * rows.spread * total
        return {"x": Exact(gradient, scale, scale, free=free).moved(-1, axis)}

    value = Exact(rows.log, rows.largest[..., None] + np.abs(finite(rows.log)), rows.leverage, free=free)
    return Terms(value.moved(-1, axis), pullback, length=rows.classes)


@operation("logsumexp", family="primitives", inputs=(X,), parameters={"axis": AXIS})
def logsumexp(x: Floats, *, axis: int) -> Terms:
    """ln Σⱼe^{xⱼ} over `axis`; -∞ for no terms. Gradient softmax(x)."""
    rows = Softmax(to_last(x, axis))
    maximum = rows.maximum[..., 0]
    value = np.where(np.isfinite(maximum), maximum + np.log1p(rows.rest[..., 0]), maximum)
    size = np.abs(finite(value))
    slope = finite(rows.value)
    free = rows.undefined if rows.undefined.any() else None
    sums = Exact(value, rows.largest + size, np.sum(rows.size * slope, axis=-1))
    # e^{x - LSE} is how most write the gradient, and LSE is rounded first
    partial = Exact(rows.value, slope * (rows.spread + size[..., None]), slope * rows.leverage, free=free)
    return rowwise(sums, {"x": partial.moved(-1, axis)}, axis, length=rows.classes)


@operation(
    "one_hot",
    family="primitives",
    inputs=(Input("labels", "label", "class indices"),),
    parameters={"classes": Parameter(None, "C, the number of classes; required")},
    output="any",
)
def one_hot(labels: NDArray[np.int64], *, classes: int | None) -> Terms:
    """1 at the label, 0 elsewhere, on a new last axis. A label that is no class has no right row."""
    if classes is None:
        raise ValueError("one_hot needs the number of classes")
    value = np.asarray(labels[..., None] == np.arange(classes), np.float64)
    outside = ((labels < 0) | (labels >= classes))[..., None]
    free = np.broadcast_to(outside, value.shape) if outside.any() else None
    return Terms(Exact(value, value, value, free=free))


@operation(
    "smooth_labels",
    family="primitives",
    inputs=(Input("targets", "target", "a distribution over the last axis", differentiable=True),),
    parameters={"alpha": Parameter(0.0, "α: the probability that is spread over all classes")},
)
def smooth_labels(targets: Floats, *, alpha: float) -> Terms:
    """(1 - α)·t + α/C over the C classes of the last axis. Gradient 1 - α."""
    value = smoothed(targets, alpha)
    size = np.abs((1 - alpha) * finite(targets)) + abs(alpha) / max(1, targets.shape[-1])
    keep = np.full(targets.shape, 1.0 - alpha)
    return elementwise(
        Exact(value, size, size), {"targets": Exact(keep, np.ones(targets.shape), np.zeros(targets.shape))}
    )
