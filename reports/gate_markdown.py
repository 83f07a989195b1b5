"""The Markdown of a gate, for the summary of a job: what closes it first, under the size that GitHub takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from conformance.reports.decided import SYMBOLS, standing, written_at
from conformance.reports.markdown import LIMIT, bounded, code, prose, text
from conformance.reports.words import clean, counted, grouped

from conformance.cause_words import place, sides
from conformance.causes import explained
from conformance.gate import BROKEN, DRIFTED, FIXED, REFUSED, SAME, Difference, Pair
from conformance.gate_records import record_findings, records_of
from conformance.gate_summary import calls_of, conclusion
from conformance.gate_timings import HEADER, counted_timings, row, shown
from conformance.policy import Acceptance, Decision, Decisions, TimingDecision

EXAMPLES = 5
# Of so many causes that are fixed examples are shown; of those that close the gate, of all.
FIXED_SHOWN = 20
# More differences of versions than this are folded.
FEW_DIFFERENCES = 12
_HEADS = {1: "CAUTION", 3: "CAUTION", 0: "TIP"}


def render(decisions: Decisions, limit: int = LIMIT) -> str:
    """The summary, shorter than `limit` bytes; what does not fit is cut from the end, and the last line says so."""
    return bounded(lines(decisions), limit)


def lines(decisions: Decisions) -> list[str]:
    """All of it."""
    refused = [each for each in decisions.each if each.refused]
    passing = [each for each in decisions.each if not each.refused]
    accepted = [each for each in passing if each.cause.transition in REFUSED]
    better = [each for each in passing if each.cause.transition not in (*REFUSED, DRIFTED)]
    drifted = [each for each in passing if each.cause.transition == DRIFTED]
    return [
        *_title(decisions),
        *_changes("Closes the gate", decisions, refused),
        *_timings("Slower than the policy lets pass", [each for each in shown(decisions) if each.refused]),
        *_policy(decisions),
        *_records(decisions),
        *_changes("Changed, and let pass", decisions, accepted),
        *_folded("Fixed or new", decisions, better),
        *_folded("Other last bits, the same values", decisions, drifted),
        *_timings("Times beyond their noise", [each for each in shown(decisions) if not each.refused]),
        *_runs(decisions),
    ]


def _title(decisions: Decisions) -> list[str]:
    comparison = decisions.comparison
    said = {0: "The gate is open", 1: "The gate is closed", 3: "The comparison is incomplete"}[decisions.status]
    counts = ", ".join(f"{grouped(n)} {kind}" for kind, n in comparison.counts.items() if n or kind == SAME)
    varying = f" {counted(comparison.varying, 'check')} varied by themselves and blame nobody." * bool(
        comparison.varying
    )
    lines = [f"# {said}", "", f"> [!{_HEADS[decisions.status]}]", f"> {text(conclusion(decisions))}"]
    lines += [f"> **Incomplete:** {code(problem)}" for problem in comparison.problems]
    if comparison.pairs or not decisions.timings:
        lines += ["", f"{counted(len(comparison.pairs), 'check')} compared: {counts}.{varying}"]
    said = counted_timings(decisions)
    lines += ["", f"{text(said[:1].upper() + said[1:])}."] if said else []
    lines.append("")
    lines += _differences(comparison.differences)
    return lines + [line for note in comparison.notes for line in (f"> [!NOTE]\n> {text(note)}", "")]


def _differences(differences: Sequence[Difference]) -> list[str]:
    """Numeric switches first: they may explain everything."""
    if not differences:
        return ["Versions and numeric switches are the same in both runs.", ""]
    rows = [
        _row(
            [text(d.adapter), f"**{text(d.name)}**" if d.kind == "switch" else text(d.name), _side(d.old), _side(d.new)]
        )
        for d in differences
    ]
    table = [_row(["environment", "what differs", "baseline", "candidate"]), _row(["---"] * 4), *rows, ""]
    switches = [d for d in differences if d.kind == "switch"]
    if len(differences) <= FEW_DIFFERENCES:
        return table
    said = f"{counted(len(differences), 'difference')} of versions and switches"
    said += f", of these {counted(len(switches), 'numeric switch', 'numeric switches')}" if switches else ""
    return [f"<details><summary>{said}</summary>", "", *table, "</details>", ""]


def _side(value: object) -> str:
    return "" if value is None else code(str(value))


def _changes(title: str, decisions: Decisions, some: Sequence[Decision]) -> list[str]:
    if not some:
        return []
    lines = [f"## {title}", "", *_table(some), ""]
    for decision in some:
        if decision.cause.transition in (BROKEN, "changed") and decision.cause.subject:
            lines += _examples(decisions, decision)
    return lines


def _table(some: Sequence[Decision]) -> list[str]:
    rows = []
    for decision in some:
        cause = decision.cause
        mark = f"{SYMBOLS.get(cause.transition, '')} **{text(cause.transition)}**".strip()
        what = text(cause.words)
        said = standing(decision)
        rows.append(
            _row([mark, what + (f"<br>{text(said)}" if said else ""), code(calls_of(cause)), text(cause.spread())])
        )
    return [_row(["", "what", "calls", "checks"]), _row(["---"] * 4), *rows]


def _examples(decisions: Decisions, decision: Decision) -> list[str]:
    cause = decision.cause
    found = cause.examples()
    head = f"{cause.transition}: {', '.join(cause.operations[:3])} {cause.subject}".strip()
    lines = [f"<details><summary>{escape(' '.join(clean(head).split()))}</summary>", ""]
    why = explained(decisions.comparison, cause)
    lines += [prose(why), ""] if why else []
    records = records_of(decisions.comparison.baseline, decisions.comparison.candidate)
    for name in cause.records:
        if name in records:
            upstream = records[name].upstream
            lines += [f"Record {code(name)}: {prose(records[name].why)} Upstream: {prose(upstream)}", ""]
    lines += [_row(["baseline", "candidate", "right", "check"]), _row(["---"] * 4)]
    lines += [_example(decisions, pair) for pair in found[:EXAMPLES]]
    lines += ["", f"and {len(found) - EXAMPLES} more examples"] * (len(found) > EXAMPLES)
    return [*lines, "", "</details>", ""]


def _example(decisions: Decisions, pair: Pair) -> str:
    old, new, right = sides(pair)
    at, where = place(pair), written_at(decisions, pair.check.case)
    check = code(pair.check.id) + (f"<br>element {code(at)}" if at else "")
    check += f"<br>{code(f'{where.file}:{where.line}')}" if where else ""
    return _row([_value(pair.old and old), _value(pair.new and new), _value(right), check])


def _value(written: str | None) -> str:
    return code(written) if written else "–"


def _timings(title: str, some: Sequence[TimingDecision]) -> list[str]:
    if not some:
        return []
    rows = []
    for decision in some:
        *figures, call, said = row(decision)
        rows.append(_row([*map(text, figures), code(call), text(said)]))
    return [f"## {title}", "", _row(HEADER), _row(["---"] * len(HEADER)), *rows, ""]


def _policy(decisions: Decisions) -> list[str]:
    lines = [f"- **unused**, nothing changed in this way, remove it: {_entry(entry)}" for entry in decisions.unused]
    lines += [f"- **expired** on {entry.expires}, accepts nothing more: {_entry(entry)}" for entry in decisions.expired]
    return [f"## Entries of {text(decisions.policy.file or 'the policy')}", "", *lines, ""] if lines else []


def _records(decisions: Decisions) -> list[str]:
    """Divergence records that the upgrade puts out of date: its good news, and work for whoever keeps them."""
    found = [finding for finding in record_findings(decisions.comparison) if finding.new]
    said = [f"- {prose(str(finding))}" for finding in found]
    return ["## Divergence records that are out of date", "", *said, ""] if said else []


def _entry(entry: Acceptance) -> str:
    return f"{code(entry.place)} {text(entry.transition)}, {prose(entry.reason)}"


def _folded(title: str, decisions: Decisions, some: Sequence[Decision]) -> list[str]:
    if not some:
        return []
    checks = sum(len(decision.cause.pairs) for decision in some)
    summary = f"{counted(len(some), 'cause')}, {counted(checks, 'check')}"
    fixed = [decision for decision in some if decision.cause.transition == FIXED]
    examples = [line for decision in fixed[:FIXED_SHOWN] for line in _examples(decisions, decision)]
    if len(fixed) > FIXED_SHOWN:
        examples += [f"and examples of {counted(len(fixed) - FIXED_SHOWN, 'more fixed cause')} are left out", ""]
    return [
        f"## {title}",
        "",
        f"<details><summary>{summary}</summary>",
        "",
        *_table(some),
        "",
        "</details>",
        "",
        *examples,
    ]


def _runs(decisions: Decisions) -> list[str]:
    comparison = decisions.comparison
    lines = ["## Runs", "", _row(["", "suite", "cases", "started", "asked", "file"]), _row(["---"] * 6)]
    for name, run in (("baseline", comparison.baseline), ("candidate", comparison.candidate)):
        header = run.header
        asked = "once" if header.repeat == 1 else f"{header.repeat} times"
        lines.append(
            _row([name, text(header.suite), code(header.cases[:12]), text(header.started), asked, code(run.path)])
        )
    mapped = [f"{code(old)} with {code(new)}" for old, new in comparison.mapping.items() if old != new]
    lines += ["", f"Compared: {', '.join(mapped)}."] if mapped else []
    return [*lines, ""]


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
