"""Error along an input: which checks are traced, and how the errors of their elements become a few points.

Of each operation two variants are traced: its first grid that is equally spaced, and its first in powers of ten, both
with the parameters' defaults and without a reduction, so that every element of the output belongs to one input.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np

from conformance.case import Case, Variant
from conformance.inputs import ArraySpec
from conformance.judge.compare import Distance
from conformance.oracle.operation import OPERATIONS, Floats
from conformance.plan import PlannedCheck
from conformance.run_facts import Curve

PIECES = 40
SPACED = ("linspace", "logspace")


def traced(cases: Iterable[Case]) -> dict[str, str]:
    """id of each variant that is traced -> the input along which it is."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for case in cases:
        along = _along(case)
        if along is None or (case.operation, along[1]) in found:
            continue
        variant = next((v for v in case.variants() if _plain(v)), None)
        if variant is not None:
            found[case.operation, along[1]] = variant.id, along[0]
    return dict(found.values())


def _along(case: Case) -> tuple[str, str] | None:
    """(input, generator) of the first input of a case that runs through a range, where outputs do not mix inputs."""
    operation = OPERATIONS[case.operation]
    if case.outcome != "value" or case.cast or case.layout or operation.couples:
        return None
    for name, spec in case.inputs.items():
        generator = _spacing(spec)
        if generator is not None and spec.shape is not None and len(spec.shape) == 1 and spec.shape[0] > PIECES:
            return name, generator
    return None


def _spacing(spec: ArraySpec) -> str | None:
    if spec.generator == "grid":
        return _spacing(spec.arguments["arrays"][spec.arguments["position"]])
    return spec.generator if spec.generator in SPACED else None


def _plain(variant: Variant) -> bool:
    """Whether it is the operation itself: no relation, every parameter at its default, no weights."""
    asked = OPERATIONS[variant.case.operation].asked
    given = variant.parameters.items()
    return (
        variant.relation is None
        and all(asked[name].default == value for name, value in given)
        and not {"weights", "mask"} & set(variant.inputs)
    )


def output_of(check: PlannedCheck, along: str | None) -> str | None:
    """The output of a check that is traced: the value, or the gradient by the input itself; None for no such check."""
    if along is None or check.mode != "eager":
        return None
    return {"value": "value", "gradient": along}.get(check.order)


def curve(check: PlannedCheck, along: str, output: str, x: Floats, distance: Distance) -> Curve | None:
    """The points of a traced check; None where an output has not one element for each of the input."""
    if distance.errors is None or distance.errors[0].size != x.size:
        return None
    ulp, k = distance.errors
    order = np.argsort(x.ravel(), kind="stable")
    ends = np.linspace(0, order.size, PIECES + 1).astype(int).tolist()
    worst = [piece[np.argmax(ulp[piece])] for piece in (order[a:b] for a, b in itertools.pairwise(ends))]
    return Curve(
        check=check.id,
        case=check.variant.case.id,
        operation=check.operation.name,
        call=f"{check.adapter}/{check.implementation['name']}",
        dtype=check.dtype,
        order=check.order,
        output=output,
        input=along,
        x=_short(x.ravel()[worst], 5),
        ulp=_short(ulp[worst], 3),
        k=_short(k[worst], 3),
    )


def _short(numbers: Floats, digits: int) -> tuple[float, ...]:
    """Rounded to a few digits; whole numbers as integers, which are shorter in JSON."""
    rounded = [float(f"{number:.{digits}g}") for number in numbers.tolist()]
    return tuple(int(number) if number.is_integer() and abs(number) < 1e6 else number for number in rounded)
