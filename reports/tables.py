"""The tables of a report, as values: the matrix, counts, relations and modes, published numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from conformance.reports.groups import needs_person
from conformance.reports.observed import Observations, Observed
from conformance.reports.words import URGENCY, severity


@dataclass(frozen=True)
class Cell:
    """One operation in one column.

    worst    the worst verdict that occurs
    urgent   how many checks need a person
    records  ids of the divergence records that cover checks here
    """

    counts: Counter[str]
    urgent: int
    records: tuple[str, ...]

    @property
    def worst(self) -> str:
        return min(self.counts, key=severity)

    @property
    def judged(self) -> int:
        """How many checks the framework could be asked."""
        return self.counts.total() - self.unsupported

    @property
    def unsupported(self) -> int:
        return self.counts["unsupported"]


def matrix(operations: Mapping[str, Sequence[Observed]]) -> dict[str, dict[str, Cell]]:
    """Operation -> column key -> cell; a column without any check of the operation is left out."""
    cells: dict[str, dict[str, Cell]] = {}
    for operation, checks in operations.items():
        by_column: dict[str, list[Observed]] = {}
        for seen in checks:
            by_column.setdefault(seen.column.key, []).append(seen)
        cells[operation] = {key: cell_of(members) for key, members in by_column.items()}
    return cells


def cell_of(checks: Iterable[Observed]) -> Cell:
    """The cell of some checks."""
    members = [seen.check for seen in checks]
    return Cell(
        Counter(check.verdict for check in members),
        sum(needs_person(check) for check in members),
        tuple(sorted({check.record for check in members if check.record})),
    )


@dataclass(frozen=True)
class Counts:
    """Checks by verdict and by expectation, over all columns and in each. Only words that occur are named."""

    verdicts: Sequence[str]
    expectations: Sequence[str]
    all: Counter[str]
    all_expectations: Counter[str]
    by_column: Mapping[str, Counter[str]]
    expectations_by_column: Mapping[str, Counter[str]]


def counts(seen: Observations) -> Counts:
    """The counts of all checks."""
    by_column: dict[str, Counter[str]] = {column.key: Counter() for column in seen.columns}
    expectations: dict[str, Counter[str]] = {column.key: Counter() for column in seen.columns}
    for each in seen.checks:
        by_column[each.column.key][each.check.verdict] += 1
        expectations[each.column.key][each.check.expectation] += 1
    verdicts, expected = seen.verdicts(), seen.expectations()
    expected.pop("unused", None)
    return Counts(
        sorted(verdicts, key=severity),
        sorted(expected, key=lambda name: URGENCY.get(name, -1)),
        verdicts,
        expected,
        by_column,
        expectations,
    )


@dataclass(frozen=True)
class Difference:
    """A relation that broke, or a mode that gives other results than eager mode, over all checks."""

    name: str
    count: int
    calls: int
    example: Observed
    said: str


def differences(checks: Iterable[Observed]) -> list[Difference]:
    """Relations first, then modes; each with one example, one that needs a person if there is one."""
    found: dict[tuple[bool, str], list[tuple[Observed, str]]] = {}
    for seen in checks:
        check = seen.check
        if check.broken:
            found.setdefault((False, f"relation {check.relation}"), []).append((seen, check.broken))
        if check.mode_difference:
            found.setdefault((True, f"mode {check.mode}"), []).append((seen, check.mode_difference))
    listed = []
    for (_, name), members in sorted(found.items(), key=lambda item: item[0]):
        example, said = next(((o, s) for o, s in members if o.check.expectation != "expected"), members[0])
        calls = len({seen.check.call for seen, _ in members})
        listed.append(Difference(name, len(members), calls, example, said))
    return listed


@dataclass(frozen=True)
class Printed:
    """A number that a publication prints, and what each column gives."""

    variant: str
    says: str
    operation: str
    digits: str
    right: str
    source: str
    given: Mapping[str, tuple[Given, ...]]


@dataclass(frozen=True)
class Given:
    """What one or more implementations of a column give for a published number."""

    got: str
    agrees: bool
    verdict: str
    implementations: tuple[str, ...]
    dtypes: tuple[str, ...]


def published(checks: Iterable[Observed]) -> list[Printed]:
    """Every published number, in the order of the case ids."""
    rows: dict[str, list[Observed]] = {}
    for seen in checks:
        if seen.check.published is not None:
            rows.setdefault(seen.check.variant, []).append(seen)
    return [_printed(rows[variant]) for variant in sorted(rows)]


def _printed(members: list[Observed]) -> Printed:
    first = members[0].check
    cells: dict[str, dict[tuple[str, bool, str], list[Observed]]] = {}
    for seen in members:
        stands = seen.check.published
        cells.setdefault(seen.column.key, {}).setdefault((stands.got, stands.agrees, seen.check.verdict), []).append(
            seen
        )
    return Printed(
        first.variant,
        first.says,
        first.operation,
        first.published.digits,
        first.right,
        first.published.source,
        {
            key: tuple(
                Given(got, agrees, verdict, _distinct(each, "implementation"), _distinct(each, "dtype"))
                for (got, agrees, verdict), each in cell.items()
            )
            for key, cell in cells.items()
        },
    )


def _distinct(members: list[Observed], field: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(getattr(seen.check, field) for seen in members))
