"""Categorical cross-entropy: from probabilities and from logits, with dense targets and with labels.

    L(p, t) = -Σ t_c·ln p_c                   probabilities
    L(x, t) = -Σ w_c·t_c·ln softmax(x)_c      logits, class weights w

Targets t have the shape of the predictions and need not sum to 1; labels are class indices, with the shape of
the predictions without the class axis. nats. Goodfellow, Bengio & Courville, "Deep Learning", 6.2.2.3; label
smoothing t' = (1 - α)·t + α/C: Szegedy et al., "Rethinking the Inception architecture", 2016, 7.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from conformance.oracle.operation import Booleans, Exact, Floats, Input, Parameter, Terms, operation, rowwise
from conformance.oracle.rows import (
    Probabilities,
    Softmax,
    clipped,
    cross_entropy,
    one_hot,
    smoothed,
    to_last,
)
from conformance.oracle.stable import finite, product

PROBABILITIES = Input("probabilities", "probability", "probability of each class", differentiable=True)
LOGITS = Input("logits", "real", "unnormalised log-probability of each class", differentiable=True)
TARGETS = Input("targets", "target", "probability that each class is right; shape of the predictions")
LABELS = Input("labels", "label", "index of the right class; shape of the predictions without the class axis")
CLASS_WEIGHTS = Input("class_weights", "weight", "one weight for each class, shape (C,)", optional=True)
AXIS = Parameter(-1, "the axis of the classes")
IGNORE_INDEX = Parameter(None, "rows with this label are removed, whatever they hold")
LABEL_SMOOTHING = Parameter(0.0, "α: targets become (1 - α)·t + α/C")
NORMALISE = Parameter(False, "rows of probabilities are divided by their sum first")
CLIP = Parameter(None, "(low, high): probabilities are clipped to this interval; gradient 0 outside")
SHIFT = Parameter(0.0, "added to the arguments of the logarithms")


@operation(
    "categorical_cross_entropy",
    family="categorical",
    inputs=(PROBABILITIES, TARGETS),
    parameters={"axis": AXIS, "label_smoothing": LABEL_SMOOTHING},
    contract={"normalise": NORMALISE, "clip": CLIP, "shift": SHIFT},
    reduces=True,
)
def categorical_cross_entropy(
    probabilities: Floats,
    targets: Floats,
    *,
    axis: int,
    label_smoothing: float,
    normalise: bool,
    clip: Sequence[float] | None,
    shift: float,
) -> Terms:
    """-Σ t_c·ln p_c over the class axis; 0·ln 0 is 0. Gradient -t_c/p_c."""
    q = clipped(to_last(probabilities, axis), normalise, clip, shift)
    t = smoothed(to_last(dense(targets, probabilities), axis), label_smoothing)
    loss, gradient = dense_cross_entropy(q, t, shift)
    return rowwise(loss, {"probabilities": gradient.moved(-1, axis)}, axis, length=t.shape[-1])


def dense_cross_entropy(q: Probabilities, coefficients: Floats, shift: float = 0.0) -> tuple[Exact, Exact]:
    """(loss (…,), gradient (…, C)) of -Σ coefficient·ln(q + shift)."""
    terms = 0.0 - product(coefficients, q.log)
    total = np.sum(finite(np.abs(terms)), axis=-1)
    # 0/0 would be where a class without target has no probability: its slope is 0.
    slope = -np.where((coefficients == 0) & ~np.isnan(q.value), 0.0, coefficients / (q.value + shift))
    moment = -coefficients if shift == 0 else slope * q.value
    gradient = q.gradient(slope, moment)
    condition = np.sum(np.abs(finite(q.given * gradient.value)), axis=-1) + total
    value = np.asarray(np.sum(terms, axis=-1))
    return Exact(value, total + np.sum(np.abs(finite(coefficients)), axis=-1), condition), gradient


@operation(
    "sparse_categorical_cross_entropy",
    family="categorical",
    inputs=(PROBABILITIES, LABELS),
    parameters={"axis": AXIS, "ignore_index": IGNORE_INDEX},
    contract={
        "normalise": NORMALISE,
        "clip": CLIP,
        "renormalise": Parameter(False, "rows are divided by their sum again, after the clip"),
    },
    reduces=True,
)
def sparse_categorical_cross_entropy(
    probabilities: Floats,
    labels: NDArray[np.int64],
    *,
    axis: int,
    ignore_index: int | None,
    normalise: bool,
    clip: Sequence[float] | None,
    renormalise: bool,
) -> Terms:
    """-ln p_k at the label k. Gradient -1/p_k at k, 0 elsewhere."""
    p, k, kept = sparse(to_last(probabilities, axis), labels, ignore_index, 1.0)
    q = clipped(p, normalise, clip)
    here = one_hot(k, p.shape[-1])
    q_k = np.sum(np.where(here != 0, q.value, 0.0), axis=-1)
    value = 0.0 - np.sum(np.where(here != 0, q.log, 0.0), axis=-1)
    slope, moment = np.where(here != 0, -1 / q.value, 0.0), -here
    if renormalise:
        rest = np.sum(np.where(here != 0, 0.0, q.value), axis=-1)
        total = (q_k + rest)[..., None]
        value = np.log1p(rest / q_k)
        # 1/Σq - 1/q_k, where the label is, is -rest/(q_k·Σq)
        slope = np.where(here != 0, -rest[..., None] / (q.value * total), 1 / total)
        moment = np.where(here != 0, -rest[..., None] / total, q.value / total)
    gradient = q.gradient(slope, moment)
    condition = np.sum(np.abs(finite(p * gradient.value)), axis=-1)
    loss = Exact(value, np.abs(finite(value)) + 1, condition)
    return rowwise(loss, {"probabilities": gradient.moved(-1, axis)}, axis, kept, length=p.shape[-1])


@operation(
    "softmax_cross_entropy",
    family="categorical",
    inputs=(LOGITS, TARGETS, CLASS_WEIGHTS),
    parameters={"axis": AXIS, "label_smoothing": LABEL_SMOOTHING},
    contract={
        "unnormalised_gradient": Parameter(False, "the gradient is softmax - t, also where Σt is not 1"),
    },
    reduces=True,
)
def softmax_cross_entropy(
    logits: Floats,
    targets: Floats,
    class_weights: Floats | None = None,
    *,
    axis: int,
    label_smoothing: float,
    unnormalised_gradient: bool,
) -> Terms:
    """-Σ w_c·t_c·ln softmax(x)_c over the class axis. Gradient (Σwt)·softmax(x) - wt."""
    x = to_last(logits, axis)
    t = to_last(dense(targets, logits), axis)
    coefficients, counts = smoothed(t, label_smoothing), None
    if class_weights is not None:
        w = per_class(class_weights, x.shape[-1])
        coefficients, counts = w * coefficients, np.asarray(np.sum(product(t, w), axis=-1))
    rows = Softmax(x)
    loss, gradient = cross_entropy(rows, coefficients)
    if unnormalised_gradient:
        # s - t, written without cancellation at a one-hot target
        value = rows.value * (1 - coefficients) - coefficients * rows.complement
        scale = np.maximum(gradient.scale, 1.0)
        gradient = replace(gradient, value=value, scale=scale, condition=scale)
    return rowwise(loss, {"logits": gradient.moved(-1, axis)}, axis, divisor_weights=counts, length=rows.classes)


@operation(
    "sparse_softmax_cross_entropy",
    family="categorical",
    inputs=(LOGITS, LABELS, CLASS_WEIGHTS),
    parameters={"axis": AXIS, "ignore_index": IGNORE_INDEX, "label_smoothing": LABEL_SMOOTHING},
    contract={
        "weights_inside_smoothing": Parameter(
            False, "class weights weigh the smoothed targets class by class, not the whole row by its label"
        ),
    },
    reduces=True,
)
def sparse_softmax_cross_entropy(
    logits: Floats,
    labels: NDArray[np.int64],
    class_weights: Floats | None = None,
    *,
    axis: int,
    ignore_index: int | None,
    label_smoothing: float,
    weights_inside_smoothing: bool,
) -> Terms:
    """-w_k·Σ t'_c·ln softmax(x)_c, t' the smoothed one-hot row of label k. Gradient w_k·(softmax(x) - t')."""
    x, k, kept = sparse(to_last(logits, axis), labels, ignore_index, 0.0)
    coefficients, counts = smoothed(one_hot(k, x.shape[-1]), label_smoothing), None
    if class_weights is not None:
        w = per_class(class_weights, x.shape[-1])
        counts = w[k]
        coefficients = coefficients * (w if weights_inside_smoothing else counts[..., None])
    rows = Softmax(x)
    loss, gradient = cross_entropy(rows, coefficients)
    return rowwise(loss, {"logits": gradient.moved(-1, axis)}, axis, kept, divisor_weights=counts, length=rows.classes)


def dense(targets: Floats, like: Floats) -> Floats:
    """The targets; raises ValueError where their shape is not that of the predictions."""
    if targets.shape != like.shape:
        raise ValueError(f"targets have shape {targets.shape}, predictions {like.shape}")
    return targets


def sparse(
    rows: Floats, labels: NDArray[np.int64], ignore_index: int | None, filler: float
) -> tuple[Floats, NDArray[np.int64], Booleans | None]:
    """(rows, labels, kept): ignored rows hold `filler` and label 0, so that nothing of theirs is left.

    Raises ValueError where the shapes do not fit or a label that is not ignored is no class.
    """
    if labels.shape != rows.shape[:-1]:
        raise ValueError(f"labels have shape {labels.shape}, rows of classes {rows.shape[:-1]}")
    if ignore_index is None:
        return rows, labels, None
    kept = labels != ignore_index
    return np.where(kept[..., None], rows, filler), np.where(kept, labels, 0), kept


def per_class(weights: Floats, classes: int) -> Floats:
    """The class weights; raises ValueError where there is not one for each class."""
    if weights.shape != (classes,):
        raise ValueError(f"class_weights have shape {weights.shape}, expected ({classes},)")
    return weights
