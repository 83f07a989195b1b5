"""What changed from one run to the next: the gate's comparison, its causes and what a policy says of them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.reports.decided import standing

from conformance.cause_words import first_line, place, sides
from conformance.causes import Cause, causes, explained
from conformance.gate import FIXED, REFUSED, SAME, Comparison, Pair, compare
from conformance.gate_scope import adapters_of
from conformance.policy import Decision, Decisions, Policy, decide
from conformance.run_file import Run

# Transitions of which a reader of "what changed" needs no examples.
FOLDED = frozenset({"drifted", "added", "newly supported", "removed"})


@dataclass(frozen=True)
class Change:
    """One comparison of two runs that follow one another.

    baseline, candidate   numbers of the runs, from 1
    before   how many causes the comparisons before it have: causes of a page are numbered from 1 through all of them
    """

    baseline: int
    candidate: int
    decisions: Decisions
    before: int = 0

    @property
    def comparison(self) -> Comparison:
        return self.decisions.comparison

    @property
    def causes(self) -> list[Cause]:
        return [decision.cause for decision in self.decisions.each]

    @property
    def compared(self) -> int:
        """How many checks both runs hold."""
        return sum(pair.old is not None and pair.new is not None for pair in self.comparison.pairs)

    @property
    def counts(self) -> Mapping[str, int]:
        return {name: count for name, count in self.comparison.counts.items() if count}

    @property
    def same(self) -> int:
        return self.comparison.counts[SAME]

    @property
    def refused(self) -> list[Cause]:
        """Causes that close the gate."""
        return [decision.cause for decision in self.decisions.refused]

    @property
    def telling(self) -> list[tuple[int, Cause]]:
        """(number, cause) of what closes the gate or is fixed."""
        return [
            (number, decision.cause)
            for number, decision in enumerate(self.decisions.each, self.before + 1)
            if decision.refused or decision.cause.transition == FIXED
        ]

    def shortlist(self, most: int) -> list[tuple[int, Cause]]:
        """The first few telling causes of each transition, so that none hides another."""
        found: dict[str, list[tuple[int, Cause]]] = {}
        for number, cause in self.telling:
            found.setdefault(cause.transition, []).append((number, cause))
        return [each for causes_ in found.values() for each in causes_[:most]]

    @property
    def status(self) -> int:
        return self.decisions.status


def changes(
    runs: Sequence[Run],
    mapping: Mapping[str, str] | None = None,
    policy: Policy | None = None,
    today: datetime.date | None = None,
) -> list[Change]:
    """Each run compared with the one before it, where they have any check in common.

    Runs of other adapters are shown side by side, not as an upgrade. `mapping` is that of the gate, old adapter ->
    new one, for the runs that hold them; `today` decides which acceptances of a policy have ended.
    """
    found = []
    for number in range(1, len(runs)):
        old, new = runs[number - 1], runs[number]
        names = _mapping(old, new, mapping or {})
        if names is None:
            continue
        comparison = compare(old, new, names or None)
        if not comparison.pairs and not comparison.problems:
            continue  # they hold times, or nothing
        day = today or datetime.date.today()
        decisions = decide(comparison, causes(comparison), policy or Policy(), day)
        change = Change(number, number + 1, decisions, sum(len(each.causes) for each in found))
        if change.compared or comparison.problems:
            found.append(change)
    return found


def _mapping(old: Run, new: Run, asked: Mapping[str, str]) -> dict[str, str] | None:
    """{} where the gate finds the adapters by itself; None where the runs have none in common."""
    before, after = adapters_of(old), adapters_of(new)
    wanted = {name: to for name, to in asked.items() if name in before and to in after}
    replaced = {environment.successor for environment in old.environments}
    if wanted or set(before) & set(after) or (len(before) == len(after) == 1 and replaced & set(after)):
        return wanted
    return None


def successors(found: Sequence[Change]) -> dict[str, str]:
    """The adapters that another one replaces, each with the last one of its line."""
    names: dict[str, str] = {}
    for change in reversed(found):
        for old, new in change.comparison.mapping.items():
            if old != new:
                names[old] = names.get(new, new)
    return names


@dataclass(frozen=True)
class Example:
    """One check of a cause: old beside new beside oracle. `place` says which element they are, where it is one."""

    pair: Pair
    old: str
    new: str
    right: str
    place: str


def examples(cause: Cause, most: int) -> list[Example]:
    """The most telling checks of a cause."""
    return [Example(pair, *sides(pair), place(pair)) for pair in cause.examples()[:most]]


def reasons(change: Change, decision: Decision) -> list[tuple[str, str]]:
    """(label, text) of all that says why a cause is there, and what the policy says of it."""
    cause = decision.cause
    first = cause.first.new or cause.first.old
    message = first_line(first.message) if first else ""
    said = [
        ("these cases", explained(change.comparison, cause) if cause.subject else ""),
        ("what the new run says", "" if _told(message, cause.words) else message),
        ("policy", standing(decision) if decision.accepted or cause.transition in REFUSED else ""),
    ]
    return [(label, text) for label, text in said if text]


def _told(message: str, words: str) -> bool:
    """Whether the words of a cause hold a message already, without the name of its exception."""
    return message.partition(": ")[2][:40] in words if ": " in message else message[:40] in words
