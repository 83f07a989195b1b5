"""Writes what was accepted: records as YAML, entries of a policy as TOML, both appended to what a file holds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tomli_w
import yaml

from conformance.errors import Fault, UsageError
from conformance.judge.divergence import Divergence
from conformance.policy import Acceptance
from conformance.policy_file import WHERE, read_policy
from conformance.toml_nodes import parse

WIDTH = 110
HEAD = """\
# Deviations that `conformance accept` found unexplained. Find out who is right, then say why, and where it is reported.
"""


def write_records(folder: Path, records: Sequence[Divergence]) -> dict[Path, int]:
    """Appends records to `FOLDER/ADAPTER.yaml`; how many to which file."""
    written: dict[Path, int] = {}
    for adapter in dict.fromkeys(record.adapters[0] for record in records):
        mine = [record for record in records if record.adapters[0] == adapter]
        file = folder / f"{adapter}.yaml"
        folder.mkdir(parents=True, exist_ok=True)
        _append(file, "\n".join(record_text(record) for record in mine), head=HEAD)
        written[file] = len(mine)
    return written


def record_text(record: Divergence) -> str:
    """A record as its file holds it; the adapter is the file's."""
    fields: dict[str, Any] = {"id": record.id, "implementations": list(record.implementations)}
    for name in ("operations", "cases", "dtypes", "modes", "devices", "orders"):
        if getattr(record, name):
            fields[name] = list(getattr(record, name))
    if record.versions or record.libraries:
        fields["versions"] = record.versions or dict(record.libraries)
    fields["verdicts"] = list(record.verdicts)
    if record.within:
        fields["within"] = dict(record.within)
    if record.outcome:
        fields["outcome"] = record.outcome
    if not record.always:
        fields["holds"] = "sometimes"
    fields["why"] = record.why
    fields["upstream"] = record.upstream
    return yaml.safe_dump([fields], sort_keys=False, default_flow_style=None, width=WIDTH, allow_unicode=True)


def write_entries(file: Path, entries: Sequence[Acceptance]) -> None:
    """Appends accepted changes to a policy. Raises UsageError where they cannot be appended."""
    if file.exists():
        read_policy(file, finished=False)
    header = "[[tool.conformance.accepted]]" if file.name == "pyproject.toml" else "[[accepted]]"
    blocks = [[header, *(_line(name, value) for name, value in _entry(entry).items()), ""] for entry in entries]
    text = "\n".join("\n".join(block) for block in blocks)
    before = file.read_text("utf-8") if file.exists() else ""
    faults: list[Fault] = []
    if parse(f"{before}\n{text}".encode(), str(file), faults) is None:
        raise UsageError(f"{file}: nothing can be appended: 'accepted' is one list\n  write it as [[accepted]] tables")
    _append(file, text)


def _entry(entry: Acceptance) -> dict[str, Any]:
    fields: dict[str, Any] = {"transition": entry.transition}
    fields.update({name: list(getattr(entry.where, name)) for name in WHERE if getattr(entry.where, name)})
    fields.update({name: list(values) for name, values in (("old", entry.old), ("new", entry.new)) if values})
    if entry.within < math.inf:
        fields["within"] = entry.within
    if entry.versions or entry.libraries:
        fields["versions"] = entry.versions or dict(entry.libraries)
    return {**fields, "reason": entry.reason, "expires": entry.expires}


def _line(name: str, value: Any) -> str:
    """`name = value`; a list in as few lines as it fills."""
    if not isinstance(value, list):
        return tomli_w.dumps({name: value}).rstrip()
    texts = [tomli_w.dumps({"k": item}).removeprefix("k = ").rstrip() for item in value]
    line = f"{name} = [{', '.join(texts)}]"
    if len(line) <= WIDTH:
        return line
    lines = [""]
    for text in texts:
        if len(lines[-1]) + len(text) > WIDTH - 5:
            lines.append("")
        lines[-1] += f" {text},"
    return "\n".join([f"{name} = [", *(f"   {line}" for line in lines if line), "]"])


def _append(file: Path, text: str, head: str = "") -> None:
    before = file.read_text("utf-8") if file.exists() else head
    if before and not before.endswith("\n"):
        before += "\n"
    file.write_text(f"{before}\n{text}" if before else text, "utf-8")
