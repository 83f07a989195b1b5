"""JSON Schemas of what verbs print with --json: one file for each verb, published as part of the package.

A shape does not change within a major version of the suite but by fields that are added; the version stands in `$id`.
`conformance schema NAME` prints one.
"""

from __future__ import annotations

import importlib.resources
import json
from typing import Any

SUFFIX = ".schema.json"


def names() -> list[str]:
    """The names of the schemas, which are those of the verbs."""
    files = importlib.resources.files(__name__).iterdir()
    return sorted(file.name.removesuffix(SUFFIX) for file in files if file.name.endswith(SUFFIX))


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of a verb's --json. Raises KeyError for an unknown name."""
    if name not in names():
        raise KeyError(name)
    content: dict[str, Any] = json.loads((importlib.resources.files(__name__) / f"{name}{SUFFIX}").read_text("utf-8"))
    return content
