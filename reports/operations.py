"""What the page says of each operation: its definition set in mathematics, what is demanded, how exact the oracle is.

A run file of an older suite holds no definitions; then there are the names, and what the implementations state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conformance.reports.formulas import mathml
from conformance.reports.observed import Observations
from conformance.reports.words import clean

from conformance.run_file import Run


def operations(seen: Observations) -> list[dict[str, Any]]:
    """One for each operation that was asked, in alphabetical order; what is not known is left out."""
    families = {name: family for family, names in seen.families().items() for name in names}
    defined = {name: definition for run in seen.runs for name, definition in run.operations.items()}
    proven = {name: proof for run in seen.runs for name, proof in run.header.oracle.items()}
    return [_operation(name, families[name], defined.get(name), proven.get(name)) for name in sorted(families)]


def _operation(name: str, family: str, definition: Any, proof: Mapping[str, Any] | None) -> dict[str, Any]:
    content: dict[str, Any] = {"name": clean(name), "family": clean(family)}
    proof = proof or (definition.proven if definition is not None else None)
    if proof:
        content["proof"] = {key: proof.get(key) for key in ("elements", "value", "gradient")}
    if definition is not None:
        content |= {
            "formula": set_formula(definition.formula),
            "gradients": [[clean(of), set_formula(latex)] for of, latex in definition.gradients.items()],
            "symbols": [
                [set_formula(latex, block=False), clean(name), clean(text)] for latex, name, text in definition.symbols
            ],
            "references": [clean(text) for text in definition.references],
            "about": clean(definition.about),
            "grade": clean(definition.grade),
            "gradient_grade": clean(definition.gradient_grade),
            "parameters": _stated(definition.parameters),
            "contracts": _stated(definition.contract),
            "inputs": [
                [clean(str(each.get("name", ""))), clean(str(each.get("about", "")))] for each in definition.inputs
            ],
        }
    return {key: value for key, value in content.items() if value not in ("", [], {}, None)}


def set_formula(latex: str, *, block: bool = True) -> list[str]:
    """[MathML, LaTeX]: the first is "" where the formula cannot be set."""
    return [mathml(latex, block=block), clean(latex)] if latex else []


def _stated(parameters: Mapping[str, Mapping[str, Any]]) -> list[list[str]]:
    return [
        [clean(name), clean(str(said.get("default", ""))), clean(str(said.get("about", "")))]
        for name, said in parameters.items()
    ]


def flags_of(runs: Sequence[Run]) -> dict[str, Mapping[str, Any]]:
    """Every flag that a run explains, in alphabetical order."""
    found: dict[str, Mapping[str, Any]] = {}
    for run in runs:
        found.update(run.flags)
    return dict(sorted(found.items()))
