"""Reads divergence records: strictly, all faults of all files at once, each with its place and the way out.

`divergences/ADAPTER.yaml` beside an adapter's module, or a file of the folder `divergences/ADAPTER`, holds a list:

    - id: torch/bce-logits-tail           never used again; starts with the adapter's name
      adapters: [torch]                   patterns; by default the adapter itself
      implementations: ["nn.functional.binary_cross_entropy_with_logits", "nn.BCE*"]
      operations: [...]                   patterns, optional
      cases: ["bce-logits/*"]             patterns of the case with its parameters, optional; what is timed is called
                                          by its case and size: "*@10000000"
      dtypes, modes, devices, orders      lists, optional; orders as in the id of a check
      versions: ">=2.0,<2.9"              versions of the framework, as in PEP 440, pre-releases included; optional;
                                          or of the libraries beside it: {optax: "<0.2.6"}
      verdicts: [diverges]                what the deviation looks like
      within: {grade: B}                  how large it is at most: the grade that is met all the same, or K: {k: 1e4}
      outcome: "^0$"                      regular expression, found in the outcome or the error; optional
      holds: always                       or sometimes: a check that conforms is then not reported as fixed
      why: what happens and why, in a sentence or two
      upstream: "pytorch/pytorch#195529", "none found", or "by design: ..."

Patterns are those of `divergence`. Where several records fit, the most specific one explains the check: one that names
cases, then one that always holds, one that knows the outcome, one that bounds the size; among equals the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from conformance.case import DTYPES, ORDERS
from conformance.errors import Fault
from conformance.judge.divergence import Divergence
from conformance.judge.verdict import DEVIATIONS
from conformance.node_fields import Reader, Wrong, described, items, one_of, plain, text, unique
from conformance.yaml_nodes import Fields, Node

if TYPE_CHECKING:
    from conformance.loading import FoundFile

HOLDS = ("always", "sometimes")
UNFINISHED = re.compile(r"\W*(todo|tbd|fixme|xxx)\b", re.IGNORECASE)
_PATTERNS = ("adapters", "implementations", "operations", "cases")
_KEYS = (
    "id", *_PATTERNS, "dtypes", "modes", "devices", "orders", "versions", "verdicts", "within", "outcome", "holds",
    "why", "upstream",
)  # fmt: skip
_ID = re.compile(r"[a-z0-9-]+(/[a-z0-9.-]+)+\Z")


def load_records(paths: Sequence[Path | str] | None = None, *, finished: bool = False) -> list[Divergence]:
    """The records of files and directories, by default those beside every adapter that is plugged in.

    Raises FaultyFiles with every fault, with `finished` a TODO too; UsageError for a path that is not there.
    """
    from conformance.loading import found_files, raise_faults

    faults: list[Fault] = []
    files = shipped_files() if paths is None else found_files(paths)
    records = [placed.record for placed in read_placed(files, faults, finished=finished)]
    raise_faults(faults)
    return records


def shipped_files() -> list[FoundFile]:
    """(path, name shown to people) of the record files beside the adapters."""
    from conformance.host import adapters
    from conformance.loading import found_files

    folders = dict.fromkeys(spec.file.parent / "divergences" for spec in adapters().values())
    return found_files([file for folder in folders for file in sorted(folder.rglob("*.yaml"))])


@lru_cache(maxsize=1)
def _all_shipped() -> tuple[Divergence, ...]:
    return tuple(load_records())


def beside(adapter: str) -> tuple[Divergence, ...]:
    """The records beside the adapters that are plugged in; none for one that is not. Raises FaultyFiles."""
    from conformance.host import adapters

    return _all_shipped() if adapter in adapters() else ()


@dataclass(frozen=True)
class Placed:
    """A record and where it is written."""

    record: Divergence
    fields: Fields
    reader: Reader


def read(files: Iterable[FoundFile], faults: list[Fault]) -> list[Divergence]:
    """The records of files, with their faults added to a list."""
    return [placed.record for placed in read_placed(files, faults)]


def read_placed(files: Iterable[FoundFile], faults: list[Fault], *, finished: bool = False) -> list[Placed]:
    """As `read`, with places.

    With `finished`, a `why` or `upstream` that still says TODO, as `conformance accept` writes it, is a fault.
    """
    from conformance.loading import read_yaml

    records: list[Placed] = []
    places: dict[str, str] = {}
    for path, shown in files:
        node = read_yaml(path, shown, faults)
        if node is None:
            continue
        reader = Reader(shown, faults)
        for item in reader.attempt(items, node, "a file of divergence records") or ():
            before = reader.wrong
            record = reader.attempt(_record, item, _adapter_of(path), reader, finished)
            if record is None or not isinstance(item, Fields):
                continue
            at = item.values["id"]
            if record.id in places:
                reader.fault(at, f"duplicate id '{record.id}'", f"first used at {places[record.id]}")
            places.setdefault(record.id, f"{shown}:{at.line}:{at.column}")
            if reader.wrong == before:
                records.append(Placed(record, item, reader))
    return records


def _adapter_of(path: Path) -> str:
    """The adapter that a file is about: `divergences/ADAPTER.yaml`, or `divergences/ADAPTER/ANY.yaml`."""
    return path.parent.name if path.parent.parent.name == "divergences" else path.stem


def _record(node: Node, stem: str, reader: Reader, finished: bool) -> Divergence | None:
    required = ("id", "implementations", "verdicts", "why", "upstream")
    fields = reader.fields(node, "a divergence record", _KEYS, required)
    values: dict[str, Any] = {"adapters": (stem,)}
    for name, value in fields.items():
        values[name] = reader.attempt(_READERS[name], value, reader)
    values["always"] = values.pop("holds", "always") == "always"
    if isinstance(values.get("versions"), tuple):
        values["libraries"] = values.pop("versions")
    identifier = values.get("id")
    if identifier and not identifier.startswith(f"{stem}/"):
        reader.fault(fields["id"], f"the id '{identifier}' does not start with '{stem}/'", f"expected {stem}/...")
    for name in ("why", "upstream"):
        if finished and values.get(name) and UNFINISHED.match(values[name]):
            reader.fault(fields[name], f"'{name}' is still to be written", "expected what happens and why, checked")
    if any(values.get(name) is None for name in required):
        return None
    return Divergence(**values, file=reader.file, line=node.line)


def _id(node: Node, _: Reader) -> str:
    identifier = text(node, "the id")
    if not _ID.match(identifier):
        raise Wrong(node, f"the id '{identifier}' is malformed", "expected one such as torch/bce-tail")
    return identifier


def _texts(node: Node, reader: Reader) -> tuple[str, ...]:
    listed = items(node, "this")
    if not listed:
        raise Wrong(node, "the list is empty", "expected at least one, or no such key for all of them")
    return reader.each(text, unique(reader, listed, "the pattern"))


def _members(what: str, options: Iterable[str]) -> Any:
    known = tuple(options)

    def read_members(node: Node, reader: Reader) -> tuple[str, ...]:
        listed = unique(reader, items(node, f"'{what}s'"), f"the {what}")
        if not listed:
            raise Wrong(node, f"'{what}s' is empty", f"expected one of: {', '.join(known)}")
        return reader.each(lambda n: one_of(n, what, known), listed)

    return read_members


def version_ranges(node: Node, reader: Reader) -> str | tuple[tuple[str, str], ...]:
    if isinstance(node, Fields):
        read = {name: reader.attempt(_version_range, value) for name, value in node.values.items()}
        return tuple((name, wanted) for name, wanted in read.items() if wanted)
    return _version_range(node)


def _version_range(node: Node) -> str:
    versions = text(node, "'versions'")
    try:
        SpecifierSet(versions)
    except InvalidSpecifier:
        raise Wrong(node, f"'{versions}' is no range of versions", 'expected one such as ">=2.0,<2.9"') from None
    return versions


def _bounds(node: Node, reader: Reader) -> dict[str, Any]:
    fields = reader.fields(node, "'within'", ("grade", "k"), ())
    bounds: dict[str, Any] = {}
    if "grade" in fields:
        bounds["grade"] = one_of(fields["grade"], "grade", ("A", "B"))
    if "k" in fields:
        k = plain(fields["k"], "'k'")
        if isinstance(k, bool) or not isinstance(k, (int, float)) or not k > 0:
            raise Wrong(fields["k"], f"'k' is {described(fields['k'])}", "expected a number above 0: the largest K")
        bounds["k"] = float(k)
    return bounds


def _regular_expression(node: Node, _: Reader) -> str:
    outcome = text(node, "'outcome'")
    try:
        re.compile(outcome)
    except re.error as error:
        help = "put a backslash before characters that stand for themselves: . * + ? ( ["
        raise Wrong(node, f"the outcome is no regular expression: {error}", help) from None
    return outcome


_READERS: dict[str, Any] = {
    "id": _id,
    **dict.fromkeys(_PATTERNS, _texts),
    "modes": _texts,
    "devices": _texts,
    "dtypes": _members("dtype", DTYPES),
    "orders": _members("order", ORDERS),
    "verdicts": _members("verdict", sorted(DEVIATIONS)),
    "versions": version_ranges,
    "outcome": _regular_expression,
    "within": _bounds,
    "holds": lambda node, reader: one_of(node, "value of 'holds'", HOLDS),
    "why": lambda node, reader: text(node, "'why'"),
    "upstream": lambda node, reader: text(node, "'upstream'"),
}
