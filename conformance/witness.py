"""The inputs that show a check's outcome: all of them where they are few, else the row of the worst element.

A part of the inputs is a witness only where the oracle gives the worst element the same answer on the part as on the
whole. So reductions, and operations whose parameters lie along a sliced axis, keep all their inputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conformance.oracle.operation import Floats, evaluate
from conformance.reference import Reference

FEW = 64
Index = tuple[int, ...]


@dataclass(frozen=True)
class Witness:
    """Arrays by input name, and what a gradient's value is multiplied with.

    cut       True where this is a part of the inputs
    elements  number of elements of the whole inputs
    """

    inputs: Mapping[str, NDArray[Any]]
    cotangent: Floats | None
    cut: bool
    elements: int


def witness(reference: Reference, order: str, output: str | None, index: Index, *, full: bool = False) -> Witness:
    """The inputs of a reference, or the part of them that belongs to one element of an output.

    order    of the check; of second order there are always all inputs
    output   "value", or the name of the input whose gradient it is; None where there is no worst element
    full     asks for all inputs, however many they are
    """
    elements = sum(int(values.size) for values in reference.values.values())
    # Only a gradient has a cotangent, and an invalid input, of which no value is known, has no gradient.
    cotangent = reference.cotangent if order not in ("value", "jvp") else None
    whole = Witness(reference.values, cotangent, False, elements)
    if full or output is None or elements <= FEW or order not in ("value", "gradient"):
        return whole
    try:
        part = _part(reference, cotangent, output, index, elements)
    except (ValueError, IndexError, KeyError, TypeError):
        return whole  # the operation does not take such a part: its parameters belong to the whole
    return part or whole


def _part(reference: Reference, cotangent: Floats | None, output: str, index: Index, elements: int) -> Witness | None:
    shape = reference.truth.value.value.shape
    axis = reference.variant.parameters.get("axis", -1)
    if not isinstance(axis, int):
        return None
    at = index if output == "value" else _value_index(index, np.shape(reference.values[output]), shape, axis)
    if at is None:
        return None
    couples = reference.operation.couples
    row = tuple(
        slice(None) if couples and d == axis % max(len(shape), 1) else slice(i, i + 1) for d, i in enumerate(at)
    )
    inputs = {
        name: _row(values, name, row, shape, axis) for name, values in reference.values.items()
    }  # fmt: skip
    cotangent = None if cotangent is None else np.array(cotangent[row])
    if sum(int(values.size) for values in inputs.values()) == elements:
        return None
    if not _same_answer(reference, inputs, cotangent, output, index):
        return None
    return Witness(inputs, cotangent, True, elements)


def _value_index(index: Index, shape: Index, value_shape: Index, axis: int) -> Index | None:
    """The element of the value that an element of an input enters."""
    if shape == value_shape:
        return index
    if _without(shape, axis) == value_shape:
        return _without(index, axis)
    return None


def _row(values: NDArray[Any], name: str, row: tuple[slice, ...], shape: Index, axis: int) -> NDArray[Any]:
    if values.shape == shape:
        return np.array(values[row])
    if values.ndim == len(shape) + 1 and _without(values.shape, axis) == shape:
        place = axis % values.ndim
        return np.array(values[(*row[:place], slice(None), *row[place:])])
    if name == "weights" and values.ndim <= len(shape):
        aligned = row[len(shape) - values.ndim :]
        return np.array(values[tuple(slice(None) if n == 1 else s for n, s in zip(values.shape, aligned, strict=True))])
    return values


def _without(sizes: Index, axis: int) -> Index:
    place = axis % max(len(sizes), 1)
    return sizes[:place] + sizes[place + 1 :]


def _same_answer(
    reference: Reference, inputs: Mapping[str, NDArray[Any]], cotangent: Floats | None, output: str, index: Index
) -> bool:
    order = "value" if output == "value" else "gradient"
    before = reference.answers(order)[output].value[index]
    part = evaluate(reference.operation, inputs, reference.variant.parameters)
    if order == "value":
        after = part.value.value
    else:
        after = part.gradient(np.ones(()) if cotangent is None else cotangent)[output].value
    place = tuple(0 if size == 1 else i for i, size in zip(index, after.shape, strict=True))
    return bool(np.array_equal(before, after[place], equal_nan=True))
