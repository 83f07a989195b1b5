"""Class weights in the segmentation of images: what is meant, and what is sometimes written instead.

    L = -Σ_c w_c·t_c·ln p_c                      the weight belongs to the class that is right
    L = CE(w_{argmax x}·x, t)                    the weight belongs to the class that is predicted

The second scales the logits of each pixel by a factor that depends on the prediction, an inverse temperature; it
is no class-weighted cross-entropy. Shapes (…, C), classes last; class weights (C,); nats.
Eigen & Fergus, "Predicting depth, surface normals and semantic labels", 2015, 4.3 (median-frequency weights).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from conformance.oracle.categorical import (
    CLIP,
    LOGITS,
    PROBABILITIES,
    TARGETS,
    dense,
    dense_cross_entropy,
    per_class,
)
from conformance.oracle.operation import Floats, Input, Terms, operation, rowwise
from conformance.oracle.rows import Softmax, clipped, cross_entropy, to_last
from conformance.oracle.stable import largest_of, product, two_product

CLASS_WEIGHTS = Input("class_weights", "weight", "one weight for each class, shape (C,)")


@operation(
    "class_weighted_pixelwise_cross_entropy",
    single=True,
    family="segmentation",
    inputs=(PROBABILITIES, TARGETS, CLASS_WEIGHTS),
    contract={"clip": CLIP},
    reduces=True,
)
def class_weighted_pixelwise_cross_entropy(
    probabilities: Floats, targets: Floats, class_weights: Floats, *, clip: Sequence[float] | None
) -> Terms:
    """-Σ_c w_c·t_c·ln p_c over the last axis. Gradient -w_c·t_c/p_c."""
    q = clipped(to_last(probabilities, -1), clip=clip)
    coefficients = product(dense(targets, probabilities), per_class(class_weights, targets.shape[-1]))
    loss, gradient = dense_cross_entropy(q, coefficients)
    counts = np.asarray(np.sum(coefficients, axis=-1))
    return rowwise(loss, {"probabilities": gradient}, -1, divisor_weights=counts, length=targets.shape[-1])


@operation(
    "predicted_class_weighted_cross_entropy",
    single=True,
    family="segmentation",
    inputs=(LOGITS, TARGETS, CLASS_WEIGHTS),
    reduces=True,
)
def predicted_class_weighted_cross_entropy(logits: Floats, targets: Floats, class_weights: Floats) -> Terms:
    """-Σ_c t_c·ln softmax(w_a·x)_c over the last axis, a the first largest logit. Gradient w_a·((Σt)·s - t)."""
    x = to_last(logits, -1)
    weights = per_class(class_weights, x.shape[-1])
    weight = np.sum(np.where(largest_of(x), weights, 0.0), axis=-1, keepdims=True)
    _, error = two_product(x, np.broadcast_to(weight, x.shape))
    scaled = product(weight, x)
    loss, gradient = cross_entropy(Softmax(scaled, error), dense(targets, logits))
    # the prediction, and with it the weight, does not change with the logits; the weight itself is rounded too
    loss = replace(loss, condition=2 * loss.condition)
    return rowwise(loss, {"logits": gradient.times(weight)}, -1, length=x.shape[-1])
