"""Second definitions: binary cross-entropy from the probabilities of the two outcomes.

L = -(y·ln p + (1 - y)·ln q),   p = P(positive) = 1/(1 + e⁻ˣ),   q = P(negative) = 1/(1 + eˣ)
"""

from __future__ import annotations

from conformance.oracle.exact.definition import define
from conformance.oracle.exact.number import Number, at_least, clipped, exp, log, with_slope


def two_way_smoothing(y: Number, label_smoothing: Number) -> Number:
    """Every target moves the fraction α towards one half."""
    return y * (1 - label_smoothing) + label_smoothing / 2


def outcomes(x: Number) -> tuple[Number, Number]:
    """(P(positive), P(negative)) for the log-odds x."""
    return 1 / (1 + exp(-x)), 1 / (1 + exp(x))


@define(
    "binary_cross_entropy",
    {"probabilities": "probability", "targets": "fixed"},
    {"label_smoothing": 0.0, "clip": None, "shift": 0.0, "log_floor": float("-inf"), "backward_floor": 0.0},
    reduces=True,
)
def binary_cross_entropy(
    probabilities: Number,
    targets: Number,
    *,
    label_smoothing: Number,
    clip: tuple[Number, Number] | None,
    shift: Number,
    log_floor: Number,
    backward_floor: Number,
) -> Number:
    y = two_way_smoothing(targets, label_smoothing)
    p = clipped(probabilities, clip)
    positive, negative = log(p + shift), log(1 - p + shift)
    if log_floor.value.is_finite():
        positive, negative = at_least(positive, log_floor), at_least(negative, log_floor)
    loss = -(y * positive + (1 - y) * negative)
    if backward_floor.value.is_zero():
        return loss
    still = p.still()
    return with_slope(loss, p, (still - y) / at_least(still * (1 - still), backward_floor))


@define(
    "binary_cross_entropy_with_logits",
    {"logits": "real", "targets": "fixed"},
    {"label_smoothing": 0.0, "pos_weight": 1.0},
    reduces=True,
    columns=("pos_weight",),
)
def binary_cross_entropy_with_logits(
    logits: Number, targets: Number, *, label_smoothing: Number, pos_weight: Number
) -> Number:
    y = two_way_smoothing(targets, label_smoothing)
    p, q = outcomes(logits)
    return -(pos_weight * y * log(p) + (1 - y) * log(q))
