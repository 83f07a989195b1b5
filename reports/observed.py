"""Columns and checks: several runs brought together.

A column is one adapter at one version (and device, where there is more than one); runs that had the same one share
its column. An environment that did not start has no column: it is a `Failure`, to be said loudly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from packaging.version import InvalidVersion, Version

from conformance.run_file import Check, Environment, Run


@dataclass(frozen=True)
class Column:
    """One adapter at one version.

    name   as people read it: "torch 2.13.0"
    key    stands in addresses: "c1"
    runs   numbers of the runs (from 1) that had it
    """

    key: str
    name: str
    adapter: str
    version: str
    device: str
    framework: str
    runs: tuple[int, ...]
    implementations: Mapping[tuple[str, str], Mapping[str, Any]]


@dataclass(frozen=True)
class Observed:
    """One check, the run (from 1) that it comes from, and its column."""

    run: int
    column: Column
    check: Check


@dataclass(frozen=True)
class Failure:
    """An environment that did not start."""

    run: int
    environment: Environment


@dataclass(frozen=True)
class Observations:
    """All that several runs saw. Columns stand in alphabetical order of adapter, then of version: it is no ranking."""

    runs: tuple[Run, ...]
    columns: tuple[Column, ...]
    checks: tuple[Observed, ...]
    failures: tuple[Failure, ...]

    @property
    def incomplete(self) -> list[tuple[int, Run]]:
        """The runs that were stopped, with their numbers."""
        return [(number, run) for number, run in enumerate(self.runs, 1) if not run.complete]

    def operations(self) -> dict[str, list[Observed]]:
        """Checks by operation, in alphabetical order."""
        found: dict[str, list[Observed]] = {}
        for seen in self.checks:
            found.setdefault(seen.check.operation, []).append(seen)
        return dict(sorted(found.items()))

    def families(self) -> dict[str, list[str]]:
        """Operations by the family that the environments state for them."""
        stated = {
            operation: row["family"]
            for column in self.columns
            for (operation, _), row in column.implementations.items()
            if row.get("family")
        }
        found: dict[str, list[str]] = {}
        for operation in self.operations():
            found.setdefault(stated.get(operation, "operations"), []).append(operation)
        return dict(sorted(found.items()))

    def verdicts(self, run: int | None = None) -> Counter[str]:
        """Checks by verdict, of one run or of all."""
        return Counter(seen.check.verdict for seen in self.checks if run in (None, seen.run))

    def expectations(self, run: int | None = None) -> Counter[str]:
        """Checks by expectation, of one run or of all; unused records count as "unused"."""
        found = Counter(seen.check.expectation for seen in self.checks if run in (None, seen.run))
        unused = {
            (record.id, record.adapter)
            for number, each in enumerate(self.runs, 1)
            for record in each.records
            if not record.used and run in (None, number)
        }
        if unused:
            found["unused"] = len(unused)
        return found


def observe(runs: Sequence[Run]) -> Observations:
    """Brings runs together. A check whose environment left no line (a run that was stopped) still has a column."""
    keys: dict[tuple[int, str, str], tuple[str, str, str]] = {}
    members: dict[tuple[str, str, str], list[tuple[int, Environment]]] = {}
    failures = []
    for number, run in enumerate(runs, 1):
        for environment in run.environments:
            if not environment.started:
                failures.append(Failure(number, environment))
                continue
            identity = (environment.adapter, environment.version, environment.device)
            keys[number, environment.adapter, environment.device] = identity
            members.setdefault(identity, []).append((number, environment))
        for check in run.checks:
            where = (number, check.adapter, check.device)
            if where not in keys:
                keys[where] = (check.adapter, "", check.device)
                members.setdefault(keys[where], []).append(
                    (number, Environment(check.adapter, check.device, started=True))
                )
    columns = _columns(members)
    checks = tuple(
        Observed(number, columns[keys[number, check.adapter, check.device]], check)
        for number, run in enumerate(runs, 1)
        for check in run.checks
    )
    return Observations(tuple(runs), tuple(columns.values()), checks, tuple(failures))


def _columns(members: Mapping[tuple[str, str, str], list[tuple[int, Environment]]]) -> dict[tuple[str, str, str], Column]:
    devices = Counter((adapter, version) for adapter, version, _ in members)
    columns = {}
    for number, identity in enumerate(sorted(members, key=_order), 1):
        adapter, version, device = identity
        name = " ".join(filter(None, (adapter, version)))
        if devices[adapter, version] > 1 or device not in ("", "cpu"):
            name += f" ({device})"
        environments = members[identity]
        columns[identity] = Column(
            key=f"c{number}",
            name=name,
            adapter=adapter,
            version=version,
            device=device,
            framework=environments[0][1].framework or adapter,
            runs=tuple(dict.fromkeys(run for run, _ in environments)),
            implementations={
                (row["operation"], row["name"]): row for _, e in environments for row in e.implementations
            },
        )
    return columns


def _order(identity: tuple[str, str, str]) -> tuple[str, bool, Version, str, str]:
    adapter, version, device = identity
    try:
        return adapter, True, Version(version), version, device
    except InvalidVersion:
        return adapter, False, Version("0"), version, device


def columns_of(checks: Iterable[Observed]) -> list[Column]:
    """The columns that these checks have, in the order of all columns."""
    return sorted({seen.column.key: seen.column for seen in checks}.values(), key=lambda c: int(c.key[1:]))
