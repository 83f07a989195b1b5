"""Second definitions: sigmoid, softmax and their logarithms, one-hot vectors, smoothed labels.

    σ(x) = 1 / (1 + e⁻ˣ)        softmaxᵢ(x) = eˣⁱ / Σⱼ eˣʲ

As written, without rearrangement: the precision is raised until nothing is lost.
"""

from __future__ import annotations

import math

from conformance.oracle.exact.definition import define
from conformance.oracle.exact.number import Number, exceeds, exp, log, total


@define("sigmoid", {"x": "real"})
def sigmoid(x: Number) -> Number:
    return 1 / (1 + exp(-x))


@define("log_sigmoid", {"x": "real"})
def log_sigmoid(x: Number) -> Number:
    return log(1 / (1 + exp(-x)))


@define("softplus", {"x": "real"}, {"beta": 1.0, "threshold": None})
def softplus(x: Number, *, beta: Number, threshold: Number | None) -> Number:
    """log(1 + e^{βx})/β; with a threshold, x itself where βx is over it."""
    if threshold is not None and exceeds(beta * x, threshold):
        return x
    return log(1 + exp(beta * x)) / beta


@define("softmax", {"x": "real"}, {"axis": -1}, rows=True, several=True)
def softmax(x: list[Number]) -> list[Number]:
    powers = [exp(xi) for xi in x]
    partition = total(powers)
    return [p / partition for p in powers]


@define("log_softmax", {"x": "real"}, {"axis": -1}, rows=True, several=True)
def log_softmax(x: list[Number]) -> list[Number]:
    return [log(s) for s in softmax(x)]


@define("logsumexp", {"x": "real"}, {"axis": -1}, rows=True)
def logsumexp(x: list[Number]) -> Number:
    return log(total([exp(xi) for xi in x]))


def _kept(x: list[Number], mask: list[Number]) -> list[int]:
    return [i for i, m in enumerate(mask) if not m.value.is_zero()]


@define("masked_softmax", {"x": "real", "mask": "fixed"}, {"axis": -1}, rows=True, several=True)
def masked_softmax(x: list[Number], mask: list[Number]) -> list[Number | int | None]:
    kept = _kept(x, mask)
    if not kept:
        return [None] * len(x)
    shares = dict(zip(kept, softmax([x[i] for i in kept]), strict=True))
    return [shares.get(i, 0) for i in range(len(x))]


@define("masked_log_softmax", {"x": "real", "mask": "fixed"}, {"axis": -1}, rows=True, several=True)
def masked_log_softmax(x: list[Number], mask: list[Number]) -> list[Number | None]:
    kept = _kept(x, mask)
    if not kept:
        return [None] * len(x)
    nothing = x[0].tape.constant(-math.inf)
    shares = dict(zip(kept, log_softmax([x[i] for i in kept]), strict=True))
    return [shares.get(i, nothing) for i in range(len(x))]


@define("masked_logsumexp", {"x": "real", "mask": "fixed"}, {"axis": -1}, rows=True)
def masked_logsumexp(x: list[Number], mask: list[Number]) -> Number:
    kept = _kept(x, mask)
    return logsumexp([x[i] for i in kept]) if kept else x[0].tape.constant(-math.inf)


@define("log_cumsum_exp", {"x": "real"}, {"axis": -1}, rows=True, several=True)
def log_cumsum_exp(x: list[Number]) -> list[Number]:
    return [logsumexp(x[: i + 1]) for i in range(len(x))]


@define("one_hot", {"labels": "label"}, {"classes": None}, several=True)
def one_hot(labels: int, *, classes: int) -> list[int] | list[None]:
    if not 0 <= labels < classes:
        return [None] * classes
    return [int(c == labels) for c in range(classes)]


@define("smooth_labels", {"targets": "real"}, {"alpha": 0.0}, rows=True, several=True)
def smooth_labels(targets: list[Number], *, alpha: Number) -> list[Number]:
    """(1 - α)·y + α/C."""
    return [(1 - alpha) * y + alpha / len(targets) for y in targets]
