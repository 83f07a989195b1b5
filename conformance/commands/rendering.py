"""What verbs that render share: formats found by their entry points, and files written."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from conformance.errors import UsageError

Render = Callable[[Any], str]


def plugged(group: str, name: str, what: str) -> Render:
    """The renderer of a name, found by its entry point. Raises UsageError for one that is not plugged in."""
    points = {point.name: point for point in metadata.entry_points(group=group)}
    if name not in points:
        near = difflib.get_close_matches(name, points, n=1)
        hint = f"\n  did you mean '{near[0]}'?" if near else ""
        raise UsageError(f"unknown {what} '{name}'\n  expected one of: {', '.join(sorted(points))}{hint}")
    render: Render = points[name].load()
    return render


def write_text(path: Path, text: str) -> None:
    """Writes a file and the folders that it needs. Raises UsageError where it cannot."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None


def mapping_of(maps: Sequence[str]) -> dict[str, str]:
    """Old adapter -> new adapter, as --map says it. Raises UsageError for a malformed one."""
    mapping: dict[str, str] = {}
    for written in maps:
        old, equals, new = written.partition("=")
        if not (old and equals and new):
            raise UsageError(f"--map {written}: expected OLD=NEW, say tf-keras=keras-tensorflow")
        if old in mapping:
            raise UsageError(f"--map {written}: {old} is already mapped to {mapping[old]}")
        mapping[old] = new
    return mapping
