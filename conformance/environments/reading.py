"""Reads environments from a list in YAML: what each is called, and what it holds."""

from __future__ import annotations

from typing import Any

from conformance.environments.spec import EnvironmentSpec
from conformance.node_fields import Reader, items, mapping, text
from conformance.yaml_nodes import Node

KEYS = ("over", "requirements", "python", "prelude")


def environments(node: Node, reader: Reader) -> dict[str, EnvironmentSpec]:
    """The environments of a mapping from names. One that is faulty is there too, so that its name is known."""
    found: dict[str, EnvironmentSpec] = {}
    for name, value in mapping(node, "'environments'").values.items():
        found[name] = reader.attempt(_environment, value, name, reader) or EnvironmentSpec(name)
    return found


def _environment(node: Node, name: str, reader: Reader) -> EnvironmentSpec:
    fields = reader.fields(node, f"the environment '{name}'", KEYS)
    values: dict[str, Any] = {
        key: reader.each(text, items(value, f"'{key}'")) if key in ("over", "requirements") else text(value, f"'{key}'")
        for key, value in fields.items()
    }
    return EnvironmentSpec(name, **values)
