"""Cases to time: the catalogue's random batches, enlarged.

An operation is timed on the inputs that its own cases draw, with more rows of them, so nothing about inputs is written
twice. Rows keep their classes; a loss is averaged, as training does it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from conformance.case import Case
from conformance.inputs import GENERATORS, ArraySpec
from conformance.oracle.operation import OPERATIONS, Operation

SAMPLE_WEIGHTS = {"weights", "mask"}


def case_to_time(operation: Operation, cases: Iterable[Case]) -> Case | None:
    """The case whose inputs are enlarged; None where the operation has none that is drawn at random.

    Batches of rows come first, because a vector may be one row of many classes; then the representative ones.
    """
    found = [c for c in cases if c.operation == operation.name and _can_grow(c)]
    if not found:
        return None
    rank = [len(_main(case).shape or ()) for case in found]
    best = max(zip(found, rank, strict=True), key=lambda pair: (pair[1] == 2, "representative" in pair[0].flags))
    return best[0]


def enlarged(case: Case, size: int) -> Case:
    """The case with as many rows as make `size` entries of its first input, in one choice of its parameters."""
    main = _main(case)
    assert main.shape is not None
    rows, entries = main.shape[0], math.prod(main.shape[1:])
    wanted = max(1, round(size / entries))
    operation = OPERATIONS[case.operation]
    parameters = {**case.parameters, **{n: _ordinary(operation, n, values) for n, values in case.each.items()}}
    if operation.reduces:
        parameters["reduction"] = "mean"
    return replace(
        case,
        id=f"{case.id}@{size}",
        inputs={name: _with_rows(spec, rows, wanted) for name, spec in case.inputs.items()},
        parameters=parameters,
        each={},
        relations=(),
        orders=(0, 1),
    )


def _ordinary(operation: Operation, name: str, values: tuple[Any, ...]) -> Any:
    """Of the values that a case gives a parameter, the default; where the parameter has none, the first."""
    asked = operation.asked.get(name)
    return values[0] if asked is None or asked.default is None else asked.default


def _main(case: Case) -> ArraySpec:
    return next(iter(case.inputs.values()))


def _can_grow(case: Case) -> bool:
    weighted = OPERATIONS[case.operation].reduces and SAMPLE_WEIGHTS & case.inputs.keys()
    if case.outcome != "value" or case.cast or case.layout or case.published or weighted:
        return False
    main = _main(case)
    if not main.shape or not _seeded(main):
        return False
    rows = main.shape[0]
    return all(_seeded(spec) for spec in case.inputs.values() if spec.shape and spec.shape[0] == rows)


def _seeded(spec: ArraySpec) -> bool:
    return spec.generator in GENERATORS and GENERATORS[spec.generator].seeded


def _with_rows(spec: ArraySpec, rows: int, wanted: int) -> ArraySpec:
    """The array with other rows, where it has those of the first input."""
    if not spec.shape or spec.shape[0] != rows or not _seeded(spec):
        return spec
    return replace(spec, shape=(wanted, *spec.shape[1:]))
