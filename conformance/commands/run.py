"""`conformance run`: asks the workers, shows progress, prints what needs a person first, then the counts."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from conformance import run_file
from conformance.commands.options import SELECTING, given, pythons_of, selecting, selection_of, specs_of
from conformance.commands.progress import listener_for
from conformance.errors import UsageError
from conformance.judge.divergence import Records, matches
from conformance.judge.record_files import load_records
from conformance.loading import load
from conformance.resuming import resumable
from conformance.run import DEFAULT_DEADLINE, Settings, Summary, execute, header
from conformance.run_file import Check, Header
from conformance.selection import Selection

DEFAULT_RUN = Path("reports/out/run.jsonl")
SHOWN = 20


REPEAT_OPTION = click.option(
    "--repeat", type=click.IntRange(1), default=1, show_default=True, metavar="N",
    help="Ask every check N times, each time amid other calls, and mark those whose output bits vary by themselves. "
    "The gate does not blame an upgrade for these.",
)  # fmt: skip


@click.command()
@selecting
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=DEFAULT_RUN, show_default=True,
    help="The run file.",
)  # fmt: skip
@click.option(
    "--resume",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Finish this run file. Without options that select, what it was begun with.",
)
@click.option(
    "--records", "own", multiple=True, type=click.Path(exists=True, path_type=Path), metavar="PATH",
    help="Divergence records of your own, beside those that are shipped: a file or a folder (repeatable).",
)  # fmt: skip
@click.option("--deadline", default=DEFAULT_DEADLINE, show_default=True, help="Seconds that one check may take.")
@REPEAT_OPTION
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def run(
    output: Path,
    resume: Path | None,
    own: tuple[Path, ...],
    deadline: float,
    repeat: int,
    as_json: bool,
    **options: Any,
) -> None:
    """Runs checks on every adapter whose framework is installed, and writes a run file.

    PATH selects case files or folders; without one, every case that the suite ships is run.

    \b
    conformance run                                     all adapters, eager mode
    conformance run -a torch -a jax -O softmax --dtype float32
    conformance run -a torch --mode inductor -k 'focal and not float16'
    conformance run -a tf-keras --python old-env/bin/python -o old.jsonl
    conformance run --resume reports/out/run.jsonl      goes on where a run was stopped, asking what it asked
    """
    selection = selection_of(options)
    if resume is not None and not given(*SELECTING, "repeat"):
        begun = run_file.read(resume, allow_incomplete=True).header
        selection, repeat = Selection.read(begun.selection), begun.repeat
    specs = specs_of(selection.adapters)
    records = records_with(own)
    catalogue = load([Path(p) for p in selection.paths] or None)
    done: frozenset[str] = frozenset()
    if resume is not None:
        output = resume
        done = _done(resume, header(catalogue, selection, repeat))
    pythons = pythons_of(options["python"])
    settings = Settings(pythons=pythons, jobs=options["jobs"], deadline=deadline, done=done, repeat=repeat)
    from conformance.refine import refine

    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open("a" if done else "w", encoding="utf-8") as file, listener_for(sys.stderr) as listener:
        summary = execute(file, catalogue, specs, selection, settings, records, refine=refine, listener=listener)
    if as_json:
        click.echo(json.dumps(_as_json(summary, output)))
    else:
        _print(summary, output, repeat)
    raise SystemExit(_status(summary, selection))


def records_with(own: tuple[Path, ...]) -> Callable[[str], Records]:
    """What gives the records of an adapter: those that are shipped, and the user's own.

    Raises FaultyFiles, also for a reason that is still TODO, and UsageError for an id that a shipped record has.
    """
    if not own:
        return Records.shipped
    mine = load_records(own, finished=True)
    shipped = {record.id: record for record in load_records()}
    for record in mine:
        if record.id in shipped:
            raise UsageError(f"{record.file}:{record.line}: the id '{record.id}' is that of a record that is shipped")

    def records(adapter: str) -> Records:
        return Records([*Records.shipped(adapter), *(r for r in mine if matches(r.adapters, adapter))])

    return records


def _done(path: Path, ours: Header) -> frozenset[str]:
    """The ids that a stopped run has finished. Raises UsageError for a run that is complete, or another one."""
    stopped = resumable(path, ours)
    if stopped.end is not None:
        raise UsageError(f"{path}: is complete; there is nothing to resume")
    return frozenset(check.id for check in stopped.checks)


def _print(summary: Summary, output: Path, repeat: int) -> None:
    for environment in summary.not_started:
        click.secho(
            f"NOT RUN  {environment.adapter} on {environment.device}: {environment.reason}", fg="red", bold=True
        )
    by_cause: dict[tuple[str, ...], list[Check]] = {}
    for check in summary.attention:
        cause = (check.expectation, check.verdict, check.call, check.operation, check.record or "")
        by_cause.setdefault(cause, []).append(check)
    if by_cause or summary.unused:
        click.secho("\nNeeds a person", bold=True)
    for (expectation, verdict, call, operation, record), checks in sorted(by_cause.items())[:SHOWN]:
        dtypes = ", ".join(sorted({c.dtype for c in checks}))
        named = f" (record {record})" if record else ""
        click.echo(f"  {expectation}: {call} {verdict} as {operation}: {len(checks)} checks, {dtypes}{named}")
        first = checks[0]
        click.echo(f"      {first.id}")
        click.echo(f"      {_in_short(first)}")
    if len(by_cause) > SHOWN:
        click.echo(f"  … and {len(by_cause) - SHOWN} more causes: conformance report {output}")
    for unused in summary.unused:
        click.echo(f"  unused: record {unused.id} explains nothing in this run")
    click.secho("\nCounts", bold=True)
    if summary.broken:
        click.echo("  relations that broke: " + _counts(summary.broken))
    if summary.mode_differences:
        click.echo("  other results than in eager mode: " + _counts(summary.mode_differences))
    if summary.varying:
        click.echo(f"  varied by themselves, asked {repeat} times: " + _counts(summary.varying))
    elif repeat > 1:
        click.echo(f"  nothing varied: every check gave the same bits {repeat} times")
    for environment in summary.environments:
        if environment.started:
            click.echo(f"  {environment.adapter:20s} {environment.framework} {environment.version}")
    click.echo("  " + _counts(summary.verdicts))
    click.echo("  " + _counts(summary.expectations))
    click.echo(f"  {summary.checks} checks in {summary.seconds:.1f} s, kept in {output}")


def _in_short(check: Check) -> str:
    """The worst element where one was measured, else the whole outcome."""
    said = f"  {check.message.splitlines()[0]}" if check.message else ""
    if check.worst is not None and check.agreement is not None:
        at = f"{check.worst.output}{list(check.worst.index) or ''}"
        return f"{at} is {check.worst.got} where {check.worst.exact} is right, K = {check.agreement.k:g}{said}"
    return f"{check.outcome} where {check.right} is right{said}"


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counter.most_common()) or "nothing"


def _status(summary: Summary, selection: Selection) -> int:
    """0 as expected, 1 something is not, 2 nothing selected, 3 an environment could not start."""
    failed = [e for e in summary.not_started if selection.adapters or not e.reason.startswith("not installed")]
    if failed or len(summary.not_started) == len(summary.environments):
        return 3
    if not summary.checks:
        click.echo("nothing is selected\n  see: conformance list cases", err=True)
        return 2
    return 1 if summary.attention or summary.unused else 0


def _as_json(summary: Summary, output: Path) -> dict[str, Any]:
    return {
        "run": str(output),
        "checks": summary.checks,
        "seconds": round(summary.seconds, 3),
        "varying": dict(summary.varying),
        "verdicts": dict(summary.verdicts),
        "expectations": dict(summary.expectations),
        "attention": [check.id for check in summary.attention],
        "unused": [record.id for record in summary.unused],
        "not_started": [asdict(e) for e in summary.not_started],
    }
