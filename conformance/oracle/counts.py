"""Metrics of counts: how often each decision met each truth, and the ratios of such counts.

    precision TP/(TP + FP)     recall TP/(TP + FN)     F_β = (1 + β²)·TP / ((1 + β²)·TP + β²·FN + FP)
    specificity TN/(TN + FP)     negative predictive value TN/(TN + FN)     Hamming distance (FP + FN)/N
    IoU of a class: TP/(TP + FP + FN)

A sample counts as much as its weight. 0 / 0 has no value unless the case says what it counts as. Scores and targets
have the shape (…, C), the classes last; predictions and labels are class indices. van Rijsbergen, "Information
Retrieval", 1979, chapter 7; Everingham et al., "The Pascal visual object classes challenge", 2010 (IoU); Cohen, "A
coefficient of agreement for nominal scales", 1960; Gorodkin, "Comparing two K-category assignments", 2004 (R_K).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from conformance.oracle.metrics import LABEL_DTYPE, PREDICTIONS, SAMPLE_LABELS
from conformance.oracle.operation import Booleans, Exact, Floats, Input, Parameter, Terms, operation
from conformance.oracle.reduction import sum_exactly

PROBABILITIES = Input("probabilities", "probability", "probability that each sample, or each class of it, is positive")
TARGETS = Input("targets", "target", "0 or 1, shape of the probabilities")
ENTRY_WEIGHTS = Input("weights", "weight", "what each decision counts; broadcasts against them", optional=True)
LABEL_WEIGHTS = Input("weights", "weight", "what each sample counts; shape of the labels", optional=True)
CLASSES = Parameter(None, "C, the number of classes; required")
IGNORED = Parameter(None, "samples with this label do not count")
DECIDING = {
    "threshold": Parameter(0.5, "a probability above this is a positive decision"),
    "decision": Parameter("threshold", "threshold, or argmax: the first largest of the last axis alone is positive"),
    "average": Parameter(
        "micro", "micro: all decisions as one class; macro: mean of the classes; weighted: by their support; none"
    ),
    "zero_division": Parameter(None, "what 0 / 0 counts as; undefined where it is not said"),
}
AVERAGES = ("micro", "macro", "weighted", "none")


@dataclass(frozen=True)
class Counts:
    """True and false positives and negatives, each an array with one number for each class."""

    tp: Floats
    fp: Floats
    tn: Floats
    fn: Floats


@operation(
    "confusion_counts",
    family="metrics",
    inputs=(PROBABILITIES, TARGETS, ENTRY_WEIGHTS),
    parameters={"threshold": DECIDING["threshold"]},
    output="any",
)
def confusion_counts(
    probabilities: Floats, targets: Floats, weights: Floats | None = None, *, threshold: float
) -> Terms:
    """The four numbers TP, FP, TN, FN over all entries."""
    found = _counted(probabilities.ravel() > threshold, targets.ravel(), _flat(weights, targets.shape))
    value = np.concatenate([found.tp, found.fp, found.tn, found.fn])
    return _of_sums(value, probabilities, targets, length=targets.size)


@operation(
    "confusion_matrix",
    family="metrics",
    inputs=(PREDICTIONS, SAMPLE_LABELS, LABEL_WEIGHTS),
    parameters={"classes": CLASSES, "label_dtype": LABEL_DTYPE},
    output="any",
)
def confusion_matrix(
    predictions: NDArray[np.int64],
    labels: NDArray[np.int64],
    weights: Floats | None = None,
    *,
    classes: int | None,
    label_dtype: str,
) -> Terms:
    """(C, C): how often each label (row) was predicted as each class (column)."""
    value = _matrix(predictions, labels, weights, classes, None)
    return Terms(Exact(value, np.abs(value), np.abs(value)), length=max(1, labels.size))


@operation(
    "precision", family="metrics", inputs=(PROBABILITIES, TARGETS, ENTRY_WEIGHTS), parameters=DECIDING, output="float"
)
def precision(
    probabilities: Floats,
    targets: Floats,
    weights: Floats | None = None,
    *,
    threshold: float,
    decision: str,
    average: str,
    zero_division: float | None,
) -> Terms:
    """TP/(TP + FP): the share of the positive decisions that are right."""
    return _ratio(
        lambda c: (c.tp, c.tp + c.fp), probabilities, targets, weights, threshold, decision, average, zero_division
    )


@operation(
    "recall", family="metrics", inputs=(PROBABILITIES, TARGETS, ENTRY_WEIGHTS), parameters=DECIDING, output="float"
)
def recall(
    probabilities: Floats,
    targets: Floats,
    weights: Floats | None = None,
    *,
    threshold: float,
    decision: str,
    average: str,
    zero_division: float | None,
) -> Terms:
    """TP/(TP + FN): the share of the positive samples that are found."""
    return _ratio(
        lambda c: (c.tp, c.tp + c.fn), probabilities, targets, weights, threshold, decision, average, zero_division
    )


@operation(
    "specificity",
    family="metrics",
    inputs=(PROBABILITIES, TARGETS, ENTRY_WEIGHTS),
    parameters=DECIDING,
    output="float",
)
def specificity(
    probabilities: Floats,
    targets: Floats,
    weights: Floats | None = None,
    *,
    threshold: float,
    decision: str,
    average: str,
    zero_division: float | None,
) -> Terms:
    """TN/(TN + FP): the share of the negative samples that are left out."""
    return _ratio(
        lambda c: (c.tn, c.tn + c.fp), probabilities, targets, weights, threshold, decision, average, zero_division
    )


@operation(
    "negative_predictive_value",
    family="metrics",
    inputs=(PROBABILITIES, TARGETS, ENTRY_WEIGHTS),
    parameters=DECIDING,
    output="float",
)
def negative_predictive_value(
    probabilities: Floats,
    targets: Floats,
    weights: Floats | None = None,
    *,
    threshold: float,
    decision: str,
    average: str,
    zero_division: float | None,
) -> Terms:
    """TN/(TN + FN): the share of the negative decisions that are right."""
    return _ratio(
        lambda c: (c.tn, c.tn + c.fn), probabilities, targets, weights, threshold, decision, average, zero_division
    )


@operation(
    "hamming_distance",
    family="metrics",
    inputs=(PROBABILITIES, TARGETS, ENTRY_WEIGHTS),
    parameters={name: DECIDING[name] for name in ("threshold", "average")},
    output="float",
)
def hamming_distance(
    probabilities: Floats, targets: Floats, weights: Floats | None = None, *, threshold: float, average: str
) -> Terms:
    """(FP + FN)/N: the share of the decisions that are wrong. Hamming, "Error detecting codes", 1950."""

    def parts(c: Counts) -> tuple[Floats, Floats]:
        return c.fp + c.fn, c.tp + c.fp + c.tn + c.fn

    # A share of what is right is rounded before it is subtracted from 1.
    terms = _ratio(parts, probabilities, targets, weights, threshold, "threshold", average, None)
    return replace(terms, value=replace(terms.value, scale=1 + terms.value.scale))


@operation(
    "f_beta",
    family="metrics",
    inputs=(PROBABILITIES, TARGETS, ENTRY_WEIGHTS),
    parameters={"beta": Parameter(1.0, "β: recall counts β times as much as precision"), **DECIDING},
    output="float",
)
def f_beta(
    probabilities: Floats,
    targets: Floats,
    weights: Floats | None = None,
    *,
    beta: float,
    threshold: float,
    decision: str,
    average: str,
    zero_division: float | None,
) -> Terms:
    """(1 + β²)·TP / ((1 + β²)·TP + β²·FN + FP), the weighted harmonic mean of precision and recall."""
    square = beta * beta

    def parts(c: Counts) -> tuple[Floats, Floats]:
        return (1 + square) * c.tp, (1 + square) * c.tp + square * c.fn + c.fp

    return _ratio(parts, probabilities, targets, weights, threshold, decision, average, zero_division)


@operation(
    "mean_iou",
    family="metrics",
    inputs=(PREDICTIONS, SAMPLE_LABELS, LABEL_WEIGHTS),
    parameters={"classes": CLASSES, "ignore_index": IGNORED, "label_dtype": LABEL_DTYPE},
    output="float",
)
def mean_iou(
    predictions: NDArray[np.int64],
    labels: NDArray[np.int64],
    weights: Floats | None = None,
    *,
    classes: int | None,
    ignore_index: int | None,
    label_dtype: str,
) -> Terms:
    """The mean of TP/(TP + FP + FN) over the classes that are predicted or right somewhere; undefined without one."""
    table = _matrix(predictions, labels, weights, classes, ignore_index)
    own = np.diagonal(table)
    union = np.array([sum_exactly(np.concatenate([table[c], np.delete(table[:, c], c)])) for c in range(len(table))])
    present = union != 0
    value = sum_exactly(own[present] / union[present]) / np.count_nonzero(present) if present.any() else np.nan
    return _scalar(value, undefined=not present.any(), length=labels.size)


@operation(
    "cohen_kappa",
    family="metrics",
    inputs=(PREDICTIONS, SAMPLE_LABELS),
    parameters={"classes": CLASSES, "label_dtype": LABEL_DTYPE},
    output="float",
)
def cohen_kappa(
    predictions: NDArray[np.int64], labels: NDArray[np.int64], *, classes: int | None, label_dtype: str
) -> Terms:
    """1 - (observed disagreement)/(disagreement by chance); undefined where chance cannot disagree."""
    table = _matrix(predictions, labels, None, classes, None)
    total = float(np.sum(table))
    by_chance = total * total - float(np.sum(np.sum(table, axis=0) * np.sum(table, axis=1)))
    missed = total * (total - float(np.trace(table)))
    if by_chance == 0:
        return _scalar(np.nan, undefined=True, length=labels.size)
    return _scalar((by_chance - missed) / by_chance, scale=1 + missed / by_chance, length=labels.size)


@operation(
    "matthews_correlation",
    family="metrics",
    inputs=(PREDICTIONS, SAMPLE_LABELS),
    parameters={"classes": CLASSES, "label_dtype": LABEL_DTYPE},
    output="float",
)
def matthews_correlation(
    predictions: NDArray[np.int64], labels: NDArray[np.int64], *, classes: int | None, label_dtype: str
) -> Terms:
    """The correlation of the one-hot predictions with the one-hot labels; undefined where one of them is constant."""
    table = _matrix(predictions, labels, None, classes, None)
    total = float(np.sum(table))
    predicted, actual = np.sum(table, axis=0), np.sum(table, axis=1)
    together = float(np.trace(table)) * total - float(np.sum(predicted * actual))
    size = math.sqrt(total**2 - float(np.sum(predicted**2))) * math.sqrt(total**2 - float(np.sum(actual**2)))
    if size == 0:
        return _scalar(np.nan, undefined=True, length=labels.size)
    return _scalar(together / size, scale=1 + abs(together) / size, length=labels.size)


def _ratio(
    parts: Callable[[Counts], tuple[Floats, Floats]],
    probabilities: Floats,
    targets: Floats,
    weights: Floats | None,
    threshold: float,
    decision: str,
    average: str,
    zero_division: float | None,
) -> Terms:
    """Numerator over denominator for each class, averaged. Raises ValueError for an unknown average or decision."""
    if average not in AVERAGES:
        raise ValueError(f"unknown average '{average}'; expected one of: {', '.join(AVERAGES)}")
    spread = _spread(weights, targets.shape)
    decided, truth = _decisions(probabilities, threshold, decision), targets
    if average == "micro":
        decided, truth, spread = decided.ravel(), truth.ravel(), spread.ravel()
    found = _counted(decided, truth, spread)
    above, below = parts(found)
    undefined = below == 0
    value = np.where(undefined, np.nan if zero_division is None else zero_division, above / below)
    if zero_division is not None:
        undefined = np.zeros(undefined.shape, bool)
    if average == "none":
        free = np.isnan(probabilities).any() | undefined
        size = np.abs(np.where(np.isfinite(value), value, 0.0))
        return Terms(Exact(value, size, size, free=free if free.any() else None), length=max(1, len(targets)))
    if average == "weighted":
        support = np.asarray(found.tp + found.fn)
        total = sum_exactly(support)
        # A class that nobody belongs to counts nothing, whatever its ratio.
        shares = np.where(support == 0, 0.0, np.where(undefined, np.nan, value) * support)
        result = sum_exactly(shares, total) if total else np.nan
        if total == 0 and zero_division is not None:
            result = float(zero_division)
        return _scalar(result, np.isnan(result), length=targets.size)
    if not value.size:
        return _scalar(np.nan, undefined=True, length=targets.size)
    result = sum_exactly(value, float(value.size))
    return _scalar(result, undefined=bool(undefined.any()) or bool(np.isnan(probabilities).any()), length=targets.size)


def _decisions(probabilities: Floats, threshold: float, decision: str) -> Booleans:
    if decision == "threshold":
        return np.asarray(probabilities > threshold)
    if decision == "argmax":
        return np.asarray(np.arange(probabilities.shape[-1]) == np.argmax(probabilities, axis=-1)[..., None])
    raise ValueError(f"unknown decision '{decision}'; expected threshold or argmax")


def _counted(decided: Booleans, targets: Floats, weights: Floats) -> Counts:
    """Counts of each class: of the last axis, or of everything where there is one axis only."""
    if decided.ndim < 2:
        decided, targets, weights = decided.reshape(-1, 1), targets.reshape(-1, 1), weights.reshape(-1, 1)
    classes = decided.shape[-1]
    decided, positive = decided.reshape(-1, classes), targets.reshape(-1, classes) != 0
    weights = weights.reshape(-1, classes)

    def total(where: Booleans) -> Floats:
        return np.array([sum_exactly(weights[where[:, c], c]) for c in range(classes)])

    return Counts(
        total(decided & positive), total(decided & ~positive), total(~decided & ~positive), total(~decided & positive)
    )


def _spread(weights: Floats | None, shape: tuple[int, ...]) -> Floats:
    return np.ones(shape) if weights is None else np.array(np.broadcast_to(weights, shape))


def _flat(weights: Floats | None, shape: tuple[int, ...]) -> Floats:
    return _spread(weights, shape).ravel()


def _matrix(
    predictions: NDArray[np.int64],
    labels: NDArray[np.int64],
    weights: Floats | None,
    classes: int | None,
    ignore_index: int | None,
) -> Floats:
    """(C, C) sums of weights by label and prediction. Raises ValueError without C, or for what is no class."""
    if classes is None:
        raise ValueError("the number of classes is needed")
    rows, columns, spread = labels.ravel(), predictions.ravel(), _flat(weights, labels.shape)
    if ignore_index is not None:
        kept = rows != ignore_index
        rows, columns, spread = rows[kept], columns[kept], spread[kept]
    for given in (rows, columns):
        if np.any((given < 0) | (given >= classes)):
            raise ValueError(f"classes must be in [0, {classes}): {given}")
    cell = rows * classes + columns
    return np.array([sum_exactly(spread[cell == place]) for place in range(classes**2)]).reshape(classes, classes)


def _of_sums(value: Floats, probabilities: Floats, targets: Floats, length: int) -> Terms:
    nan = bool(np.isnan(probabilities).any() or np.isnan(targets).any())
    size = np.abs(value)
    return Terms(Exact(value, size, size, free=np.ones(value.shape, bool) if nan else None), length=max(1, length))


def _scalar(value: float, undefined: bool = False, scale: float | None = None, length: int = 1) -> Terms:
    number = np.asarray(np.nan if undefined else value, np.float64)
    size = np.abs(np.where(np.isfinite(number), number, 0.0))
    free = np.ones((), bool) if undefined else None
    return Terms(Exact(number, size if scale is None else np.asarray(scale), size, free=free), length=max(1, length))
