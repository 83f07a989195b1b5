"""How one says it in a framework: which argument of a public call takes which input or parameter of ours.

Read off two texts: the adapter's own function with the helpers that it calls, and the public call's signature, which
the worker read from the framework. `argument_flow` follows what the function is given to the public call. Nothing is
guessed: what is passed in two ways, or made of several things, is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from conformance.adapter_source import Source, read_source
from conformance.argument_flow import Passed, passed
from conformance.errors import UsageError
from conformance.host import AdapterSpec


@dataclass(frozen=True)
class Spoken:
    """How a call is said.

    arguments     {ours: their argument's name, or its place from 0 where the framework does not tell names}
    conversions   {ours: the expression that the adapter passes}, where it is not just that input or parameter
    """

    arguments: Mapping[str, str | int] = field(default_factory=dict)
    conversions: Mapping[str, str] = field(default_factory=dict)


def spoken(row: Mapping[str, Any], spec: AdapterSpec) -> Spoken:
    """How an implementation's public call takes what its adapter's function is given; empty where that is not plain.

    `row` is what the worker said of the implementation, with `public`: see `worker.signatures`.
    """
    source = _source(spec)
    if source is None:
        return Spoken()
    return _sorted_out(passed(source, row), frozenset(row["inputs"]))


@lru_cache(maxsize=32)
def _source(spec: AdapterSpec) -> Source | None:
    try:
        return read_source(spec.file, spec.module)
    except UsageError:
        return None


def _sorted_out(found: Iterable[Passed], inputs: frozenset[str]) -> Spoken:
    """Of each input and parameter the one argument that takes it: passed as it is, else the only thing passed there.

    What is made of several things is made of the one that no other argument takes, else of the only input among them.
    """
    ways: dict[str, dict[str | int, str]] = {}
    indirect = []
    for one in found:
        if one.direct and len(one.ours) == 1:
            ways.setdefault(next(iter(one.ours)), {})[one.theirs] = ""
        elif one.ours:
            indirect.append(one)
    straight = set(ways)
    for one in indirect:
        made_of = one.ours if len(one.ours) == 1 else (one.ours - straight or one.ours)
        if len(made_of) > 1:
            made_of &= inputs
        if len(made_of) == 1 and next(iter(made_of)) not in straight:
            ways.setdefault(next(iter(made_of)), {}).setdefault(one.theirs, one.text)
    once = {ours: next(iter(theirs.items())) for ours, theirs in ways.items() if len(theirs) == 1}
    takers = Counter(theirs for theirs, _ in once.values())
    certain = {ours: way for ours, way in once.items() if takers[way[0]] == 1}
    return Spoken(
        {ours: theirs for ours, (theirs, _) in certain.items()},
        {ours: text for ours, (_, text) in certain.items() if text},
    )
