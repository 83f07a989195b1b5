"""What changed from one run to the next: the gate's comparison and its causes, as the page shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.causes import Cause, causes, sides
from conformance.gate import REFUSED, SAME, Comparison, Pair, compare
from conformance.gate_scope import adapters_of
from conformance.run_file import Run

# Transitions that a reader of "what changed" looks at first; the others fold.
FOLDED = frozenset({"drifted", "added", "newly supported", "removed"})


@dataclass(frozen=True)
class Change:
    """One comparison of two runs that follow one another.

    baseline, candidate   numbers of the runs, from 1
    """

    baseline: int
    candidate: int
    comparison: Comparison
    causes: Sequence[Cause]

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
        """Causes that a gate without a policy refuses."""
        return [cause for cause in self.causes if cause.transition in REFUSED]

    @property
    def status(self) -> int:
        return self.comparison.status()


def changes(runs: Sequence[Run], mapping: Mapping[str, str] | None = None) -> list[Change]:
    """Each run compared with the one before it, where they have any check in common.

    Runs of other adapters are shown side by side, not as an upgrade.
    """
    found = []
    for number in range(1, len(runs)):
        old, new = runs[number - 1], runs[number]
        names = dict(mapping) if mapping else _mapping(old, new)
        if names is None:
            continue
        comparison = compare(old, new, names or None)
        change = Change(number, number + 1, comparison, causes(comparison))
        if change.compared or comparison.problems:
            found.append(change)
    return found


def _mapping(old: Run, new: Run) -> dict[str, str] | None:
    """{} where the gate finds the adapters by itself; None where the runs have none in common."""
    names = adapters_of(old), adapters_of(new)
    if len(names[0]) == len(names[1]) == 1 or set(names[0]) & set(names[1]):
        return {}
    return None


def successors(found: Sequence[Change]) -> dict[str, str]:
    """The adapters that another one replaces, each with the last one of its line."""
    names: dict[str, str] = {}
    for change in reversed(found):
        for old, new in change.comparison.mapping.items():
            if old != new:
                names[old] = names.get(new, new)
    return names


def examples(cause: Cause, most: int) -> list[tuple[Pair, str, str, str]]:
    """(pair, old, new, right) of the most telling checks of a cause."""
    return [(pair, *sides(pair)) for pair in cause.examples()[:most]]
