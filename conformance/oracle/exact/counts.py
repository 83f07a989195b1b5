"""Second definitions: metrics of counts, each sample visited once, every ratio taken as its textbook writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flint import arb

from conformance.oracle.exact.definition import Kind, define
from conformance.oracle.exact.number import ONE, ZERO, Number, exceeds, power

Shapes = Mapping[str, tuple[int, ...]]
SCORES: dict[str, Kind] = {"probabilities": "fixed", "targets": "fixed", "weights": "fixed"}
CLASSES: dict[str, Kind] = {"predictions": "label", "labels": "label", "weights": "fixed"}
DECIDING = {"threshold": 0.5, "decision": "threshold", "average": "micro", "zero_division": None}


def _scalar(shapes: Shapes, parameters: Mapping[str, Any]) -> tuple[int, ...]:
    return ()


def _averaged(shapes: Shapes, parameters: Mapping[str, Any]) -> tuple[int, ...]:
    return shapes["probabilities"][-1:] if parameters["average"] == "none" else ()


def _of_entry(place: int, shape: tuple[int, ...], given: list[Number] | None, shapes: Shapes) -> arb:
    """The weight of an entry of the flattened array: weights of fewer axes, or of axes of length 1, are shared."""
    if given is None:
        return ONE
    own = shapes["weights"]
    index, step = 0, 1
    for length, of_weight in zip(reversed(shape), [*reversed(own), *[1] * (len(shape) - len(own))], strict=True):
        index += (place % length) * step if of_weight != 1 else 0
        place //= length
        step *= of_weight
    return given[index].value


Cell = dict[tuple[bool, bool], arb]


def _cells(
    probabilities: list[Number],
    targets: list[Number],
    weights: list[Number] | None,
    shapes: Shapes,
    threshold: Number,
    decision: str,
    classes: int,
) -> list[Cell]:
    """For each class: the weight of the entries by (decided, true)."""
    cells: list[Cell] = [
        {(d, t): ZERO for d in (False, True) for t in (False, True)} for _ in range(classes)
    ]  # fmt: skip
    shape = shapes["probabilities"]
    row = shape[-1] if shape else 1
    for place, (p, t) in enumerate(zip(probabilities, targets, strict=True)):
        if decision == "argmax":
            rivals = probabilities[place - place % row :][:row]
            decided = not any(exceeds(q, p) for q in rivals)
            decided &= all(exceeds(p, q) for q in rivals[: place % row])
        else:
            decided = exceeds(p, threshold)
        cells[place % classes][decided, not t.value.is_zero()] += _of_entry(place, shape, weights, shapes)
    return cells


def _any_nan(numbers: Sequence[Number]) -> bool:
    return any(x.value.is_nan() for x in numbers)


@define("confusion_counts", SCORES, {"threshold": 0.5}, rows=True, entries=lambda shapes, parameters: (4,))
def confusion_counts(
    probabilities: list[Number],
    targets: list[Number],
    weights: list[Number] | None = None,
    *,
    threshold: Number,
    place: int,
    shapes: Shapes,
) -> Number | None:
    if _any_nan(probabilities) or _any_nan(targets):
        return None
    (cell,) = _cells(probabilities, targets, weights, shapes, threshold, "threshold", 1)
    order = [(True, True), (True, False), (False, False), (False, True)]
    return threshold.tape.constant(cell[order[place]])


def _mean_ratio(
    ratios: Sequence[tuple[arb, arb]], support: Sequence[arb], average: str, zero: Number | None, place: int
) -> arb | None:
    """(numerator, denominator) of each class, averaged; 0/0 is `zero`."""
    values: list[arb | None] = [
        (None if zero is None else zero.value) if below.is_zero() else above / below for above, below in ratios
    ]
    if average == "none":
        return values[place]
    if average == "weighted":
        total = sum(support, ZERO)
        if total.is_zero():
            return None if zero is None else zero.value
        counted = [(v, s) for v, s in zip(values, support, strict=True) if not s.is_zero()]
        if any(v is None for v, _ in counted):
            return None
        return sum((v * s for v, s in counted if v is not None), ZERO) / total
    if not values or any(v is None for v in values):
        return None
    return sum((v for v in values if v is not None), ZERO) / len(values)


def _positives(cell: Cell) -> arb:
    return cell[True, True] + cell[False, True]


def _decided(cell: Cell) -> arb:
    return cell[True, True] + cell[True, False]


def _classes(shapes: Shapes, average: str) -> int:
    return 1 if average == "micro" or len(shapes["probabilities"]) < 2 else shapes["probabilities"][-1]


Ratio = Callable[[Cell, Mapping[str, Number]], tuple[arb, arb]]


def _define_ratio(
    name: str, ratio: Ratio, parameters: Mapping[str, Any], deciding: Mapping[str, Any] = DECIDING
) -> None:
    """Defines a ratio of counts, averaged over the classes; `ratio` gives its numerator and denominator for one."""

    @define(name, SCORES, {**parameters, **deciding}, rows=True, entries=_averaged)
    def formula(
        probabilities: list[Number],
        targets: list[Number],
        weights: list[Number] | None = None,
        *,
        threshold: Number,
        average: str,
        decision: str = "threshold",
        zero_division: Number | None = None,
        place: int,
        shapes: Shapes,
        **more: Number,
    ) -> Number | None:
        if _any_nan(probabilities):
            return None
        cells = _cells(probabilities, targets, weights, shapes, threshold, decision, _classes(shapes, average))
        ratios = [ratio(cell, more) for cell in cells]
        value = _mean_ratio(ratios, [_positives(cell) for cell in cells], average, zero_division, place)
        return None if value is None else threshold.tape.constant(value)


def _f_beta(cell: Cell, parameters: Mapping[str, Number]) -> tuple[arb, arb]:
    """(1 + β²)·P·R/(β²·P + R); 0 where nothing is found although there was something to find or to be mistaken for."""
    hits, decided, positive = cell[True, True], _decided(cell), _positives(cell)
    if hits.is_zero():
        return ZERO, decided + positive
    square = power(parameters["beta"], 2).value
    p, r = hits / decided, hits / positive
    return (1 + square) * p * r, square * p + r


_define_ratio("precision", lambda cell, _: (cell[True, True], _decided(cell)), {})
_define_ratio("recall", lambda cell, _: (cell[True, True], _positives(cell)), {})
_define_ratio("f_beta", _f_beta, {"beta": 1.0})
_define_ratio("specificity", lambda cell, _: (cell[False, False], cell[False, False] + cell[True, False]), {})
_define_ratio(
    "negative_predictive_value", lambda cell, _: (cell[False, False], cell[False, False] + cell[False, True]), {}
)
_define_ratio(
    "hamming_distance",
    lambda cell, _: (cell[True, False] + cell[False, True], sum(cell.values(), ZERO)),
    {},
    {"threshold": 0.5, "average": "micro"},
)


@define(
    "confusion_matrix",
    CLASSES,
    {"classes": None, "label_dtype": "int64"},
    rows=True,
    entries=lambda shapes, parameters: (parameters["classes"],) * 2,
)
def confusion_matrix(
    predictions: tuple[int, ...],
    labels: tuple[int, ...],
    weights: list[Number] | None = None,
    *,
    classes: int,
    label_dtype: str,
    place: int,
    shapes: Shapes,
) -> Number | int:
    label, predicted = divmod(place, classes)
    found = [i for i, pair in enumerate(zip(labels, predictions, strict=True)) if pair == (label, predicted)]
    if weights is None:
        return len(found)
    of_each = [_of_entry(i, shapes["labels"], weights, shapes) for i in found]
    return weights[0].tape.constant(sum(of_each, ZERO)) if weights else 0


@define(
    "mean_iou",
    CLASSES,
    {"classes": None, "ignore_index": None, "label_dtype": "int64"},
    rows=True,
    entries=_scalar,
)
def mean_iou(
    predictions: tuple[int, ...],
    labels: tuple[int, ...],
    weights: list[Number] | None = None,
    *,
    classes: int,
    ignore_index: int | None,
    label_dtype: str,
    place: int,
    shapes: Shapes,
) -> Number | arb | None:
    """|intersection|/|union| of the samples of each class and those predicted as it, over classes with a union."""
    shares = []
    samples = [
        (y, p, _of_entry(i, shapes["labels"], weights, shapes))
        for i, (y, p) in enumerate(zip(labels, predictions, strict=True))
        if y != ignore_index
    ]
    for c in range(classes):
        union = sum((w for y, p, w in samples if c in (y, p)), ZERO)
        if not union.is_zero():
            shares.append(sum((w for y, p, w in samples if y == p == c), ZERO) / union)
    return None if not shares else sum(shares, ZERO) / len(shares)


@define(
    "cohen_kappa",
    {"predictions": "label", "labels": "label"},
    {"classes": None, "label_dtype": "int64"},
    rows=True,
    entries=_scalar,
)
def cohen_kappa(
    predictions: tuple[int, ...],
    labels: tuple[int, ...],
    *,
    classes: int,
    label_dtype: str,
    place: int,
    shapes: Shapes,
) -> arb | None:
    """(p_o - p_e)/(1 - p_e)."""
    n = len(labels)
    if not n:
        return None
    agreed = arb(sum(y == p for y, p in zip(labels, predictions, strict=True))) / n
    by_chance = sum((arb(labels.count(c)) * predictions.count(c) / n**2 for c in range(classes)), ZERO)
    if any(labels.count(c) == predictions.count(c) == n for c in range(classes)):
        return None
    return (agreed - by_chance) / (1 - by_chance)


@define(
    "matthews_correlation",
    {"predictions": "label", "labels": "label"},
    {"classes": None, "label_dtype": "int64"},
    rows=True,
    entries=_scalar,
)
def matthews_correlation(
    predictions: tuple[int, ...],
    labels: tuple[int, ...],
    *,
    classes: int,
    label_dtype: str,
    place: int,
    shapes: Shapes,
) -> arb | None:
    """cov(X, Y)/√(cov(X, X)·cov(Y, Y)) of the indicators of predictions and labels, summed over the classes."""

    def covariance(first: tuple[int, ...], second: tuple[int, ...]) -> int:
        n = len(first)
        return sum(
            n * sum(a == c == b for a, b in zip(first, second, strict=True)) - first.count(c) * second.count(c)
            for c in range(classes)
        )

    size = covariance(predictions, predictions) * covariance(labels, labels)
    return None if size == 0 else arb(covariance(predictions, labels)) / arb(size).sqrt()
