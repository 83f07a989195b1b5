"""From what the engine knows to the lines of `run_facts`, which tell it to reports."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance import written
from conformance.argument_flow import USED_AS
from conformance.argument_names import spoken
from conformance.case import Case
from conformance.host import AdapterSpec
from conformance.judge.divergence import Divergence
from conformance.loading import portable
from conformance.oracle.operation import OPERATIONS, Operation, Parameter
from conformance.run_facts import Definition, WrittenCase
from conformance.run_file import Record


def written_case(case: Case) -> WrittenCase:
    """The `case` line of a case."""
    published = case.published
    return WrittenCase(
        id=case.id,
        says=case.says,
        operation=case.operation,
        file=portable(case.file),
        line=case.line,
        inputs={name: written.array(spec) for name, spec in case.inputs.items()},
        shapes={name: spec.shape for name, spec in case.inputs.items() if spec.shape is not None},
        parameters=case.parameters,
        each=case.each,
        flags=case.flags,
        outcome=case.outcome,
        accepted=tuple({"outcome": choice.outcome, "because": choice.because} for choice in case.choices),
        published=published.digits if published else "",
        source=case.source or (published.source if published else ""),
        because=case.because or "",
        relations=case.relations,
        cast=case.cast,
        layout=case.layout,
    )


def implementation(row: Mapping[str, Any], spec: AdapterSpec) -> dict[str, Any]:
    """What an `environment` line says of an implementation, from what the worker said of it."""
    said: dict[str, Any] = {name: value for name, value in row.items() if name not in ("dtypes", "modes", "public")}
    known = OPERATIONS.get(row["operation"])
    if known:
        said["family"] = known.family  # by which reports fold operations
    public: Mapping[str, Any] = row.get("public") or {}
    methods: Mapping[str, Mapping[str, Any]] = public.get("methods") or {}
    used = next((methods[name] for name in USED_AS if name in methods), {})
    found = spoken(row, spec)
    more = {
        "signature": public.get("signature"),
        "used_as": used.get("signature"),
        "arguments": found.arguments,
        "conversions": found.conversions,
    }
    return {**said, **{name: value for name, value in more.items() if value}}


def definition(operation: Operation, proven: Mapping[str, Any]) -> Definition:
    """The `operation` line of an operation. `proven` is what was proven of its oracle, empty where nothing was."""
    from conformance.oracle.formulas import formula_of

    formula = formula_of(operation.name)
    said = {i.name: i.about for i in operation.inputs}
    said |= {name: parameter.about for name, parameter in operation.asked.items()}
    return Definition(
        name=operation.name,
        family=operation.family,
        formula=formula.value if formula else "",
        gradients=formula.gradients if formula else {},
        symbols=tuple(
            (symbol, meaning if meaning in said else "", said.get(meaning, meaning))
            for symbol, meaning in (formula.symbols.items() if formula else ())
        ),
        references=formula.references if formula else (),
        about=operation.about,
        grade=operation.grade,
        gradient_grade=operation.gradient_grade,
        inputs=tuple(
            {"name": i.name, "kind": i.kind, "about": i.about, "differentiable": i.differentiable,
             "optional": i.optional}
            for i in operation.inputs
        ),
        parameters=_parameters(operation.parameters),
        contract=_parameters(operation.contract),
        limits=operation.limits,
        reduces=operation.reduces,
        single=operation.single,
        proven=proven,
    )  # fmt: skip


def _parameters(parameters: Mapping[str, Parameter]) -> dict[str, dict[str, Any]]:
    return {name: {"default": p.default, "about": p.about} for name, p in parameters.items()}


def written_record(record: Divergence, adapter: str, matched: int, used: bool) -> Record:
    """The `record` line of a divergence record that covered a check of an adapter."""
    return Record(
        id=record.id,
        adapter=adapter,
        verdict=", ".join(record.verdicts),
        why=record.why,
        upstream=record.upstream,
        versions=record.written_versions,
        matched=matched,
        used=used,
        holds="always" if record.always else "sometimes",
        within=record.within,
        outcome=record.outcome,
        implementations=record.implementations,
        operations=record.operations,
        cases=record.cases,
        dtypes=record.dtypes,
        modes=record.modes,
        devices=record.devices,
        orders=record.orders,
        file=record_place(record.file),
        line=record.line,
    )


def record_place(file: str) -> str:
    """A file of records as a report names it: from its folder `divergences` on, where it lies outside."""
    parts = Path(file).parts
    if not os.path.isabs(file) or "divergences" not in parts:
        return file
    return Path("adapters", *parts[parts.index("divergences") :]).as_posix()
