"""Which checks are asked for: the same options select everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from conformance.errors import UsageError

PROFILES = ("smoke", "quick", "full", "exhaustive")
Match = Callable[[str], bool]


@dataclass(frozen=True)
class Selection:
    """What a user asked for. An empty tuple selects everything that the profile asks (see `profiles`).

    modes        "all" stands for every mode of an adapter
    expression   words combined with and, or, not and brackets; a word matches an id that contains it
    """

    adapters: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    dtypes: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    devices: tuple[str, ...] = ("cpu",)
    orders: tuple[str, ...] = ()
    expression: str = ""
    paths: tuple[str, ...] = ()
    profile: str = "exhaustive"

    def written(self) -> Mapping[str, Any]:
        """As it stands in the header of a run file."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items() if v}

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> Selection:
        """What `written` says."""
        values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in written.items()}
        return cls(**values)


def matcher(expression: str) -> Match:
    """A function from a check's id to whether the expression selects it. Raises UsageError for a malformed one."""
    if not expression.strip():
        return lambda _: True
    tokens = re.findall(r"\(|\)|[^\s()]+", expression)
    match, rest = _either(tokens, expression)
    if rest:
        raise UsageError(f"-k '{expression}': unexpected '{rest[0]}'\n  expected words with and, or, not and brackets")
    return match


def _either(tokens: list[str], whole: str) -> tuple[Match, list[str]]:
    first, rest = _both(tokens, whole)
    several = [first]
    while rest and rest[0] == "or":
        another, rest = _both(rest[1:], whole)
        several.append(another)
    return (lambda text: any(match(text) for match in several)) if len(several) > 1 else first, rest


def _both(tokens: list[str], whole: str) -> tuple[Match, list[str]]:
    first, rest = _one(tokens, whole)
    several = [first]
    while rest and rest[0] == "and":
        another, rest = _one(rest[1:], whole)
        several.append(another)
    return (lambda text: all(match(text) for match in several)) if len(several) > 1 else first, rest


def _one(tokens: list[str], whole: str) -> tuple[Match, list[str]]:
    if not tokens or tokens[0] in ("and", "or", ")"):
        found = f"'{tokens[0]}'" if tokens else "the end"
        raise UsageError(f"-k '{whole}': a word is missing before {found}")
    if tokens[0] == "not":
        inner, rest = _one(tokens[1:], whole)
        return (lambda text: not inner(text)), rest
    if tokens[0] == "(":
        inner, rest = _either(tokens[1:], whole)
        if not rest or rest[0] != ")":
            raise UsageError(f"-k '{whole}': a bracket is not closed")
        return inner, rest[1:]
    word = tokens[0]
    return (lambda text: word in text), tokens[1:]
