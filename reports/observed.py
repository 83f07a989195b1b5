"""Columns and checks: several runs brought together.

A column is one adapter at one version (and device, where there is more than one). Runs that had the same one share
its column, unless they asked the same checks: then each run has its own. An environment that did not start has no
column: it is a `Failure`, to be said loudly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    source: Run = field(repr=False, compare=False)

    @property
    def peer_ratio(self) -> float | None:
        """Its K over the smallest K of its peers."""
        return self.source.peer_ratio(self.check)


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

    def names(self, run: int) -> list[str]:
        """What ran in one run, as people read it: ["torch 2.13.0", ...]."""
        return [column.name for column in self.columns if run in column.runs]

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


def observe(runs: Sequence[Run], successors: Mapping[str, str] | None = None) -> Observations:
    """Brings runs together. A check whose environment left no line (a run that was stopped) still has a column.

    `successors` maps an adapter to the one that an upgrade replaces it by: the old one stands before the new one.
    """
    members: dict[_Identity, list[tuple[int, Environment]]] = {}
    identities: dict[tuple[int, str, str], _Identity] = {}
    failures = []
    for number, run in enumerate(runs, 1):
        stated = {(e.adapter, e.device): e for e in run.environments if e.started}
        failures += [Failure(number, e) for e in run.environments if not e.started]
        for adapter, device in {(c.adapter, c.device): None for c in run.checks} | dict.fromkeys(stated):
            environment = stated.get((adapter, device)) or Environment(adapter, device, started=True)
            identity = _Identity(adapter, environment.version, device)
            identities[number, adapter, device] = identity
            members.setdefault(identity, []).append((number, environment))
    asked_twice = _asked_twice(runs, identities)
    for identity in asked_twice:
        for number, environment in members.pop(identity):
            of_run = replace(identity, run=number)
            identities[number, identity.adapter, identity.device] = of_run
            members[of_run] = [(number, environment)]
    columns = _columns(members, successors or {})
    checks = tuple(
        Observed(number, columns[identities[number, check.adapter, check.device]], check, run)
        for number, run in enumerate(runs, 1)
        for check in run.checks
    )
    return Observations(tuple(runs), tuple(columns.values()), checks, tuple(failures))


@dataclass(frozen=True)
class _Identity:
    """What makes a column. `run` only where two runs asked the same of one environment: they stay apart then."""

    adapter: str
    version: str
    device: str
    run: int = 0

    def order(self, successors: Mapping[str, str]) -> tuple[str, bool, bool, Version, str, str, int]:
        """Its place: by adapter (an old one stands beside the one that replaces it), then by version."""
        name, replaces = successors.get(self.adapter, self.adapter), self.adapter not in successors
        try:
            return name, replaces, True, Version(self.version), self.version, self.device, self.run
        except InvalidVersion:
            return name, replaces, False, Version("0"), self.version, self.device, self.run


def _asked_twice(runs: Sequence[Run], identities: Mapping[tuple[int, str, str], _Identity]) -> set[_Identity]:
    seen: dict[tuple[_Identity, str], int] = {}
    found = set()
    if len(runs) > 1:
        for number, run in enumerate(runs, 1):
            for check in run.checks:
                identity = identities[number, check.adapter, check.device]
                if seen.setdefault((identity, check.id), number) != number:
                    found.add(identity)
    return found


def _columns(
    members: Mapping[_Identity, list[tuple[int, Environment]]], successors: Mapping[str, str]
) -> dict[_Identity, Column]:
    devices: dict[tuple[str, str], set[str]] = {}
    for identity in members:
        devices.setdefault((identity.adapter, identity.version), set()).add(identity.device)
    columns = {}
    for number, identity in enumerate(sorted(members, key=lambda i: i.order(successors)), 1):
        environments = members[identity]
        name = " ".join(filter(None, (identity.adapter, identity.version)))
        if len(devices[identity.adapter, identity.version]) > 1 or identity.device not in ("", "cpu"):
            name += f" ({identity.device})"
        if identity.run:
            name += f", run {identity.run}"
        columns[identity] = Column(
            key=f"c{number}",
            name=name,
            adapter=identity.adapter,
            version=identity.version,
            device=identity.device,
            framework=environments[0][1].framework or identity.adapter,
            runs=tuple(dict.fromkeys(run for run, _ in environments)),
            implementations={
                (row["operation"], row["name"]): row for _, e in environments for row in e.implementations
            },
        )
    return columns


def columns_of(checks: Iterable[Observed]) -> list[Column]:
    """The columns that these checks have, in the order of all columns."""
    return sorted({seen.column.key: seen.column for seen in checks}.values(), key=lambda c: int(c.key[1:]))
