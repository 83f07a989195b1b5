"""The Markdown of a history: for each implementation that moved a line for each version, then how its checks moved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from conformance.reports.markdown import LIMIT, bounded, code, prose, text
from conformance.reports.words import counted, grouped, number

from conformance.gate import SAME
from conformance.history import NOT_COMPARED, History, Movement, Step, Tally, movements

MOVEMENTS = 20
FEW = 6


def render(histories: Sequence[History]) -> str:
    """All of them as one text, shorter than LIMIT bytes."""
    return bounded([line for each in histories for line in _history(each)], LIMIT)


def _history(each: History) -> list[str]:
    everyone = each.implementations()
    shown = everyone if len(everyone) <= FEW else each.moved()
    lines = [f"# {text(each.adapter)} over {counted(len(each.points), 'version')}", ""]
    lines += [text(", ".join(point.label for point in each.points)), ""]
    lines += [line for note in each.notes for line in (f"> [!NOTE]\n> {text(note)}", "")]
    for (operation, implementation), tracks in shown.items():
        lines += [f"## {text(operation)}: {code(implementation)}", ""]
        head = ["version", "conform", "documented", "deviate", "unsupported", "largest K", "since the one before"]
        lines += [_row(head), _row(["---", *["---:"] * 5, "---"])]
        lines += [_tally(p.label, tally) for p, tally in zip(each.points, each.tallies(tracks), strict=True)]
        lines.append("")
        found = movements(tracks)
        for movement in found[:MOVEMENTS]:
            lines += _movement(each, movement)
        if len(found) > MOVEMENTS:
            lines += [f"and {counted(len(found) - MOVEMENTS, 'more way')} to move", ""]
    still = len(everyone) - len(shown)
    return [*lines, f"{counted(still, 'more implementation')} did not move, not by a bit.", ""] if still else lines


def _tally(label: str, tally: Tally) -> str:
    counts = [tally.verdicts.get("conforms", 0), tally.verdicts.get("documented", 0), tally.deviating]
    counts.append(tally.verdicts.get("unsupported", 0))
    k = "" if tally.largest_k is None else number(tally.largest_k)
    since = ", ".join(f"{grouped(count)} {name}" for name, count in tally.transitions.items())
    return _row([text(label), *map(grouped, counts), k, text(since)])


def _movement(each: History, movement: Movement) -> list[str]:
    check = movement.first.check
    others = f" and {counted(len(movement.tracks) - 1, 'more check')} alike" if len(movement.tracks) > 1 else ""
    lines = [f"{code(check.id)}{others} ({text(movement.spread)}). {prose(check.says)}", ""]
    lines += [_row(["version", "verdict", "value", "right", "K", "ULP", ""]), _row(["---"] * 7)]
    track = movement.first
    lines += [
        _step(point.label, step, *outcome)
        for point, step, outcome in zip(each.points, track.steps, track.outcomes, strict=True)
    ]
    return [*lines, ""]


def _step(label: str, step: Step, value: str, right: str) -> str:
    transition = "" if step.transition in ("", SAME, NOT_COMPARED) else f"**{text(step.transition)}**"
    if step.check is None:
        return _row([text(label), "not asked", "", "", "", "", transition])
    measured = step.measured
    distance = (number(measured.k), number(measured.ulp)) if measured else ("", "")
    return _row([text(label), step.check.verdict, code(value), code(right), *distance, transition])


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
