"""Second definitions: cross-entropy of a distribution over classes.

L = -Σ_c t_c·ln p_c,   p given, or p_c = e^{x_c} / Σ_j e^{x_j}
"""

from __future__ import annotations

from collections.abc import Sequence

from conformance.oracle.exact.definition import define
from conformance.oracle.exact.number import Number, clipped, log, total, with_gradient_of
from conformance.oracle.exact.primitives import logsumexp, softmax


def smoothing(t: Sequence[Number | int], label_smoothing: Number) -> list[Number]:
    """Every target gives the fraction α to all classes in equal parts."""
    return [c * (1 - label_smoothing) + label_smoothing / len(t) for c in t]


def normalised(p: list[Number]) -> list[Number]:
    """p / Σp; p where the sum is 0."""
    mass = total(p)
    return p if mass.value.is_zero() else [c / mass for c in p]


def indicator(label: int, classes: int) -> list[int]:
    """The one-hot target of a label."""
    return [int(c == label) for c in range(classes)]


def expected_surprise(t: list[Number], p: list[Number]) -> Number:
    """-Σ t·ln p."""
    return -total([a * log(b) for a, b in zip(t, p, strict=True)])


@define(
    "categorical_cross_entropy",
    {"probabilities": "probability", "targets": "fixed"},
    {"axis": -1, "label_smoothing": 0.0, "normalise": False, "clip": None, "shift": 0.0},
    rows=True,
    reduces=True,
)
def categorical_cross_entropy(
    probabilities: list[Number],
    targets: list[Number],
    *,
    label_smoothing: Number,
    normalise: bool,
    clip: tuple[Number, Number] | None,
    shift: Number,
) -> Number:
    p = normalised(probabilities) if normalise else probabilities
    return expected_surprise(smoothing(targets, label_smoothing), [clipped(c, clip) + shift for c in p])


@define(
    "sparse_categorical_cross_entropy",
    {"probabilities": "probability", "labels": "label"},
    {"axis": -1, "ignore_index": None, "normalise": False, "clip": None, "renormalise": False},
    rows=True,
    reduces=True,
)
def sparse_categorical_cross_entropy(
    probabilities: list[Number],
    labels: int,
    *,
    normalise: bool,
    clip: tuple[Number, Number] | None,
    renormalise: bool,
) -> Number | None:
    if not 0 <= labels < len(probabilities):
        return None
    p = normalised(probabilities) if normalise else probabilities
    p = [clipped(c, clip) for c in p]
    if renormalise:
        p = normalised(p)
    return -log(p[labels])


def dense_divisor_weight(*, targets: list[Number], class_weights: list[Number] | None = None) -> Number | int:
    """Σ_c w_c·t_c, the targets before any smoothing; 1 without class weights."""
    if class_weights is None:
        return 1
    return total([w * t for w, t in zip(class_weights, targets, strict=True)])


@define(
    "softmax_cross_entropy",
    {"logits": "real", "targets": "fixed", "class_weights": "classes"},
    {"axis": -1, "label_smoothing": 0.0, "unnormalised_gradient": False},
    rows=True,
    reduces=True,
    divisor_weight=dense_divisor_weight,
)
def softmax_cross_entropy(
    logits: list[Number],
    targets: list[Number],
    class_weights: list[Number] | None = None,
    *,
    label_smoothing: Number,
    unnormalised_gradient: bool,
) -> Number:
    t = smoothing(targets, label_smoothing)
    if class_weights is not None:
        t = [w * c for w, c in zip(class_weights, t, strict=True)]
    loss = expected_surprise(t, softmax(logits))
    if not unnormalised_gradient:
        return loss
    inner = total([c * x for c, x in zip(t, logits, strict=True)])
    return with_gradient_of(loss, logsumexp(logits) - inner)


def sparse_divisor_weight(*, labels: int, class_weights: list[Number] | None = None) -> Number | int | None:
    """w_k; 1 without class weights."""
    if class_weights is None:
        return 1
    return class_weights[labels] if 0 <= labels < len(class_weights) else None


@define(
    "sparse_softmax_cross_entropy",
    {"logits": "real", "labels": "label", "class_weights": "classes"},
    {"axis": -1, "ignore_index": None, "label_smoothing": 0.0, "weights_inside_smoothing": False},
    rows=True,
    reduces=True,
    divisor_weight=sparse_divisor_weight,
)
def sparse_softmax_cross_entropy(
    logits: list[Number],
    labels: int,
    class_weights: list[Number] | None = None,
    *,
    label_smoothing: Number,
    weights_inside_smoothing: bool,
) -> Number | None:
    if not 0 <= labels < len(logits):
        return None
    s = softmax(logits)
    t = smoothing(indicator(labels, len(logits)), label_smoothing)
    if class_weights is None:
        return expected_surprise(t, s)
    if weights_inside_smoothing:
        return expected_surprise([w * c for w, c in zip(class_weights, t, strict=True)], s)
    return class_weights[labels] * expected_surprise(t, s)
