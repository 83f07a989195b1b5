"""`conformance history`: how checks moved over several versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from conformance.commands.options import unknown
from conformance.commands.output import console, number, print_json, print_rows
from conformance.commands.rendering import mapping_of, plugged, write_text
from conformance.errors import UsageError
from conformance.gate import SAME
from conformance.history import NOT_COMPARED, History, Movement, Step, Tally, Track, histories, movements
from conformance.run_file import Run, read
from conformance.selection import matcher

MOVEMENTS = 12
CELL = 46
# A selection of so few checks is shown whole, moved or not.
FEW = 3
# With more implementations than this, those that did not move are only counted.
FEW_IMPLEMENTATIONS = 6


@click.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(), metavar="RUN...")
@click.option("-a", "--adapter", multiple=True, help="Only this adapter (repeatable).")
@click.option("-O", "--operation", multiple=True, help="Only this operation (repeatable).")
@click.option("-k", "expression", default="", metavar="EXPR", help="Only ids that match: 'a and not b'.")
@click.option(
    "--map", "maps", multiple=True, metavar="OLD=NEW",
    help="Adapter OLD of some runs is adapter NEW of the others. Repeatable.",
)  # fmt: skip
@click.option("--as-given", is_flag=True, help="The versions in the order of the run files, not of their numbers.")
@click.option("--all", "everything", is_flag=True, help="Show every way to move, and what stood still.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON: see `conformance schema history`.")
@click.option("--format", "format_", metavar="NAME", help="Print in a format that is plugged in: markdown.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where --format writes; default: the terminal.")
def history(
    runs: tuple[str, ...],
    adapter: tuple[str, ...],
    operation: tuple[str, ...],
    expression: str,
    maps: tuple[str, ...],
    as_given: bool,
    everything: bool,
    as_json: bool,
    format_: str | None,
    output: Path | None,
) -> None:
    """Show how checks or operations moved over several versions: a line for each version.

    \b
    conformance history optax-*.jsonl -O sigmoid_focal_loss
    conformance history optax-*.jsonl -k 'sigmoid-focal/confident-and-right and gradient'
    conformance history keras-2.jsonl keras-3.*.jsonl --map tf-keras=keras-tensorflow

    Exit status: 0 shown, 2 bad usage. That something moved is no fault: `conformance gate` judges two versions.
    """
    if len(runs) < 2:
        raise UsageError(f"one run has no history: {runs[0]}\n  expected several run files of one adapter")
    narrowed = [_narrowed(read(path, allow_incomplete=True), adapter, operation, expression) for path in runs]
    found = histories(narrowed, mapping_of(maps), as_given=as_given)
    if not any(each.tracks for each in found):
        raise UsageError("nothing is selected: the runs hold no such check\n  see: conformance explain, -O and -k")
    if as_json:
        print_json(described(found))
    elif format_ is not None:
        text = plugged("conformance.histories", format_, "history format")(found)
        if output is None:
            click.echo(text, nl=False)
        else:
            write_text(output, text)
    else:
        for each in found:
            _show(each, everything)


def _narrowed(run: Run, adapters: Sequence[str], operations: Sequence[str], expression: str) -> Run:
    """The run with the selected checks alone."""
    for kind, asked, held in (
        ("adapter", adapters, {e.adapter for e in run.environments}),
        ("operation", operations, {row["operation"] for e in run.environments for row in e.implementations}),
    ):
        for name in asked:
            if held and name not in held:
                raise UsageError(f"{run.path}: {unknown(kind, name, sorted(held))}")
    selected = matcher(expression)
    checks = [
        check
        for check in run.checks
        if (not adapters or check.adapter in adapters)
        and (not operations or check.operation in operations)
        and selected(check.id)
    ]
    environments = [e for e in run.environments if not adapters or e.adapter in adapters]
    return replace(run, checks=checks, environments=environments)


def described(found: Sequence[History]) -> dict[str, Any]:
    """The shape of `--json`."""
    return {"histories": [_history(each) for each in found]}


def _history(each: History) -> dict[str, Any]:
    return {
        "adapter": each.adapter,
        "notes": list(each.notes),
        "versions": [
            {
                "label": point.label, "run": point.run.path, "adapter": point.adapter,
                "versions": dict(point.environment.versions),
            }
            for point in each.points
        ],
        "implementations": [
            {
                "operation": operation,
                "implementation": implementation,
                "tallies": [
                    {
                        "checks": tally.checks, "deviating": tally.deviating, "verdicts": dict(tally.verdicts),
                        "largest_k": _plain(tally.largest_k), "transitions": dict(tally.transitions),
                    }
                    for tally in each.tallies(tracks)
                ],
                "checks": [
                    {"case": track.check.case, "steps": _steps(track)} for track in tracks
                ],
            }
            for (operation, implementation), tracks in each.implementations().items()
        ],
    }  # fmt: skip


def _steps(track: Track) -> list[dict[str, Any] | None]:
    return [_step(step, *outcome) for step, outcome in zip(track.steps, track.outcomes, strict=True)]


def _step(step: Step, value: str, right: str) -> dict[str, Any] | None:
    if step.check is None:
        return {"transition": step.transition} if step.transition else None
    measured = step.measured
    return {
        "id": step.check.id,
        "transition": step.transition or None,
        "verdict": step.check.verdict,
        "value": value,
        "right": right,
        "k": _plain(measured.k) if measured else None,
        "ulp": _plain(measured.ulp) if measured else None,
    }


def _plain(value: float | None) -> float | str | None:
    return value if value is None or abs(value) < float("inf") else str(value)


def _show(each: History, everything: bool) -> None:
    out = console()
    out.print(f"{each.adapter}: {', '.join(point.label for point in each.points)}", style="bold")
    for note in each.notes:
        out.print(f"  note: {note}", style="dim")
    all_of_them, moved = each.implementations(), each.moved()
    shown = all_of_them if everything or len(all_of_them) <= FEW_IMPLEMENTATIONS else moved
    for (operation, implementation), tracks in shown.items():
        out.print()
        out.print(f"{operation}: {implementation}", style="bold")
        rows = [_tally_row(point.label, tally) for point, tally in zip(each.points, each.tallies(tracks), strict=True)]
        header = ("version", "conform", "documented", "deviate", "unsupported", "largest K", "since the one before")
        print_rows(out, header, rows, indent=2)
        found = movements(tracks, everything=everything or len(tracks) <= FEW)
        for movement in found if everything else found[:MOVEMENTS]:
            _show_movement(out, each, movement)
        if len(found) > MOVEMENTS and not everything:
            out.print(f"  and {len(found) - MOVEMENTS} more ways to move (--all shows them)")
    if len(shown) < len(all_of_them):
        still = len(all_of_them) - len(shown)
        out.print()
        out.print(f"{still} more implementations did not move, not by a bit (--all shows them)")


def _tally_row(label: str, tally: Tally) -> tuple[str, ...]:
    verdicts = tally.verdicts
    return (
        label, str(verdicts.get("conforms", 0)), str(verdicts.get("documented", 0)), str(tally.deviating),
        str(verdicts.get("unsupported", 0)), "" if tally.largest_k is None else number(tally.largest_k),
        said(tally.transitions),
    )  # fmt: skip


def said(transitions: Mapping[str, int]) -> str:
    """Counts of transitions in words."""
    return ", ".join(f"{count} {name}" for name, count in transitions.items())


def _show_movement(out: Any, each: History, movement: Movement) -> None:
    check = movement.first.check
    others = f", and {len(movement.tracks) - 1} more alike" if len(movement.tracks) > 1 else ""
    out.print(f"  {check.id}{others}  [{movement.spread}]")
    if check.says:
        out.print(f"    {' '.join(check.says.split())}", style="dim")
    track = movement.first
    rows = [
        _step_row(point.label, step, *outcome)
        for point, step, outcome in zip(each.points, track.steps, track.outcomes, strict=True)
    ]
    print_rows(out, ("version", "verdict", "value", "right", "K", "ULP", ""), rows)


def _step_row(label: str, step: Step, value: str, right: str) -> tuple[str, ...]:
    transition = "" if step.transition in ("", SAME, NOT_COMPARED) else step.transition
    if step.check is None:
        return label, "not asked", "", "", "", "", transition
    measured = step.measured
    distance = (number(measured.k), number(measured.ulp)) if measured else ("", "")
    return label, step.check.verdict, _cell(value), _cell(right), *distance, transition


def _cell(text: str) -> str:
    return text if len(text) <= CELL else text[: CELL - 1] + "…"
