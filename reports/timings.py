"""How long calls take, where run files hold it: times stand on a page of their own, apart from what is right."""

from __future__ import annotations

import datetime
import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.reports.changes import Change
from conformance.reports.packed import figure
from conformance.reports.words import clean

from conformance.errors import UsageError
from conformance.gate import compare
from conformance.gate_timings import shown, timing_standing
from conformance.policy import Decisions, Policy, TimingDecision, decide
from conformance.run_file import Run
from conformance.timing import Timing

_WORDS = ("operation", "adapter", "implementation", "dtype", "mode", "device", "order", "reason", "clock", "verdict")
# Times in nanoseconds.
_FIGURES = (
    "size", "median", "low", "high", "ratio", "band", "first", "compile", "bandwidth", "fraction", "replay",
    "disturbed", "bytes", "slowdown", "device_memory", "host_memory",
)  # fmt: skip


@dataclass(frozen=True)
class Timed:
    """What an overview says of timings. False where the runs asked for none."""

    rows: tuple[Timing, ...]

    def __bool__(self) -> bool:
        return bool(self.rows)

    @property
    def count(self) -> int:
        """Rows that have a time."""
        return sum(row.timed for row in self.rows)

    @property
    def operations(self) -> list[str]:
        """In alphabetical order."""
        return sorted({row.operation for row in self.rows})

    @property
    def sizes(self) -> list[int]:
        """Entries of the largest input, the fewest first."""
        return sorted({row.size for row in self.rows})

    @property
    def urgent(self) -> list[Timing]:
        """Rows that have no time because their result is wrong and no divergence record knows it."""
        return [row for row in self.rows if row.expectation != "expected"]


def timed(runs: Sequence[Run]) -> Timed:
    """All timings of the runs."""
    return Timed(tuple(line for run in runs for line in run.timings))


def timings(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """One for each call and size that was timed; none where the runs timed nothing."""
    return [_timing(number, line) for number, run in enumerate(runs, 1) for line in run.timings]


def _timing(run: int, line: Timing) -> dict[str, Any]:
    content = {
        "run": run,
        **{name: clean(getattr(line, name)) for name in _WORDS},
        **{name: figure(getattr(line, name), 4) for name in _FIGURES},
        "launch_bound": line.launch_bound,
    }
    return {name: value for name, value in content.items() if value not in ("", None, False)}


def timing_changes(
    runs: Sequence[Run],
    compared: Sequence[Change],
    mapping: Mapping[str, str] | None = None,
    policy: Policy | None = None,
    today: datetime.date | None = None,
) -> list[dict[str, Any]]:
    """Between each run with timings and the next: how many rows are what, and what was decided of the others.

    What `compared` has decided is not decided again. `mapping`, `policy` and `today` are those of a gate, for runs that
    hold times alone. Where the runs cannot be compared, `said` says why.
    """
    known = {(change.baseline, change.candidate): change.decisions for change in compared}
    numbered = [(number, run) for number, run in enumerate(runs, 1) if run.timings]
    found = []
    for (first, old), (second, new) in itertools.pairwise(numbered):
        content: dict[str, Any] = {"from": first, "to": second}
        try:
            decisions = known.get((first, second)) or _decided(old, new, mapping, policy, today)
        except UsageError as error:
            content["said"] = clean(str(error).splitlines()[0])
        else:
            content |= _described(decisions)
        found.append(content)
    return found


def _decided(
    old: Run, new: Run, mapping: Mapping[str, str] | None, policy: Policy | None, today: datetime.date | None
) -> Decisions:
    """Of times alone: causes are of checks."""
    return decide(compare(old, new, mapping), (), policy or Policy(), today or datetime.date.today())


def _described(decisions: Decisions) -> dict[str, Any]:
    if decisions.untold:
        return {"said": clean(decisions.untold.splitlines()[0])}
    counts = Counter(decision.transition.change for decision in decisions.timings)
    return {"counts": dict(counts), "rows": [_change(decision) for decision in shown(decisions)]}


def _change(decision: TimingDecision) -> dict[str, Any]:
    transition = decision.transition
    return {
        "id": clean(transition.id),
        "change": transition.change,
        "level": transition.level,
        "ratio": figure(transition.ratio, 3),
        "noise": figure(transition.noise, 2),
        "old": figure(transition.old.median if transition.old else None, 3),
        "new": figure(transition.new.median if transition.new else None, 3),
        "says": clean(timing_standing(decision)),
    }
