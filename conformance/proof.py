"""What `conformance certify` last proved of the oracle, kept beside it: the largest error of each operation.

A run file carries it in its header, so that a report can say how exact the oracle itself is. Units in the last place of
float64; an error that is judged on a scale (a cancelling gradient) is in units of 2⁻⁵³ of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.loading import digest

if TYPE_CHECKING:
    from conformance.case import Case
    from conformance.certify import Certificate, Summary

NAME = "proof.json"
FIGURES = ("elements", "value", "gradient")


def proven() -> Mapping[str, Mapping[str, Any]]:
    """operation -> {"elements", "value", "gradient"} as committed; empty where it was never written."""
    return {operation: {name: one[name] for name in FIGURES} for operation, one in _committed().items()}


def proven_on() -> Mapping[str, str]:
    """operation -> the digest of the cases that it was proven on, as committed."""
    return {operation: one["cases"] for operation, one in _committed().items()}


def _committed() -> Mapping[str, Mapping[str, Any]]:
    file = resources.files("conformance.oracle").joinpath(NAME)
    if not file.is_file():
        return {}
    content: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return dict(content["operations"])


def digests(cases: Iterable[Case]) -> dict[str, str]:
    """operation -> sha256 of what its cases say: whoever changes one proves the operation again."""
    grouped: dict[str, list[Case]] = {}
    for case in cases:
        grouped.setdefault(case.operation, []).append(case)
    return {operation: digest(group, ()) for operation, group in grouped.items()}


def write(path: Path, summaries: Sequence[Summary], cases: Iterable[Case]) -> None:
    """Writes what was proven of the cases, and keeps what the file says of operations that have no summary."""
    from conformance.certify import BOUND

    known = json.loads(path.read_text("utf-8"))["operations"] if path.exists() else {}
    now = digests(cases)
    found = {
        summary.operation: {
            "cases": now[summary.operation],
            "elements": summary.elements,
            "value": _figure(summary.value),
            "gradient": _figure(summary.gradient),
        }
        for summary in summaries
    }
    content = {"bound": BOUND, "operations": dict(sorted({**known, **found}.items()))}
    path.write_text(json.dumps(content, indent=1) + "\n", "utf-8")


def _figure(certificate: Certificate | None) -> float | None:
    return None if certificate is None else round(certificate.comparison.ruling, 2)
