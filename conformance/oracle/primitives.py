"""Activations and the functions that losses are made of.

    σ(x) = 1/(1 + e⁻ˣ)     softplus(x) = ln(1 + eˣ)     softmax(x)ᵢ = e^{xᵢ}/Σe^{xⱼ}

Infinite arguments have the values of the limits; a limit that does not exist (two +∞ in one row of a softmax) is
free. Goodfellow, Bengio & Courville, "Deep Learning", 3.10 and 4.1; label smoothing: Szegedy et al., 2016, 7.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conformance.oracle.operation import Booleans, Exact, Floats, Input, Parameter, Terms, elementwise, operation
from conformance.oracle.rows import Softmax, smoothed, to_last
from conformance.oracle.stable import finite, others, sigmoid, softplus, two_product

X = Input("x", "real", "any numbers, ±inf included", differentiable=True)
AXIS = Parameter(-1, "the axis of the classes")
AXES = Parameter(-1, "the axis of the classes, or a list of axes that are taken together")
Axes = int | tuple[int, ...]


class Together:
    """Several axes of an array as one, at its end, and back. `length` is the number of entries on them."""

    def __init__(self, shape: tuple[int, ...], axis: Axes) -> None:
        self.axes = (axis,) if isinstance(axis, int) else tuple(axis)
        self.ends = tuple(range(-len(self.axes), 0))
        if any(not -len(shape) <= a < len(shape) for a in self.axes):
            raise ValueError(f"the axis {axis} is none of the shape {shape}")
        self.sizes = tuple(shape[a] for a in self.axes)
        self.length = math.prod(self.sizes)

    def rows(self, array: NDArray[Any]) -> NDArray[Any]:
        """(…, length), contiguous. Raises ValueError where there is no such axis."""
        moved = np.moveaxis(array, self.axes, self.ends)
        lead = moved.shape[: moved.ndim - len(self.axes)]
        return np.ascontiguousarray(moved.reshape(*lead, self.length))

    def back(self, exact: Exact) -> Exact:
        """Every array of (…, length) as it lay before."""

        def move(array: NDArray[Any] | None) -> Any:
            if array is None:
                return None
            return np.moveaxis(array.reshape(*array.shape[:-1], *self.sizes), self.ends, self.axes)

        return Exact(
            move(exact.value), move(exact.scale), move(exact.condition),
            move(exact.low), move(exact.high), move(exact.free),
        )  # fmt: skip


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


@operation("softmax", family="primitives", inputs=(X,), parameters={"axis": AXES}, couples=True)
def softmax(x: Floats, *, axis: Axes) -> Terms:
    """e^{xᵢ}/Σⱼe^{xⱼ} along `axis`, or over several axes at once. Gradient of ⟨g, s⟩: s·(g - ⟨g, s⟩)."""
    layout = Together(x.shape, axis)
    rows = Softmax(layout.rows(x))
    free = rows.undefined if rows.undefined.any() else None

    def pullback(cotangent: Floats) -> dict[str, Exact]:
        return {"x": layout.back(softmax_gradient(rows, layout.rows(cotangent), free))}

    value = Exact(rows.value, finite(rows.value) * rows.spread, finite(rows.value) * rows.leverage, free=free)
    return Terms(layout.back(value), pullback, length=rows.classes)


def softmax_gradient(rows: Softmax, g: Floats, free: Booleans | None) -> Exact:
    """The pullback of the cotangent g, (…, C), through a softmax."""
    s, size = rows.value, finite(rows.value)
    # Measured from the cotangent of the largest logit, what that entry contributes vanishes and cannot cancel.
    h = g - np.sum(np.where(rows.top, g, 0.0), axis=-1, keepdims=True)
    inner = h - np.sum(h * size, axis=-1, keepdims=True)
    rounded = size * np.abs(g) * rows.spread
    scale = rounded + size * (np.sum(rounded, axis=-1, keepdims=True) + rows.spread * np.abs(finite(inner)))
    return Exact(s * inner, scale, scale, free=free)


@operation("log_softmax", family="primitives", inputs=(X,), parameters={"axis": AXES}, couples=True)
def log_softmax(x: Floats, *, axis: Axes) -> Terms:
    """xᵢ - ln Σⱼe^{xⱼ} along `axis`, or over several axes at once. Gradient of ⟨g, ln s⟩: g - s·Σg."""
    layout = Together(x.shape, axis)
    rows = Softmax(layout.rows(x))
    free = rows.undefined if rows.undefined.any() else None

    def pullback(cotangent: Floats) -> dict[str, Exact]:
        return {"x": layout.back(log_softmax_gradient(rows, layout.rows(cotangent), free))}

    value = Exact(rows.log, rows.largest[..., None] + np.abs(finite(rows.log)), rows.leverage, free=free)
    return Terms(layout.back(value), pullback, length=rows.classes)


def log_softmax_gradient(rows: Softmax, g: Floats, free: Booleans | None) -> Exact:
    """The pullback of the cotangent g, (…, C), through the logarithm of a softmax."""
    gradient = g * rows.complement - rows.value * others(g)
    total = np.sum(np.abs(g), axis=-1, keepdims=True)
    scale = np.abs(g) + finite(rows.value) * rows.spread * total
    return Exact(gradient, scale, scale, free=free)


@operation("logsumexp", family="primitives", inputs=(X,), parameters={"axis": AXES})
def logsumexp(x: Floats, *, axis: Axes) -> Terms:
    """ln Σⱼe^{xⱼ} over `axis`, or several axes; -∞ for no terms. Gradient softmax(x).

    Where all terms are -∞, or several are +∞, the softmax has no limit; but on every way there it is a point of the
    simplex, and every such point is a right gradient, as at a kink. So is 0, nan is not.
    """
    layout = Together(x.shape, axis)
    value, slope = logsumexp_rows(Softmax(layout.rows(x)))

    def pullback(cotangent: Floats) -> dict[str, Exact]:
        return {"x": layout.back(slope.times(cotangent[..., None]))}

    return Terms(value, pullback, length=layout.length)


def logsumexp_rows(rows: Softmax) -> tuple[Exact, Exact]:
    """(ln Σeˣ (…,), its gradient (…, C))."""
    maximum = rows.maximum[..., 0]
    value = np.where(np.isfinite(maximum), maximum + np.log1p(rows.rest[..., 0]), maximum)
    size = np.abs(finite(value))
    slope, low, high = rows.value, None, None
    if rows.undefined.any():
        share = 1 / np.maximum(1, np.count_nonzero(rows.undefined, axis=-1, keepdims=True))
        slope = np.where(rows.undefined, share, slope)
        low, high = np.where(rows.undefined, 0.0, slope), np.where(rows.undefined, 1.0, slope)
    sums = Exact(value, rows.largest + size, np.sum(rows.size * finite(slope), axis=-1))
    # e^{x - LSE} is how most write the gradient, and LSE is rounded first
    scale = finite(slope) * (rows.spread + size[..., None])
    return sums, Exact(slope, scale, finite(slope) * rows.leverage, low, high)


MASKED = (X, Input("mask", "label", "1 where an entry counts, 0 where it is as if it were not there", free=True))


def kept_rows(layout: Together, x: Floats, mask: NDArray[np.int64]) -> tuple[Booleans, Softmax, Booleans | None]:
    """(kept (…, C), the softmax of what is kept, where nothing is kept).

    Raises ValueError for a mask of another shape. What is masked counts as -∞, whatever it holds.
    """
    if mask.shape != x.shape:
        raise ValueError(f"the mask has the shape {mask.shape}, the numbers {x.shape}")
    kept = layout.rows(mask) != 0
    rows = Softmax(np.where(kept, layout.rows(x), -np.inf))
    nothing = np.broadcast_to(~kept.any(axis=-1, keepdims=True), kept.shape)
    free = rows.undefined | nothing
    return kept, rows, free if free.any() else None


def _only(exact: Exact, kept: Booleans, free: Booleans | None) -> Exact:
    """0 where an entry is masked; free where the whole row is."""
    return replace(exact.only(kept), free=free)


@operation("masked_softmax", family="primitives", inputs=MASKED, parameters={"axis": AXIS}, couples=True)
def masked_softmax(x: Floats, mask: NDArray[np.int64], *, axis: int) -> Terms:
    """The softmax of the entries that are kept; 0, and a gradient of 0, at the others, whatever they hold.

    Where nothing is kept there is no share to give, so such a row is free.
    """
    layout = Together(x.shape, axis)
    kept, rows, free = kept_rows(layout, x, mask)

    def pullback(cotangent: Floats) -> dict[str, Exact]:
        g = np.where(kept, layout.rows(cotangent), 0.0)
        return {"x": layout.back(softmax_gradient(rows, g, free).only(kept))}

    value = Exact(rows.value, finite(rows.value) * rows.spread, finite(rows.value) * rows.leverage)
    return Terms(layout.back(_only(value, kept, free)), pullback, length=rows.classes)


@operation("masked_log_softmax", family="primitives", inputs=MASKED, parameters={"axis": AXIS}, couples=True)
def masked_log_softmax(x: Floats, mask: NDArray[np.int64], *, axis: int) -> Terms:
    """The logarithm of `masked_softmax`: -∞ where an entry is masked. A row without entries is free."""
    layout = Together(x.shape, axis)
    kept, rows, free = kept_rows(layout, x, mask)

    def pullback(cotangent: Floats) -> dict[str, Exact]:
        g = np.where(kept, layout.rows(cotangent), 0.0)
        return {"x": layout.back(log_softmax_gradient(rows, g, free).only(kept))}

    value = Exact(rows.log, rows.largest[..., None] + np.abs(finite(rows.log)), rows.leverage)
    masked = replace(_only(value, kept, free), value=np.where(kept, rows.log, -np.inf))
    return Terms(layout.back(masked), pullback, length=rows.classes)


@operation("masked_logsumexp", family="primitives", inputs=MASKED, parameters={"axis": AXIS})
def masked_logsumexp(x: Floats, mask: NDArray[np.int64], *, axis: int) -> Terms:
    """ln Σeˣ over the entries that are kept; -∞ where none is. Gradient 0 where an entry is masked."""
    layout = Together(x.shape, axis)
    kept, rows, _ = kept_rows(layout, x, mask)
    value, slope = logsumexp_rows(rows)
    slope = slope.only(kept)

    def pullback(cotangent: Floats) -> dict[str, Exact]:
        return {"x": layout.back(slope.times(cotangent[..., None]))}

    return Terms(value, pullback, length=rows.classes)


@operation("log_cumsum_exp", family="primitives", inputs=(X,), parameters={"axis": AXIS}, couples=True)
def log_cumsum_exp(x: Floats, *, axis: int) -> Terms:
    """ln Σ_{j≤i}e^{xⱼ} along `axis`: the logarithm of the sums so far. Row i of its Jacobian is softmax(x₀ … xᵢ)."""
    rows = to_last(x, axis)
    count = rows.shape[-1]
    # One row of its own for each sum: what comes after it is -∞.
    ahead = np.where(np.arange(count) <= np.arange(count)[:, None], rows[..., None, :], -np.inf)
    values, slopes = logsumexp_rows(Softmax(ahead))

    def pullback(cotangent: Floats) -> dict[str, Exact]:
        g = to_last(cotangent, axis)[..., None]
        terms = slopes.times(g)
        summed = np.sum(terms.scale, axis=-2) + np.sum(finite(np.abs(terms.value)), axis=-2)
        low = None if terms.low is None else np.sum(terms.low, axis=-2)
        high = None if terms.high is None else np.sum(terms.high, axis=-2)
        gradient = Exact(np.sum(terms.value, axis=-2), summed, summed, low, high)
        return {"x": gradient.moved(-1, axis)}

    return Terms(values.moved(-1, axis), pullback, length=count)


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
