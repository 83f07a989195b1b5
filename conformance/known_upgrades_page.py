"""The page docs/upgrades.md: what each pair of the list changes, in words and numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from conformance.cause_words import sides
from conformance.causes import Cause, causes
from conformance.gate import BROKEN, CHANGED, FIXED, SAME, TRANSITIONS, Comparison
from conformance.gate_summary import calls_of, counted
from conformance.known_bugs import linked, versions_of
from conformance.known_upgrades import KnownUpgrades, Measured

MOST = 12
EXAMPLES = 2
HEADER = """\
# What upgrades change

Written by `conformance known-upgrades`; what stands here was measured. The pairs are in `adapters/known_upgrades.yaml`,
which holds no result: both sides of each were asked the same checks, and the gate compared them.

    conformance known-upgrades            asks what was not asked yet, and writes this page
    conformance known-upgrades PAIR       asks both sides of this pair anew

A check is one call for one case in one dtype, mode and order. *Broken*: right before, wrong now. *Changed*: another
value, choice or exception, though neither side is worse. *Fixed*: wrong before, right now. *Drifted*: other bits, the
same value within the bound. *Removed* and *added*: calls that one side alone has. R numbers are rows of
`known_bugs.md`.
"""


def page(known: KnownUpgrades, found: Sequence[Measured]) -> str:
    """The whole page."""
    kinds = ("broken", "changed", "newly unsupported", "removed", "fixed", "newly supported", "added", "drifted")
    lines = [HEADER, _line(["upgrade", "checks", *kinds, "known bugs seen"]), _line(["---"] * (len(kinds) + 3))]
    for one in found:
        if one.comparison is None:
            lines.append(_line([one.upgrade.id, "not run yet", *[""] * len(kinds), ""]))
            continue
        counts = one.comparison.counts
        seen = ", ".join(row.bug.id for row in one.seen)
        anchor = one.upgrade.id.replace(".", "")
        total = f"{len(one.comparison.pairs):,}"
        lines.append(
            _line(
                [f"[{one.upgrade.id}](#{anchor})", total, *(f"{counts[k]:,}" if counts[k] else "" for k in kinds), seen]
            )
        )
    for one in found:
        lines += ["", *_section(known, one)]
    problems = [f"- {one.upgrade.id}: {problem}" for one in found for problem in one.problems]
    if problems:
        lines += ["", "## Not as they should be", "", *problems]
    return "\n".join(lines) + "\n"


def _section(known: KnownUpgrades, one: Measured) -> list[str]:
    lines = [f"## {one.upgrade.id}", ""]
    for side, name in (("from", one.upgrade.old), ("to", one.upgrade.new)):
        lines.append(f"- {side} `{_written(known, name)}`" + _versions(one.comparison, side))
    asked = ", ".join(_asked(known, name) for name in one.upgrade.asks)
    lines.append(f"- asked: {asked}")
    if one.missing:
        lines.append(f"- not run yet: {', '.join(one.missing)}")
    if one.comparison is None:
        return lines
    lines += [f"- {note}" for note in one.comparison.notes]
    lines += [f"- {difference}" for difference in one.comparison.differences if difference.kind == "switch"]
    same = one.comparison.counts[SAME]
    lines.append(f"- {same:,} of {len(one.comparison.pairs):,} checks gave the same bits")
    if one.seen:
        lines += ["", "Known bugs that show in it:", ""]
        for row in one.seen:
            kinds = Counter(pair.transition for pair in row.pairs)
            said = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
            lines.append(f"- {row.bug.id}, {said}: {row.bug.fault} ({linked(row.bug.upstream)})")
    return [*lines, *_causes(one.comparison)]


def _written(known: KnownUpgrades, name: str) -> str:
    spec = known.environments[name]
    python = f" on Python {spec.python}" if spec.python else ""
    return f"{spec}{python}" + (" over the newest frameworks" if spec.over else "")


def _versions(comparison: Comparison | None, side: str) -> str:
    if comparison is None:
        return ""
    run = comparison.baseline if side == "from" else comparison.candidate
    held = comparison.mapping.keys() if side == "from" else comparison.mapping.values()
    started = [e for e in run.environments if e.started and e.adapter in held]
    pythons = sorted({e.versions.get("python", "") for e in started})
    return f": {versions_of(started)}, Python {', '.join(pythons)}"


def _asked(known: KnownUpgrades, name: str) -> str:
    asks = known.asks[name]
    what = "what the known bugs name" if asks.known_bugs else f"profile {asks.profile}"
    more = [f"mode {', '.join(asks.modes)}"] if asks.modes else []
    more += [f"`-k '{asks.expression}'`"] if asks.expression else []
    return f"{what} of {', '.join(asks.adapters)}" + (f" ({'; '.join(more)})" if more else "")


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _causes(comparison: Comparison) -> list[str]:
    """The causes, a list for each transition, regressions first, with a few values."""
    lines: list[str] = []
    for transition in TRANSITIONS:
        found = [cause for cause in causes(comparison) if cause.transition == transition]
        if not found:
            continue
        lines += ["", f"### {transition}: {counted(comparison.counts[transition])}", ""]
        for cause in found[:MOST]:
            lines.append(f"- {_one_line(cause.words)} ({calls_of(cause)}; {cause.spread()})")
            if transition in (BROKEN, CHANGED, FIXED):
                lines += _examples(cause)
        if len(found) > MOST:
            left = sum(len(cause.pairs) for cause in found[MOST:])
            lines.append(f"- and {len(found) - MOST} more causes, of {counted(left)}")
    return lines


def _examples(cause: Cause) -> list[str]:
    found = []
    for pair in cause.examples()[:EXAMPLES]:
        old, new, right = (_one_line(text) for text in sides(pair))
        found.append(
            f"  - `{pair.check.id}`: `{old}` became `{new}`" + (f", where `{right}` is right" if right else "")
        )
    return found


def _one_line(text: str) -> str:
    return " ".join(text.split())
