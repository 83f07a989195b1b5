"""The plan: which checks a worker is asked, and which it cannot be asked and why.

A check is a variant × implementation × dtype × mode × device × order. One that the framework cannot be asked is
planned all the same, with the reason: it is counted as unsupported, never left out in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from conformance.case import ORDERS_OF_NUMBER, Case, Variant
from conformance.oracle.operation import OPERATIONS, Grade, Operation
from conformance.profiles import WIDE, asks, modes_of
from conformance.selection import Selection, matcher


@dataclass(frozen=True)
class PlannedCheck:
    """One check. `unsupported` says why it is not asked; `parameters` is what the implementation is called with."""

    variant: Variant
    adapter: str
    implementation: Mapping[str, Any]
    dtype: str
    mode: str
    device: str
    order: str
    parameters: Mapping[str, Any]
    unsupported: str | None = None

    @cached_property
    def id(self) -> str:
        return ":".join(
            [
                self.variant.id,
                f"{self.adapter}/{self.implementation['name']}",
                self.dtype,
                self.mode,
                self.device,
                self.order,
            ]
        )

    @property
    def operation(self) -> Operation:
        return OPERATIONS[self.variant.case.operation]

    @property
    def grade(self) -> Grade:
        """What the check must meet: forward mode and second derivatives are judged on their scale."""
        if self.order == "value":
            return self.operation.grade
        return self.operation.gradient_grade if self.order == "gradient" else "B"

    @property
    def constants(self) -> tuple[str, ...]:
        """Differentiable inputs that this implementation, as it documents, does not differentiate."""
        return tuple(self.implementation.get("constants", ()))

    @property
    def wrt(self) -> tuple[str, ...]:
        """The inputs that a derivative is taken by."""
        return tuple(name for name in self.operation.differentiable if name not in self.constants)

    @property
    def contract(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.implementation["contract"].get(self.dtype, {})
        return found


def plan(hello: Mapping[str, Any], cases: Iterable[Case], selection: Selection) -> Iterator[PlannedCheck]:
    """The checks of one worker, those of one variant and dtype together.

    `hello` is what the worker said of itself. A case that must raise has no gradient to ask for.
    """
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for row in hello["implementations"]:
        rows.setdefault(row["operation"], []).append(row)
    selected = matcher(selection.expression)
    modes = modes_of(hello, selection)
    quick = hello.get("quick_dtypes", WIDE), hello.get("quick_modes", ())
    for case in cases:
        operation = OPERATIONS[case.operation]
        if selection.operations and operation.name not in selection.operations:
            continue
        orders = [o for o in _orders(case, operation) if not selection.orders or o in selection.orders]
        for variant in case.variants():
            for dtype in case.dtypes:
                if selection.dtypes and dtype not in selection.dtypes:
                    continue
                for row in rows.get(operation.name, ()):
                    if not variant.styles <= row["keywords"].keys():
                        continue  # nothing is serialised or given in pieces there
                    for mode in modes:
                        for order in orders if variant.relation is None else ["value"]:
                            if not asks(selection, variant, dtype, mode, order, *quick):
                                continue
                            check = _check(variant, hello, row, dtype, mode, order)
                            if variant.relation is not None and check.unsupported is not None:
                                continue  # where the case itself cannot be asked, nothing can be related to it
                            if selected(check.id):
                                yield check


def _orders(case: Case, operation: Operation) -> list[str]:
    if case.outcome == "raises" or not operation.differentiable:
        return ["value"]
    return [order for number in case.orders for order in ORDERS_OF_NUMBER[number]]


def _check(
    variant: Variant, hello: Mapping[str, Any], row: Mapping[str, Any], dtype: str, mode: str, order: str
) -> PlannedCheck:
    operation = OPERATIONS[variant.case.operation]
    parameters, unknown = _parameters(variant, operation, row)
    reason = None
    if unknown:
        reason = f"takes no {' and no '.join(unknown)}"
    elif dtype not in row["dtypes"]:
        reason = f"no {dtype}"
    elif mode not in row["modes"]:
        reason = f"no {mode} mode"
    elif order != "value" and not row["differentiable"]:
        reason = "has no gradient"
    elif order not in hello["orders"]:
        reason = f"no {order}"
    return PlannedCheck(
        variant, hello["adapter"], row, dtype, mode, hello["device"], order, parameters, unsupported=reason
    )


def _parameters(variant: Variant, operation: Operation, row: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What the implementation is called with, and what the variant asks that it has no parameter for."""
    takes = row["keywords"]
    given, unknown = {}, []
    for name, value in variant.parameters.items():
        if name in takes:
            given[name] = value
        elif value != operation.asked[name].default:
            unknown.append(f"'{name}'")
    for name, own_default in takes.items():
        parameter = operation.asked.get(name)
        if parameter is not None and name not in given and own_default != parameter.default:
            given[name] = parameter.default
    unknown += [f"'{name}'" for name in variant.inputs if name not in row["inputs"] and name not in takes]
    return given, unknown
