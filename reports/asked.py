"""What run files tell of cases, error curves and scripts, by operation, as the page holds it. Older ones tell less."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conformance.reports.packed import figure
from conformance.reports.words import clean, cleaned

from conformance.run_facts import Curve, WrittenCase
from conformance.run_file import Run


def told(runs: Sequence[Run]) -> dict[str, dict[str, Any]]:
    """operation -> {"cases": {id: ...}, "curves": [...], "scripts": {id of a check: text}}; the last run decides."""
    found: dict[str, dict[str, Any]] = {}
    for number, run in enumerate(runs, 1):
        operation_of = {check.id: check.operation for check in run.checks} if run.scripts else {}
        for case in run.cases.values():
            _of(found, case.operation)["cases"][clean(case.id)] = _case(case)
        for curve in run.curves:
            _of(found, curve.operation)["curves"].append(_curve(curve, number))
        for script in run.scripts.values():
            if script.check in operation_of:
                _of(found, operation_of[script.check])["scripts"][clean(script.check)] = script.text
    return found


def _of(found: dict[str, dict[str, Any]], operation: str) -> dict[str, Any]:
    return found.setdefault(operation, {"cases": {}, "curves": [], "scripts": {}})


def _case(case: WrittenCase) -> dict[str, Any]:
    fields = {
        "file": clean(case.file),
        "line": case.line,
        "inputs": cleaned(case.inputs),
        "shapes": {clean(name): list(shape) for name, shape in case.shapes.items()},
        "parameters": cleaned(case.parameters),
        "each": cleaned(case.each),
        "outcome": clean(case.outcome) if case.outcome != "value" else "",
        "accepted": cleaned(case.accepted),
        "source": clean(case.source),
        "because": clean(case.because),
        "cast": cleaned(case.cast),
        "layout": cleaned(case.layout),
    }
    return {name: value for name, value in fields.items() if value not in ("", {}, [], None)}


def _curve(curve: Curve, run: int) -> dict[str, Any]:
    return {
        "call": clean(curve.call),
        "run": run,
        "case": clean(curve.case),
        "dtype": clean(curve.dtype),
        "order": clean(curve.order),
        "output": clean(curve.output),
        "input": clean(curve.input),
        "check": clean(curve.check),
        "x": [figure(x, 4) for x in curve.x],
        "ulp": [figure(x) for x in curve.ulp],
        "k": [figure(x) for x in curve.k],
    }
