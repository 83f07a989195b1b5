"""`conformance gate`: what changed between two runs."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import click

from conformance.bench.compare import REFUSED as REFUSED_TIMINGS
from conformance.cause_words import place, sides
from conformance.causes import Cause, causes, explained
from conformance.commands.output import console, print_rows
from conformance.commands.rendering import Render, mapping_of, plugged, write_text
from conformance.errors import UsageError
from conformance.gate import FIXED, REFUSED, SAME, TRANSITIONS, compare
from conformance.gate_records import record_findings, records_of, refuse_unfinished
from conformance.gate_summary import calls_of, conclusion, counted
from conformance.gate_timings import HEADER, counted_timings, row, shown
from conformance.policy import Decision, Decisions, Policy, decide
from conformance.policy_file import find_policy, read_policy
from conformance.run_file import read

EXAMPLES = 3
TIMINGS = 20
CELL = 46
KNOWN = 2
WHY = 160
STYLES = {
    "broken": "bold red",
    "changed": "bold yellow",
    "newly unsupported": "bold yellow",
    "removed": "bold yellow",
    "fixed": "green",
    "newly supported": "green",
}


# What --allow is for: what closes a gate otherwise.
ALLOWED = (*REFUSED, *REFUSED_TIMINGS)

POLICY_OPTION = click.option(
    "--policy",
    "policy_path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="What closes the gate; by default the nearest conformance.toml, or pyproject.toml with [tool.conformance], "
    "in the working directory or above.",
)


@click.command()
@click.argument("baseline", type=click.Path())
@click.argument("candidate", type=click.Path())
@click.option(
    "--map",
    "maps",
    multiple=True,
    metavar="OLD=NEW",
    help="Compare adapter OLD of the baseline with adapter NEW of the candidate; implementations "
    "pair by name, and only mapped adapters are compared. Repeatable.",
)
@click.option(
    "--allow",
    metavar="KIND[,KIND]",
    default="",
    help=f"Transitions that close no gate, whatever the policy says, of: {', '.join(ALLOWED)}.",
)
@POLICY_OPTION
@click.option("--all", "everything", is_flag=True, help="Show every example of each cause, not the first few.")
@click.option("--format", "format_", metavar="NAME", help="Print in a format that is plugged in, in place of words.")
@click.option(
    "-o", "--output", "outputs", multiple=True, metavar="FORMAT=FILE",
    help="Also write a format that is plugged in to a file. Repeatable.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
def gate(
    baseline: str,
    candidate: str,
    maps: tuple[str, ...],
    allow: str,
    policy_path: Path | None,
    everything: bool,
    format_: str | None,
    outputs: tuple[str, ...],
    as_json: bool,
) -> None:
    """Compare two run files check by check and say what changed, regressions first.

    \b
    Exit status
      0  nothing that the policy refuses: by default nothing broken, changed, newly unsupported or removed, and no call
         that both runs timed more than 25 % slower, beyond its noise
      1  something is refused, or a change that the policy accepts did not happen
      2  bad usage, or a faulty policy
      3  incomplete: an environment did not start, or a run has no end

    Other formats than words: markdown for a job summary, junit, github (annotations of a workflow), gitlab (a code
    quality report), json. One goes to the standard output with --format, any number to files with -o.

    \b
    conformance gate old.jsonl new.jsonl -o markdown=summary.md -o junit=gate.xml
    conformance gate old.jsonl new.jsonl --format github

    --json is short for --format json; its shape: conformance schema gate.
    """
    kinds = kinds_of(allow)
    files = [_output(written) for written in outputs]
    name = "json" if as_json else format_
    shown = None if name is None else _renderer(name)
    policy = policy_of(policy_path).allowing(kinds)
    runs = read(baseline, allow_incomplete=True), read(candidate, allow_incomplete=True)
    refuse_unfinished(*runs)
    comparison = compare(*runs, mapping_of(maps))
    decisions = decide(comparison, causes(comparison), policy, datetime.date.today())
    for render, path in files:
        write_text(path, render(decisions))
    if shown is not None:
        click.echo(shown(decisions), nl=False)
    else:
        show(decisions, everything)
    raise SystemExit(decisions.status)


def policy_of(path: Path | None) -> Policy:
    """The policy that the user names, or the nearest; the default where there is none. Raises FaultyFiles."""
    found = path or find_policy(Path.cwd())
    return read_policy(found) if found else Policy()


def _renderer(name: str) -> Render:
    return plugged("conformance.comparisons", name, "format of a gate")


def _output(written: str) -> tuple[Render, Path]:
    name, equals, path = written.partition("=")
    if not (name and equals and path):
        raise UsageError(f"-o {written}: expected FORMAT=FILE, say markdown=summary.md")
    return _renderer(name), Path(path)


def kinds_of(allow: str) -> tuple[str, ...]:
    """The transitions that --allow names. Raises UsageError for an unknown one."""
    kinds = tuple(kind.strip().replace("-", " ") for kind in allow.split(",") if kind.strip())
    for kind in kinds:
        if kind not in (*TRANSITIONS, *REFUSED_TIMINGS):
            raise UsageError(f"--allow: unknown transition '{kind}'\n  expected some of: {', '.join(ALLOWED)}")
    return kinds


def show(decisions: Decisions, everything: bool) -> None:
    """Prints all that was decided, in words, regressions first."""
    comparison = decisions.comparison
    out = console()
    for problem in comparison.problems:
        out.print(f"INCOMPLETE: {problem}", style="bold red")
    for difference in comparison.differences:
        out.print(str(difference), style="yellow" if difference.kind == "switch" else None)
    for note in comparison.notes:
        out.print(f"note: {note}", style="dim")
    if decisions.policy.file:
        out.print(f"policy: {decisions.policy.file}", style="dim")
    shown = None
    for decision in decisions.each:
        cause = decision.cause
        if cause.transition != shown:
            shown = cause.transition
            out.print()
            out.print(f"{shown}: {counted(comparison.counts[shown])}", style=STYLES.get(shown))
        _show_cause(out, decisions, decision, everything)
    findings = [finding for finding in record_findings(comparison) if finding.new]
    if findings:
        out.print()
        out.print("records that the candidate shows to be out of date", style="green")
    for finding in findings:
        out.print(f"  {finding}")
    _show_timings(out, decisions, everything)
    _show_policy(out, decisions)
    out.print()
    counts = ", ".join(f"{n:,} {kind}" for kind, n in comparison.counts.items() if n or kind == SAME)
    varying = f" ({comparison.varying} varying, not blamed)" if comparison.varying else ""
    if comparison.pairs or not decisions.timings:
        out.print(f"{counted(len(comparison.pairs))} compared: {counts}{varying}")
    if said := counted_timings(decisions):
        out.print(said)
    out.print(conclusion(decisions))


def _show_cause(out: Any, decisions: Decisions, decision: Decision, everything: bool) -> None:
    cause = decision.cause
    out.print(f"  {cause.words}")
    out.print(f"    {calls_of(cause)}: {cause.spread()}")
    why = explained(decisions.comparison, cause) if cause.subject else ""
    if why:
        out.print(f"    {why}", style="dim")
    known = records_of(decisions.comparison.baseline, decisions.comparison.candidate)
    said = "was on record" if cause.transition == FIXED else "on record"
    for record in [known[name] for name in cause.records if name in known][:KNOWN]:
        out.print(f"    {said}: {_cell(record.why, WHY)} (record {record.id}, upstream: {record.upstream})")
    for entry, count in decision.accepted:
        out.print(f"    accepted until {entry.expires}: {counted(count)}, {entry.reason} ({entry.place})")
    if cause.transition in REFUSED and not decision.refused and not decision.accepted:
        out.print("    allowed")
    if cause.first.old and cause.first.new and cause.subject:
        _show_examples(out, cause, everything)


def _show_timings(out: Any, decisions: Decisions, everything: bool) -> None:
    found = shown(decisions)
    if not found:
        return
    most = len(found) if everything else TIMINGS
    out.print()
    out.print("times", style="bold")
    print_rows(out, HEADER, [row(decision) for decision in found[:most]])
    if len(found) > most:
        out.print(f"    and {len(found) - most} more (--all shows them)")


def _show_policy(out: Any, decisions: Decisions) -> None:
    if decisions.unused or decisions.expired:
        out.print()
    for entry in decisions.expired:
        out.print(f"expired on {entry.expires}, accepts nothing more: {entry}", style="bold yellow")
    for entry in decisions.unused:
        out.print(f"unused, nothing changed in this way: {entry}\n  remove the entry", style="bold yellow")


def _show_examples(out: Any, cause: Cause, everything: bool) -> None:
    examples = cause.examples()
    some = examples if everything else examples[:EXAMPLES]
    rows = [(*(_cell(text) for text in sides(pair)), place(pair), pair.check.id) for pair in some]
    with_place = any(row[3] for row in rows)
    print_rows(
        out,
        ("old", "new", "right", *(("element",) if with_place else ()), "check"),
        rows if with_place else [(*row[:3], row[4]) for row in rows],
    )
    if len(some) < len(examples):
        out.print(f"    and {len(examples) - len(some)} more (--all shows them)")


def _cell(text: str, most: int = CELL) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
