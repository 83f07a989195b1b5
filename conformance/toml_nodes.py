"""TOML text as nodes that know where they stand, for errors with a line and a column.

The standard parser says what a file holds, and whether it is TOML at all, but not where a value stands. A scanner walks
the same text, which is then known to be well-formed, and finds the places; values are never read twice.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections import Counter
from typing import Any

from conformance.errors import Fault
from conformance.yaml_nodes import Fields, Items, Node, Scalar, not_utf8

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Path = tuple[str | int, ...]

_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANKS = re.compile(r"[ \t]*")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}' r"|'''.*?'{3,5}" r'|"(?:[^"\\]|\\.)*"' r"|'[^']*'",
    re.DOTALL,
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_OTHER_VALUE = re.compile(r"[^,\]}#\r\n]+")
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)\Z")


def parse(content: bytes, file: str, faults: list[Fault]) -> Fields | None:
    """The tables of a file, or None where it is not TOML, which is added to `faults`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        faults.append(not_utf8(content, error, file))
        return None
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _PLACE.search(str(error))
        last = text.count("\n") + 1, len(text) - text.rfind("\n")
        line, column = (int(found[1]), int(found[2])) if found and found[1] else last
        faults.append(Fault(file, line, column, f"not TOML: {_PLACE.sub('', str(error))}"))
        return None
    except RecursionError:
        faults.append(Fault(file, 1, 1, "not readable: nested too deep"))
        return None
    scanner = _Scanner(text.replace("\r\n", "\n"))
    scanner.document()
    return scanner.fields(tables, ())


class _Scanner:
    """Finds where each key and each value of a well-formed document stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.keys: dict[Path, int] = {}
        self.values: dict[Path, int] = {(): 0}
        self.line_starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def document(self) -> None:
        table: Path = ()
        tables: Counter[Path] = Counter()
        while self._skip(_SPACE):
            start = self.at
            brackets = 2 if self.text.startswith("[[", start) else 1 if self.text[start] == "[" else 0
            if not brackets:
                self._pair(table)
                continue
            self.at += brackets
            path: Path = ()
            for place, name in self._key():
                if path in tables:
                    path = (*path, tables[path] - 1)
                path = (*path, name)
                self.keys.setdefault(path, place)
                self.values.setdefault(path, start)
            if brackets == 2:
                tables[path] += 1
            if path in tables:
                path = (*path, tables[path] - 1)
                self.values.setdefault(path, start)
            table = path
            self.at += brackets

    def _pair(self, table: Path) -> None:
        path = table
        for place, name in self._key():
            path = (*path, name)
            self.keys.setdefault(path, place)
            self.values.setdefault(path, place)
        self.at += 1  # =
        self._skip(_BLANKS)
        self._value(path)

    def _key(self) -> list[tuple[int, str]]:
        """(where, name) of each part of a dotted key; stands on what follows it."""
        parts = []
        while True:
            self._skip(_BLANKS)
            found = _STRING.match(self.text, self.at) or _BARE_KEY.match(self.text, self.at)
            assert found is not None
            name = found.group()
            parts.append((self.at, str(tomllib.loads(f"k = {name}")["k"]) if name[0] in "\"'" else name))
            self.at = found.end()
            self._skip(_BLANKS)
            if self.text[self.at] != ".":
                return parts
            self.at += 1

    def _value(self, path: Path) -> None:
        self.values[path] = self.at
        first = self.text[self.at]
        if first == "[":
            self._listed(path)
        elif first == "{":
            self.at += 1
            while self._skip(_SPACE) and self.text[self.at] != "}":
                self._pair(path)
                self._comma()
            self.at += 1
        else:
            found = (_STRING if first in "\"'" else _OTHER_VALUE).match(self.text, self.at)
            assert found is not None
            self.at = found.end()

    def _listed(self, path: Path) -> None:
        self.at += 1
        index = 0
        while self._skip(_SPACE) and self.text[self.at] != "]":
            self._value((*path, index))
            self._comma()
            index += 1
        self.at += 1

    def _comma(self) -> None:
        if self._skip(_SPACE) and self.text[self.at] == ",":
            self.at += 1

    def _skip(self, pattern: re.Pattern[str]) -> bool:
        """Whether there is more after what is skipped."""
        found = pattern.match(self.text, self.at)
        assert found is not None
        self.at = found.end()
        return self.at < len(self.text)

    def fields(self, table: dict[str, Any], path: Path) -> Fields:
        """A table as a node."""
        values = {name: self._node(value, (*path, name)) for name, value in table.items()}
        keys = {name: Scalar(name, name, *self._place(self.keys[(*path, name)])) for name in table}
        return Fields(values, keys, *self._place(self.values[path]))

    def _node(self, value: Any, path: Path) -> Node:
        line, column = self._place(self.values[path])
        if isinstance(value, dict):
            return self.fields(value, path)
        if isinstance(value, list):
            return Items([self._node(item, (*path, index)) for index, item in enumerate(value)], line, column)
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return Scalar(value, text, line, column)

    def _place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1
