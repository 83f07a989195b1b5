"""YAML text as nodes that know where they stand; the surprises of YAML are refused here.

What a file may say is a small, plain part of YAML: block or flow mappings, lists and scalars in UTF-8. Anchors,
aliases, tags, merge keys, directives, several documents, tabs and invisible characters have no use in a case and
are refused. So is every plain scalar that YAML 1.1 and YAML 1.2 read differently: `1e-3`, `no`, `010`, `1:30`.

    null    null                    true, false
    number  0, -12, 0.5, .5, 2.0e-3, .nan, .inf, -.inf
    text    everything else, and whatever is quoted
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Union

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from conformance.errors import Fault

LARGEST_FILE = 5_000_000
DEEPEST = 64
PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# Tabs, control characters, and characters that nobody sees or that reorder what is seen.
_FORBIDDEN = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\r(?!\n)")


# Nodes are never changed once built; `frozen` is left out because it would double the time to load.
@dataclass(slots=True)
class Scalar:
    """One value. `value` is None, a bool, an int, a float or a str; `reported` marks one that is already a fault."""

    value: Any
    text: str
    line: int
    column: int
    plain: bool = False
    reported: bool = False


@dataclass(slots=True)
class Items:
    """A list."""

    items: list[Node]
    line: int
    column: int


@dataclass(slots=True)
class Fields:
    """A mapping from text to nodes, in the order written. `keys` holds the nodes of the keys."""

    values: dict[str, Node]
    keys: dict[str, Scalar]
    line: int
    column: int


Node = Union[Scalar, Items, Fields]  # noqa: UP007 - the names are not defined yet where this line runs


class _Stop(Exception):
    """The rest of the file cannot be read."""


def parse(content: bytes, file: str, faults: list[Fault]) -> Node | None:
    """The one document of a file of at most `LARGEST_FILE` bytes, or None where it has none. Adds to `faults`."""
    text = _decoded(content, file, faults)
    if text is None:
        return None
    events = yaml.parse(text, Loader=PARSER)
    try:
        return _Builder(file, faults).build(events)
    except _Stop:
        return None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "malformed"
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        context = (f"{error.context} at line {error.context_mark.line + 1}",) if error.context_mark else ()
        faults.append(Fault(file, line, column, f"not YAML: {problem}", context))
    except yaml.YAMLError as error:
        faults.append(Fault(file, 1, 1, f"not YAML: {error}"))
    return None


def not_utf8(content: bytes, error: UnicodeDecodeError, file: str) -> Fault:
    """Where the first byte stands that is not UTF-8."""
    before = content[: error.start]
    line = before.count(b"\n") + 1
    column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
    return Fault(file, line, column, f"byte 0x{content[error.start]:02x} is not UTF-8", ("expected UTF-8",))


def _decoded(content: bytes, file: str, faults: list[Fault]) -> str | None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        faults.append(not_utf8(content, error, file))
        return None
    if not _FORBIDDEN.search(text):
        return text
    for number, line_text in enumerate(text.split("\n"), 1):
        found = _FORBIDDEN.search(line_text + "\n")
        if found:
            tab = found.group() == "\t"
            what = "a tab" if tab else f"the control character U+{ord(found.group()):04X}"
            faults.append(Fault(file, number, found.start() + 1, what, ("expected spaces",) if tab else ()))
    return None


class _Builder:
    def __init__(self, file: str, faults: list[Fault]) -> None:
        self.file = file
        self.faults = faults

    def fault(self, event: Any, message: str, *help: str) -> None:
        mark = event.start_mark
        self.faults.append(Fault(self.file, mark.line + 1, mark.column + 1, message, help))

    def build(self, events: Iterator[Any]) -> Node | None:
        """Reads the events without recursion, so that no depth of nesting overflows the stack."""
        root: Node | None = None
        stack: list[Items | Fields] = []
        keys: list[Scalar | None] = []
        documents = 0
        for event in events:
            kind = type(event)
            node: Node
            if kind is ScalarEvent:
                node = self._scalar(event)
            elif kind is SequenceStartEvent or kind is MappingStartEvent:
                self._plain_only(event)
                mark = event.start_mark
                if kind is SequenceStartEvent:
                    node = Items([], mark.line + 1, mark.column + 1)
                else:
                    node = Fields({}, {}, mark.line + 1, mark.column + 1)
                if len(stack) >= DEEPEST:
                    self.fault(event, f"nested more than {DEEPEST} deep")
                    raise _Stop
            elif kind is SequenceEndEvent or kind is MappingEndEvent:
                stack.pop()
                keys.pop()
                continue
            elif kind is AliasEvent:
                self.fault(event, f"alias '*{event.anchor}'", "expected no anchors and aliases: write the value out")
                node = Scalar(None, "", event.start_mark.line + 1, event.start_mark.column + 1, reported=True)
            elif kind is DocumentStartEvent:
                documents += 1
                self._document(event, documents)
                continue
            else:
                continue
            if not stack:
                root = node
            elif isinstance(stack[-1], Items):
                stack[-1].items.append(node)
            elif keys[-1] is None:
                keys[-1] = self._key(event, node)
            else:
                self._add(stack[-1], keys[-1], node)
                keys[-1] = None
            if not isinstance(node, Scalar):
                stack.append(node)
                keys.append(None)
        return root

    def _document(self, event: Any, documents: int) -> None:
        if documents > 1:
            self.fault(event, "a second document", "expected one document in a file")
            raise _Stop
        if event.version or event.tags:
            self.fault(event, "a directive", "expected no %YAML and no %TAG line")

    def _plain_only(self, event: Any) -> None:
        if event.anchor is not None:
            self.fault(event, f"anchor '&{event.anchor}'", "expected no anchors and aliases: write the value out")
        if event.tag is not None:
            self.fault(event, f"tag '{event.tag}'", "expected no tags")

    def _scalar(self, event: Any) -> Scalar:
        mark = event.start_mark
        text = event.value
        if event.anchor is not None or event.tag is not None:
            self._plain_only(event)
            return Scalar(text, text, mark.line + 1, mark.column + 1, reported=True)
        if event.style:  # quoted, or a block of text
            return Scalar(text, text, mark.line + 1, mark.column + 1)
        value, surprise, help = resolve(text)
        if surprise:
            self.fault(event, surprise, *help)
        return Scalar(value, text, mark.line + 1, mark.column + 1, True, bool(surprise))

    def _key(self, event: Any, node: Node) -> Scalar:
        if not isinstance(node, Scalar):
            self.fault(event, "a list or a mapping as a key", "expected a name")
            raise _Stop
        if node.text == "<<" and node.plain:
            return Scalar("<<", "<<", node.line, node.column, True, True)
        if not isinstance(node.value, str) and not node.reported:
            self.fault(event, f"the key {node.text} is not a name", "expected a name, or quotes")
            return Scalar(node.text, node.text, node.line, node.column, node.plain, True)
        return node

    def _add(self, fields: Fields, key: Scalar, node: Node) -> None:
        name = key.text
        if name in fields.values:
            first = fields.keys[name]
            self.faults.append(
                Fault(
                    self.file, key.line, key.column, f"duplicate key '{name}'",
                    (f"first written in line {first.line}, column {first.column}",),
                )
            )  # fmt: skip
            return
        fields.values[name] = node
        fields.keys[name] = key


_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+][0-9]+)?\Z")
_NOT_FINITE = {".nan": float("nan"), ".inf": float("inf"), "+.inf": float("inf"), "-.inf": float("-inf")}
_WORDS = {"null": None, "true": True, "false": False}
_BOOLEANS = {"y": "true", "yes": "true", "on": "true", "n": "false", "no": "false", "off": "false"}
_EXPONENT = re.compile(r"([-+]?)([0-9]*)(\.[0-9]*)?[eE]([-+]?)([0-9]+)\Z")
_STRANGE_NUMBERS = (
    (re.compile(r"[-+]?0[0-9_]+\Z"), "octal in YAML 1.1 and decimal in YAML 1.2"),
    (re.compile(r"[-+]?0o[0-7_]+\Z"), "text in YAML 1.1 and octal in YAML 1.2"),
    (re.compile(r"[-+]?0x[0-9a-fA-F_]+\Z"), "hexadecimal"),
    (re.compile(r"[-+]?0b[01_]+\Z"), "binary in YAML 1.1 and text in YAML 1.2"),
    (re.compile(r"[-+]?[0-9][0-9_]*_[0-9_]*(\.[0-9_]*)?\Z"), "a number in YAML 1.1 and text in YAML 1.2"),
    (re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?\Z"), "a number to base 60 in YAML 1.1"),
    (re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?\Z"), "a date in YAML 1.1"),
)
Resolved = tuple[Any, str, tuple[str, ...]]


@lru_cache(maxsize=65536)
def resolve(text: str) -> Resolved:
    """(value, what is wrong or "", help) of a plain scalar."""
    if _INT.match(text):
        return _integer(text)
    if _FLOAT.match(text):
        return _finite(text)
    if text in _WORDS:
        return _WORDS[text], "", ()
    if text in _NOT_FINITE:
        return _NOT_FINITE[text], "", ()
    lower = text.lower()
    if lower in _WORDS or lower == "~" or not text:
        meant = lower if lower in _WORDS else "null"
        what = f"'{text}'" if text else "nothing"
        return text, f"{what} stands for {meant}", (f"write {meant}, or put text in quotes",)
    if lower in _BOOLEANS:
        return text, f"'{text}' is a boolean in YAML 1.1 and text in YAML 1.2", (
            f"write {_BOOLEANS[lower]}, or '{text}' in quotes for the text",
        )  # fmt: skip
    if lower in _NOT_FINITE:
        return text, f"'{text}' is written in capitals", (f"write {lower}",)
    if text in ("=", "<<"):
        what = "a merge key" if text == "<<" else "the value tag of YAML 1.1"
        return text, f"'{text}' is {what}", ("expected no merge keys: write the keys out",)
    return _strange(text)


def _integer(text: str) -> Resolved:
    if len(text) > 25:
        return text, f"{text[:25]}... has {len(text)} digits", ("write a number with a point: 1.0e+30",)
    return int(text), "", ()


def _finite(text: str) -> Resolved:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        infinity = "-.inf" if value < 0 else ".inf"
        return text, f"{text} is beyond the largest float64", (f"write {infinity} if infinity is meant",)
    if value == 0 and re.search("[1-9]", re.split("[eE]", text)[0]):
        return text, f"{text} is below the smallest float64", ("write 0.0 if zero is meant",)
    return value, "", ()


def _strange(text: str) -> Resolved:
    first = text[0]
    if not (first.isdigit() or first in "+-."):
        return text, "", ()
    exponent = _EXPONENT.match(text)
    if exponent and (exponent[2] or exponent[3]):
        sign, whole, fraction, exponent_sign, power = exponent.groups()
        digits = (fraction or ".0") if fraction != "." else ".0"
        better = f"{sign}{whole or '0'}{digits}e{exponent_sign or '+'}{power}"
        help = f"write {better}, or quotes for the text"
        return text, f"'{text}' is text in YAML 1.1 and a number in YAML 1.2", (help,)
    for pattern, what in _STRANGE_NUMBERS:
        if pattern.match(text):
            return text, f"'{text}' is {what}", ("write a decimal number, or quotes for the text",)
    return text, "", ()
