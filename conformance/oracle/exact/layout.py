"""How arrays become rows: entries of an elementwise operation, or rows of classes along one axis."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conformance.oracle.exact.definition import Definition


@dataclass(frozen=True)
class Rows:
    """Inputs laid out in rows.

    take    for each input that differs from row to row: (rows, entries), places in the flattened input
    flat    the flattened inputs, and those that are the same for all rows
    shapes  of the inputs
    shape   one entry for each row: the shape of the value before a reduction, without an axis of classes
    """

    take: Mapping[str, NDArray[np.int64]]
    flat: Mapping[str, NDArray[Any]]
    shapes: Mapping[str, tuple[int, ...]]
    shape: tuple[int, ...]

    @property
    def count(self) -> int:
        return math.prod(self.shape)

    def row(self, place: int) -> dict[str, NDArray[Any]]:
        """The inputs of one row by name, one-dimensional."""
        return {name: flat[self.take[name][place]] if name in self.take else flat for name, flat in self.flat.items()}


def gathered(array: NDArray[Any], axis: int | tuple[int, ...]) -> NDArray[Any]:
    """The array with `axis` at the end; several axes become one, the last of them varying fastest."""
    if isinstance(axis, int):
        return np.moveaxis(array, axis, -1)
    moved = np.moveaxis(array, axis, range(-len(axis), 0))
    return moved.reshape(*moved.shape[: -len(axis)], -1)


def spread(array: NDArray[Any], axis: int | tuple[int, ...], lengths: tuple[int, ...]) -> NDArray[Any]:
    """The inverse of `gathered`; `lengths` are those of the several axes."""
    if isinstance(axis, int):
        return array if axis == -1 else np.moveaxis(array, -1, axis)
    return np.moveaxis(array.reshape(*array.shape[:-1], *lengths), range(-len(axis), 0), axis)


def lay_out(
    definition: Definition,
    arrays: Mapping[str, NDArray[Any]],
    axis: int | tuple[int, ...],
    parameters: Mapping[str, Any],
) -> Rows:
    """Every input as rows, broadcast against each other. Raises ValueError where the shapes do not fit."""
    if definition.entries is not None:
        return _whole(arrays, definition.entries({n: a.shape for n, a in arrays.items()}, parameters))
    varied = {n: a for n, a in arrays.items() if definition.inputs.get(n) != "classes"}
    places: dict[str, NDArray[Any]] = {n: np.arange(a.size).reshape(a.shape) for n, a in varied.items()}
    if definition.rows:
        # Labels have no class axis: each row takes one of them.
        places = {
            name: place[..., None] if definition.inputs[name] == "label" else gathered(place, axis)
            for name, place in places.items()
        }
    else:
        places = {name: place[..., None] for name, place in places.items()}
    shape = np.broadcast_shapes(*(place.shape[:-1] for place in places.values()))
    count = math.prod(shape)
    take: dict[str, NDArray[np.int64]] = {}
    for name, place in places.items():
        length = int(np.shape(place)[-1])
        take[name] = np.broadcast_to(place, (*shape, length)).reshape(count, length)
    flat = {name: array.ravel() for name, array in arrays.items()}
    return Rows(take, flat, {name: array.shape for name, array in arrays.items()}, shape)


def _whole(arrays: Mapping[str, NDArray[Any]], shape: tuple[int, ...]) -> Rows:
    """One row for each entry of the value, and every input whole in each of them."""
    count = math.prod(shape)
    take = {name: np.broadcast_to(np.arange(array.size), (count, array.size)) for name, array in arrays.items()}
    flat = {name: array.ravel() for name, array in arrays.items()}
    return Rows(take, flat, {name: array.shape for name, array in arrays.items()}, shape)
