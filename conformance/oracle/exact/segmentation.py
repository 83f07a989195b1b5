"""Second definitions: class-weighted pixelwise cross-entropy and its predicted-class variant."""

from __future__ import annotations

from conformance.oracle.exact.categorical import dense_divisor_weight, expected_surprise
from conformance.oracle.exact.definition import define
from conformance.oracle.exact.number import Imprecise, Number, clipped
from conformance.oracle.exact.primitives import softmax


@define(
    "class_weighted_pixelwise_cross_entropy",
    {"probabilities": "probability", "targets": "fixed", "class_weights": "classes"},
    {"clip": None},
    rows=True,
    reduces=True,
    divisor_weight=dense_divisor_weight,
)
def class_weighted_pixelwise_cross_entropy(
    probabilities: list[Number],
    targets: list[Number],
    class_weights: list[Number],
    *,
    clip: tuple[Number, Number] | None,
) -> Number:
    """-Σ_c t_c·w_c·ln p_c of one pixel."""
    weighted = [t * w for t, w in zip(targets, class_weights, strict=True)]
    return expected_surprise(weighted, [clipped(p, clip) for p in probabilities])


@define(
    "predicted_class_weighted_cross_entropy",
    {"logits": "real", "targets": "fixed", "class_weights": "classes"},
    rows=True,
    reduces=True,
)
def predicted_class_weighted_cross_entropy(
    logits: list[Number], targets: list[Number], class_weights: list[Number]
) -> Number:
    """Softmax cross-entropy of the logits times the weight of the class with the largest logit, a constant."""
    weight = class_weights[_first_largest(logits)]
    return expected_surprise(targets, softmax([weight * x for x in logits]))


def _first_largest(numbers: list[Number]) -> int:
    """The place of the largest number, the lowest of several; any place where there is a nan."""
    if any(x.value.is_nan() for x in numbers):
        return 0
    best = 0
    for place, candidate in enumerate(numbers):
        if candidate.value > numbers[best].value:
            best = place
        elif not candidate.value <= numbers[best].value:
            raise Imprecise
    return best
