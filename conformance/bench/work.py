"""The least that a call must do: bytes that have to move, and operations of the textbook formula.

Bytes: every input is read once and every output is written once. A gradient's outputs are the gradients, its inputs
also the cotangent; the value on the way need not be stored. Nothing in between is written, as in a kernel that does all
at once.

Operations: what the formula of the operation says of itself, `oracle.formulas.work`. They say how much there is to
compute for each byte, and no more: no ceiling of operations is claimed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from conformance.oracle.formulas import all_formulas
from conformance.oracle.formulas.work import Call
from conformance.oracle.operation import OPERATIONS
from conformance.worker.arrays import Array, storage_dtype


def least_bytes(inputs: Iterable[Array], outputs: Iterable[tuple[tuple[int, ...], str]]) -> int:
    """Bytes of the inputs and of the outputs, given as (shape, dtype)."""
    read = sum(array.storage.nbytes for array in inputs)
    return read + sum(math.prod(shape) * storage_dtype(dtype).itemsize for shape, dtype in outputs)


def operations(
    operation: str,
    order: str,
    shapes: Mapping[str, tuple[int, ...]],
    parameters: Mapping[str, Any],
) -> int:
    """Operations of one call: "value" is forward, "gradient" forward and backward.

    `shapes` are those of the inputs by name, the first input first; `parameters` those asked, the others have their
    defaults. Raises ValueError for the gradient of an operation that has none.
    """
    defaults = {name: parameter.default for name, parameter in OPERATIONS[operation].parameters.items()}
    return all_formulas()[operation].work.operations(Call(shapes, {**defaults, **parameters}), order)
