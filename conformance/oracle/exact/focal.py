"""Second definitions: focal losses (Lin et al., "Focal Loss for Dense Object Detection", 2017, equations 4 and 5).

L = α_t·(1 - p_t)^γ·CE,   p_t = y·p + (1 - y)·q,   α_t = y·α + (1 - y)·(1 - α)
"""

from __future__ import annotations

from collections.abc import Sequence

from conformance.oracle.exact.binary import outcomes, two_way_smoothing
from conformance.oracle.exact.categorical import normalised, smoothing
from conformance.oracle.exact.definition import define
from conformance.oracle.exact.number import Number, clipped, log, power, total
from conformance.oracle.exact.primitives import softmax


def _focal(y: Number, p: Number, q: Number, loss: Number, alpha: Number | None, gamma: Number) -> Number:
    """α_t·(1 - p_t)^γ·loss; 1 - p_t is the probability of the outcome that did not happen."""
    focal = power(y * q + (1 - y) * p, gamma) * loss
    return focal if alpha is None else (y * alpha + (1 - y) * (1 - alpha)) * focal


@define(
    "sigmoid_focal_loss",
    {"logits": "real", "targets": "fixed"},
    {"alpha": None, "gamma": 2.0, "label_smoothing": 0.0, "clip": None},
    reduces=True,
)
def sigmoid_focal_loss(
    logits: Number,
    targets: Number,
    *,
    alpha: Number | None,
    gamma: Number,
    label_smoothing: Number,
    clip: tuple[Number, Number] | None,
) -> Number:
    y = two_way_smoothing(targets, label_smoothing)
    p, q = outcomes(logits)
    if clip is None:
        loss = -(y * log(p) + (1 - y) * log(q))
    else:
        bounded = clipped(p, clip)
        loss = -(y * log(bounded) + (1 - y) * log(1 - bounded))
    return _focal(y, p, q, loss, alpha, gamma)


@define(
    "binary_focal_cross_entropy",
    {"probabilities": "probability", "targets": "fixed"},
    {"alpha": None, "gamma": 2.0, "label_smoothing": 0.0, "clip": None, "shift": 0.0},
    reduces=True,
)
def binary_focal_cross_entropy(
    probabilities: Number,
    targets: Number,
    *,
    alpha: Number | None,
    gamma: Number,
    label_smoothing: Number,
    clip: tuple[Number, Number] | None,
    shift: Number,
) -> Number:
    y = two_way_smoothing(targets, label_smoothing)
    p = clipped(probabilities, clip)
    loss = -(y * log(p + shift) + (1 - y) * log(1 - p + shift))
    return _focal(y, probabilities, 1 - probabilities, loss, alpha, gamma)


@define(
    "categorical_focal_cross_entropy",
    {"probabilities": "probability", "targets": "fixed"},
    {"axis": -1, "alpha": 1.0, "gamma": 2.0, "label_smoothing": 0.0, "normalise": False, "clip": None},
    rows=True,
    reduces=True,
)
def categorical_focal_cross_entropy(
    probabilities: list[Number],
    targets: list[Number],
    *,
    alpha: Number | Sequence[Number],
    gamma: Number,
    label_smoothing: Number,
    normalise: bool,
    clip: tuple[Number, Number] | None,
) -> Number:
    """Σ_c α_c·(1 - p_c)^γ·t_c·(-ln p_c)."""
    t = smoothing(targets, label_smoothing)
    p = normalised(probabilities) if normalise else probabilities
    p = [clipped(c, clip) for c in p]
    balance = alpha if isinstance(alpha, (list, tuple)) else [alpha] * len(t)
    return total([a * power(1 - q, gamma) * (-(c * log(q))) for a, q, c in zip(balance, p, t, strict=True)])


@define("softmax_focal_loss", {"logits": "real", "labels": "label"}, {"gamma": 2.0}, rows=True, reduces=True)
def softmax_focal_loss(logits: list[Number], labels: int, *, gamma: Number) -> Number | int | None:
    """(1 - s_k)^γ·(-ln s_k); 1 - s_k is the probability of all other classes."""
    if not 0 <= labels < len(logits):
        return None
    if len(logits) == 1:
        return 0  # a single class is certain
    s = softmax(logits)
    others = total([p for c, p in enumerate(s) if c != labels])
    return power(others, gamma) * -log(s[labels])
