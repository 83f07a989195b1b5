"""What `conformance lint` checks: case files, divergence records, and that each record is about something.

A pattern that matches nothing is a fault: its record would explain nothing, and nobody would see it. Which calls an
adapter has is read from the source of its module; no framework is imported.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from conformance import loading
from conformance.case import Case
from conformance.errors import Fault
from conformance.host import adapters
from conformance.judge import record_files as records
from conformance.judge.divergence import Divergence, matches
from conformance.judge.record_files import Placed
from conformance.loading import FoundFile
from conformance.node_fields import expected_one_of
from conformance.oracle.operation import OPERATIONS
from conformance.yaml_nodes import Items, Node, Scalar


@dataclass
class Findings:
    """What there is, and what is wrong with it. `unused_flags` is a remark, not a fault."""

    faults: list[Fault] = field(default_factory=list)
    files: int = 0
    cases: int = 0
    variants: int = 0
    flags: int = 0
    records: int = 0
    unused_flags: tuple[str, ...] = ()


def lint(paths: Sequence[Path]) -> Findings:
    """Checks the files at `paths`, or everything that is shipped. Raises UsageError for a path that is not there."""
    findings = Findings()
    if paths:
        case_files, record_files = _sorted_out(loading.found_files(paths))
    else:
        case_files, record_files = loading.shipped_files(), records.shipped_files()
    findings.files = len(case_files) + len(record_files)
    cases: tuple[Case, ...] = ()
    if case_files:
        catalogue = loading.read([path for path, _ in case_files] if paths else None, findings.faults)
        cases = catalogue.cases
        findings.cases = len(cases)
        findings.variants = sum(1 for case in cases for _ in case.variants())
        findings.flags = len(catalogue.flags)
        used = {name for case in cases for name in case.flags}
        findings.unused_flags = tuple(name for name in catalogue.flags if name not in used)
    if record_files:
        placed = records.read_placed(record_files, findings.faults, finished=True)
        findings.records = len(placed)
        if paths:
            cases = (*cases, *loading.read(None, []).cases)
        _Known(cases).check(placed)
    return findings


def _sorted_out(files: Iterable[FoundFile]) -> tuple[list[FoundFile], list[FoundFile]]:
    """(case files, record files): records are a list, cases a mapping."""
    case_files: list[FoundFile] = []
    record_files: list[FoundFile] = []
    for path, shown in files:
        is_list = isinstance(loading.read_yaml(path, shown, []), Items)
        (record_files if is_list or "divergences" in path.parts else case_files).append((path, shown))
    return case_files, record_files


class _Known:
    """What records can be about."""

    def __init__(self, cases: Iterable[Case]) -> None:
        self.variants: dict[str, list[str]] = {}
        for case in cases:
            self.variants.setdefault(case.operation, []).extend(variant.id for variant in case.variants())
        self.specs = adapters()
        self.adapters = tuple(self.specs)
        self.calls: dict[Path, set[tuple[str, str]]] = {}

    def check(self, records: Iterable[Placed]) -> None:
        """Adds a fault to the reader of each record that has a pattern without a match."""
        for placed in records:
            record = placed.record
            rows = self._rows(record)
            operations = [name for name in OPERATIONS if matches(record.operations, name)]
            calls = sorted({name for operation, name in rows if operation in operations})
            variants = [variant for operation in operations for variant in self.variants.get(operation, ())]
            self._one(placed, "operations", "operation", list(OPERATIONS))
            if operations:
                if rows:
                    self._one(placed, "implementations", f"implementation{_of(record)}", calls)
                self._one(placed, "cases", f"case{_of(record)}", variants)
            self._one(placed, "adapters", "adapter", list(self.adapters))

    def _rows(self, record: Divergence) -> set[tuple[str, str]]:
        """(operation, implementation) of the adapters that a record may be about.

        Their modules lie beside its file, or, where the record is a user's own, are plugged in.
        """
        beside = _adapters_beside(Path(record.file).resolve())
        plugged_in = {spec.file.parent for name, spec in self.specs.items() if matches(record.adapters, name)}
        modules = [beside / f"{name.replace('-', '_')}.py" for name in record.adapters]
        folders = plugged_in if plugged_in and not any(map(Path.is_file, modules)) else {beside}
        for folder in folders - self.calls.keys():
            self.calls[folder] = implemented(folder)
        return set().union(*(self.calls[folder] for folder in folders))

    def _one(self, placed: Placed, key: str, what: str, names: Sequence[str]) -> None:
        patterns: tuple[str, ...] = getattr(placed.record, key)
        nodes = _texts(placed.fields.values.get(key))
        for pattern in patterns:
            timed = _SIZE.search(pattern) if key == "cases" else None
            named = pattern if timed is None else pattern[: timed.start()]
            if not any(matches((named,), name if timed is None else name.split("[")[0]) for name in names):
                node = nodes.get(pattern, placed.fields.values["id"])
                placed.reader.fault(node, f"no {what} matches '{pattern}'", *_help(pattern, names))


# What a case is called where it is timed with more rows: its id and the size.
_SIZE = re.compile(r"@[0-9*?]+$")


def _of(record: Divergence) -> str:
    return f" of {', '.join(record.operations)}" if record.operations else ""


def _texts(node: Node | None) -> Mapping[str, Node]:
    items = node.items if isinstance(node, Items) else []
    return {item.text: item for item in items if isinstance(item, Scalar)}


def _help(pattern: str, names: Sequence[str]) -> tuple[str, ...]:
    if "[[]" in pattern:
        return ("write [ as it is: only * and ? have a meaning",)
    return expected_one_of(names, pattern)


def _adapters_beside(file: Path) -> Path:
    """The folder of the adapters that a record file is about: that in which `divergences` lies."""
    lists = next((parent for parent in file.parents if parent.name == "divergences"), file.parent)
    return lists.parent


def implemented(folder: Path) -> set[tuple[str, str]]:
    """(operation, implementation) of every `@implements(...)` in the modules under a folder, as written there."""
    found = set()
    for file in sorted(folder.rglob("*.py")):
        try:
            tree = ast.parse(file.read_text("utf-8"))
        except (OSError, SyntaxError, ValueError):
            continue  # the worker says what is wrong with a module
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                found |= {row for row in map(_row, node.decorator_list) if row is not None}
    return found


def _row(decorator: ast.expr) -> tuple[str, str] | None:
    if not isinstance(decorator, ast.Call):
        return None
    function = decorator.func
    called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    texts = {k.arg: k.value.value for k in decorator.keywords if isinstance(k.value, ast.Constant)}
    positional = [a.value for a in decorator.args if isinstance(a, ast.Constant)]
    operation = texts.get("operation", positional[0] if positional else None)
    name = texts.get("name") or str(texts.get("call", "")).partition(".")[2]
    return (operation, str(name)) if called == "implements" and isinstance(operation, str) and name else None
