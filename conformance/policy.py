"""What a gate lets pass: which transitions close it and where, and which changes a person has accepted, until when.

    fail          the transitions that close the gate
    limits        how much slower a call may become, where both runs timed it
    rules         other transitions or limits for some operations, implementations, dtypes; the last rule that is about
                  a check decides
    accepted      changes that somebody has looked at, each with a reason and a day on which it ends

An acceptance that covers something compared but accepts nothing is *unused*, and closes the gate: it would hide the
next change of the same look. One whose day has passed accepts nothing more. How a policy is written is `policy_file`.

Pure: `decide` takes the comparison, its causes, a policy and the day, and returns values.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from textwrap import shorten

from conformance.bench.compare import REFUSED as REFUSED_TIMINGS
from conformance.bench.compare import Limits, TimingTransition, compare_timings
from conformance.causes import Cause
from conformance.errors import UsageError
from conformance.gate import REFUSED, Comparison, Pair
from conformance.gate_values import value
from conformance.judge.divergence import in_ranges, matches
from conformance.run_file import Check
from conformance.timing import Timing

LONGEST_REASON = 120


@dataclass(frozen=True)
class Where:
    """Which checks something is about; empty tuples stand for everything. Patterns are those of divergence records."""

    adapters: tuple[str, ...] = ()
    implementations: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    dtypes: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()

    def covers(self, change: Pair | TimingTransition) -> bool:
        """Whether it is about what either run holds: adapters that are mapped onto each other have two names."""
        return any(self.is_about(asked) for asked in (change.new, change.old) if asked is not None)

    def is_about(self, check: Check | Timing) -> bool:
        """Whether it is about this check, or this timed call."""
        return (
            matches(self.adapters, check.adapter)
            and matches(self.operations, check.operation)
            and matches(self.implementations, check.implementation)
            and (not self.dtypes or check.dtype in self.dtypes)
            and (not self.modes or check.mode in self.modes)
            and (not self.devices or check.device in self.devices)
            and (not self.orders or check.order in self.orders)
            and (not self.flags or not set(self.flags).isdisjoint(check.flags))
            and matches(self.cases, check.variant)
        )


@dataclass(frozen=True)
class Rule:
    """Where other transitions close the gate than elsewhere, or other limits hold; None where the rule says nothing.

    `place` is file:line.
    """

    where: Where
    fail: tuple[str, ...] | None = None
    limits: Limits | None = None
    place: str = ""


@dataclass(frozen=True)
class Acceptance:
    """A change that a person has accepted.

    old, new    patterns of the values as the gate prints them
    within      the largest new time over the old one, of a call that became slower; inf for any
    versions    range of the candidate's framework version; `libraries` of those beside it
    expires     the last day on which it holds
    """

    where: Where
    transition: str
    reason: str
    expires: datetime.date
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    within: float = math.inf
    versions: str = ""
    libraries: tuple[tuple[str, str], ...] = ()
    place: str = ""

    def expired(self, today: datetime.date) -> bool:
        return today > self.expires

    def accepts(self, change: Pair | TimingTransition) -> bool:
        """Whether this is the change, its versions and its day aside."""
        if isinstance(change, TimingTransition):
            slower = change.ratio is None or change.ratio <= self.within
            return change.change == self.transition and self.where.covers(change) and slower
        return (
            change.transition == self.transition
            and self.where.covers(change)
            and matches(self.old, value(change.old))
            and matches(self.new, value(change.new))
        )

    def __str__(self) -> str:
        return f"{self.place}: {self.transition}, {shorten(self.reason, LONGEST_REASON, placeholder=' …')}"


@dataclass(frozen=True)
class Policy:
    """What a policy file says, or the default of one that is not there. `allowed` is what --allow adds."""

    fail: tuple[str, ...] = REFUSED
    rules: tuple[Rule, ...] = ()
    accepted: tuple[Acceptance, ...] = ()
    allowed: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    file: str = ""

    def allowing(self, transitions: Iterable[str]) -> Policy:
        """The same, but for transitions that close nothing wherever they are."""
        return replace(self, allowed=(*self.allowed, *transitions))

    def refuses(self, pair: Pair) -> bool:
        """Whether a check closes the gate, unless somebody has accepted it."""
        if pair.transition in self.allowed:
            return False
        ruled = (rule.fail for rule in reversed(self.rules) if rule.fail is not None and rule.where.covers(pair))
        return pair.transition in next(ruled, self.fail)

    def limits_of(self, timing: Timing) -> Limits:
        """How much slower this call may become."""
        ruled = (r.limits for r in reversed(self.rules) if r.limits is not None and r.where.is_about(timing))
        return next(ruled, self.limits)


@dataclass(frozen=True)
class Decision:
    """What the policy says of one cause.

    refused    its checks that close the gate
    accepted   the acceptances that let checks of it pass, with the number of checks
    """

    cause: Cause
    refused: tuple[Pair, ...]
    accepted: tuple[tuple[Acceptance, int], ...] = ()

    @property
    def passes(self) -> bool:
        return not self.refused


@dataclass(frozen=True)
class TimingDecision:
    """What the policy says of a call that either run timed: whether it closes the gate, or who accepted it."""

    transition: TimingTransition
    refused: bool = False
    accepted: Acceptance | None = None


@dataclass(frozen=True)
class Decisions:
    """What the policy says of a comparison.

    each      a decision for each cause, in the order of the causes
    timings   a decision for each call that was timed, where both runs timed any; `untold` says why there is none
    unused    acceptances that cover what was compared but accept nothing
    expired   acceptances that would accept something, had their day not passed
    """

    comparison: Comparison
    policy: Policy
    each: tuple[Decision, ...] = field(default=(), repr=False)
    timings: tuple[TimingDecision, ...] = field(default=(), repr=False)
    untold: str = ""
    unused: tuple[Acceptance, ...] = ()
    expired: tuple[Acceptance, ...] = ()

    @property
    def refused(self) -> tuple[Decision, ...]:
        return tuple(decision for decision in self.each if decision.refused)

    @property
    def refused_timings(self) -> tuple[TimingDecision, ...]:
        return tuple(decision for decision in self.timings if decision.refused)

    @property
    def status(self) -> int:
        """3 where the comparison is incomplete, 1 where something is refused or an acceptance unused, else 0."""
        if self.comparison.problems:
            return 3
        return int(bool(self.refused or self.refused_timings or self.unused))


def decide(comparison: Comparison, causes: Sequence[Cause], policy: Policy, today: datetime.date) -> Decisions:
    """What closes the gate under a policy on a day.

    Raises UsageError where runs of timings alone cannot be compared, say because two machines made them.
    """
    deciding = _Deciding(comparison, policy, today)
    each = tuple(map(deciding.cause, causes))
    transitions, untold = _transitions(comparison, policy)
    timings = tuple(map(deciding.timing, transitions))
    idle = [entry for entry in policy.accepted if entry not in deciding.used]
    return Decisions(
        comparison,
        policy,
        each,
        timings,
        untold,
        unused=tuple(entry for entry in idle if deciding.concerned(entry, transitions)),
        expired=tuple(entry for entry in deciding.past if entry in deciding.used),
    )


class _Deciding:
    """Decides one change after the other, and keeps which acceptances were of use."""

    def __init__(self, comparison: Comparison, policy: Policy, today: datetime.date) -> None:
        self._comparison = comparison
        self._policy = policy
        self._current = [entry for entry in policy.accepted if not entry.expired(today)]
        self.past = [entry for entry in policy.accepted if entry.expired(today)]
        self.used: set[Acceptance] = set()

    def cause(self, cause: Cause) -> Decision:
        refused: list[Pair] = []
        accepted: dict[Acceptance, int] = {}
        for pair in cause.pairs:
            entries = self._accepting(self._current, pair)
            self.used.update(entries)
            if entries:
                accepted[entries[0]] = accepted.get(entries[0], 0) + 1
            elif self._policy.refuses(pair):
                refused.append(pair)
                self.used.update(self._accepting(self.past, pair))
        return Decision(cause, tuple(refused), tuple(accepted.items()))

    def timing(self, transition: TimingTransition) -> TimingDecision:
        if transition.level == "pass":
            return TimingDecision(transition)
        entries = self._accepting(self._current, transition)
        self.used.update(entries)
        if entries:
            return TimingDecision(transition, accepted=entries[0])
        refused = transition.level == "fail" and transition.change not in self._policy.allowed
        if refused:
            self.used.update(self._accepting(self.past, transition))
        return TimingDecision(transition, refused)

    def concerned(self, entry: Acceptance, timings: Sequence[TimingTransition]) -> bool:
        """Whether what was compared is what an acceptance is about, so that it could have accepted something.

        One about another adapter, other versions, or an operation that nobody asked for is only not needed here.
        """
        compared = timings if entry.transition in REFUSED_TIMINGS else self._comparison.pairs
        return any(entry.where.covers(one) and self._in_range(entry, one) for one in compared)

    def _accepting(self, entries: Sequence[Acceptance], change: Pair | TimingTransition) -> list[Acceptance]:
        return [entry for entry in entries if entry.accepts(change) and self._in_range(entry, change)]

    def _in_range(self, entry: Acceptance, change: Pair | TimingTransition) -> bool:
        if not entry.versions and not entry.libraries:
            return True
        asked = change.timing if isinstance(change, TimingTransition) else change.check
        names = self._comparison.mapping
        adapter = asked.adapter if change.new else names.get(asked.adapter, asked.adapter)
        environments = [e for e in self._comparison.candidate.environments if e.adapter == adapter and e.started]
        return any(in_ranges(entry.versions, entry.libraries, e.version, e.versions) for e in environments)


def _transitions(comparison: Comparison, policy: Policy) -> tuple[list[TimingTransition], str]:
    """(what became of every call that was timed, why nothing can be said)."""
    old, new = comparison.baseline, comparison.candidate
    if not old.timings or not new.timings:
        return [], ""
    try:
        return compare_timings(old, new, limits=policy.limits_of, mapping=comparison.mapping), ""
    except UsageError as error:
        if not comparison.pairs:
            raise
        return [], str(error)
