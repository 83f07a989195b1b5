"""The Markdown report: a summary for a job's page. What needs a person first, then counts, causes, environments.

GitHub refuses summaries above 1 MiB, so the text has a bound, and says what it left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from conformance.reports import tables
from conformance.reports.groups import Group, groups_of
from conformance.reports.observed import Observations, Observed, observe
from conformance.reports.records import Footnote, footnotes
from conformance.reports.words import clean, counted, grouped, linked, listed, symbol

from conformance.run_file import Run

LIMIT = 900_000
_ROOM_FOR_THE_LAST_LINE = 300
# What Markdown or HTML would take as markup.
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~$@])")


def render(runs: Sequence[Run]) -> str:
    """The summary of one run or several, shorter than LIMIT bytes."""
    seen = observe(runs)
    groups = groups_of(seen.checks)
    notes = footnotes(runs)
    lines = [
        *_title(seen),
        *_needs(seen, groups, notes),
        *_counts(seen),
        *_varying(seen),
        *_causes([group for group in groups if not group.needs_person], notes),
        *_published(seen),
        *_environments(seen),
    ]
    return bounded(lines, LIMIT)


def bounded(lines: Sequence[str], limit: int) -> str:
    """The lines as one text of less than `limit` bytes. What does not fit is cut, and a last line says so."""
    text = "\n".join(lines) + "\n"
    if len(text.encode()) < limit:
        return text
    kept: list[str] = []
    room = limit - _ROOM_FOR_THE_LAST_LINE
    for line in lines:
        room -= len(line.encode()) + 1
        if room < 0:
            break
        kept.append(line)
    left = lines[len(kept) :]
    cut = [line.removeprefix("## ") for line in left if line.startswith("## ")]
    said = f"**Cut here:** {counted(len(left), 'line')} did not fit into {limit // 1000} kB"
    said += f", with all of: {', '.join(cut)}" if cut else ""
    if kept.count("</details>") < sum(line.startswith("<details>") for line in kept):
        kept += ["", "</details>"]
    return "\n".join([*kept, "", said + ". The HTML report holds everything.", ""])


def text(raw: str) -> str:
    """Plain text on one line, with nothing that Markdown or HTML reads as markup."""
    return _SPECIAL.sub(r"\\\1", " ".join(clean(raw).split())).replace("\\<", "&lt;").replace("\\>", "&gt;")


def code(raw: str) -> str:
    """Literal text on one line, fit for a cell of a table."""
    flat = " ".join(clean(raw).split()).replace("|", "\\|")
    if not flat:
        return ""
    fence = "`" * (max((len(run) for run in re.findall("`+", flat)), default=0) + 1)
    pad = " " if "`" in flat else ""
    return f"{fence}{pad}{flat}{pad}{fence}"


def prose(raw: str) -> str:
    """Text with its references to GitHub as links."""
    return "".join(f"[{text(p.text)}]({p.href})" if p.href else _kept_spaces(p.text) for p in linked(clean(raw)))


def _kept_spaces(raw: str) -> str:
    return f"{' ' if raw[:1].isspace() else ''}{text(raw)}{' ' if raw[-1:].isspace() else ''}"


def _title(seen: Observations) -> list[str]:
    lines = ["# Conformance", ""]
    what = counted(len(seen.checks), "check"), counted(len(seen.columns), "environment")
    lines += [f"{what[0]} in {what[1]}, each judged against a float64 oracle.", ""]
    for failure in seen.failures:
        of_run = f" in run {failure.run}" if len(seen.runs) > 1 else ""
        lines += [
            f"> [!CAUTION]\n> **{text(failure.environment.adapter)} did not start{of_run}.** "
            f"Nothing here says anything about it. {code(failure.environment.reason) or 'No reason was given.'}",
            "",
        ]
    for number, run in seen.incomplete:
        name = f"Run {number}" if len(seen.runs) > 1 else "This run"
        lines += [f"> [!CAUTION]\n> **{name} is incomplete**: it ended after {counted(len(run.checks), 'check')}.", ""]
    return lines


def _needs(seen: Observations, groups: Sequence[Group], notes: dict[str, Footnote]) -> list[str]:
    urgent = [group for group in groups if group.needs_person]
    unused = [note for note in notes.values() if note.unused]
    lines = ["## What needs a person", ""]
    if not urgent and not unused:
        what = " in what ran" if seen.failures or seen.incomplete else ""
        return [*lines, f"Nothing{what}: every check is as expected, every record is in use.", ""]
    if urgent:
        lines += [
            "| | operation | call | where | what | checks |",
            "| --- | --- | --- | --- | --- | --- |",
            *(_cause(group, group.expectation) for group in urgent),
            "",
        ]
    for note in unused:
        record = note.record
        lines.append(f"- **unused** record {code(record.id)}: {prose(record.why)} It matched nothing.")
    return [*lines, ""] if unused else lines


def _cause(group: Group, standing: str) -> str:
    what = code(group.headline) + (f" record {code(group.record)}" if group.record else "")
    where = ", ".join(column.name for column in group.columns)
    spread = f"{grouped(len(group.seen))}: {', '.join(group.values('dtype'))}; {', '.join(group.values('mode'))}"
    cases = listed(group.values("variant"), 2)
    verdict = f"{symbol(group.verdict)} {text(group.verdict)}"
    marks = f"{verdict}, **{text(standing)}**" if standing != "expected" else verdict
    return (
        f"| {marks} | {text(group.operation)} | {code(group.implementation)} | {text(where)} | {what} "
        f"| {text(spread)}; {code(cases)} |"
    )


def _counts(seen: Observations) -> list[str]:
    counts = tables.counts(seen)
    head = ["verdict", "all", *(text(column.name) for column in seen.columns)]
    lines = ["## Counts", "", _row(head), _row(["---", *["---:"] * (len(head) - 1)])]
    for name in counts.verdicts:
        cells = [grouped(counts.by_column[column.key][name]) for column in seen.columns]
        lines.append(_row([f"{symbol(name)} {text(name)}", grouped(counts.all[name]), *cells]))
    for name in counts.expectations:
        cells = [grouped(counts.expectations_by_column[column.key][name]) for column in seen.columns]
        lines.append(_row([f"*{text(name)}*", grouped(counts.all_expectations[name]), *cells]))
    return [*lines, ""]


def _varying(seen: Observations) -> list[str]:
    """Checks whose bits varied though nothing else did; nothing where no check was asked twice."""
    times = max(run.header.repeat for run in seen.runs)
    varying: dict[tuple[str, str, str], list[Observed]] = {}
    for each in seen.checks:
        if each.check.varying:
            key = each.check.operation, each.check.implementation, each.column.name
            varying.setdefault(key, []).append(each)
    if times == 1 and not varying:
        return []
    lines = ["## Results that vary by themselves", ""]
    if not varying:
        return [*lines, f"None: every check gave the same bits, asked {times} times.", ""]
    lines += [
        f"Asked {times} times in one process with the same inputs, these gave other bits. The first result is judged; "
        "a gate does not blame an upgrade for them.",
        "",
        _row(["operation", "call", "where", "different results", "checks"]),
        _row(["---", "---", "---", "---:", "---"]),
    ]
    for (operation, implementation, where), checks in varying.items():
        most = max(each.check.distinct for each in checks)
        cases = listed(list(dict.fromkeys(each.check.variant for each in checks)), 2)
        spread = f"{grouped(len(checks))}; {code(cases)}"
        lines.append(_row([text(operation), code(implementation), text(where), f"up to {most}", spread]))
    return [*lines, ""]


def _causes(groups: Sequence[Group], notes: dict[str, Footnote]) -> list[str]:
    if not groups:
        return []
    lines = [
        "## Deviations that are explained",
        "",
        "<details><summary>" + counted(len(groups), "cause") + "</summary>",
        "",
        "| | operation | call | where | what | checks |",
        "| --- | --- | --- | --- | --- | --- |",
        *(_cause(group, "expected") for group in groups),
        "",
        "</details>",
        "",
    ]
    used = sorted({group.record for group in groups if group.record in notes})
    if used:
        lines += ["## Divergence records", ""]
        for name in used:
            record = notes[name].record
            lines.append(f"- {code(name)}: {prose(record.why)} Upstream: {prose(record.upstream) or 'not stated'}")
        lines.append("")
    return lines


def _published(seen: Observations) -> list[str]:
    rows = tables.published(seen.checks)
    if not rows:
        return []
    head = ["case", "printed", *(text(column.name) for column in seen.columns)]
    lines = ["## Published numbers", "", _row(head), _row(["---"] * len(head))]
    for row in rows:
        cells = [
            "<br>".join(f"{'=' if given.agrees else '≠'} {code(given.got)}" for given in row.given.get(column.key, ()))
            for column in seen.columns
        ]
        lines.append(_row([code(row.variant), code(row.digits), *cells]))
    return [*lines, ""]


def _environments(seen: Observations) -> list[str]:
    lines = ["## Environments", ""]
    for number, run in enumerate(seen.runs, 1):
        header = run.header
        state = "complete" if run.complete else "incomplete"
        suite = f"suite {text(header.suite)}, cases {code(header.cases)}"
        lines += [
            f"Run {number}, {state}: {suite}, started {text(header.started)}.",
            "",
            "| environment | device | versions | numeric switches |",
            "| --- | --- | --- | --- |",
        ]
        for e in run.environments:
            if e.started:
                versions, switches = _pairs(e.versions.items()), _pairs(e.switches.items())
                lines.append(_row([f"{text(e.adapter)} {text(e.version)}", text(e.device), versions, switches]))
            else:
                lines.append(_row([f"{text(e.adapter)} **did not start**", text(e.device), code(e.reason), ""]))
        lines.append("")
    return lines


def _pairs(items: Iterable[tuple[str, object]]) -> str:
    return ", ".join(f"{text(name)} {text(str(value))}" for name, value in items)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
