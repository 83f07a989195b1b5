"""Second definitions: negative logarithms of densities.

Poisson λᵗe^{-λ}/t!, Gaussian e^{-(t - μ)²/2v}/√(2πv), and the probability of a class.
"""

from __future__ import annotations

from flint import arb

from conformance.oracle.exact.categorical import expected_surprise, sparse_divisor_weight
from conformance.oracle.exact.definition import define
from conformance.oracle.exact.number import Number, at_least, exceeds, exp, log, total, with_slope
from conformance.oracle.exact.primitives import softmax


def log_factorial(t: Number) -> Number | int:
    """ln(√(2πt)·(t/e)ᵗ) of counts above 1."""
    if not t.value.is_nan() and not exceeds(t, t.tape.constant(1)):
        return 0
    return log(2 * t.tape.constant(arb.pi()) * t) / 2 + t * log(t) - t


@define("poisson_nll", {"rates": "probability", "targets": "real"}, {"full": False, "shift": 0.0}, reduces=True)
def poisson_nll(rates: Number, targets: Number, *, full: bool, shift: Number) -> Number:
    loss = rates - targets * log(rates + shift)
    return loss + log_factorial(targets) if full else loss


@define("poisson_nll_with_log_rate", {"log_rates": "real", "targets": "real"}, {"full": False}, reduces=True)
def poisson_nll_with_log_rate(log_rates: Number, targets: Number, *, full: bool) -> Number:
    loss = exp(log_rates) - targets * log_rates
    return loss + log_factorial(targets) if full else loss


@define(
    "gaussian_nll",
    {"predictions": "real", "targets": "real", "variances": "probability"},
    {"full": False, "floor": 0.0},
    reduces=True,
)
def gaussian_nll(predictions: Number, targets: Number, variances: Number, *, full: bool, floor: Number) -> Number:
    v = variances
    if not floor.value.is_zero():
        v = with_slope(at_least(v.still(), floor), v, v.tape.constant(1))
    area = log(2 * v.tape.constant(arb.pi()) * v) if full else log(v)
    return area / 2 + (targets - predictions) * (targets - predictions) / (2 * v)


@define(
    "nll",
    {"log_probabilities": "real", "labels": "label", "class_weights": "classes"},
    {"axis": -1, "ignore_index": None},
    rows=True,
    reduces=True,
    divisor_weight=sparse_divisor_weight,
)
def nll(log_probabilities: list[Number], labels: int, class_weights: list[Number] | None = None) -> Number | None:
    if not 0 <= labels < len(log_probabilities):
        return None
    loss = -log_probabilities[labels]
    return loss if class_weights is None else class_weights[labels] * loss


@define(
    "poly_cross_entropy",
    {"logits": "real", "targets": "real"},
    {"axis": -1, "epsilon": 2.0},
    rows=True,
    reduces=True,
)
def poly_cross_entropy(logits: list[Number], targets: list[Number], *, epsilon: Number) -> Number:
    p = softmax(logits)
    misses = total([t * (1 - s) for t, s in zip(targets, p, strict=True)])
    return expected_surprise(targets, p) + epsilon * misses
