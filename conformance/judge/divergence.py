"""Divergence records: the deviations that are known, which checks they cover and what they look like.

How a record is written, and where, is said in `record_files`. In a pattern `*` stands for anything, `/` included, and
`?` for one character. Everything else stands for itself, `[` and `]` too, since the parameters of a case are written
in them: `bce-logits/grid[reduction=mean,*]`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version


@dataclass(frozen=True)
class Divergence:
    """One known deviation. Empty tuples and texts stand for everything."""

    id: str
    implementations: tuple[str, ...]
    verdicts: tuple[str, ...]
    why: str
    upstream: str
    adapters: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    dtypes: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    versions: str = ""
    libraries: tuple[tuple[str, str], ...] = ()
    outcome: str = ""
    within: Mapping[str, Any] = field(default_factory=dict)
    always: bool = True
    file: str = ""
    line: int = 0

    def covers(
        self,
        *,
        adapter: str,
        operation: str,
        implementation: str,
        variant: str,
        dtype: str,
        mode: str,
        device: str,
        order: str,
        version: str,
        versions: Mapping[str, str] | None = None,
    ) -> bool:
        """Whether the record is about this check, whatever the check shows."""
        return (
            self.concerns(adapter, operation, implementation)
            and self.selects(variant)
            and self.holds_in(dtype, mode, device, order)
            and self.holds_for(version, versions or {})
        )

    def concerns(self, adapter: str, operation: str, implementation: str) -> bool:
        return (
            matches(self.adapters, adapter)
            and matches(self.operations, operation)
            and matches(self.implementations, implementation)
        )

    def selects(self, variant: str) -> bool:
        return not self.cases or self._case.fullmatch(variant) is not None

    def holds_in(self, dtype: str, mode: str, device: str, order: str) -> bool:
        return (
            (not self.dtypes or dtype in self.dtypes)
            and (not self.modes or mode in self.modes)
            and (not self.devices or device in self.devices)
            and (not self.orders or order in self.orders)
        )

    @property
    def written_versions(self) -> str:
        """The ranges as text, "" where there are none."""
        return ", ".join([self.versions] * bool(self.versions) + [f"{name} {r}" for name, r in self.libraries])

    @property
    def breadth(self) -> tuple[bool, ...]:
        """Sorts records, the most specific first: of named cases, what always holds, with a known outcome or size."""
        return not self.cases, not self.always, not self.outcome, not self.within

    def holds_for(self, version: str, versions: Mapping[str, str]) -> bool:
        """Whether the framework's version, and those of the libraries named, are in their ranges.

        What is no version, or is not there, is in no range.
        """
        return in_ranges(self.versions, self.libraries, version, versions)

    def looks_like(self, verdict: str, outcome: str, grade: str = "C", k: float = math.inf) -> bool:
        """Whether a deviation is the one on record: `outcome` is what came back, or the error's text.

        `grade` is the grade that the result meets, `k` its K, where it was measured.
        """
        return (
            verdict in self.verdicts
            and (not self.outcome or self._outcome.search(outcome) is not None)
            and (verdict != "diverges" or not self.within or self._within(grade, k))
        )

    def _within(self, grade: str, k: float) -> bool:
        return bool(grade <= self.within.get("grade", "C") and k <= self.within.get("k", math.inf))

    @cached_property
    def _case(self) -> re.Pattern[str]:
        return _compiled(self.cases)

    @cached_property
    def _outcome(self) -> re.Pattern[str]:
        return re.compile(self.outcome)


def matches(patterns: tuple[str, ...], name: str) -> bool:
    """Whether one of the patterns matches the whole name; no patterns match everything."""
    return not patterns or _compiled(patterns).fullmatch(name) is not None


def in_ranges(wanted: str, libraries: tuple[tuple[str, str], ...], version: str, versions: Mapping[str, str]) -> bool:
    """Whether a framework's version, and those of the libraries named, are in ranges as PEP 440 writes them.

    What is no version, or is not there, is in no range.
    """
    asked = [(version, wanted)] if wanted else []
    asked += [(versions.get(name, ""), span) for name, span in libraries]
    try:
        return all(_range(span).contains(Version(found), prereleases=True) for found, span in asked)
    except InvalidVersion:
        return False


@lru_cache(maxsize=1024)
def _range(written: str) -> SpecifierSet:
    return SpecifierSet(written)


@lru_cache(maxsize=16384)
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    written = (re.escape(p).replace(r"\*", ".*").replace(r"\?", ".") for p in patterns)
    return re.compile("|".join(f"(?:{w})" for w in written), re.DOTALL)


class Records:
    """The records of one or several adapters, quick to ask: patterns are matched once for each implementation."""

    def __init__(self, records: Iterable[Divergence] = ()) -> None:
        self._records = tuple(records)
        self._concerned: dict[tuple[str, str, str], tuple[Divergence, ...]] = {}
        self._last: dict[tuple[str, str, str], tuple[str, tuple[Divergence, ...]]] = {}
        self._versions: dict[tuple[str, ...], bool] = {}

    @classmethod
    def shipped(cls, adapter: str) -> Records:
        """The records beside an adapter's module that are about it. Raises FaultyFiles."""
        from conformance.judge.record_files import beside

        return cls(record for record in beside(adapter) if matches(record.adapters, adapter))

    def __iter__(self) -> Iterator[Divergence]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def covering(
        self,
        *,
        adapter: str,
        operation: str,
        implementation: str,
        variant: str,
        dtype: str,
        mode: str,
        device: str,
        order: str,
        version: str,
        versions: Mapping[str, str] | None = None,
    ) -> list[Divergence]:
        """The records that are about this check, the most specific first, otherwise in the order of the files."""
        key = (adapter, operation, implementation)
        concerned = self._concerned.get(key)
        if concerned is None:
            concerned = tuple(sorted((r for r in self._records if r.concerns(*key)), key=lambda r: r.breadth))
            self._concerned[key] = concerned
        if not concerned:
            return []
        last = self._last.get(key)
        if last is None or last[0] != variant:
            last = (variant, tuple(r for r in concerned if r.selects(variant)))
            self._last[key] = last
        return [
            r for r in last[1] if r.holds_in(dtype, mode, device, order) and self._holds_for(r, version, versions or {})
        ]

    def _holds_for(self, record: Divergence, version: str, versions: Mapping[str, str]) -> bool:
        if not record.versions and not record.libraries:
            return True
        key = (record.written_versions, version, *(versions.get(name, "") for name, _ in record.libraries))
        if key not in self._versions:
            self._versions[key] = record.holds_for(version, versions)
        return self._versions[key]
