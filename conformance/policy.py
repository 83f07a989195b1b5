"""What a gate lets pass: which transitions close it and where, and which changes a person has accepted, until when.

    fail          the transitions that close the gate
    rules         other transitions for some operations, implementations, dtypes; the last rule about a check decides
    accepted      changes that somebody has looked at, each with a reason and a day on which it ends

An acceptance that covers something compared but accepts nothing is *unused*, and closes the gate: it would hide the
next change of the same look. One whose day has passed accepts nothing more. How a policy is written is `policy_file`.

Pure: `decide` takes the comparison, its causes, a policy and the day, and returns values.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from textwrap import shorten

from conformance.causes import Cause
from conformance.gate import REFUSED, Comparison, Pair
from conformance.gate_values import value
from conformance.judge.divergence import in_ranges, matches
from conformance.run_file import Check

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

    def covers(self, pair: Pair) -> bool:
        """Whether it is about the check of either run: adapters that are mapped onto each other have two names."""
        return any(self._covers(check) for check in (pair.new, pair.old) if check is not None)

    def _covers(self, check: Check) -> bool:
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
    """Where other transitions close the gate than elsewhere. `place` is file:line."""

    where: Where
    fail: tuple[str, ...]
    place: str = ""


@dataclass(frozen=True)
class Acceptance:
    """A change that a person has accepted.

    old, new    patterns of the values as the gate prints them
    versions    range of the candidate's framework version; `libraries` of those beside it
    expires     the last day on which it holds
    """

    where: Where
    transition: str
    reason: str
    expires: datetime.date
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    versions: str = ""
    libraries: tuple[tuple[str, str], ...] = ()
    place: str = ""

    def expired(self, today: datetime.date) -> bool:
        return today > self.expires

    def accepts(self, pair: Pair) -> bool:
        """Whether this is the change, its versions and its day aside."""
        return (
            pair.transition == self.transition
            and self.where.covers(pair)
            and matches(self.old, value(pair.old))
            and matches(self.new, value(pair.new))
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
    file: str = ""

    def allowing(self, transitions: Iterable[str]) -> Policy:
        """The same, but for transitions that close nothing wherever they are."""
        return replace(self, allowed=(*self.allowed, *transitions))

    def refuses(self, pair: Pair) -> bool:
        """Whether a check closes the gate, unless somebody has accepted it."""
        if pair.transition in self.allowed:
            return False
        rule = self.rule_of(pair)
        return pair.transition in (rule.fail if rule else self.fail)

    def rule_of(self, pair: Pair) -> Rule | None:
        """The last rule that is about a check."""
        return next((rule for rule in reversed(self.rules) if rule.where.covers(pair)), None)


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
class Decisions:
    """What the policy says of a comparison.

    each      a decision for each cause, in the order of the causes
    unused    acceptances that cover what was compared but accept nothing
    expired   acceptances that would accept something, had their day not passed
    """

    comparison: Comparison
    policy: Policy
    each: tuple[Decision, ...] = field(default=(), repr=False)
    unused: tuple[Acceptance, ...] = ()
    expired: tuple[Acceptance, ...] = ()

    @property
    def refused(self) -> tuple[Decision, ...]:
        return tuple(decision for decision in self.each if decision.refused)

    @property
    def status(self) -> int:
        """3 where the comparison is incomplete, 1 where a check is refused or an acceptance unused, else 0."""
        if self.comparison.problems:
            return 3
        return int(bool(self.refused or self.unused))


def decide(comparison: Comparison, causes: Sequence[Cause], policy: Policy, today: datetime.date) -> Decisions:
    """Which causes close the gate under a policy on a day."""
    current = [entry for entry in policy.accepted if not entry.expired(today)]
    past = [entry for entry in policy.accepted if entry.expired(today)]
    used: set[Acceptance] = set()
    decisions = []
    for cause in causes:
        refused: list[Pair] = []
        accepted: dict[Acceptance, int] = {}
        for pair in cause.pairs:
            entries = _accepting(current, pair, comparison)
            used.update(entries)
            if entries:
                accepted[entries[0]] = accepted.get(entries[0], 0) + 1
            elif policy.refuses(pair):
                refused.append(pair)
                used.update(_accepting(past, pair, comparison))
        decisions.append(Decision(cause, tuple(refused), tuple(accepted.items())))
    idle = [entry for entry in policy.accepted if entry not in used]
    return Decisions(
        comparison,
        policy,
        tuple(decisions),
        unused=tuple(entry for entry in idle if _concerned(entry, comparison)),
        expired=tuple(entry for entry in past if entry in used),
    )


def _accepting(entries: Sequence[Acceptance], pair: Pair, comparison: Comparison) -> list[Acceptance]:
    return [entry for entry in entries if entry.accepts(pair) and _in_range(entry, pair, comparison)]


def _in_range(entry: Acceptance, pair: Pair, comparison: Comparison) -> bool:
    if not entry.versions and not entry.libraries:
        return True
    check = pair.new or pair.old
    assert check is not None
    adapter = check.adapter if pair.new else comparison.mapping.get(check.adapter, check.adapter)
    environments = [e for e in comparison.candidate.environments if e.adapter == adapter and e.started]
    return any(in_ranges(entry.versions, entry.libraries, e.version, e.versions) for e in environments)


def _concerned(entry: Acceptance, comparison: Comparison) -> bool:
    """Whether what was compared is what an acceptance is about, so that it could have accepted something.

    One about another adapter, other versions, or an operation that nobody asked for is only not needed here.
    """
    return any(entry.where.covers(pair) and _in_range(entry, pair, comparison) for pair in comparison.pairs)
