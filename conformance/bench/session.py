"""One bench: which rows there are, group by group, and the run file that they are kept in."""

from __future__ import annotations

import datetime
import itertools
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import IO, TypeVar

from conformance import run_file
from conformance.bench import resuming
from conformance.bench.cases import case_to_time, enlarged
from conformance.bench.group import Group
from conformance.bench.measure import Measuring, Row, timing_id
from conformance.bench.processes import Pair, Settings, start_all
from conformance.case import Case
from conformance.host import AdapterSpec
from conformance.judge.divergence import Records
from conformance.loading import Catalogue
from conformance.oracle.operation import OPERATIONS
from conformance.plan import PlannedCheck, plan
from conformance.profiles import modes_of
from conformance.run import environment_of, header
from conformance.run_file import End, Environment, Header, Run
from conformance.selection import Selection, matcher
from conformance.telling import written_case
from conformance.timing import Ceiling, Timing

T = TypeVar("T")

# What is timed where nobody says: the families that training spends its time in.
FAMILIES = ("binary", "categorical", "focal")
SIZES = (1_000, 10_000, 100_000, 1_000_000)


class Listener:
    """What is told about a bench while it goes on. Every method does nothing here."""

    def started(self, environments: Sequence[Environment], groups: Sequence[Group]) -> None:
        """Workers are up."""

    def ceilings(self, ceilings: Sequence[Ceiling]) -> None:
        """What the device reaches has been measured."""

    def first_lap(self, group: Group, done: int, of: int) -> None:
        """A group has been judged, and timed for the first time."""

    def timed(self, group: Group, timings: Sequence[Timing]) -> None:
        """A group has been timed and written."""


@dataclass
class Bench:
    """Workers that are up, and what was measured of them. Use as a context manager.

    absent   adapter and device -> why it did not start
    stopped  what an earlier part of this bench has kept: see `bench.resuming`
    """

    selection: Selection
    settings: Settings
    sizes: Sequence[int] = SIZES
    pairs: dict[tuple[str, str], Pair] = field(default_factory=dict)
    absent: dict[tuple[str, str], str] = field(default_factory=dict)
    ceilings: list[Ceiling] = field(default_factory=list)
    stopped: Run | None = None

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self, specs: Sequence[AdapterSpec]) -> None:
        """Starts two workers for each adapter and device."""
        self.pairs, self.absent = start_all(specs, self.selection.devices, self.settings)

    def close(self) -> None:
        """Ends every worker."""
        for pair in self.pairs.values():
            pair.close()

    def environments(self) -> Iterator[Environment]:
        """The `environment` lines."""
        for (adapter, _), pair in self.pairs.items():
            yield environment_of(pair.hello, self.settings.python_of(adapter), pair.spec)
        for (adapter, device), reason in self.absent.items():
            yield Environment(adapter, device, started=False, reason=reason)

    def groups(self, cases: Iterable[Case]) -> list[Group]:
        """What is to be timed, in an order that keeps inputs together."""
        selected = matcher(self.selection.expression)
        every = list(cases)
        groups: dict[tuple[str, int, str, str, str], list[PlannedCheck]] = {}
        for operation in OPERATIONS.values():
            if self.selection.operations:
                if operation.name not in self.selection.operations:
                    continue
            elif not self.selection.paths and operation.family not in FAMILIES:
                continue
            case = case_to_time(operation, every)
            if case is None:
                continue
            for size in self.sizes:
                for check in self._planned(enlarged(case, size)):
                    if selected(timing_id(check, size)):
                        key = operation.name, size, check.dtype, check.device, check.order
                        groups.setdefault(key, []).append(check)
        ordered = sorted(
            groups, key=lambda key: (list(OPERATIONS).index(key[0]), key[1], key[2], key[3], key[4] != "value")
        )
        return [Group(f"{key[0]}@{key[1]}:{key[2]}:{key[3]}:{key[4]}", key[1], tuple(groups[key])) for key in ordered]

    def _planned(self, case: Case) -> Iterator[PlannedCheck]:
        dtypes = self.selection.dtypes or ("float32",)
        orders = self.selection.orders or ("value", "gradient")
        for pair in self.pairs.values():
            asked = Selection(
                dtypes=dtypes, orders=orders, modes=tuple(modes_of(pair.hello, self.selection)), profile="exhaustive"
            )
            yield from plan(pair.hello, [case], asked)

    def close_idle(self, groups: Iterable[Group]) -> None:
        """Ends the workers of adapters that have no row in any group: two processes of each would only hold memory."""
        busy = {(check.adapter, check.device) for group in groups for check in group.checks}
        for key in self.pairs.keys() - busy:
            self.pairs.pop(key).close()

    def header(self, catalogue: Catalogue) -> Header:
        """The first line of the run file."""
        return replace(header(catalogue, self.selection), timed={"sizes": list(self.sizes), **self.settings.written})

    def measure_ceilings(self) -> list[Ceiling]:
        """What each framework reaches at best, in every mode that is asked. Needed before rows are timed."""
        for pair in self.pairs.values():
            self.ceilings += pair.measure_ceilings(modes_of(pair.hello, self.selection))
        return self.ceilings

    def keep_ceilings(self, ceilings: Sequence[Ceiling]) -> None:
        """Takes what was measured in an earlier part of this bench."""
        self.ceilings = list(ceilings)
        for (adapter, device), pair in self.pairs.items():
            pair.ceilings = [c for c in ceilings if (c.adapter, c.device) == (adapter, device)]

    def rows(self, group: Group) -> list[tuple[PlannedCheck, Pair]]:
        """The rows of a group with the workers that they are timed in."""
        return [(check, self.pairs[check.adapter, check.device]) for check in group.checks]

    def timed(self, groups: Sequence[Group], listener: Listener) -> Iterator[tuple[Group, list[Timing]]]:
        """Times all groups in two laps, and yields each when it is through the second. Ceilings are known."""
        for _, group, timings in timed_in_turns([(self, groups)], listener):
            yield group, timings


def timed_in_turns(
    planned: Sequence[tuple[Bench, Sequence[Group]]], listener: Listener
) -> Iterator[tuple[Bench, Group, list[Timing]]]:
    """Times the groups of several benches, those of one name together: a round asks A B A B …, whosever they are.

    So what slows the machine down slows all of them, and what differs is theirs. The second lap begins when the first
    is through, or has taken a chapter's time: so the laps are minutes apart, and a bench that is stopped has kept what
    went before.
    """
    records = {adapter: Records.shipped(adapter) for bench, _ in planned for adapter, _ in bench.pairs}
    measuring = Measuring(planned[0][0].settings, records)
    named: dict[str, list[tuple[Bench, Group]]] = {}
    for bench, groups in planned:
        for group in groups:
            named.setdefault(group.name, []).append((bench, group))
    once: list[tuple[Sequence[tuple[Bench, Group]], list[Row]]] = []
    began = time.monotonic()
    for number, members in enumerate(named.values(), 1):
        rows = measuring.judged(_alternating([bench.rows(group) for bench, group in members]), members[0][1].size)
        measuring.lap(rows, 0)
        once.append((members, rows))
        listener.first_lap(members[0][1], number, len(named))
        if number == len(named) or time.monotonic() - began > planned[0][0].settings.chapter:
            for members_, rows in once:
                measuring.lap(rows, 1)
                for bench, group in members_:
                    pairs = list(bench.pairs.values())
                    yield bench, group, measuring.timings([row for row in rows if row.pair in pairs], bench.ceilings)
            once, began = [], time.monotonic()


def _alternating(lists: Sequence[Sequence[T]]) -> list[T]:
    """The first of each, then the second of each, and so on."""
    return [item for items in itertools.zip_longest(*lists) for item in items if item is not None]


def execute(
    file: IO[str],
    catalogue: Catalogue,
    specs: Sequence[AdapterSpec],
    bench: Bench,
    listener: Listener | None = None,
) -> list[Timing]:
    """Times everything that is selected and writes the run file."""
    return execute_in_turns([(file, bench)], catalogue, specs, listener or Listener())[0]


def execute_in_turns(
    sides: Sequence[tuple[IO[str], Bench]], catalogue: Catalogue, specs: Sequence[AdapterSpec], listener: Listener
) -> list[list[Timing]]:
    """Times everything that is selected in several sets of environments in turns, and writes a run file of each.

    A bench that goes on with a stopped one writes behind what that has kept, and keeps its ceilings.
    """
    began = time.monotonic()
    planned = []
    for file, bench in sides:
        bench.start(specs)
        environments = list(bench.environments())
        groups = bench.groups(catalogue.cases)
        if bench.stopped is None:
            run_file.write(file, bench.header(catalogue))
            for environment in environments:
                run_file.write(file, environment)
        else:
            groups = resuming.remaining(bench.stopped, environments, groups)
            bench.keep_ceilings(bench.stopped.ceilings)
        planned.append((bench, groups))
        listener.started(environments, groups)
        if groups:
            bench.close_idle(groups)
    for (file, bench), (_, groups) in zip(sides, planned, strict=True):
        told = set() if bench.stopped is None else set(bench.stopped.cases)
        if groups and not bench.ceilings:
            for ceiling in bench.measure_ceilings():
                run_file.write(file, ceiling)
            listener.ceilings(bench.ceilings)
        for case in {check.variant.case.id: check.variant.case for group in groups for check in group.checks}.values():
            if case.id not in told:
                run_file.write(file, written_case(case))
    files = {id(bench): file for file, bench in sides}
    found = {id(bench): [] if bench.stopped is None else list(bench.stopped.timings) for _, bench in sides}
    for bench, group, timings in timed_in_turns(planned, listener):
        for timing in timings:
            run_file.write(files[id(bench)], timing)
        files[id(bench)].flush()
        found[id(bench)] += timings
        listener.timed(group, timings)
    for file, bench in sides:
        before = bench.stopped.end.seconds if bench.stopped is not None and bench.stopped.end is not None else 0.0
        seconds = before + time.monotonic() - began
        run_file.write(file, _end(found[id(bench)], seconds, list(bench.environments())))
    return list(found.values())


def _end(timings: Sequence[Timing], seconds: float, environments: Sequence[Environment]) -> End:
    """No checks were kept: what was judged stands in the timings."""
    broken = [e for e in environments if not e.started and not e.reason.startswith("not installed")]
    return End(
        ended=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        seconds=round(seconds, 3),
        checks=0,
        verdicts=dict(Counter(timing.verdict for timing in timings)),
        expectations={},
        complete=not broken,
    )
