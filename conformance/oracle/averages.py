"""Running means and sums, and the share of variance that is explained.

    mean Σwᵢvᵢ/Σwᵢ     sum Σwᵢvᵢ     R² = 1 - Σwᵢ(yᵢ - pᵢ)²/Σwᵢ(yᵢ - ȳ)²

Values have any shape; predictions and targets have the shape (N,) or (N, D), samples first. A total weight of 0 and
targets that are all equal have no value. R²: Draper & Smith, "Applied Regression Analysis", 1998, 1.3.
"""

from __future__ import annotations

import math

import numpy as np

from conformance.oracle.operation import Exact, Floats, Input, Parameter, Terms, operation
from conformance.oracle.reduction import sum_exactly
from conformance.oracle.stable import two_product

VALUES = Input("values", "real", "numbers of any shape")
WEIGHTS = Input("weights", "weight", "what each number counts; broadcasts against the values", optional=True)


@operation("running_mean", family="metrics", inputs=(VALUES, WEIGHTS), output="float")
def running_mean(values: Floats, weights: Floats | None = None) -> Terms:
    """Σwᵢvᵢ/Σwᵢ, whatever the sign of the total weight."""
    spread = np.ones(values.shape) if weights is None else np.broadcast_to(weights, values.shape)
    total = sum_exactly(spread)
    over = 1 / abs(total) if total else 0.0
    size = float(np.sum(_sizes(values * spread))) * over
    cancelled = float(np.sum(np.abs(spread))) * over
    value = _exact_sum(values, spread, total) if total else math.nan
    return _number(value, total == 0, size + size * cancelled, size, values.size)


@operation("running_sum", family="metrics", inputs=(VALUES, WEIGHTS), output="float")
def running_sum(values: Floats, weights: Floats | None = None) -> Terms:
    """Σwᵢvᵢ."""
    spread = np.ones(values.shape) if weights is None else np.broadcast_to(weights, values.shape)
    size = float(np.sum(_sizes(values * spread)))
    return _number(_exact_sum(values, spread, 1.0), False, size, size, values.size)


@operation(
    "r2_score",
    family="metrics",
    inputs=(
        Input("predictions", "real", "predicted value of each sample, (N,) or (N, D)"),
        Input("targets", "target", "right value, shape of the predictions"),
        Input("weights", "weight", "what each sample counts, (N,)", optional=True, free=True),
    ),
    parameters={"average": Parameter("uniform", "of the outputs: uniform, variance (weighted by it), or none")},
    output="float",
)
def r2_score(predictions: Floats, targets: Floats, weights: Floats | None = None, *, average: str) -> Terms:
    """1 - Σwᵢ(yᵢ - pᵢ)²/Σwᵢ(yᵢ - ȳ)² of each output, averaged."""
    p, y = predictions.reshape(len(predictions), -1), targets.reshape(len(targets), -1)
    w = np.ones(len(y)) if weights is None else weights
    outputs = [_explained(p[:, d], y[:, d], w) for d in range(y.shape[1])]
    missed, spread, reach = (np.array(column) for column in zip(*outputs, strict=True))
    undefined = spread == 0
    share = np.where(undefined, np.nan, missed / spread)
    value, scale = 1 - share, (1 + share) + share * reach
    if average == "none" and predictions.ndim > 1:
        free = undefined if undefined.any() else None
        settled = np.where(undefined, 0.0, scale)
        return Terms(Exact(value, settled, settled, free=free), length=max(1, len(y)))
    if average == "variance":
        total = sum_exactly(spread)
        result = (total - sum_exactly(missed)) / total if total else math.nan
        largest = float(np.sum(np.where(undefined, 0.0, scale) * spread)) / total if total else 0.0
        return _number(result, total == 0, largest, largest, len(y))
    if average not in ("uniform", "none"):
        raise ValueError(f"unknown average '{average}'; expected uniform, variance or none")
    result = sum_exactly(value, float(value.size)) if value.size else math.nan
    size = float(np.mean(np.where(undefined, 0.0, scale))) if value.size else 0.0
    return _number(result, bool(undefined.any()) or not value.size, size, size, len(y))


def _explained(p: Floats, y: Floats, w: Floats) -> tuple[float, float, float]:
    """Σw(y - p)², Σw(y - ȳ)², and how the rounding of ȳ and of the sums grows in the second."""
    total = sum_exactly(w)
    if total == 0:
        return math.nan, 0.0, 0.0
    mean = _exact_sum(y, w, total)
    missed = sum_exactly(w * (y - p) ** 2)
    # Σw(y - m)² with the rounded mean m, less what the rounding of m adds.
    deviation = y - mean
    spread = sum_exactly(w * deviation**2) - sum_exactly(w * deviation) ** 2 / total
    if np.all(y[w != 0] == y[w != 0][:1]):
        return missed, 0.0, 0.0
    return missed, spread, 2 * abs(mean) * float(np.sum(np.abs(w * deviation))) / spread


def _exact_sum(values: Floats, weights: Floats, divisor: float) -> float:
    """Σwᵢvᵢ / divisor, the products taken exactly."""
    products, errors = two_product(values, np.asarray(weights, np.float64))
    if not np.isfinite(products).all():
        return sum_exactly(products, divisor)
    return sum_exactly(np.concatenate([products.ravel(), errors.ravel()]), divisor)


def _sizes(values: Floats) -> Floats:
    return np.where(np.isfinite(values), np.abs(values), 0.0)


def _number(value: float, undefined: bool, scale: float, condition: float, length: int) -> Terms:
    number = np.asarray(math.nan if undefined else value, np.float64)
    free = np.ones((), bool) if undefined else None
    return Terms(Exact(number, np.asarray(scale), np.asarray(condition), free=free), length=max(1, length))
