"""What a gate says of calls that both runs timed, in words: after all that is right or wrong, and apart from it."""

from __future__ import annotations

from collections import Counter

from conformance.bench.compare import FASTER, NO_LONGER_TIMED, SLOWER, TimingTransition
from conformance.bench.text import time_of
from conformance.policy import Decisions, TimingDecision

# What is shown of a comparison, in this order; the rest is counted.
SHOWN = (NO_LONGER_TIMED, SLOWER, FASTER)
HEADER = ("", "old", "new", "new/old", "noise", "call", "")


def shown(decisions: Decisions) -> list[TimingDecision]:
    """What closes the gate first, then what warns, then what became faster; the largest change first."""
    found = [each for each in decisions.timings if each.transition.change in SHOWN]
    return sorted(found, key=_rank)


def _rank(decision: TimingDecision) -> tuple[bool, int, float]:
    transition = decision.transition
    ratio = transition.ratio or 0.0
    return not decision.refused, SHOWN.index(transition.change), -max(ratio, 1 / ratio if ratio else 0.0)


def counted_timings(decisions: Decisions) -> str:
    """ "278 timed calls compared: 3 slower, 2 faster, 273 the same within their noise"; "" where none was."""
    compared = [each.transition for each in decisions.timings if each.transition.old and each.transition.new]
    if not compared:
        return f"times are not compared: {decisions.untold}" if decisions.untold else ""
    counts: Counter[str] = Counter(transition.change for transition in compared)
    named = [f"{count:,} {change}" for change in (*SHOWN, "newly timed") if (count := counts[change])]
    same = f"{counts['same']:,} the same within their noise"
    calls = "1 timed call" if len(compared) == 1 else f"{len(compared):,} timed calls"
    return f"{calls} compared: {', '.join([*named, same])}"


def told(transition: TimingTransition) -> str:
    """One call in a line: "1.2 ms became 2.1 ms, 1.75 times as long (noise 12%): softmax@1000:…"."""
    old, new, ratio, noise = times(transition)
    if transition.ratio is None:
        return f"{old} became no time: {transition.says}: {transition.id}"
    return f"{old} became {new}, {ratio} times as long (noise {noise}): {transition.id}"


def times(transition: TimingTransition) -> tuple[str, str, str, str]:
    """(old time, new time, their ratio, what the same code may differ by); "" where there is none."""
    old, new = (time_of(t.median) if t is not None and t.timed else "" for t in (transition.old, transition.new))
    if transition.ratio is None:
        return old, new, "", ""
    return old, new, f"{transition.ratio:.2f}", f"{transition.noise:.0%}"


def timing_standing(decision: TimingDecision) -> str:
    """What the policy says of it, and why a call has no time any more."""
    if decision.accepted is not None:
        entry = decision.accepted
        return f"accepted until {entry.expires}: {entry.reason} ({entry.place})"
    said = {"fail": "allowed", "warn": "below the limit that closes the gate", "pass": ""}[decision.transition.level]
    return "; ".join(filter(None, ["closes the gate" if decision.refused else said, decision.transition.says]))


def row(decision: TimingDecision) -> tuple[str, ...]:
    """The columns of `HEADER`."""
    transition = decision.transition
    return (transition.change, *times(transition), transition.id, timing_standing(decision))
