"""Two runs of timings: what became slower or faster, beyond what the same code differs from itself.

A row is `slower` or `faster` only if all of this holds:

- its medians differ by more than both runs' noise allows: the bands of the row (its A/A comparison) in both runs, the
  ordinary difference between processes on that machine (the 99 % quantile over all rows of a run), and the change of
  the machine itself (that of its copy bandwidth and launch overhead between the runs);
- a Mann-Whitney test of the samples says so at 1 % for all rows together (Bonferroni);
- it is more than the limits: `warn` decides whether it is shown, `fail` whether it closes the gate.

Pure: takes runs, returns values. Needs SciPy, which the extra `bench` installs.
"""

from __future__ import annotations

import importlib
import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from conformance.errors import UsageError
from conformance.run_file import Header, Run
from conformance.timing import Ceiling, Timing

Change = Literal["same", "slower", "faster", "no longer timed", "newly timed", "added", "removed"]
Level = Literal["pass", "warn", "fail"]
SLOWER: Final = "slower"
FASTER: Final = "faster"
NO_LONGER_TIMED: Final = "no longer timed"
# What closes a gate, as far as its limits say so.
REFUSED = (SLOWER, NO_LONGER_TIMED)
SIGNIFICANCE = 0.01
ORDINARY = 0.99


@dataclass(frozen=True)
class Limits:
    """How much slower a call may become, as fractions: 0.1 stands for 10 % more time. `fail` may be infinite."""

    warn: float = 0.10
    fail: float = 0.25


def _usual(_: Timing) -> Limits:
    return Limits()


@dataclass(frozen=True)
class TimingTransition:
    """What became of one row.

    ratio       new median over old median; 1.2 is 20 % slower; None where one of them is missing
    noise       what the same code may differ by, as a fraction of the shorter time
    probability p of the Mann-Whitney test
    level       "warn" or "fail" for a row that is slower or no longer timed; else "pass"
    """

    id: str
    change: Change
    level: Level
    old: Timing | None
    new: Timing | None
    ratio: float | None = None
    noise: float = 0.0
    probability: float | None = None
    says: str = ""

    @property
    def timing(self) -> Timing:
        """The new timing, or the old one where there is no other."""
        found = self.new or self.old
        assert found is not None
        return found


def compare_timings(
    old: Run, new: Run, *, limits: Callable[[Timing], Limits] = _usual, mapping: Mapping[str, str] | None = None
) -> list[TimingTransition]:
    """The transition of every row that either run has, in the order of the old run, then what is new.

    `limits` says of an old timing how much slower it may become. `mapping` says which adapter of the new run stands
    for one of the old. Raises UsageError where the runs were not made on one machine: times of two machines say
    nothing about code; and where SciPy is missing.
    """
    differs = machines_differ(old.header, new.header)
    if differs:
        raise UsageError(
            f"{old.path} and {new.path} were not made on one machine: {differs}\n"
            "  time both on the same one: conformance bench"
        )
    now_by_id = {timing.id: timing for timing in new.timings}
    pairs = [(timing, now_by_id.pop(_renamed(timing, mapping or {}), None)) for timing in old.timings]
    rows = sum(1 for was, now in pairs if now is not None and was.timed and now.timed)
    machine = max(ordinary_difference(old.timings), ordinary_difference(new.timings))
    drift = _drift(old.ceilings, new.ceilings)
    found = [_transition(was, now, rows, machine, drift, limits(was)) for was, now in pairs]
    return found + [TimingTransition(t.id, "added", "pass", None, t) for t in now_by_id.values()]


def machines_differ(old: Header, new: Header) -> str:
    """What shows that two runs were not made on one machine; "" where nothing does."""
    for name in ("processor", "cores", "machine"):
        was, now = old.machine.get(name), new.machine.get(name)
        if was != now:
            return f"{name} was {was!r}, now it is {now!r}"
    return ""


def ordinary_difference(timings: Iterable[Timing]) -> float:
    """What medians of two processes of the same code differ by on this machine: as a logarithm of their ratio."""
    apart = [abs(math.log(timing.ratio)) for timing in timings if timing.timed]
    return float(np.quantile(apart, ORDINARY)) if apart else 0.0


def _transition(
    was: Timing, now: Timing | None, rows: int, machine: float, drift: dict[tuple[str, str], float], limits: Limits
) -> TimingTransition:
    if now is None:
        return TimingTransition(was.id, "removed", "pass", was, None)
    if not was.timed or not now.timed:
        if was.timed:
            return TimingTransition(was.id, NO_LONGER_TIMED, "fail", was, now, says=now.reason)
        return TimingTransition(was.id, "newly timed" if now.timed else "same", "pass", was, now)
    ratio = now.median / was.median
    own = max(math.log1p(was.band), math.log1p(now.band))
    allowed = max(own, machine) + drift.get((was.adapter, was.device), 0.0)
    probability = mann_whitney(was, now)
    noise = math.expm1(allowed)
    real = abs(math.log(ratio)) > allowed and probability <= SIGNIFICANCE / max(1, rows)
    apart = max(ratio, 1 / ratio) - 1
    if not real or apart <= limits.warn:
        return TimingTransition(was.id, "same", "pass", was, now, ratio, noise, probability)
    if ratio < 1:
        return TimingTransition(was.id, FASTER, "pass", was, now, ratio, noise, probability)
    level: Level = "fail" if apart > limits.fail else "warn"
    return TimingTransition(was.id, SLOWER, level, was, now, ratio, noise, probability)


def _renamed(timing: Timing, mapping: Mapping[str, str]) -> str:
    """The id that the row has in the new run."""
    new = mapping.get(timing.adapter, timing.adapter)
    return timing.id.replace(f":{timing.adapter}/", f":{new}/", 1)


def _drift(old: Sequence[Ceiling], new: Sequence[Ceiling]) -> dict[tuple[str, str], float]:
    """How much the machine itself changed between the runs, for each adapter and device: |log| of its own speed.

    Every adapter copies memory; where the adapter is the very thing that changed, that of the others counts too, so
    the smallest change of all adapters on a device is the machine's.
    """
    was = {(c.adapter, c.device, c.mode): c for c in old}
    changes: dict[str, list[float]] = {}
    for ceiling in new:
        before = was.get((ceiling.adapter, ceiling.device, ceiling.mode))
        if before is not None:
            changes.setdefault(ceiling.device, []).append(abs(math.log(ceiling.bandwidth / before.bandwidth)))
    return {(c.adapter, c.device): min(changes[c.device]) for c in old if changes.get(c.device)}


def mann_whitney(was: Timing, now: Timing) -> float:
    """p of the two-sided Mann-Whitney test of all samples. Raises UsageError where SciPy is missing."""
    first, second = (list(itertools.chain.from_iterable(timing.samples)) for timing in (was, now))
    return float(scipy_stats().mannwhitneyu(first, second).pvalue)


def scipy_stats() -> Any:
    """The module scipy.stats. Raises UsageError where SciPy is missing."""
    try:
        return importlib.import_module("scipy.stats")
    except ImportError:
        raise UsageError(
            "timings are compared with SciPy, which is not installed\n  pip install 'conformance[bench]'"
        ) from None
