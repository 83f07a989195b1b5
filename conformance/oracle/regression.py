"""Regression losses: functions of the difference d = p - y of a prediction and its target.

    squared      d²                          absolute     |d|
    Huber        ½d² up to |d| = δ, then δ·(|d| - ½δ)     smooth L1: Huber with δ = β, over β
    log-cosh     ln cosh d                   percentage   100·|d|/|y|
    logarithmic  (ln(1 + p) - ln(1 + y))²    pairwise     the mean of (dᵢ - dⱼ)² over the pairs of a row

Predictions and targets of one shape, any numbers; both are differentiable, and the gradient by the target is minus
that by the prediction wherever the loss is a function of d alone. Every float type rounds p - y once, so that the
losses are as well conditioned as they are in d: κ is counted in d.
Huber, "Robust estimation of a location parameter", 1964; smooth L1: Girshick, "Fast R-CNN", 2015, equation 3;
log-cosh: Chen et al., "Log hyperbolic cosine loss improves variational auto-encoder", 2019; the pairwise loss: Eigen,
Puhrsch & Fergus, "Depth map prediction from a single image using a multi-scale deep network", 2014, 3.2.
"""

from __future__ import annotations

import math

import numpy as np

from conformance.oracle.operation import (
    Booleans,
    Exact,
    Floats,
    Input,
    Parameter,
    Terms,
    elementwise,
    operation,
    rowwise,
)
from conformance.oracle.rows import to_last
from conformance.oracle.stable import finite, two_difference, two_product

PREDICTIONS = Input("predictions", "real", "any numbers, ±inf included", differentiable=True)
TARGETS = Input("targets", "target", "any numbers of the shape of the predictions", differentiable=True)
INPUTS = (PREDICTIONS, TARGETS)


def difference(predictions: Floats, targets: Floats) -> Floats:
    """p - y. Raises ValueError where the shapes differ."""
    if predictions.shape != targets.shape:
        raise ValueError(f"targets have shape {targets.shape}, predictions {predictions.shape}")
    return np.asarray(predictions - targets)


def of_difference(
    value: Floats,
    slope: Floats,
    condition: Floats,
    scale: Floats | None = None,
    slope_scale: Floats | None = None,
    kink: tuple[Booleans, float] | None = None,
) -> Terms:
    """Terms of a function of d alone: `slope` is its derivative, and minus the one by the target.

    scale, slope_scale   what is rounded on the way; the sizes of value and slope where None
    kink                 where d is 0 and every slope from -s to s is right, and s
    """
    size, steepness = np.abs(finite(value)), np.abs(finite(slope))
    low = high = None
    if kink is not None and kink[0].any():
        low, high = np.where(kink[0], -kink[1], slope), np.where(kink[0], kink[1], slope)
        steepness = np.where(kink[0], kink[1], steepness)
    rounded = steepness if slope_scale is None else slope_scale
    partial = Exact(slope, rounded, steepness, low, high)
    return elementwise(
        Exact(value, size if scale is None else scale, condition),
        {"predictions": partial, "targets": partial.times(np.array(-1.0))},
    )


@operation(
    "squared_error",
    family="regression",
    inputs=INPUTS,
    reduces=True,
    grade="A",
    gradient_grade="A",
    broadcasts=("targets",),
)
def squared_error(predictions: Floats, targets: Floats) -> Terms:
    """(p - y)², elementwise. Gradient 2·(p - y)."""
    d = difference(predictions, targets)
    value = d * d
    return of_difference(value, 2 * d, 2 * finite(value))


@operation(
    "half_squared_error",
    family="regression",
    inputs=INPUTS,
    reduces=True,
    grade="A",
    gradient_grade="A",
    broadcasts=("targets",),
)
def half_squared_error(predictions: Floats, targets: Floats) -> Terms:
    """½·(p - y)², elementwise. Gradient p - y."""
    d = difference(predictions, targets)
    value = 0.5 * d * d
    return of_difference(value, d, 2 * finite(value))


@operation(
    "absolute_error",
    family="regression",
    inputs=INPUTS,
    reduces=True,
    grade="A",
    gradient_grade="A",
    broadcasts=("targets",),
)
def absolute_error(predictions: Floats, targets: Floats) -> Terms:
    """|p - y|, elementwise. Gradient the sign of p - y; anything in [-1, 1] where that is 0."""
    d = difference(predictions, targets)
    value = np.abs(d)
    return of_difference(value, np.sign(d), finite(value), kink=(d == 0, 1.0))


@operation(
    "absolute_percentage_error",
    family="regression",
    inputs=INPUTS,
    broadcasts=("targets",),
    contract={"smallest_target": Parameter(0.0, "|y| is at least this where it divides")},
    reduces=True,
    grade="A",
)
def absolute_percentage_error(predictions: Floats, targets: Floats, *, smallest_target: float) -> Terms:
    """100·|p - y|/|y|, elementwise; +∞ for a target of 0, without a value where the prediction is 0 too.

    Gradient 100·sign(p - y)/|y| by p, and -100·sign(p - y)·p·sign(y)/y² by y; intervals where p = y.
    """
    d = difference(predictions, targets)
    size = np.abs(targets)
    held = size < smallest_target
    divisor = np.where(held, smallest_target, size)
    apart, side = np.abs(d), np.sign(d)
    # An infinite target outgrows every finite prediction: the limit of |p - y|/|y| is 1.
    ratio = np.where(np.isinf(targets) & np.isfinite(predictions), 1.0, apart / divisor)
    value = 100 * ratio
    nothing = (apart == 0) & (divisor == 0)
    by_prediction = np.where(apart == 0, 0.0, side * (100 / divisor))
    # |p/y - 1| by y; its two terms ±1/|y| and |p - y|/y² are what a call adds up
    by_target = np.where(held, -by_prediction, -side * np.sign(targets) * (100 * (predictions / divisor) / divisor))
    by_target = np.where(apart == 0, 0.0, by_target)
    terms = 100 / divisor + np.where(held, 0.0, value / divisor)
    kink = (apart == 0) & ~nothing
    bend = np.where(kink, 100 / np.where(kink, divisor, 1.0), 0.0)
    # By a target of 0 the loss falls from +∞ to either side: there is no slope, and none is wrong.
    steep = (divisor == 0) & ~nothing & ~np.isnan(value)
    low, high = np.where(kink, -bend, by_prediction), np.where(kink, bend, by_prediction)
    loose = np.where(steep, np.inf, bend)
    free = nothing if nothing.any() else None
    slope = np.where(steep, 0.0, by_target)
    bounded = kink | steep
    return elementwise(
        Exact(np.where(nothing, np.nan, value), finite(value), finite(value), free=free),
        {
            "predictions": Exact(
                np.where(nothing, np.nan, by_prediction),
                finite(100 / divisor),
                finite(100 / divisor),
                low if kink.any() else None,
                high if kink.any() else None,
                free,
            ),
            "targets": Exact(
                np.where(nothing, np.nan, slope),
                finite(terms),
                finite(terms),
                np.where(bounded, -loose, slope) if bounded.any() else None,
                np.where(bounded, loose, slope) if bounded.any() else None,
                free,
            ),
        },
    )


@operation(
    "squared_logarithmic_error",
    family="regression",
    inputs=(
        Input("predictions", "real", "numbers above -1", differentiable=True),
        Input("targets", "target", "numbers above -1, of the shape of the predictions", differentiable=True),
    ),
    broadcasts=("targets",),
    contract={"floor": Parameter(None, "predictions and targets are at least this; gradient 0 below")},
    reduces=True,
)
def squared_logarithmic_error(predictions: Floats, targets: Floats, *, floor: float | None) -> Terms:
    """(ln(1 + p) - ln(1 + y))², elementwise; no value below -1. Gradient 2·(ln(1 + p) - ln(1 + y))/(1 + p) by p."""
    difference(predictions, targets)
    below = [np.zeros(predictions.shape, bool)] * 2
    if floor is not None:
        below = [predictions < floor, targets < floor]
        predictions, targets = np.maximum(predictions, floor), np.maximum(targets, floor)
    gap = log_ratio(predictions, targets)
    size = np.abs(finite(gap))
    logarithms = 1 + np.abs(finite(np.log1p(predictions))) + np.abs(finite(np.log1p(targets)))
    value = gap * gap
    partials = {}
    for name, at, sign, passed_over in (
        ("predictions", predictions, 2.0, below[0]),
        ("targets", targets, -2.0, below[1]),
    ):
        slope = np.where(np.isposinf(at), 0.0 * np.isfinite(value), sign * gap / (1 + at))
        steepness = finite(np.abs(2 / (1 + at)))
        partial = Exact(slope, steepness * logarithms, steepness * (size + 1))
        partials[name] = partial.only(~passed_over) if passed_over.any() else partial
    return elementwise(Exact(value, 2 * size * logarithms, 2 * size * logarithms), partials)


def log_ratio(p: Floats, y: Floats) -> Floats:
    """ln(1 + p) - ln(1 + y), to a rounding or two wherever it lies.

    Where the two are near each other this is log1p of (p - y)/(1 + y), else the logarithm of (1 + p)/(1 + y): both
    quotients are taken with their rounding errors, which a logarithm near 0 or 1 would magnify.
    """
    gap, gap_error = two_difference(p, y)
    above, above_error = two_difference(p, np.full(p.shape, -1.0))
    below, below_error = two_difference(y, np.full(y.shape, -1.0))
    relative = gap / below
    relative_error = _left(gap, gap_error, below, below_error, relative)
    ratio = above / below
    ratio_error = _left(above, above_error, below, below_error, ratio)
    near = np.abs(relative) < 0.5
    close = np.log1p(relative) + relative_error / (1 + relative)
    apart = np.log(ratio) + finite(ratio_error / ratio)
    infinite = np.isinf(p) & np.isinf(y)
    return np.asarray(np.where(infinite, np.nan, np.where(near, close, apart)))


def _left(a: Floats, a_error: Floats, b: Floats, b_error: Floats, quotient: Floats) -> Floats:
    """What `quotient` lacks of (a + a_error)/(b + b_error)."""
    product, error = two_product(quotient, b)
    return finite((((a - product) - error) + a_error - quotient * b_error) / b)


@operation(
    "huber",
    family="regression",
    inputs=INPUTS,
    broadcasts=("targets",),
    parameters={"delta": Parameter(1.0, "δ: where the square turns into a line")},
    reduces=True,
    grade="A",
    gradient_grade="A",
)
def huber(predictions: Floats, targets: Floats, *, delta: float) -> Terms:
    """½·d² where |d| ≤ δ, else δ·(|d| - ½δ), elementwise. Gradient d, at most δ in size."""
    if not delta > 0:
        raise ValueError(f"delta must be above 0: {delta}")
    d = difference(predictions, targets)
    size = np.abs(d)
    value = np.where(size <= delta, 0.5 * d * d, delta * (size - 0.5 * delta))
    slope = np.clip(d, -delta, delta)
    return of_difference(value, slope, finite(size * np.abs(slope)))


@operation(
    "smooth_l1",
    family="regression",
    inputs=INPUTS,
    broadcasts=("targets",),
    parameters={"beta": Parameter(1.0, "β: where the square turns into a line of slope 1; 0 for |d|")},
    reduces=True,
    grade="A",
    gradient_grade="A",
)
def smooth_l1(predictions: Floats, targets: Floats, *, beta: float) -> Terms:
    """½·d²/β where |d| < β, else |d| - ½β, elementwise. Gradient d/β, at most 1 in size; |d| where β is 0."""
    if not beta >= 0:
        raise ValueError(f"beta must be at least 0: {beta}")
    if beta == 0:
        return absolute_error(predictions, targets)
    d = difference(predictions, targets)
    size = np.abs(d)
    value = np.where(size < beta, 0.5 * d * d / beta, size - 0.5 * beta)
    slope = np.clip(d / beta, -1, 1)
    return of_difference(value, slope, finite(size * np.abs(slope)))


def _cosh_less_one(d: Floats) -> Floats:
    """cosh d - 1 for |d| up to 1 by its series, to a rounding or two: the square of a sinh doubles the sinh's error."""
    square = d**2
    series = np.ones_like(d)
    for n in range(16, 2, -2):
        series = 1 + square / (n * (n - 1)) * series
    return square / 2 * series


@operation("log_cosh", family="regression", inputs=INPUTS, reduces=True, broadcasts=("targets",))
def log_cosh(predictions: Floats, targets: Floats) -> Terms:
    """ln cosh(p - y), elementwise: ½d² for small d, |d| - ln 2 for large. Gradient tanh(p - y).

    The error scale is |d| + ln 2, and that of the gradient 1: frameworks subtract ln 2 from ln(eᵈ + e⁻ᵈ).
    """
    d = difference(predictions, targets)
    size = np.abs(d)
    value = np.where(
        size < 1,
        np.log1p(_cosh_less_one(np.where(size < 1, d, 0.0))),
        size + np.log1p(np.exp(-2 * size)) - math.log(2),
    )
    slope = np.tanh(d)
    return of_difference(
        value,
        slope,
        finite(size * np.abs(slope)),
        scale=finite(size) + math.log(2),
        slope_scale=np.ones(d.shape),
    )


@operation(
    "mean_pairwise_squared_error",
    single=True,
    family="regression",
    inputs=INPUTS,
    parameters={"axis": Parameter(-1, "the axis of the entries that are paired")},
    reduces=True,
)
def mean_pairwise_squared_error(predictions: Floats, targets: Floats, *, axis: int) -> Terms:
    """The mean of (dᵢ - dⱼ)² over the pairs i < j of a row, d = p - y. Gradient 4·(dᵢ - mean d)/(n - 1) by pᵢ.

    A row of one entry has no pairs and no value. The error scale is that of deviations from the mean: what is common
    to all differences costs its rounding, once for each deviation.
    """
    difference(predictions, targets)
    d, error = two_difference(to_last(predictions, axis), to_last(targets, axis))
    n = d.shape[-1]
    gaps, gap_errors = two_difference(d[..., :, None], d[..., None, :])
    gaps = gaps + (gap_errors + (error[..., :, None] - error[..., None, :]))
    pairs = 0.5 * n * (n - 1)
    squares = gaps * gaps
    over = 1 / pairs if n > 1 else np.nan
    # each pair stands twice among the gaps
    value = 0.5 * _sums(squares.reshape(*d.shape[:-1], n * n)) * over
    slope = 2 * _sums(gaps) * over
    spread = finite(np.abs(slope)) * (n - 1) / 4
    largest = np.max(np.abs(finite(d)), axis=-1, keepdims=True, initial=0.0)
    rounded = np.abs(finite(d)) + largest
    free = np.ones(value.shape, bool) if n < 2 else None
    scale = np.sum(spread * (spread + 2 * rounded), axis=-1) * over * n
    partial = Exact(
        slope,
        (spread + rounded) * 4 * over * n / 2,
        (spread + rounded) * 4 * over * n / 2,
        free=np.ones(slope.shape, bool) if n < 2 else None,
    ).moved(-1, axis)
    return rowwise(
        Exact(value, finite(scale), finite(scale), free=free),
        {"predictions": partial, "targets": partial.times(np.array(-1.0))},
        axis,
        length=max(1, n),
    )


def _sums(rows: Floats) -> Floats:
    """The correctly rounded sum of each row (…, n); by IEEE 754 where one holds nan or infinities."""
    plain = np.sum(rows, axis=-1)
    flat = rows.reshape(-1, rows.shape[-1]) if rows.size else np.zeros((plain.size, 0))
    sums = [math.fsum(row) if np.isfinite(row).all() else float(np.sum(row)) for row in flat.tolist()]
    return np.asarray(sums, np.float64).reshape(plain.shape)
