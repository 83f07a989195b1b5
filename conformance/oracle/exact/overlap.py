"""Second definitions: overlap losses, from true positives, false positives and false negatives.

Every entry of the loss has a place in the array of what the sums leave; its group are the inputs that share it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from conformance.oracle.exact.definition import define
from conformance.oracle.exact.number import Number, exp, total
from conformance.oracle.exact.primitives import softmax

Shape = tuple[int, ...]


def removed(shape: Shape, axes: Sequence[Any] | None) -> Shape:
    """The axes that are summed over, none of them negative."""
    if axes is None:
        return tuple(range(len(shape)))
    whole = (int(float(a.value.mid())) if isinstance(a, Number) else int(a) for a in axes)
    return tuple(sorted({a % len(shape) for a in whole}))


def left(shape: Shape, axes: Sequence[Any] | None) -> Shape:
    """The shape that the sums leave."""
    return tuple(n for a, n in enumerate(shape) if a not in removed(shape, axes))


def group(shape: Shape, axes: Sequence[Any] | None, place: int) -> list[int]:
    """The flat places of the inputs that make up one entry of the loss."""
    inner = removed(shape, axes)
    outer = [a for a in range(len(shape)) if a not in inner]
    indices = np.arange(math.prod(shape)).reshape(shape).transpose(*outer, *inner)
    return [int(i) for i in indices.reshape(math.prod(left(shape, axes)), -1)[place]]


def tversky_loss(
    p: list[Number], t: list[Number], alpha: Number | float, beta: Number | float, smooth: Number, epsilon: Number
) -> Number:
    """1 - (TP + s)/(TP + α·FP + β·FN + s + ε)."""
    true_positive = total([a * b for a, b in zip(p, t, strict=True)])
    false_positive = total([a * (1 - b) for a, b in zip(p, t, strict=True)])
    false_negative = total([(1 - a) * b for a, b in zip(p, t, strict=True)])
    known = true_positive + smooth
    return 1 - known / (known + false_positive * alpha + false_negative * beta + epsilon)


def shape_of_probabilities(shapes: Mapping[str, Shape], parameters: Mapping[str, Any]) -> Shape:
    return left(shapes["probabilities"], parameters["axes"])


@define(
    "dice",
    {"probabilities": "real", "targets": "real"},
    {"axes": None, "smooth": 0.0, "epsilon": 0.0},
    entries=shape_of_probabilities,
    rows=True,
    reduces=True,
)
def dice(
    probabilities: list[Number],
    targets: list[Number],
    *,
    axes: Sequence[Number] | None,
    smooth: Number,
    epsilon: Number,
    place: int,
    shapes: Mapping[str, Shape],
) -> Number:
    """1 - (2·TP + 2s)/(Σp + Σt + 2s + ε)."""
    members = group(shapes["probabilities"], axes, place)
    p, t = [probabilities[i] for i in members], [targets[i] for i in members]
    common = total([a * b for a, b in zip(p, t, strict=True)])
    return 1 - 2 * (common + smooth) / (total(p) + total(t) + 2 * smooth + epsilon)


@define(
    "tversky",
    {"probabilities": "real", "targets": "real"},
    {"axes": None, "alpha": 0.5, "beta": 0.5, "smooth": 0.0, "epsilon": 0.0},
    entries=shape_of_probabilities,
    rows=True,
    reduces=True,
)
def tversky(
    probabilities: list[Number],
    targets: list[Number],
    *,
    axes: Sequence[Number] | None,
    alpha: Number,
    beta: Number,
    smooth: Number,
    epsilon: Number,
    place: int,
    shapes: Mapping[str, Shape],
) -> Number:
    members = group(shapes["probabilities"], axes, place)
    p, t = [probabilities[i] for i in members], [targets[i] for i in members]
    return tversky_loss(p, t, alpha, beta, smooth, epsilon)


@define(
    "tversky_with_logits",
    {"logits": "real", "targets": "real"},
    {"axes": None, "alpha": 0.5, "beta": 0.5, "smooth": 0.0},
    entries=lambda shapes, parameters: left(shapes["logits"], parameters["axes"]),
    rows=True,
    reduces=True,
)
def tversky_with_logits(
    logits: list[Number],
    targets: list[Number],
    *,
    axes: Sequence[Number] | None,
    alpha: Number,
    beta: Number,
    smooth: Number,
    place: int,
    shapes: Mapping[str, Shape],
) -> Number:
    shape = shapes["logits"]
    classes = shape[-1]
    members = group(shape, axes, place)
    rows: dict[int, list[Number]] = {}
    p = []
    for i in members:
        if classes == 1:
            p.append(1 / (1 + exp(-logits[i])))
            continue
        start = i - i % classes
        if start not in rows:
            rows[start] = softmax(logits[start : start + classes])
        p.append(rows[start][i - start])
    return tversky_loss(p, [targets[i] for i in members], alpha, beta, smooth, smooth * 0)
