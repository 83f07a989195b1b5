"""What the renderers of a gate share: how a decision stands, and where its case is written."""

from __future__ import annotations

from conformance.reports.words import clean, counted

from conformance.cause_words import place, sides
from conformance.gate import ADDED, BROKEN, CHANGED, FIXED, NEWLY_SUPPORTED, NEWLY_UNSUPPORTED, REFUSED, REMOVED, Pair
from conformance.policy import Decision, Decisions
from conformance.run_facts import WrittenCase

# A symbol that reads without colour.
SYMBOLS = {
    BROKEN: "✖", CHANGED: "≠", NEWLY_UNSUPPORTED: "⊘", REMOVED: "−", FIXED: "✓", NEWLY_SUPPORTED: "+", ADDED: "+",
}  # fmt: skip


def telling(decision: Decision) -> Pair:
    """The check that shows a decision best: of those that are refused, where some are."""
    refused = {id(pair) for pair in decision.refused}
    return next((pair for pair in decision.cause.pairs if id(pair) in refused), decision.cause.first)


def written_at(decisions: Decisions, case: str) -> WrittenCase | None:
    """Where a case is written, as the candidate or else the baseline says; run files of version 0.1.0 do not."""
    comparison = decisions.comparison
    return comparison.candidate.cases.get(case) or comparison.baseline.cases.get(case)


def standing(decision: Decision) -> str:
    """Why a decision passes, or how much of it is refused: "accepted until 2026-12-31: our thresholds moved"."""
    said = [
        f"accepted until {entry.expires}: {counted(count, 'check')}, {clean(entry.reason)} ({entry.place})"
        for entry, count in decision.accepted
    ]
    if decision.refused and decision.accepted:
        said.append(f"refused: {counted(len(decision.refused), 'check')}")
    if not decision.refused and not decision.accepted and decision.cause.transition in REFUSED:
        said.append("the policy lets it pass")
    return "; ".join(said)


def example(pair: Pair) -> str:
    """One check in a line: "11.522857 became 12.000716, where inf is right: bce/saturated:…"."""
    old, new, right = sides(pair)
    at = place(pair)
    change = f"{old or 'nothing'} became {new or 'nothing'}" if pair.old and pair.new else old or new
    right = f", where {right} is right" if right else ""
    return clean(f"{change}{right}{f' at {at}' if at else ''}: {pair.check.id}")
