"""Typed access to YAML nodes: what is not as expected becomes a fault with its place and the way out.

The functions that read one node raise `Wrong`; `Reader` turns that into a fault and goes on, so that one pass over a
file finds everything that is wrong in it.
"""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar

from conformance.errors import Fault
from conformance.yaml_nodes import Fields, Items, Node, Scalar

T = TypeVar("T")
MOST_LISTED = 30
WIDTH = 110


class Wrong(Exception):
    """A node that is not what is expected at its place."""

    def __init__(self, node: Node, message: str, *help: str) -> None:
        super().__init__(message)
        self.node = node
        self.message = message
        self.help = help


class Reader:
    """Reads the nodes of one file and collects its faults. `wrong` counts the nodes that are not as expected."""

    def __init__(self, file: str, faults: list[Fault]) -> None:
        self.file = file
        self.faults = faults
        self.wrong = 0

    def fault(self, node: Node, message: str, *help: str) -> None:
        """Adds a fault, unless the node itself is already one."""
        self.wrong += 1
        if isinstance(node, Scalar) and node.reported:
            return
        self.faults.append(Fault(self.file, node.line, node.column, message, help))

    def attempt(self, read: Callable[..., T], node: Node, *arguments: Any) -> T | None:
        """What `read(node, *arguments)` returns, or None after adding the fault that it raises."""
        try:
            return read(node, *arguments)
        except Wrong as wrong:
            self.fault(wrong.node, wrong.message, *wrong.help)
            return None

    def each(self, read: Callable[[Node], T], nodes: Iterable[Node]) -> tuple[T, ...]:
        """`read` of every node, without those that are faults."""
        values = (self.attempt(read, node) for node in nodes)
        return tuple(value for value in values if value is not None)

    def fields(self, node: Node, what: str, known: Collection[str], required: Collection[str] = ()) -> dict[str, Node]:
        """The values of a mapping. Raises Wrong where it is no mapping.

        Unknown keys are faults, and so are missing ones, unless an unknown key may be the missing one misspelt.
        """
        fields = mapping(node, what)
        unknown = [name for name in fields.keys if name not in known]
        for name in unknown:
            self.fault(fields.keys[name], f"unknown key '{name}' of {what}", *expected_one_of(known, name))
        for name in required:
            if name not in fields.values and not unknown:
                self.fault(node, f"{what} lacks '{name}'")
        return {name: value for name, value in fields.values.items() if name in known}


def expected_one_of(options: Iterable[str], written: str) -> tuple[str, ...]:
    """Help lines: what is expected, and which of it was probably meant."""
    names = sorted(options)
    close = difflib.get_close_matches(written, names, n=1)
    lines = []
    if len(names) <= MOST_LISTED:
        expected = f"expected one of: {', '.join(names)}" if names else "expected none"
        lines += textwrap.wrap(expected, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
    if close:
        lines.append(f"did you mean '{close[0]}'?")
    return tuple(lines)


def described(node: Node) -> str:
    """What a node is, in words."""
    if isinstance(node, Items):
        return "a list"
    if isinstance(node, Fields):
        return "a mapping"
    if isinstance(node.value, str):
        return f"the text '{node.text[:40]}'"
    return "null" if node.value is None else node.text


def mapping(node: Node, what: str) -> Fields:
    if not isinstance(node, Fields):
        raise Wrong(node, f"{what} is {described(node)}", "expected a mapping")
    return node


def items(node: Node, what: str) -> list[Node]:
    if not isinstance(node, Items):
        raise Wrong(node, f"{what} is {described(node)}", "expected a list: [ ... ]")
    return node.items


def text(node: Node, what: str = "this") -> str:
    """Non-empty text."""
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        help = "expected text" + (" in quotes" if isinstance(node, Scalar) and node.value is not None else "")
        raise Wrong(node, f"{what} is {described(node)}", help)
    if not node.value.strip():
        raise Wrong(node, f"{what} is empty", "expected text")
    return node.value


def one_of(node: Node, what: str, options: Collection[str]) -> str:
    name = text(node, what)
    if name not in options:
        raise Wrong(node, f"unknown {what} '{name}'", *expected_one_of(options, name))
    return name


def number(node: Node, what: str = "this") -> int | float:
    """An integer or a float; nan and infinities are numbers."""
    if isinstance(node, Scalar) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        return node.value
    if isinstance(node, Scalar) and isinstance(node.value, str):
        spelled = node.text.strip().lower().replace("infinity", "inf").lstrip("+")
        if spelled in ("nan", "inf", "-inf", ".nan", ".inf", "-.inf"):
            sign, name = ("-", spelled[1:]) if spelled[0] == "-" else ("", spelled)
            raise Wrong(node, f"{what} is {described(node)}", f"write {sign}.{name.lstrip('.')}")
    raise Wrong(node, f"{what} is {described(node)}", "expected a number")


def finite(node: Node, what: str = "this") -> float:
    value = float(number(node, what))
    if value - value != 0:
        raise Wrong(node, f"{what} is {described(node)}", "expected a finite number")
    return value


def integer(node: Node, what: str = "this", low: int = -(2**63), high: int = 2**63 - 1) -> int:
    value = number(node, what)
    if not isinstance(value, int):
        raise Wrong(node, f"{what} is {described(node)}", "expected an integer")
    if not low <= value <= high:
        raise Wrong(node, f"{what} is {value}", f"expected an integer from {low} to {high}")
    return value


def boolean(node: Node, what: str = "this") -> bool:
    if not isinstance(node, Scalar) or not isinstance(node.value, bool):
        raise Wrong(node, f"{what} is {described(node)}", "expected true or false")
    return node.value


def plain(node: Node, what: str = "this") -> Any:
    """A parameter: null, true, false, a number, text, or a list of these."""
    if isinstance(node, Fields):
        raise Wrong(node, f"{what} is a mapping", "expected a number, text, true, false, null or a list of numbers")
    if isinstance(node, Items):
        return tuple(plain(item, what) for item in node.items)
    return node.value


def unique(reader: Reader, nodes: Iterable[Node], what: str) -> list[Node]:
    """The nodes without those whose text repeats an earlier one, which are faults."""
    seen: set[str] = set()
    kept = []
    for node in nodes:
        key = node.text if isinstance(node, Scalar) else ""
        if isinstance(node, Scalar) and key in seen:
            reader.fault(node, f"{what} '{key}' is written twice")
        else:
            kept.append(node)
        seen.add(key)
    return kept
