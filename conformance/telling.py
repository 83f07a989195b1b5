"""From what the engine knows to the lines of `run_facts`, which tell it to reports."""

from __future__ import annotations

import importlib.resources
import os
from functools import lru_cache
from pathlib import Path

from conformance import written
from conformance.case import Case
from conformance.run_facts import WrittenCase


def written_case(case: Case) -> WrittenCase:
    """The `case` line of a case."""
    published = case.published
    return WrittenCase(
        id=case.id,
        says=case.says,
        operation=case.operation,
        file=place(case.file),
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


def place(file: str) -> str:
    """A file of cases as a report names it: one of the shipped ones, wherever they are installed, from `cases/` on."""
    inside = os.path.relpath(file, _shipped()) if os.path.isabs(file) else ".."
    return file if inside.startswith("..") else Path("cases", inside).as_posix()


@lru_cache(maxsize=1)
def _shipped() -> str:
    return str(importlib.resources.files("conformance.cases"))
