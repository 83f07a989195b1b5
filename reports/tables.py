"""The tables of a report, as values: the matrix, edge cases, published numbers, tallies of conforming checks."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from conformance.reports.groups import k_of, needs_person
from conformance.reports.observed import Column, Observations, Observed
from conformance.reports.words import URGENCY, clean, listed, severity

from conformance.run_file import Check

DTYPES = ("float64", "float32", "float16", "bfloat16")
SHOWN_DTYPES = ("float32", "float64", "float16", "bfloat16")


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
class Outcome:
    """A literal outcome in a cell, and who gave it where the implementations of one column differ.

    text     "nan", "100 (documented)", "raises ValueError"
    varies   dtypes and modes that stand otherwise, and how
    """

    text: str
    verdict: str
    expectation: str
    implementations: tuple[str, ...]
    varies: tuple[str, ...]


@dataclass(frozen=True)
class Edge:
    """One edge case and order: what is right, and what each column gives.

    dtype    the one whose outcomes are shown
    """

    variant: str
    says: str
    flags: tuple[str, ...]
    order: str
    dtype: str
    right: str
    outcomes: Mapping[str, tuple[Outcome, ...]]

    @property
    def worst(self) -> int:
        return min((severity(o.verdict) for cell in self.outcomes.values() for o in cell), default=99)

    @property
    def agrees(self) -> bool:
        """Whether every column conforms, and nothing varies: a row that says only that all is well."""
        return (
            all(
                o.verdict in ("conforms", "unsupported") and o.expectation == "expected" and not o.varies
                for cell in self.outcomes.values()
                for o in cell
            )
            and len({o.text for cell in self.outcomes.values() for o in cell if o.verdict == "conforms"}) <= 1
        )


def edges(checks: Iterable[Observed]) -> list[Edge]:
    """The edge cases of one operation: cases that carry flags, and those where the framework has a choice.

    One row for each variant and order, the worse first.
    """
    rows: dict[tuple[str, str], list[Observed]] = {}
    chosen = set()
    for seen in checks:
        if seen.check.choice:
            chosen.add(seen.check.variant)
        rows.setdefault((seen.check.variant, seen.check.order), []).append(seen)
    found = [_edge(members) for (variant, _), members in rows.items() if members[0].check.flags or variant in chosen]
    return sorted(found, key=lambda e: (e.worst, e.variant, e.order != "value", e.order))


def _edge(members: list[Observed]) -> Edge:
    present = {seen.check.dtype for seen in members}
    dtype = next((d for d in SHOWN_DTYPES if d in present), min(present))
    first = next((s for s in members if s.check.dtype == dtype and s.check.right), members[0]).check
    by_column: dict[str, dict[str, list[Observed]]] = {}
    for seen in members:
        by_column.setdefault(seen.column.key, {}).setdefault(seen.check.implementation, []).append(seen)
    return Edge(
        first.variant,
        first.says,
        first.flags,
        first.order,
        dtype,
        first.right or ("no right value" if first.choice else ""),
        {key: _outcomes(calls, dtype) for key, calls in by_column.items()},
    )


def _outcomes(calls: Mapping[str, list[Observed]], dtype: str) -> tuple[Outcome, ...]:
    found: dict[tuple[str, str, str, tuple[str, ...]], list[str]] = {}
    for name, members in calls.items():
        main = min(members, key=lambda s: (s.check.dtype != dtype, s.check.mode != "eager", s.check.id)).check
        found.setdefault((_shown(main), main.verdict, main.expectation, _varies(members, main)), []).append(name)
    if any(verdict != "unsupported" for _, verdict, _, _ in found):
        found = {key: names for key, names in found.items() if key[1] != "unsupported"}
    return tuple(
        Outcome(text, verdict, expectation, tuple(names), varies)
        for (text, verdict, expectation, varies), names in found.items()
    )


def _varies(members: list[Observed], main: Check) -> tuple[str, ...]:
    """Dtypes and modes that stand otherwise than the check that is shown: "float16, float64: 0, unexpected"."""
    others: dict[str, list[str]] = {}
    for seen in members:
        check = seen.check
        if check.verdict == "unsupported" or _standing(check) == _standing(main):
            continue
        text = "the same" if _shown(check) == _shown(main) else _shown(check)
        if check.expectation != main.expectation:
            text += f", {check.expectation}"
        where = check.dtype if check.mode == main.mode else f"{check.dtype} {check.mode}"
        others.setdefault(text, []).append(where)
    return tuple(f"{listed(where)}: {text}" for text, where in others.items())


def _standing(check: Check) -> tuple[str, str]:
    return check.verdict, check.expectation


def _shown(check: Check) -> str:
    text = clean(check.outcome) or check.verdict
    return f"{text} (documented)" if check.verdict == "documented" else text


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


@dataclass(frozen=True)
class Tally:
    """The checks of one implementation in one column: how many conform, and the worst K by dtype."""

    column: Column
    implementation: str
    counts: Counter[str]
    worst: Mapping[str, float]
    asked: Mapping[str, int]


def tallies(checks: Iterable[Observed]) -> list[Tally]:
    """One for each column and implementation of an operation."""
    rows: dict[tuple[int, str], list[Observed]] = {}
    for seen in checks:
        rows.setdefault((int(seen.column.key[1:]), seen.check.implementation), []).append(seen)
    return [_tally(rows[key]) for key in sorted(rows)]


def _tally(members: list[Observed]) -> Tally:
    worst: dict[str, float] = {}
    asked: Counter[str] = Counter()
    for seen in members:
        check = seen.check
        if check.verdict != "conforms":
            continue
        asked[check.dtype] += 1
        k = k_of(check)
        if k is not None and not math.isnan(k):
            worst[check.dtype] = max(worst.get(check.dtype, 0.0), k)
    counts = Counter(seen.check.verdict for seen in members)
    return Tally(members[0].column, members[0].check.implementation, counts, worst, asked)


def dtypes_of(tallied: Iterable[Tally]) -> list[str]:
    """The dtypes that occur, in the usual order."""
    present = {dtype for tally in tallied for dtype in tally.asked}
    return [d for d in DTYPES if d in present] + sorted(present - set(DTYPES))
