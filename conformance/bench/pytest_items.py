"""Timing as pytest items: `pytest --benchmark-only cases/` measures what `conformance bench` measures.

An item is a row. When the first one runs, all selected rows are timed, in the same workers and by the same code; each
item then hands its samples to pytest-benchmark, through the timer that it lets an item bring. So its tables, its
storage and its comparisons work on our numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from conformance.bench.exports import extra_info
from conformance.bench.group import Group
from conformance.bench.processes import Settings
from conformance.bench.session import SIZES, Bench, Listener
from conformance.case import Case
from conformance.errors import IncompleteError
from conformance.host import adapters
from conformance.selection import Selection
from conformance.timing import Timing

NANOSECONDS = 1e-9


class SampleClock:
    """A timer for pytest-benchmark whose time passes by the samples that a worker took."""

    def __init__(self) -> None:
        self._now = 0.0
        self._samples: Sequence[float] = ()
        self._calls = 1
        self._at = 0

    def __call__(self) -> float:
        """Seconds."""
        return self._now

    def play(self, samples: Sequence[float], calls: int) -> None:
        """Sets the nanoseconds of one call in each round of so many calls."""
        self._samples, self._calls, self._at = samples, calls, 0

    def call(self) -> None:
        """One call, which takes as long as its round's sample says. pytest-benchmark makes one more at the end."""
        round_ = min(self._at // self._calls, len(self._samples) - 1)
        self._now += self._samples[round_] * NANOSECONDS
        self._at += 1


class TimingSession:
    """The bench of one pytest session, and the rows that were timed already."""

    def __init__(self, selection: Selection, sizes: Sequence[int], python: str) -> None:
        self.bench = Bench(selection, Settings(pythons={"": python}), tuple(sizes) or SIZES)
        self._timed: dict[str, Timing] = {}
        self._started = False

    def groups(self, cases: Sequence[Case]) -> list[Group]:
        """What is to be timed of these cases. Raises IncompleteError if an adapter that was named does not start."""
        if not self._started:
            self._started = True
            found = adapters()
            named = self.bench.selection.adapters
            self.bench.start([found[name] for name in named] if named else list(found.values()))
            for (adapter, _), reason in self.bench.absent.items():
                if named or not reason.startswith("not installed"):
                    raise IncompleteError(f"{adapter} does not start: {reason}")
        return self.bench.groups(cases)

    def timing(self, item: TimingItem) -> Timing:
        """The row's timing; all selected rows are timed when the first is asked for."""
        if not self._timed:
            self.bench.measure_ceilings()
            selected = [other for other in item.session.items if isinstance(other, TimingItem)]
            groups = {other.group.name: other.group for other in selected}
            chosen = [
                replace(group, checks=tuple(other.check for other in selected if other.group.name == name))
                for name, group in groups.items()
            ]
            for _, timings in self.bench.timed(chosen, Listener()):
                self._timed.update({timing.id: timing for timing in timings})
        return self._timed[item.name]


class TimingItem(pytest.Function):
    """One row: a function with pytest-benchmark's fixture."""

    def __init__(self, *, check: Any, group: Group, timings: TimingSession, clock: SampleClock, **more: Any) -> None:
        super().__init__(callobj=timed, **more)
        self.check = check
        self.group = group
        self.timings = timings
        self.clock = clock
        self.add_marker(pytest.mark.benchmark(timer=clock, group=group.name))

    def reportinfo(self) -> tuple[Any, int, str]:
        return self.path, self.check.variant.case.line - 1, self.name

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:  # type: ignore[override]
        return str(excinfo.value) if isinstance(excinfo.value, WithoutTime) else super().repr_failure(excinfo)


class WithoutTime(Exception):
    """A row whose result was wrong, in words."""


def timed(benchmark: Any, request: pytest.FixtureRequest) -> None:
    """What every item runs."""
    item = request.node
    timing = item.timings.timing(item)
    if not timing.timed and timing.expectation == "expected":
        pytest.skip(f"no time: {timing.reason}")
    if not timing.timed:
        benchmark.pedantic(_fail, args=(timing.reason,))
    samples = [sample for process in timing.samples for sample in process]
    item.clock.play(samples, timing.calls)
    benchmark.pedantic(item.clock.call, rounds=len(samples), iterations=timing.calls)
    benchmark.extra_info.update(extra_info(timing))


def _fail(reason: str) -> None:
    """Fails as what is timed would fail, so that pytest-benchmark keeps no time of it."""
    raise WithoutTime(f"no time: {reason}")


def items(parent: pytest.Collector, session: TimingSession, cases: Sequence[Case]) -> Iterator[pytest.Item]:
    """An item for each row of these cases."""
    for group in session.groups(cases):
        for check in group.checks:
            item: TimingItem = TimingItem.from_parent(
                parent, name=group.id_of(check), check=check, group=group, timings=session, clock=SampleClock()
            )
            yield item
