"""The JSON of a gate, as a file: the object that `conformance schema gate` describes."""

from __future__ import annotations

import json

from conformance.gate_summary import described
from conformance.policy import Decisions


def render(decisions: Decisions) -> str:
    """One JSON object. Numbers that JSON lacks are strings."""
    return json.dumps(described(decisions), ensure_ascii=False, indent=2, allow_nan=False) + "\n"
