"""Binary cross-entropy and its relatives.

    L(p, y) = -y·log p - (1 - y)·log(1 - p)              probabilities
    L(x, y) = (1 - y)·softplus(x) + q·y·softplus(-x)     logits, q = pos_weight

Probabilities p in [0, 1], logits x real or ±inf, targets y in [0, 1], any one shape; nats.
Cox, "The regression analysis of binary sequences", 1958; Goodfellow, Bengio & Courville, "Deep Learning", 6.2.2.2.
"""

from __future__ import annotations

import numpy as np

from conformance.oracle.operation import Exact, Floats, Input, Parameter, Terms, elementwise, operation

PROBABILITIES = Input("probabilities", "probability", "predicted probability of the positive class", differentiable=True)
LOGITS = Input("logits", "real", "log-odds of the positive class", differentiable=True)
TARGETS = Input("targets", "target", "probability that the class is positive, mostly 0 or 1")
LABEL_SMOOTHING = Parameter(0.0, "α: targets become (1 - α)·y + α/2")


@operation(
    "binary_cross_entropy",
    family="binary",
    inputs=(PROBABILITIES, TARGETS),
    parameters={"label_smoothing": LABEL_SMOOTHING},
    contract={
        "clip": Parameter(None, "(low, high): probabilities are clipped to this interval first; gradient 0 outside"),
        "shift": Parameter(0.0, "added to both arguments of the logarithm"),
        "log_floor": Parameter(-np.inf, "both logarithms are at least this"),
        "backward_floor": Parameter(0.0, "the backward divides by at least this instead of p·(1 - p)"),
    },
    reduces=True,
    grade="B",
    gradient_grade="B",
)
def binary_cross_entropy(
    probabilities: Floats,
    targets: Floats,
    *,
    label_smoothing: float,
    clip: tuple[float, float] | None,
    shift: float,
    log_floor: float,
    backward_floor: float,
) -> Terms:
    """-y·log p - (1 - y)·log(1 - p), elementwise; 0·log 0 is 0. Gradient (p - y)/(p·(1 - p))."""
    y = targets * (1 - label_smoothing) + label_smoothing / 2
    p, inside = probabilities, np.ones(np.shape(probabilities), bool)
    if clip is not None:
        inside = ~((p < clip[0]) | (p > clip[1]))
        p = np.clip(p, *clip)
    positive, negative = _floored(np.log(p + shift), log_floor), _floored(np.log1p(shift - p), log_floor)
    value = -(_weighted_log(y, positive) + _weighted_log(1 - y, negative))
    slope = _slope(p, y, shift, backward_floor)
    partial = np.where(inside, slope, np.where(np.isnan(probabilities), np.nan, 0.0))
    size = np.abs(_finite(partial))
    return elementwise(
        Exact(value, np.abs(_finite(value)) + 1, np.abs(probabilities) * size + np.abs(_finite(value))),
        {"probabilities": Exact(partial, size + 1, size)},
    )


def _slope(p: Floats, y: Floats, shift: float, backward_floor: float) -> Floats:
    if backward_floor:
        return np.asarray((p - y) / np.maximum(p * (1 - p), backward_floor))
    rising = np.where(y == 1, 0.0, (1 - y) / (1 - p + shift))
    falling = np.where(y == 0, 0.0, y / (p + shift))
    return np.asarray(rising - falling)


def _weighted_log(weight: Floats, log: Floats) -> Floats:
    return np.asarray(np.where((weight == 0) & ~np.isnan(log), 0.0, weight * log))


def _floored(log: Floats, floor: float) -> Floats:
    return np.asarray(np.maximum(log, floor))


def _finite(array: Floats) -> Floats:
    return np.asarray(np.where(np.isfinite(array), array, 0.0))
