"""Negative log-likelihoods of counts, of real numbers and of classes; and the PolyLoss.

    Poisson     λ - t·ln λ [+ ln t!]        counts t, rate λ, or e^x - t·x of the log-rate x
    Gaussian    (ln v + (μ - t)²/v)/2 [+ ln(2π)/2]
    classes     -w_k·a_k                    a: log-probabilities, given
    PolyLoss    Σ t_c·(-ln p_c + ε·(1 - p_c)),  p = softmax(x)

ln t! is by Stirling's formula, t·ln t - t + ln(2πt)/2 where t > 1 and 0 elsewhere: that is how those who offer it
define it. Where differences cancel they are taken to twice the precision of float64.

Nix & Weigend, "Estimating the mean and variance of the target probability distribution", 1994; Leng et al.,
"PolyLoss: a polynomial expansion perspective of classification loss functions", 2022, 3.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conformance.oracle.categorical import CLASS_WEIGHTS, IGNORE_INDEX, LABELS, dense, per_class, sparse
from conformance.oracle.divergence import AXIS, LOG_PROBABILITIES
from conformance.oracle.double_double import DoubleDouble, exp, log
from conformance.oracle.operation import Exact, Floats, Input, Parameter, Terms, elementwise, operation, rowwise
from conformance.oracle.rows import Softmax, cross_entropy, one_hot, to_last
from conformance.oracle.stable import finite, others, product, two_difference

COUNTS = Input("targets", "target", "what was counted, at least 0; shape of the first input", differentiable=True)
FULL = Parameter(False, "whether the part that the prediction does not change is added")
# ln 2π to twice the precision of float64
LN_TWO_PI = DoubleDouble(1.8378770664093456, -7.756588316134483e-17)


def stirling(t: Floats) -> tuple[DoubleDouble, Floats, Floats]:
    """(ln t!, its derivative, its error scale) by Stirling's formula where t > 1; 0 elsewhere."""
    known, counted = log(DoubleDouble(t)), t > 1
    value = known * t - t + (known + LN_TWO_PI) * 0.5
    slope = known.high + 0.5 / t
    size = np.where(counted, np.abs(t * finite(known.high)) + t + np.abs(finite(known.high)) + 1, 0.0)
    value = value.where(~np.isinf(t), np.inf)
    return value.where(counted | np.isnan(t), 0.0), np.where(counted | np.isnan(t), slope, 0.0), size


@operation(
    "poisson_nll",
    family="likelihood",
    inputs=(Input("rates", "real", "λ, the expected count, at least 0", differentiable=True), COUNTS),
    broadcasts=("targets",),
    parameters={"full": FULL},
    contract={"shift": Parameter(0.0, "added to the rate in the logarithm")},
    reduces=True,
)
def poisson_nll(rates: Floats, targets: Floats, *, full: bool, shift: float) -> Terms:
    """λ - t·ln λ [+ ln t! by Stirling's formula], elementwise. Gradients 1 - t/λ and -ln λ [+ ln t + 1/(2t)]."""
    t = dense(targets, rates)
    shifted = DoubleDouble(rates) + shift
    known = log(shifted)
    free_of_log = (t == 0) & ~np.isnan(known.high)
    infinite = rates == np.inf
    value = rates - (known * t).where(~free_of_log, 0.0)
    value = value.where(~(infinite & np.isfinite(t)), np.inf)
    ratio = np.where((t == 0) & (rates >= 0), 0.0, t / shifted.high)
    by_rate = np.where(ratio == 0, 1.0, ((shifted - t) / shifted).high)
    by_rate = np.where(np.isinf(ratio), -ratio, by_rate)
    logs = np.abs(finite(known.high))
    size, by_count, steep = np.abs(finite(rates)) + np.abs(t) * (1 + logs), -known, logs + 1
    if full:
        constant, slope, more = stirling(t)
        value, by_count = value + constant, by_count + np.where(t > 1, slope, 0.0)
        by_count = by_count.where(~(t > 1), _log_ratio(t, shifted) + 0.5 / t) if shift == 0 else by_count
        by_count = by_count.where(~np.isnan(t), np.nan)
        size, steep = size + more, steep + np.abs(finite(slope))
    by_count_value = by_count.high
    condition = np.abs(finite(rates * by_rate)) + np.abs(finite(product(t, by_count_value)))
    return elementwise(
        Exact(value.high, size, condition),
        {
            "rates": Exact(by_rate, 1 + finite(np.abs(ratio)), 2 * finite(np.abs(ratio))),
            "targets": Exact(by_count_value, steep, np.full(t.shape, 2.0)),
        },
    )


def _log_ratio(t: Floats, rate: DoubleDouble) -> DoubleDouble:
    """ln t - ln λ."""
    return log(DoubleDouble(t)) - log(rate)


@operation(
    "poisson_nll_with_log_rate",
    family="likelihood",
    inputs=(Input("log_rates", "real", "x, the logarithm of the expected count", differentiable=True), COUNTS),
    broadcasts=("targets",),
    parameters={"full": FULL},
    reduces=True,
)
def poisson_nll_with_log_rate(log_rates: Floats, targets: Floats, *, full: bool) -> Terms:
    """e^x - t·x [+ ln t! by Stirling's formula], elementwise. Gradients e^x - t and -x [+ ln t + 1/(2t)]."""
    x, t = log_rates, dense(targets, log_rates)
    rate = exp(DoubleDouble(x))
    linear = (DoubleDouble(x) * t).where(~((t == 0) & ~np.isnan(x)), 0.0)
    value = (rate - linear).where(~((x == np.inf) & np.isfinite(t)), np.inf)
    by_log = rate - t
    size, by_count, steep = rate.high + np.abs(finite(linear.high)), DoubleDouble(-x), np.abs(finite(x))
    if full:
        constant, slope, more = stirling(t)
        value = value + constant
        by_count = by_count.where(~((t > 1) | np.isnan(t)), log(DoubleDouble(t)) - x + 0.5 / t)
        size, steep = size + more, steep + np.abs(finite(slope))
    condition = np.abs(finite(x * by_log.high)) + np.abs(finite(product(t, by_count.high)))
    return elementwise(
        Exact(value.high, size, condition),
        {
            "log_rates": Exact(by_log.high, rate.high + np.abs(t), np.abs(finite(x)) * rate.high + np.abs(t)),
            "targets": Exact(by_count.high, steep, steep + 1),
        },
    )


@operation(
    "gaussian_nll",
    family="likelihood",
    inputs=(
        Input("predictions", "real", "μ, the expected value", differentiable=True),
        Input("targets", "target", "what was observed; shape of the predictions", differentiable=True),
        Input("variances", "real", "v > 0; broadcasts against the predictions", differentiable=True, free=True),
    ),
    broadcasts=("targets",),
    parameters={"full": FULL},
    contract={"floor": Parameter(0.0, "smaller variances count as this; the gradient is that at the floor")},
    reduces=True,
)
def gaussian_nll(predictions: Floats, targets: Floats, variances: Floats, *, full: bool, floor: float) -> Terms:
    """(ln v + (μ - t)²/v)/2 [+ ln(2π)/2], elementwise. Gradients ±(μ - t)/v and (v - (μ - t)²)/(2v²)."""
    t = dense(targets, predictions)
    if np.broadcast_shapes(variances.shape, t.shape) != t.shape:
        raise ValueError(f"variances have shape {variances.shape}, predictions {t.shape}")
    v = np.broadcast_to(np.where(variances < floor, floor, variances), t.shape)
    d = DoubleDouble(*two_difference(predictions, t))
    same = (d.high == 0) & ~np.isnan(v)
    square = (d * d / v).where(~same, 0.0)
    known = log(DoubleDouble(v))
    constant = LN_TWO_PI if full else DoubleDouble(0.0)
    value = ((known + square + constant) * 0.5).where(~((v == 0) & ~same & ~np.isnan(d.high)), np.inf)
    slope = (d / v).where(~same, 0.0)
    by_variance = ((v - d * d) / v / v * 0.5).where(~same, 0.5 / v)
    by_variance = by_variance.where(~((v == 0) & ~same), -np.inf)
    size = 0.5 * (np.abs(finite(known.high)) + finite(square.high)) + (1.0 if full else 0.0)
    steep = finite(np.abs(slope.high))
    parts = finite(0.5 / v + 0.5 * (slope * slope).high)
    spread = (np.abs(finite(predictions)) + np.abs(finite(t))) * steep
    moved = finite((np.abs(finite(predictions)) + np.abs(finite(t))) / v)
    partials = {
        "predictions": Exact(slope.high, steep, steep + moved),
        "targets": Exact(-slope.high, steep, steep + moved),
        "variances": Exact(by_variance.high, parts, 3 * parts + moved * steep),
    }
    loss = Exact(value.high, size, spread + np.abs(finite(v * by_variance.high)))

    def pullback(cotangent: Floats) -> dict[str, Exact]:
        gradients = {name: partial.times(cotangent) for name, partial in partials.items()}
        return {**gradients, "variances": _gathered(gradients["variances"], variances.shape)}

    return Terms(loss, pullback)


def _gathered(gradient: Exact, shape: tuple[int, ...]) -> Exact:
    """The gradient of an array that was broadcast: entries that came of one are summed."""
    value = gradient.value
    if value.shape == shape:
        return gradient
    lead = value.ndim - len(shape)
    axes = tuple(a for a in range(value.ndim) if a < lead or (shape[a - lead] == 1 and value.shape[a] != 1))

    def gather(array: Floats) -> Floats:
        return np.asarray(np.sum(array, axis=axes).reshape(shape))

    sums = DoubleDouble(value).sum(axes).high.reshape(shape)
    return Exact(sums, gather(gradient.scale), gather(gradient.condition))


@operation(
    "nll",
    family="likelihood",
    inputs=(LOG_PROBABILITIES, LABELS, CLASS_WEIGHTS),
    parameters={"axis": AXIS, "ignore_index": IGNORE_INDEX},
    reduces=True,
    grade="A",
    gradient_grade="A",
)
def nll(
    log_probabilities: Floats,
    labels: NDArray[np.int64],
    class_weights: Floats | None = None,
    *,
    axis: int,
    ignore_index: int | None,
) -> Terms:
    """-w_k·a_k at the label k, whatever a is: nothing is normalised. Gradient -w_k at k, 0 elsewhere."""
    a, k, kept = sparse(to_last(log_probabilities, axis), labels, ignore_index, 0.0)
    counts = None if class_weights is None else per_class(class_weights, a.shape[-1])[k]
    w = np.ones(k.shape) if counts is None else counts
    here = one_hot(k, a.shape[-1])
    chosen = np.sum(np.where(here != 0, a, 0.0), axis=-1)
    value = 0.0 - w * chosen
    size = np.abs(finite(value))
    slope = 0.0 - here * w[..., None]
    gradient = Exact(slope, np.abs(slope), np.zeros(slope.shape))
    return rowwise(
        Exact(value, size, size),
        {"log_probabilities": gradient.moved(-1, axis)},
        axis,
        kept,
        divisor_weights=counts,
        length=1,
    )


@operation(
    "poly_cross_entropy",
    single=True,
    family="likelihood",
    inputs=(
        Input("logits", "real", "unnormalised log-probability of each class", differentiable=True),
        Input("targets", "target", "probability that each class is right", differentiable=True),
    ),
    parameters={"axis": AXIS, "epsilon": Parameter(2.0, "ε, at least -1: the weight of the first power of 1 - p")},
    reduces=True,
)
def poly_cross_entropy(logits: Floats, targets: Floats, *, axis: int, epsilon: float) -> Terms:
    """Σ t_c·(-ln p_c + ε·(1 - p_c)), p = softmax(x), over the class axis.

    Written with m = 1 - p as Σ t·((-ln(1 - m) - m) + (1 + ε)·m), which does not cancel down to ε = -1. Gradients
    (Σt)·p - t - ε·p·(t - Σtp) and -ln p + ε·(1 - p).
    """
    x, t = to_last(logits, axis), to_last(dense(targets, logits), axis)
    rows = Softmax(x)
    p, m = rows.value, rows.complement
    slope = _beyond_linear(m, rows.log) + (1 + epsilon) * m
    terms = product(t, slope)
    plain, gradient = cross_entropy(rows, t)
    weighted = t * finite(p)
    by_logit = gradient.value - epsilon * p * (t * m - others(weighted))
    extra = abs(epsilon) * finite(p) * (np.abs(t) * m + others(np.abs(weighted)))
    scale = gradient.scale + extra + abs(epsilon) * finite(p) * rows.spread
    mass = np.sum(np.abs(t), axis=-1)
    condition = np.sum(rows.size * np.abs(finite(by_logit)) + np.abs(finite(terms)), axis=-1)
    loss = Exact(np.sum(terms, axis=-1), plain.scale + abs(epsilon) * mass, condition, free=plain.free)
    # p is the exponential of a difference: its rounding grows with the spread of the logits
    leverage = finite(p) * rows.leverage
    spoilt = gradient.condition + extra + abs(epsilon) * (leverage + weighted * rows.leverage)
    by_target = np.abs(finite(rows.log)) + abs(epsilon) * m + rows.largest[..., None]
    partials = {
        "logits": Exact(by_logit, scale, spoilt, free=gradient.free),
        "targets": Exact(slope, by_target, rows.leverage * (1 + abs(epsilon))),
    }
    moved = {name: partial.moved(-1, axis) for name, partial in partials.items()}
    return rowwise(loss, moved, axis, length=rows.classes)


def _beyond_linear(m: Floats, log_p: Floats) -> Floats:
    """-ln(1 - m) - m, where log_p = ln(1 - m): m²/2 + m³/3 + … for a small m."""
    series = np.zeros(m.shape)
    for n in range(30, 1, -1):
        series = (series + 1 / n) * np.where(m < 0.25, m, 0.0)
    return np.asarray(np.where(m < 0.25, series * m, -log_p - m))
