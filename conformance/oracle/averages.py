"""Running means and sums, and the share of variance that is explained.

    mean Σwᵢvᵢ/Σwᵢ     sum Σwᵢvᵢ     R² = 1 - Σwᵢ(yᵢ - pᵢ)²/Σwᵢ(yᵢ - ȳ)²

Values have any shape; predictions and targets have the shape (N,) or (N, D), samples first. A total weight of 0 and
targets that are all equal have no value. R²: Draper & Smith, "Applied Regression Analysis", 1998, 1.3.
"""

from __future__ import annotations

import math
from fractions import Fraction

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
    if not (np.isfinite(p).all() and np.isfinite(y).all() and np.isfinite(w).all()):
        raise ValueError("R² is defined for finite numbers")
    outputs = [_squares(p[:, d].tolist(), y[:, d].tolist(), w.tolist()) for d in range(y.shape[1])]
    values = [float((around - missed) / around) if around else math.nan for missed, around, _ in outputs]
    # The sums are rounded, and where they are subtracted from 1 that counts as much as they do.
    scales = [1 + float(missed / around) * (1 + reach) if around else 0.0 for missed, around, reach in outputs]
    undefined = np.array([not around for _, around, _ in outputs], bool)
    if average == "none" and predictions.ndim > 1:
        sizes = np.array(scales)
        free = undefined if undefined.any() else None
        return Terms(Exact(np.array(values), sizes, sizes, free=free), length=max(1, len(y)))
    if average == "variance":
        total = sum((around for _, around, _ in outputs), Fraction(0))
        left = total - sum((missed for missed, _, _ in outputs), Fraction(0))
        size = math.fsum(s * float(around / total) for s, (_, around, _) in zip(scales, outputs, strict=True) if total)
        return _number(float(left / total) if total else math.nan, not total, size, size, len(y))
    if average not in ("uniform", "none"):
        raise ValueError(f"unknown average '{average}'; expected uniform, variance or none")
    settled = bool(values) and not undefined.any()
    result = sum((1 - missed / around for missed, around, _ in outputs), Fraction(0)) / len(values) if settled else 0
    size = math.fsum(scales) / max(1, len(scales))
    return _number(float(result), not settled, size, size, len(y))


def _squares(p: list[float], y: list[float], w: list[float]) -> tuple[Fraction, Fraction, float]:
    """Σw(y - p)² and Σw(y - ȳ)², exactly, and how the rounding of ȳ grows in the second."""
    weighted = [
        (Fraction(weight), Fraction(target), Fraction(guess)) for weight, target, guess in zip(w, y, p, strict=True)
    ]
    total = sum((weight for weight, _, _ in weighted), Fraction(0))
    if not total:
        return Fraction(0), Fraction(0), 0.0
    mean = sum((weight * target for weight, target, _ in weighted), Fraction(0)) / total
    missed = sum((weight * (target - guess) ** 2 for weight, target, guess in weighted), Fraction(0))
    around = sum((weight * (target - mean) ** 2 for weight, target, _ in weighted), Fraction(0))
    spread = sum((abs(weight * (target - mean)) for weight, target, _ in weighted), Fraction(0))
    return missed, around, float(2 * abs(mean) * spread / around) if around else 0.0


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
