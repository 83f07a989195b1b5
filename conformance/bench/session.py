"""One bench: which rows there are, group by group, and the run file that they are kept in."""

from __future__ import annotations

import datetime
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO

from conformance import run_file
from conformance.bench.cases import case_to_time, enlarged
from conformance.bench.measure import Measuring, timing_id
from conformance.bench.processes import Pair, Settings, start_all
from conformance.case import Case
from conformance.host import AdapterSpec
from conformance.judge.divergence import Records
from conformance.loading import Catalogue
from conformance.oracle.operation import OPERATIONS
from conformance.plan import PlannedCheck, plan
from conformance.profiles import modes_of
from conformance.run import environment_of, header
from conformance.run_file import End, Environment
from conformance.selection import Selection, matcher
from conformance.telling import written_case
from conformance.timing import Ceiling, Timing

# What is timed where nobody says: the families that training spends its time in.
FAMILIES = ("binary", "categorical", "focal")
SIZES = (1_000, 10_000, 100_000, 1_000_000)


@dataclass(frozen=True)
class Group:
    """Rows that are timed in turns: one operation, size, dtype, device and order."""

    name: str
    size: int
    checks: tuple[PlannedCheck, ...]

    def id_of(self, check: PlannedCheck) -> str:
        """The id of a row's timing."""
        return timing_id(check, self.size)


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
    """

    selection: Selection
    settings: Settings
    sizes: Sequence[int] = SIZES
    pairs: dict[tuple[str, str], Pair] = field(default_factory=dict)
    absent: dict[tuple[str, str], str] = field(default_factory=dict)
    ceilings: list[Ceiling] = field(default_factory=list)

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

    def measure_ceilings(self) -> list[Ceiling]:
        """What each framework reaches at best, in every mode that is asked. Needed before rows are timed."""
        for pair in self.pairs.values():
            self.ceilings += pair.ceilings(modes_of(pair.hello, self.selection))
        return self.ceilings

    def timed(self, groups: Sequence[Group], listener: Listener) -> Iterator[tuple[Group, list[Timing]]]:
        """Times all groups in two laps, and yields each when it is through the second. Ceilings have been measured."""
        records = {adapter: Records.shipped(adapter) for adapter, _ in self.pairs}
        measuring = Measuring(self.pairs, self.ceilings, self.settings, records)
        rows = []
        for group in groups:
            rows.append(measuring.judged(group.checks, group.size))
            measuring.lap(rows[-1], 0)
            listener.first_lap(group, len(rows), len(groups))
        for group, its in zip(groups, rows, strict=True):
            measuring.lap(its, 1)
            yield group, measuring.timings(its)


def execute(
    file: IO[str],
    catalogue: Catalogue,
    specs: Sequence[AdapterSpec],
    bench: Bench,
    listener: Listener | None = None,
) -> list[Timing]:
    """Times everything that is selected and writes the run file."""
    listener = listener or Listener()
    began = time.monotonic()
    bench.start(specs)
    run_file.write(file, header(catalogue, bench.selection))
    environments = list(bench.environments())
    for environment in environments:
        run_file.write(file, environment)
    groups = bench.groups(catalogue.cases)
    listener.started(environments, groups)
    if groups:
        for ceiling in bench.measure_ceilings():
            run_file.write(file, ceiling)
        listener.ceilings(bench.ceilings)
    for case in {check.variant.case.id: check.variant.case for group in groups for check in group.checks}.values():
        run_file.write(file, written_case(case))
    timings = list[Timing]()
    for group, found in bench.timed(groups, listener):
        for timing in found:
            run_file.write(file, timing)
        file.flush()
        timings += found
        listener.timed(group, found)
    run_file.write(file, _end(timings, time.monotonic() - began, environments))
    return timings


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
