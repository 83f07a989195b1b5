"""What a check's figures look like in a run file: short literals for tables, decimal and hex for the worst element."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from conformance.judge.compare import BOUND, Distance
from conformance.judge.verdict import Observation
from conformance.oracle import dtypes
from conformance.oracle.operation import Exact
from conformance.plan import PlannedCheck
from conformance.reference import Reference
from conformance.run_file import Worst

if TYPE_CHECKING:
    from conformance.judge.judging import Asked

FEW = 4
LONG = 200


def number(value: Any) -> str:
    """One number in a few characters: 0, -0, nan, inf, 0.28990924."""
    value = float(value)
    if value == 0:
        return "-0" if np.signbit(value) else "0"
    return f"{value:.8g}"


def array(values: NDArray[Any]) -> str:
    """A scalar as itself, a few numbers as a list, many by their ends."""
    flat = np.ravel(values)
    if not flat.size:
        return "empty"
    if values.ndim == 0:
        return number(flat[0])
    if flat.size <= FEW:
        return "[" + ", ".join(number(v) for v in flat) + "]"
    if np.all(np.isnan(flat.astype(np.float64))):
        return f"nan × {flat.size}"
    return f"[{number(flat[0])}, {number(flat[1])}, …, {number(flat[-1])}] ({flat.size})"


def outcome(observation: Observation) -> str:
    """What the framework did, literally."""
    if observation.kind == "raised":
        return f"raises {observation.error}"
    if observation.kind != "returned":
        return observation.kind
    parts = {name: array(value) for name, (value, _, _) in observation.outputs.items()}
    return next(iter(parts.values())) if len(parts) == 1 else "; ".join(f"{n}: {t}" for n, t in parts.items())


def right(check: PlannedCheck, truth: Mapping[str, Exact] | None) -> str:
    """What is right, literally."""
    case = check.variant.case
    if case.outcome == "raises":
        return "raises"
    parts = {name: array(exact.value) for name, exact in (truth or {}).items()}
    value = next(iter(parts.values())) if len(parts) == 1 else "; ".join(f"{n}: {t}" for n, t in parts.items())
    if case.outcome == "one_of":
        accepted = [choice.outcome for choice in case.choices]
        return "one of: " + ", ".join(value if word == "value" and value else word for word in accepted)
    return value


def shape(observation: Observation) -> tuple[int, ...] | None:
    """The shape of the value, where one came back."""
    for value, _, _ in observation.outputs.values():
        return tuple(value.shape)
    return None


def class_fault(asked: Asked, truth: Mapping[str, Exact] | None, found: tuple[str, Distance]) -> str:
    """In words: nan where 0.5 is right."""
    name, distance = found
    assert truth is not None
    got = np.ravel(asked.observation.outputs[name][0])[distance.worst]
    exact = np.ravel(truth[name].value)[distance.worst]
    return f"{number(got)} where {number(exact)} is right"


def worst(
    asked: Asked, reference: Reference | None, truth: Mapping[str, Exact] | None, found: tuple[str, Distance]
) -> Worst:
    """The worst element in decimal and hex, with the inputs that gave it."""
    assert reference is not None
    assert truth is not None
    name, distance = found
    value, dtype, _ = asked.observation.outputs[name]
    exact = truth[name]
    at = tuple(int(i) for i in np.unravel_index(distance.worst, value.shape)) if value.ndim else ()
    got, want = float(value[at]), float(exact.value[at])
    unit = dtype if dtype in dtypes.FORMATS else asked.check.dtype
    grade = asked.check.grade
    scale = abs(want) + float(exact.condition[at]) if grade == "A" else max(float(exact.scale[at]), 0.0)
    growth = 1 + np.log2(max(reference.truth.reduced_length, 1)) / 16
    return Worst(
        output=name,
        index=at,
        got=repr(got),
        got_hex=got.hex(),
        exact=repr(want),
        exact_hex=want.hex(),
        bound=f"{BOUND * dtypes.unit_roundoff(unit) * scale * growth:.6g}",
        inputs={key: _input_at(values, value.shape, at) for key, values in reference.values.items()},
    )


def _input_at(values: NDArray[Any], output_shape: tuple[int, ...], at: tuple[int, ...]) -> str:
    """The element of an input that belongs to an element of the output; a row, or all of it, where it is short."""
    if values.shape == output_shape or (values.ndim > len(at) and values.shape[: len(at)] == output_shape):
        part = values[at]
    elif at and values.ndim == len(at) - 1 and values.shape == output_shape[:-1]:
        part = values[at[:-1]]
    else:
        part = values
    part = np.asarray(part)
    if part.ndim == 0:
        item = part.item()
        return f"{item!r} ({item.hex()})" if isinstance(item, float) else repr(item)
    said = np.array2string(part, threshold=24, max_line_width=10**6, floatmode="unique").replace("\n", "")
    return said if len(said) <= LONG else said[: LONG - 1] + "…"
