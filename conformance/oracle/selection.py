"""The largest of a row: its value, its place, and the k largest with their places.

Of equal numbers the first counts as the larger one: `argmax` is the first place of the maximum, and the k largest
come in falling order, equal ones in the order of their places. The maximum of a row with a nan is nan; where a nan
stands in that order is a convention, so places in such a row are free. No number is flushed: 1.4e-45 exceeds 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conformance.oracle.operation import Booleans, Exact, Floats, Input, Parameter, Terms, operation
from conformance.oracle.primitives import AXIS
from conformance.oracle.rows import to_last
from conformance.oracle.stable import finite

X = Input("x", "real", "rows of numbers", differentiable=True)
PLAIN = Input("x", "real", "rows of numbers")
K = {"k": Parameter(1, "how many, at most the length of the last axis")}


def _with_nan(rows: Floats) -> Booleans:
    return np.asarray(np.isnan(rows).any(axis=-1))


def _spread(free: Booleans, shape: tuple[int, ...]) -> Booleans | None:
    return np.broadcast_to(free[..., None], shape) if free.any() else None


def _pushed(rows: Floats, cotangent: Floats, largest: Floats, taken: Booleans) -> Exact:
    """The gradient of ⟨g, v⟩ where each of the values v, (…, k), is one of the entries of its row, (…, C).

    largest   (…, k) the values;  taken   (…, k, C) the entry that each value is
    Entries equal to a value may share its slope in any way: each gets between none and all of it.
    """
    g = cotangent[..., None]
    equal = rows[..., None, :] == largest[..., None]
    value = np.sum(np.where(taken, g, 0.0), axis=-2)
    sure = np.sum(np.where(taken & (np.sum(equal, axis=-1, keepdims=True) == 1), g, 0.0), axis=-2)
    tied = equal & (np.sum(equal, axis=-1, keepdims=True) > 1)
    low = sure + np.sum(np.where(tied, np.minimum(g, 0.0), 0.0), axis=-2)
    high = sure + np.sum(np.where(tied, np.maximum(g, 0.0), 0.0), axis=-2)
    free = _spread(_with_nan(rows), rows.shape)
    size = np.abs(value)
    loose = tied.any()
    return Exact(value, size, np.zeros(size.shape), low if loose else None, high if loose else None, free)


@operation("reduce_max", family="primitives", inputs=(X,), parameters={"axis": AXIS}, grade="A", gradient_grade="A")
def reduce_max(x: Floats, *, axis: int) -> Terms:
    """The maximum along `axis`; nan where the row holds one. Gradient 1 at the maximum; equal ones may share it."""
    rows = to_last(x, axis)
    value = np.max(rows, axis=-1)
    taken = np.arange(rows.shape[-1]) == np.argmax(rows, axis=-1)[..., None]

    def pullback(cotangent: Floats) -> dict[str, Exact]:
        gradient = _pushed(rows, cotangent[..., None], value[..., None], taken[..., None, :])
        return {"x": gradient.moved(-1, axis)}

    size = np.abs(finite(value))
    return Terms(Exact(value, size, size), pullback)


@operation("argmax", family="primitives", inputs=(PLAIN,), parameters={"axis": AXIS}, output="any")
def argmax(x: Floats, *, axis: int) -> Terms:
    """The first place of the maximum along `axis`. Free where the row holds a nan."""
    rows = to_last(x, axis)
    return _places(np.asarray(np.argmax(rows, axis=-1), np.float64), _with_nan(rows))


@operation("top_k_indices", family="primitives", inputs=(PLAIN,), parameters=K, output="any")
def top_k_indices(x: Floats, *, k: int) -> Terms:
    """The places of the k largest along the last axis, (…, k): the larger first, equal ones in their order."""
    order = _order(x, k)
    free = _spread(_with_nan(x), order.shape)
    return _places(np.asarray(order, np.float64), free)


@operation("top_k_values", family="primitives", inputs=(X,), parameters=K, grade="A", gradient_grade="A", couples=True)
def top_k_values(x: Floats, *, k: int) -> Terms:
    """The k largest along the last axis, in falling order, (…, k). Gradient: each cotangent goes where its value is."""
    order = _order(x, k)
    value = np.take_along_axis(x, order, axis=-1)
    taken = np.arange(x.shape[-1]) == order[..., None]
    size = np.abs(finite(value))
    free = _spread(_with_nan(x), value.shape)
    return Terms(Exact(value, size, size, free=free), lambda g: {"x": _pushed(x, g, value, taken)})


def _order(x: Floats, k: int) -> NDArray[np.int64]:
    if not 0 <= k <= x.shape[-1]:
        raise ValueError(f"k is {k}, and a row has {x.shape[-1]} entries")
    return np.asarray(np.argsort(-x, axis=-1, kind="stable")[..., :k])


def _places(value: Floats, free: Booleans | None) -> Terms:
    return Terms(Exact(value, value, value, free=free if free is not None and free.any() else None))
