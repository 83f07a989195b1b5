"""Loads case files: strictly, all faults of all files at once, each with its place and the way out.

    about: ...                      what the file is about
    operation: ...                  of every case that names no other
    flags: {name: {why, effect, references}}
    cases: [{id, says, inputs, ...}]

A flag is explained in the file that uses it or in a file called `flags.yaml`. The shipped cases are loaded where no
paths are given; the shipped flags are known everywhere. How arrays are written: `conformance.inputs`.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from conformance import case_nodes
from conformance.case import Case, Flag
from conformance.errors import Fault, FaultyFiles, UsageError
from conformance.inputs import ArraySpec
from conformance.node_fields import Reader, expected_one_of, items, mapping, text
from conformance.oracle import operation as operations
from conformance.yaml_nodes import LARGEST_FILE, Fields, Node, parse

MOST_FAULTS = 50
SHARED_FLAGS = "flags.yaml"
# The path of a file, and its name as messages show it.
FoundFile = tuple[Path, str]


@dataclass(frozen=True)
class Catalogue:
    """What the files hold. `digest` is that of the content: places, comments and the order of files do not matter."""

    cases: tuple[Case, ...]
    flags: Mapping[str, Flag]
    digest: str


def load(paths: Sequence[Path | str] | None = None) -> Catalogue:
    """The cases of files and directories, those that are shipped by default, in the order of the files.

    Raises FaultyFiles with every fault, UsageError for a path that is not there.
    """
    faults: list[Fault] = []
    catalogue = read(paths, faults)
    raise_faults(faults)
    return catalogue


def load_cases(paths: Sequence[Path | str] | None = None) -> list[Case]:
    """The cases alone."""
    return list(load(paths).cases)


def raise_faults(faults: list[Fault]) -> None:
    """Raises FaultyFiles if there are faults; not more than `MOST_FAULTS` of them, in the order of the files."""
    if not faults:
        return
    ordered = sorted(faults, key=lambda fault: (fault.file, fault.line, fault.column))
    if len(ordered) > MOST_FAULTS:
        last = ordered[MOST_FAULTS - 1]
        left_out = f"{len(ordered) - MOST_FAULTS} more faults are not shown"
        ordered = [*ordered[: MOST_FAULTS - 1], replace(last, help=(*last.help, left_out))]
    raise FaultyFiles(ordered)


def read(paths: Sequence[Path | str] | None, faults: list[Fault]) -> Catalogue:
    """As `load`, with the faults added to a list."""
    know_operations()
    shipped = shipped_files()
    files = [_File(path, shown) for path, shown in (shipped if paths is None else found_files(paths))]
    for file in files:
        file.read(faults)
    flags = _flags(files, shipped, faults)
    cases: list[Case] = []
    places: dict[str, tuple[_File, Node]] = {}
    for file in files:
        cases += file.take_cases(flags, places, faults)
    used = {name for case in cases for name in case.flags}
    kept = {name: flag for name, (flag, file) in sorted(flags.items()) if file in files or name in used}
    return Catalogue(tuple(cases), kept, digest(cases, kept.values()))


def know_operations() -> None:
    """Registers every operation of the oracle."""
    import conformance.oracle

    load_all: Callable[[], object] | None = getattr(conformance.oracle, "load_all", None)
    if load_all is not None:
        load_all()
    assert operations.OPERATIONS, "the oracle defines no operation"


def shipped_files() -> list[FoundFile]:
    """(path, name shown to people) of the cases that are installed with the suite."""
    root = importlib.resources.files("conformance.cases")
    return found_files([Path(str(root))])


def found_files(paths: Sequence[Path | str]) -> list[FoundFile]:
    """(path, name shown to people) of the files at `paths`; directories are walked for *.yaml, sorted."""
    found: dict[Path, str] = {}
    for given in map(Path, paths):
        if given.is_dir():
            inside = sorted(path for path in given.rglob("*.yaml") if path.is_file())
            if not inside:
                raise UsageError(f"{given}: no *.yaml file in this directory")
        elif given.exists():
            inside = [given]
        else:
            raise UsageError(f"{given}: no such file or directory")
        for path in inside:
            found.setdefault(path, shown(path))
    return list(found.items())


def shown(path: Path) -> str:
    """A path as messages show it: from the working directory where it lies inside."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def portable(file: str) -> str:
    """The path of a case file as every machine writes it: from the suite's folder or from the working directory.

    A file of the user's elsewhere is written with leading "..".
    """
    path = Path(file).resolve()
    shipped = Path(str(importlib.resources.files("conformance.cases"))).resolve()
    if path.is_relative_to(shipped):
        return (Path("cases") / path.relative_to(shipped)).as_posix()
    return Path(os.path.relpath(path)).as_posix()


@dataclass(eq=False)
class _File:
    path: Path
    shown: str
    flags: dict[str, tuple[Flag, Node]] = field(default_factory=dict)
    fields: dict[str, Node] = field(default_factory=dict)

    @property
    def shared(self) -> bool:
        return self.path.name == SHARED_FLAGS

    def read(self, faults: list[Fault]) -> None:
        """The file's own keys and flags."""
        node = read_yaml(self.path, self.shown, faults)
        if node is None:
            return
        reader = Reader(self.shown, faults)
        required = ("about",) if isinstance(node, Fields) and "flags" in node.values else ("about", "cases")
        known = ("about", "operation", "flags", "cases")
        self.fields = reader.attempt(reader.fields, node, "a case file", known, required) or {}
        if "about" in self.fields:
            reader.attempt(text, self.fields["about"], "'about'")
        if "flags" in self.fields:
            explained = reader.attempt(mapping, self.fields["flags"], "'flags'")
            for name, value in explained.values.items() if explained else ():
                key = explained.keys[name] if explained else value
                reader.attempt(case_nodes.name, key)
                self.flags[name] = (_flag(name, value, reader), key)

    def take_cases(
        self, flags: Mapping[str, tuple[Flag, _File]], places: dict[str, tuple[_File, Node]], faults: list[Fault]
    ) -> list[Case]:
        """The file's cases; ids are added to `places`."""
        reader = Reader(self.shown, faults)
        operation = None
        if "operation" in self.fields:
            operation = reader.attempt(case_nodes.operation_name, self.fields["operation"]) or ""
        listed = reader.attempt(items, self.fields["cases"], "'cases'") if "cases" in self.fields else []
        cases = []
        for node in listed or ():
            case = case_nodes.case(node, reader, operation)
            known = self._id_and_flags(node, reader, flags, places)
            if case is not None and known:
                cases.append(case)
        return cases

    def _id_and_flags(
        self, node: Node, reader: Reader, flags: Mapping[str, tuple[Flag, _File]], places: dict[str, tuple[_File, Node]]
    ) -> bool:
        before = reader.wrong
        fields = node.values if isinstance(node, Fields) else {}
        at = fields.get("id")
        identifier = getattr(at, "value", None)
        if at is not None and isinstance(identifier, str):
            if identifier in places:
                other, first = places[identifier]
                help = f"first used at {other.shown}:{first.line}:{first.column}"
                reader.fault(at, f"duplicate id '{identifier}'", help)
            places.setdefault(identifier, (self, at))
        for flag in getattr(fields.get("flags"), "items", ()):
            name = getattr(flag, "value", None)
            if not isinstance(name, str):
                continue
            holder = flags.get(name)
            if name not in self.flags and (holder is None or not holder[1].shared):
                reachable = {n for n, (_, file) in flags.items() if file.shared} | set(self.flags)
                lines = expected_one_of(reachable, name) or ("expected one that is explained under 'flags'",)
                if holder is not None:
                    lines = (f"it is explained in {holder[1].shown}; move it to {SHARED_FLAGS} to use it everywhere",)
                reader.fault(flag, f"unknown flag '{name}'", *lines)
        return reader.wrong == before


def read_yaml(path: Path, name: str, faults: list[Fault]) -> Node | None:
    """The one document of a file; None where there is none, with a fault."""
    try:
        size = path.stat().st_size
        content = b"" if size > LARGEST_FILE else path.read_bytes()
    except OSError as error:
        faults.append(Fault(name, 1, 1, f"cannot be read: {error.strerror}"))
        return None
    if size > LARGEST_FILE:
        help = f"expected at most {LARGEST_FILE:,}: generate large arrays"
        faults.append(Fault(name, 1, 1, f"the file has {size:,} bytes", (help,)))
        return None
    before = len(faults)
    node = parse(content, name, faults)
    if node is None and len(faults) == before:
        faults.append(Fault(name, 1, 1, "the file is empty"))
    return node


def _flag(name: str, node: Node, reader: Reader) -> Flag:
    known = ("why", "effect", "references")
    fields = reader.attempt(reader.fields, node, f"the flag '{name}'", known, ("why", "effect")) or {}
    why = reader.attempt(text, fields["why"], "'why'") if "why" in fields else None
    effect = reader.attempt(text, fields["effect"], "'effect'") if "effect" in fields else None
    listed = reader.attempt(items, fields["references"], "'references'") if "references" in fields else None
    return Flag(name, why or "", effect or "", reader.each(text, listed or ()))


def _flags(files: Sequence[_File], shipped: Iterable[FoundFile], faults: list[Fault]) -> dict[str, tuple[Flag, _File]]:
    """Every flag and the file that explains it. The shipped flags stand in where the files explain none."""
    flags: dict[str, tuple[Flag, _File]] = {}
    for file in files:
        for name, (flag, node) in file.flags.items():
            if name in flags:
                other = flags[name][1]
                first = other.flags[name][1]
                Reader(file.shown, faults).fault(
                    node, f"the flag '{name}' is explained twice", f"first at {other.shown}:{first.line}:{first.column}"
                )
            else:
                flags[name] = (flag, file)
    read_already = {file.path.resolve() for file in files}
    for path, name_shown in shipped:
        if path.name == SHARED_FLAGS and path.resolve() not in read_already:
            file = _File(path, name_shown)
            file.read(faults)
            for name, (flag, _) in file.flags.items():
                flags.setdefault(name, (flag, file))
    return flags


def digest(cases: Iterable[Case], flags: Iterable[Flag]) -> str:
    """sha256 of what cases and flags say, whatever the files that say it."""
    state = hashlib.sha256()
    for case in sorted(cases, key=lambda case: case.id):
        content = {name: value for name, value in vars(case).items() if name not in ("file", "line")}
        state.update(_canonical(content).encode() + b"\n")
    for flag in sorted(flags, key=lambda flag: flag.name):
        state.update(_canonical(vars(flag)).encode() + b"\n")
    return state.hexdigest()


def _canonical(content: Mapping[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, ensure_ascii=True, default=_as_plain)


def _as_plain(value: Any) -> Any:
    if isinstance(value, ArraySpec):
        return [value.generator, value.arguments, value.shape, value.integer]
    return vars(value)
