"""Reads policies: `conformance.toml`, or the table `[tool.conformance]` of `pyproject.toml`.

    fail = ["broken", "changed", "newly unsupported", "removed"]     # the default

    [timing]                                 # of calls that both runs timed, the default:
    warn = 0.10                              # more than 10 % slower is shown,
    fail = 0.25                              # more than 25 % closes the gate; false: never

    [[rules]]                                # the last rule that is about a check decides
    adapters = ["keras-*"]                   # patterns: * stands for anything, ? for one character
    operations = ["*focal*"]
    dtypes = ["float16", "bfloat16"]
    fail = ["broken"]
    timing = {fail = false}

    [[accepted]]
    transition = "changed"
    operations = ["binary_cross_entropy"]
    old = ["11.522857"]                      # patterns of the values as the gate prints them
    new = ["12.000716"]
    versions = ">=3"                         # of the candidate: of the framework, or {keras = ">=3"}
    reason = "Keras 3 clips otherwise; our thresholds were moved with it."
    expires = 2026-12-31                     # the last day on which it holds

    [[accepted]]
    transition = "slower"
    implementations = ["optax.*"]
    within = 1.6                             # of 1.6 times as long at most; any, where it is left out
    reason = "Checks its arguments now."
    expires = 2026-12-31

Rules and acceptances say where they hold with any of: adapters, implementations, operations, cases (the case with its
parameters, `bce-logits/grid[*]`), flags, dtypes, modes, devices, orders. Everything is strict: what is not known is an
error with its place.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from conformance.bench.compare import REFUSED as REFUSED_TIMINGS
from conformance.bench.compare import SLOWER, Limits
from conformance.case import DTYPES, ORDERS
from conformance.errors import FaultyFiles, UsageError
from conformance.gate import REFUSED, SAME, TRANSITIONS
from conformance.judge.divergence import matches
from conformance.judge.record_files import UNFINISHED, version_ranges
from conformance.node_fields import Reader, Wrong, described, expected_one_of, items, one_of, text, unique
from conformance.policy import Acceptance, Policy, Rule, Where
from conformance.toml_nodes import parse
from conformance.yaml_nodes import Fields, Node, Scalar

NAMES = ("conformance.toml", "pyproject.toml")
WHERE = ("adapters", "implementations", "operations", "cases", "flags", "dtypes", "modes", "devices", "orders")
KINDS = tuple(name for name in TRANSITIONS if name != SAME)
# What only acceptances name: limits say when they close the gate.
TIMED = tuple(REFUSED_TIMINGS)


def find_policy(start: Path) -> Path | None:
    """The nearest policy at `start` or above: a pyproject.toml counts where it has the table."""
    for folder in [start, *start.parents]:
        for name in NAMES:
            file = folder / name
            if file.is_file() and (name == NAMES[0] or _has_table(file)):
                return file
    return None


def _has_table(file: Path) -> bool:
    """Whether a pyproject.toml is about us. What is not TOML is its owner's trouble, unless it names us."""
    content = file.read_bytes()
    if b"conformance" not in content:
        return False
    tables = parse(content, str(file), [])
    return tables is None or _ours(tables) is not None


def _ours(tables: Fields) -> Node | None:
    tool = tables.values.get("tool")
    return tool.values.get("conformance") if isinstance(tool, Fields) else None


def read_policy(file: Path, *, finished: bool = True) -> Policy:
    """The policy of a file.

    With `finished`, a reason that still says TODO, as `conformance accept` writes it, is a fault. Raises FaultyFiles
    with every fault and its place, UsageError where there is no such file or it holds no policy.
    """
    shown = _shown(file)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{shown}: cannot be read: {error.strerror}") from None
    reader = Reader(shown, [])
    node: Node | None = parse(content, shown, reader.faults)
    if isinstance(node, Fields) and file.name == "pyproject.toml":
        node = _ours(node)
        if node is None:
            raise UsageError(f"{shown}: has no table [tool.conformance]")
    policy = reader.attempt(_policy, node, reader, finished) if node is not None else None
    if reader.faults:
        raise FaultyFiles(reader.faults)
    assert policy is not None
    return policy


def _shown(file: Path) -> str:
    """The path as people know it: relative where it is below the working directory."""
    here = Path.cwd()
    return str(file.relative_to(here)) if file.is_absolute() and file.is_relative_to(here) else str(file)


def _policy(node: Node, reader: Reader, finished: bool) -> Policy:
    fields = reader.fields(node, "the policy", ("fail", "timing", "rules", "accepted"))
    rules = _tables(fields, "rules", reader, lambda item: _rule(item, reader))
    accepted = _tables(fields, "accepted", reader, lambda item: _acceptance(item, reader, finished))
    fail = reader.attempt(_fail, fields["fail"], reader) if "fail" in fields else REFUSED
    limits = reader.attempt(_limits, fields["timing"], reader) if "timing" in fields else None
    return Policy(fail or (), rules, accepted, limits=limits or Limits(), file=reader.file)


def _tables(fields: dict[str, Node], name: str, reader: Reader, read: Any) -> tuple[Any, ...]:
    if name not in fields:
        return ()
    node = fields[name]
    listed = reader.attempt(items, node, f"'{name}'")
    if listed is None:
        reader.faults[-1] = _with_help(reader.faults[-1], f"write each of them under [[{name}]]")
        return ()
    return reader.each(read, listed)


def _with_help(fault: Any, help: str) -> Any:
    from dataclasses import replace

    return replace(fault, help=(help,))


def _rule(node: Node, reader: Reader) -> Rule:
    fields = reader.fields(node, "a rule", (*WHERE, "fail", "timing"))
    where = _where(fields, reader)
    if isinstance(node, Fields) and not any(name in fields for name in WHERE):
        reader.fault(node, "the rule says nowhere that it is about", f"expected one of: {', '.join(WHERE)}")
    if isinstance(node, Fields) and not {"fail", "timing"} & set(fields):
        reader.fault(node, "the rule says nothing", "expected 'fail', 'timing' or both")
    fail = reader.attempt(_fail, fields["fail"], reader) if "fail" in fields else None
    limits = reader.attempt(_limits, fields["timing"], reader) if "timing" in fields else None
    return Rule(where, fail, limits, f"{reader.file}:{node.line}")


def _acceptance(node: Node, reader: Reader, finished: bool) -> Acceptance | None:
    required = ("transition", "reason", "expires")
    known = (*WHERE, *required, "old", "new", "within", "versions")
    fields = reader.fields(node, "an accepted change", known, required)
    where = _where(fields, reader)
    if not any(name in fields for name in WHERE):
        reader.fault(node, "the accepted change says nowhere that it is about", f"expected one of: {', '.join(WHERE)}")
    values: dict[str, Any] = {}
    for name in ("transition", "reason", "expires", "old", "new", "within", "versions"):
        if name in fields:
            values[name] = reader.attempt(_READERS[name], fields[name], reader)
    of_a_time = values.get("transition") in TIMED
    for name in ("old", "new") if of_a_time else ("within",):
        if name in fields:
            wanted = f"'{name}' is about values" if of_a_time else f"'within' is about a call that became {SLOWER}"
            reader.fault(fields[name], wanted, f"expected no such key beside '{values.get('transition')}'")
    if finished and values.get("reason") and UNFINISHED.match(values["reason"]):
        reader.fault(fields["reason"], "'reason' is still to be written", "expected why this change is accepted")
    if any(values.get(name) is None for name in required):
        return None
    versions = values.pop("versions", "") or ""
    ranges = {"libraries": versions} if isinstance(versions, tuple) else {"versions": versions}
    return Acceptance(where, **{k: v for k, v in values.items() if v}, **ranges, place=f"{reader.file}:{node.line}")


def _where(fields: dict[str, Node], reader: Reader) -> Where:
    found = {}
    for name in WHERE:
        if name in fields:
            found[name] = reader.attempt(_WHERE_READERS.get(name, _texts), fields[name], reader) or ()
    return Where(**found)


def _fail(node: Node, reader: Reader) -> tuple[str, ...]:
    read = _one_of_transitions(KINDS)
    return reader.each(lambda item: read(item, reader), unique(reader, items(node, "'fail'"), "the transition"))


def _one_of_transitions(known: Sequence[str]) -> Any:
    """A reader of a transition, with its blank or with a hyphen: `newly-unsupported`."""

    def read(node: Node, _: Reader) -> str:
        if isinstance(node, Scalar) and isinstance(node.value, str) and node.value.replace("-", " ") in known:
            return node.value.replace("-", " ")
        return one_of(node, "transition", known)

    return read


def _limits(node: Node, reader: Reader) -> Limits:
    """How much slower a call may become: {warn = 0.1, fail = 0.25}."""
    fields = reader.fields(node, "'timing'", ("warn", "fail"))
    found = {name: reader.attempt(_fraction, fields[name], reader) for name in fields}
    limits = Limits(**{name: value for name, value in found.items() if value is not None})
    if limits.warn > limits.fail:
        raise Wrong(node, f"it fails at {limits.fail} and warns at {limits.warn} only", "expected warn below fail")
    return limits


def _fraction(node: Node, _: Reader) -> float:
    value = node.value if isinstance(node, Scalar) else None
    if value is False:
        return math.inf
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise Wrong(node, f"this is {described(node)}", "expected a fraction: 0.1 for 10 % slower, or false for never")
    return float(value)


def _ratio(node: Node, _: Reader) -> float:
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 1:
        raise Wrong(node, f"'within' is {described(node)}", "expected new time over old time, say 1.6")
    return float(value)


def _texts(node: Node, reader: Reader) -> tuple[str, ...]:
    listed = items(node, "this")
    if not listed:
        raise Wrong(node, "the list is empty", "expected at least one, or no such key for all of them")
    return reader.each(text, unique(reader, listed, "the pattern"))


def _some_of(what: str, options: Collection[str]) -> Any:
    def read(node: Node, reader: Reader) -> tuple[str, ...]:
        return reader.each(lambda n: one_of(n, what, options), unique(reader, items(node, f"'{what}s'"), f"the {what}"))

    return read


def _operations(node: Node, reader: Reader) -> tuple[str, ...]:
    """Patterns of operations; one that no operation matches is a fault, for it would be about nothing."""
    from conformance.oracle import load_all
    from conformance.oracle.operation import OPERATIONS

    load_all()
    patterns = _texts(node, reader)
    nodes = {item.text: item for item in items(node, "this") if isinstance(item, Scalar)}
    for pattern in patterns:
        if not any(matches((pattern,), name) for name in OPERATIONS):
            reader.fault(nodes[pattern], f"no operation matches '{pattern}'", *expected_one_of(OPERATIONS, pattern))
    return patterns


def _day(node: Node, _: Reader) -> datetime.date:
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, datetime.datetime) or not isinstance(value, datetime.date):
        raise Wrong(node, f"'expires' is {described(node)}", "expected a day without quotes, such as 2026-12-31")
    return value


_WHERE_READERS: dict[str, Any] = {
    "operations": _operations,
    "dtypes": _some_of("dtype", DTYPES),
    "orders": _some_of("order", ORDERS),
}
_READERS: dict[str, Any] = {
    "transition": _one_of_transitions((*KINDS, *TIMED)),
    "within": _ratio,
    "reason": lambda node, _: text(node, "'reason'"),
    "expires": _day,
    "old": _texts,
    "new": _texts,
    "versions": version_ranges,
}
