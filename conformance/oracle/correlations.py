"""How far predictions are from their targets, and how closely they follow them, over a whole batch.

    RMSE √(Σwᵢ(pᵢ - yᵢ)²/Σwᵢ)     Pearson's r = s_py/√(s_pp·s_yy)     Lin's ρ = 2·s_py/(s_pp + s_yy + (p̄ - ȳ)²)

with s_py = Σ(pᵢ - p̄)(yᵢ - ȳ)/n, and all sums taken exactly. Predictions that are all equal, or targets, have no
correlation. Pearson, "Notes on regression and inheritance", 1895; Lin, "A concordance correlation coefficient to
evaluate reproducibility", 1989, equation 3: his estimate divides by n.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from conformance.oracle.operation import Exact, Floats, Input, Parameter, Terms, operation

PREDICTIONS = Input("predictions", "real", "predicted value of each sample")
TARGETS = Input("targets", "target", "right value, shape of the predictions")
WEIGHTS = Input("weights", "weight", "what each sample counts; broadcasts against the targets", optional=True)


@operation("root_mean_squared_error", family="metrics", inputs=(PREDICTIONS, TARGETS, WEIGHTS), output="float")
def root_mean_squared_error(predictions: Floats, targets: Floats, weights: Floats | None = None) -> Terms:
    """√(Σwᵢ(pᵢ - yᵢ)²/Σwᵢ); nothing, or a total weight of 0, has no mean."""
    spread = np.ones(targets.shape) if weights is None else np.broadcast_to(weights, targets.shape)
    w, difference = spread.ravel(), predictions.ravel() - targets.ravel()
    if not np.isfinite(difference).all():
        value = math.nan if np.isnan(difference).any() else math.inf
        return _number(value, False, 0.0, len(w))
    total = sum(map(Fraction, w.tolist()), Fraction(0))
    if not total:
        return _number(math.nan, True, 0.0, len(w))
    rows = zip(w.tolist(), predictions.ravel().tolist(), targets.ravel().tolist(), strict=True)
    squares = sum((Fraction(a) * (Fraction(p) - Fraction(y)) ** 2 for a, p, y in rows), Fraction(0))
    value = _root(squares / total)
    return _number(value, False, value, len(w))


@operation("pearson_correlation", family="metrics", inputs=(PREDICTIONS, TARGETS), output="float")
def pearson_correlation(predictions: Floats, targets: Floats) -> Terms:
    """r = s_py/√(s_pp·s_yy) of vectors; a vector of one value has none."""
    moments = _Moments(predictions, targets)
    if not (moments.pp and moments.yy):
        return _number(math.nan, True, 0.0, len(predictions))
    square = moments.py**2 / (moments.pp * moments.yy)
    return _number(math.copysign(_root(square), moments.py), False, moments.reach, len(predictions))


@operation(
    "concordance_correlation",
    family="metrics",
    inputs=(PREDICTIONS, TARGETS),
    contract={
        "sample": Parameter(
            False, "variances and covariance divide by n - 1, the mean of the samples being one of them"
        ),
        "shift": Parameter(0.0, "added to the denominator"),
    },
    output="float",
)
def concordance_correlation(predictions: Floats, targets: Floats, *, sample: bool, shift: float) -> Terms:
    """ρ = 2·s_py/(s_pp + s_yy + (p̄ - ȳ)²) of vectors: 1 where predictions are targets; 0/0 where all are one value."""
    moments = _Moments(predictions, targets)
    count = len(predictions)
    over = Fraction(count, count - 1) if sample and count > 1 else Fraction(1)
    below = over * (moments.pp + moments.yy) + moments.apart**2 + Fraction(shift)
    if not below:
        return _number(math.nan, True, 0.0, count)
    return _number(float(2 * over * moments.py / below), False, moments.reach, count)


class _Moments:
    """Means and central second moments, exactly. Raises ValueError where a number is not finite."""

    def __init__(self, predictions: Floats, targets: Floats) -> None:
        if not (np.isfinite(predictions).all() and np.isfinite(targets).all()):
            raise ValueError("a correlation is defined for finite numbers")
        if predictions.ndim != 1:
            raise ValueError("a correlation is one of two vectors")
        n = max(1, len(predictions))
        p, y = [Fraction(v) for v in predictions.tolist()], [Fraction(v) for v in targets.tolist()]
        p_mean, y_mean = sum(p, Fraction(0)) / n, sum(y, Fraction(0)) / n
        self.apart = p_mean - y_mean
        self.pp = sum(((v - p_mean) ** 2 for v in p), Fraction(0)) / n
        self.yy = sum(((v - y_mean) ** 2 for v in y), Fraction(0)) / n
        self.py = sum(((a - p_mean) * (b - y_mean) for a, b in zip(p, y, strict=True)), Fraction(0)) / n
        # Means are rounded before they are subtracted: that weighs as the mean does against the deviation.
        spans = [abs(float(m)) / _root(v) for m, v in ((p_mean, self.pp), (y_mean, self.yy)) if v]
        self.reach = 2.0 + sum(spans)


def _root(value: Fraction) -> float:
    """√value, correctly rounded but for the last place."""
    if not value:
        return 0.0
    # 2^120 more digits before the integer square root than a float keeps.
    shift = max(0, 240 - value.numerator.bit_length() + value.denominator.bit_length())
    shift += shift % 2
    return float(Fraction(math.isqrt((value.numerator << shift) // value.denominator), 1 << (shift // 2)))


def _number(value: float, undefined: bool, scale: float, length: int) -> Terms:
    number = np.asarray(math.nan if undefined else value, np.float64)
    size = np.abs(np.where(np.isfinite(number), number, 0.0))
    free = np.ones((), bool) if undefined else None
    return Terms(Exact(number, np.asarray(scale), size, free=free), length=max(1, length))
