"""`conformance gate`: what changed between two runs."""

from __future__ import annotations

from typing import Any

import click

from conformance.causes import Cause, causes, sides, value
from conformance.commands.output import console, print_json, print_rows
from conformance.errors import UsageError
from conformance.gate import DRIFTED, REFUSED, SAME, TRANSITIONS, Comparison, Pair, compare
from conformance.run_file import read

EXAMPLES = 3
CELL = 46
STYLES = {
    "broken": "bold red",
    "changed": "bold yellow",
    "newly unsupported": "bold yellow",
    "removed": "bold yellow",
    "fixed": "green",
    "newly supported": "green",
}


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
    help=f"Transitions that do not fail the gate, of: {', '.join(REFUSED)}.",
)
@click.option("--all", "everything", is_flag=True, help="Show every example of each cause, not the first few.")
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
def gate(baseline: str, candidate: str, maps: tuple[str, ...], allow: str, everything: bool, as_json: bool) -> None:
    """Compare two run files check by check and say what changed, regressions first.

    \b
    Exit status
      0  nothing broken, changed, newly unsupported or removed
      1  something is (and not allowed)
      2  bad usage
      3  incomplete: an environment did not start, or a run has no end

    \b
    --json prints one object
      baseline, candidate   {path, suite, cases, started, complete}
      mapping               {baseline adapter: candidate adapter}
      differences           [{adapter, kind: switch|version, name, old, new}]
      notes, problems       [text]
      counts                {transition: number of checks}
      causes                [{transition, operation, old_call, new_call, subject, words, allowed,
                              dtypes, modes, orders,
                              checks: [{id, old_id, old, new, right, old_verdict, new_verdict}]}]
      status                the exit status
    """
    allowed = _kinds(allow)
    runs = read(baseline, allow_incomplete=True), read(candidate, allow_incomplete=True)
    comparison = compare(*runs, _mapping(maps))
    found = causes(comparison)
    status = comparison.status(allowed)
    if as_json:
        print_json(described(comparison, found, allowed))
    else:
        _show(comparison, found, allowed, everything)
    raise SystemExit(status)


def _kinds(allow: str) -> tuple[str, ...]:
    kinds = tuple(kind.strip().replace("-", " ") for kind in allow.split(",") if kind.strip())
    for kind in kinds:
        if kind not in TRANSITIONS:
            raise UsageError(f"--allow: unknown transition '{kind}'\n  expected some of: {', '.join(REFUSED)}")
    return kinds


def _mapping(maps: tuple[str, ...]) -> dict[str, str]:
    mapping: dict[str, str] = {}
    for written in maps:
        old, equals, new = written.partition("=")
        if not (old and equals and new):
            raise UsageError(f"--map {written}: expected OLD=NEW, say tf-keras=keras-tensorflow")
        if old in mapping:
            raise UsageError(f"--map {written}: {old} is already mapped to {mapping[old]}")
        mapping[old] = new
    return mapping


def described(comparison: Comparison, found: list[Cause], allowed: tuple[str, ...] = ()) -> dict[str, Any]:
    """The shape of `--json`."""
    return {
        "baseline": _run(comparison.baseline),
        "candidate": _run(comparison.candidate),
        "mapping": dict(comparison.mapping),
        "differences": [
            {"adapter": d.adapter, "kind": d.kind, "name": d.name, "old": d.old, "new": d.new}
            for d in comparison.differences
        ],
        "notes": list(comparison.notes),
        "problems": list(comparison.problems),
        "counts": comparison.counts,
        "causes": [_cause(cause, allowed) for cause in found],
        "status": comparison.status(allowed),
    }


def _run(run: Any) -> dict[str, Any]:
    return {
        "path": run.path, "suite": run.header.suite, "cases": run.header.cases, "started": run.header.started,
        "complete": run.complete,
    }  # fmt: skip


def _cause(cause: Cause, allowed: tuple[str, ...]) -> dict[str, Any]:
    return {
        "transition": cause.transition,
        "operation": cause.operation,
        "old_call": cause.old_call,
        "new_call": cause.new_call,
        "subject": cause.subject,
        "words": cause.words,
        "allowed": cause.transition not in REFUSED or cause.transition in allowed,
        **{
            f"{axis}s": list(dict.fromkeys(getattr(pair.check, axis) for pair in cause.pairs))
            for axis in ("dtype", "mode", "order")
        },
        "checks": [_pair(pair) for pair in cause.pairs],
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "id": pair.check.id,
        "old_id": pair.old.id if pair.old else None,
        "old": value(pair.old),
        "new": value(pair.new),
        "right": pair.check.right,
        "old_verdict": pair.old.verdict if pair.old else None,
        "new_verdict": pair.new.verdict if pair.new else None,
    }


def _show(comparison: Comparison, found: list[Cause], allowed: tuple[str, ...], everything: bool) -> None:
    out = console()
    for problem in comparison.problems:
        out.print(f"INCOMPLETE: {problem}", style="bold red")
    for difference in comparison.differences:
        out.print(str(difference), style="yellow" if difference.kind == "switch" else None)
    for note in comparison.notes:
        out.print(f"note: {note}", style="dim")
    shown = None
    for cause in found:
        if cause.transition != shown:
            shown = cause.transition
            passes = " (allowed)" if shown in allowed else ""
            out.print()
            out.print(f"{shown}: {comparison.counts[shown]} checks{passes}", style=STYLES.get(shown))
        out.print(f"  {cause.words}  [{cause.spread()}]")
        if cause.first.old and cause.first.new and shown != DRIFTED:
            _show_examples(out, cause, everything)
    out.print()
    counts = ", ".join(f"{n} {kind}" for kind, n in comparison.counts.items() if n or kind == SAME)
    out.print(f"{len(comparison.pairs)} checks compared: {counts}")
    out.print(_conclusion(comparison, allowed))


def _show_examples(out: Any, cause: Cause, everything: bool) -> None:
    examples = cause.examples()
    some = examples if everything else examples[:EXAMPLES]
    print_rows(
        out,
        ("old", "new", "right", "check"),
        [(*(_cell(text) for text in sides(pair)), pair.check.id) for pair in some],
    )
    if len(some) < len(examples):
        out.print(f"    and {len(examples) - len(some)} more (--all shows them)")


def _cell(text: str) -> str:
    return text if len(text) <= CELL else text[: CELL - 1] + "…"


def _conclusion(comparison: Comparison, allowed: tuple[str, ...]) -> str:
    status = comparison.status(allowed)
    if status == 3:
        return "The comparison is incomplete: see the first lines."
    if status == 1:
        kinds = [k for k in REFUSED if comparison.counts[k] and k not in allowed]
        return f"The gate is closed: {', '.join(kinds)}."
    return "The gate is open."
