"""What `conformance certify` last proved of the oracle, kept beside it: the largest error of each operation.

A run file carries it in its header, so that a report can say how exact the oracle itself is. Units in the last place of
float64; an error that is judged on a scale (a cancelling gradient) is in units of 2⁻⁵³ of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.certify import Certificate, Summary

NAME = "proof.json"


def proven() -> Mapping[str, Mapping[str, Any]]:
    """operation -> {"elements", "value", "gradient"} as committed; empty where it was never written."""
    file = resources.files("conformance.oracle").joinpath(NAME)
    if not file.is_file():
        return {}
    content: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return dict(content["operations"])


def write(path: Path, summaries: Sequence[Summary], cases: str) -> None:
    """Writes what was proven, and keeps what the file says of other operations.

    `cases` is the digest of the cases that it was last proven on.
    """
    from conformance.certify import BOUND

    known = json.loads(path.read_text("utf-8"))["operations"] if path.exists() else {}
    found = {
        summary.operation: {
            "elements": summary.elements,
            "value": _figure(summary.value),
            "gradient": _figure(summary.gradient),
        }
        for summary in summaries
    }
    content = {"bound": BOUND, "cases": cases, "operations": dict(sorted({**known, **found}.items()))}
    path.write_text(json.dumps(content, indent=1) + "\n", "utf-8")


def _figure(certificate: Certificate | None) -> float | None:
    return None if certificate is None else round(certificate.comparison.ruling, 2)
