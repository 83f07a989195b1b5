"""Second definitions: the largest of a row, by counting for each entry the entries that come before it."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from conformance.oracle.exact.definition import define
from conformance.oracle.exact.number import Number, exceeds, maximum

Shapes = Mapping[str, tuple[int, ...]]


def _rank(row: list[Number], place: int) -> int:
    """How many entries come before this one: the larger ones, and the equal ones with a smaller place."""
    return sum(
        exceeds(other, row[place]) or (i < place and other.value == row[place].value) for i, other in enumerate(row)
    )


def _holds_nan(row: list[Number]) -> bool:
    return any(x.value.is_nan() for x in row)


@define("argmax", {"x": "fixed"}, {"axis": -1}, rows=True)
def argmax(x: list[Number]) -> int | None:
    if _holds_nan(x):
        return None
    return next(place for place in range(len(x)) if _rank(x, place) == 0)


@define("reduce_max", {"x": "real"}, {"axis": -1}, rows=True)
def reduce_max(x: list[Number]) -> Number:
    largest = x[0]
    for entry in x[1:]:
        largest = maximum(largest, entry)
    return largest


def _shape(shapes: Shapes, parameters: Mapping[str, Any]) -> tuple[int, ...]:
    return (*shapes["x"][:-1], parameters["k"])


def _entry(x: list[Number], k: int, place: int, shapes: Shapes) -> tuple[list[Number], int | None]:
    """(the row of an entry of the value, where in it the entry is; None where nan leaves that open)."""
    length = shapes["x"][-1]
    row = x[place // k * length :][:length]
    assert len(x) == prod(shapes["x"])
    if _holds_nan(row):
        return row, None
    return row, next(i for i in range(length) if _rank(row, i) == place % k)


@define("top_k_indices", {"x": "fixed"}, {"k": 1}, rows=True, entries=_shape)
def top_k_indices(x: list[Number], *, k: int, place: int, shapes: Shapes) -> int | None:
    return _entry(x, k, place, shapes)[1]


@define("top_k_values", {"x": "real"}, {"k": 1}, rows=True, entries=_shape)
def top_k_values(x: list[Number], *, k: int, place: int, shapes: Shapes) -> Number | None:
    row, found = _entry(x, k, place, shapes)
    if found is None:
        return None
    if sum(entry.value == row[found].value for entry in row) > 1:
        x[0].tape.kinked = True
    return row[found]
