"""`conformance bench`: what calls cost, against what the machine can do, with the noise beside it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from conformance import run_json
from conformance.bench import exports, text
from conformance.bench.group import Group
from conformance.bench.processes import Settings
from conformance.bench.resuming import sizes_of, stopped_bench
from conformance.bench.session import SIZES, Bench, Listener, execute
from conformance.commands.options import pythons_of, selecting_without, selection_of, specs_of
from conformance.commands.output import console, print_rows
from conformance.commands.progress import FirstLap
from conformance.loading import load
from conformance.run_file import Environment
from conformance.timing import Ceiling, Timing

DEFAULT_RUN = Path("reports/out/bench.jsonl")


@click.command()
@selecting_without("profile", "jobs")
@click.option(
    "--size", multiple=True, type=click.IntRange(1), metavar="N",
    help=f"Entries of the first input (repeatable).  [default: {', '.join(f'{size:,}' for size in SIZES)}]",
)  # fmt: skip
@click.option("--threads", default=1, show_default=True, type=click.IntRange(1), help="Processor threads of a call.")
@click.option("--pin", is_flag=True, help="Let workers use that many cores alone.")
@click.option("--seconds", default=2.0, show_default=True, help="Time that one row may be sampled for.")
@click.option("--precision", default=1.0, show_default=True, help="Aim: 95 % interval of the median, ± percent.")
@click.option("--rounds", default=10, show_default=True, type=click.IntRange(6), help="Least rounds.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=DEFAULT_RUN, show_default=True,
    help="The run file.",
)  # fmt: skip
@click.option(
    "--resume", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Finish this run file, or add sizes."
)
@click.option(
    "--export", multiple=True, metavar="FORMAT=FILE",
    help=f"Write times in the format of another tool too: {', '.join(exports.FORMATS)} (repeatable).",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the lines of the run file as one JSON document.")
def bench(
    size: tuple[int, ...],
    threads: int,
    pin: bool,
    seconds: float,
    precision: float,
    rounds: int,
    output: Path,
    resume: Path | None,
    export: tuple[str, ...],
    as_json: bool,
    **options: Any,
) -> None:
    """Times calls, forward and forward with backward, on the catalogue's random batches with more rows.

    Every result is judged at its size before it is timed. The implementations of one operation take turns, in two laps
    and two processes: their difference says how much the same code differs from itself. Without -O the cross-entropies
    and focal losses are timed; without --dtype, in float32.

    \b
    conformance bench -O softmax_cross_entropy --size 100000
    conformance bench -a torch -a jax --device cuda --dtype float32 --dtype bfloat16 --size 10000000
    conformance bench -a torch --mode all -o old.jsonl --export pytest-benchmark=old.json
    conformance bench --resume reports/out/bench.jsonl      goes on where a bench was stopped

    Status 1 if a result was wrong and no divergence record knows it; 3 if an environment could not start.
    """
    writers = [exports.parse(value) for value in export]
    selection = selection_of({**options, "profile": "quick"})
    specs = specs_of(selection.adapters)
    catalogue = load([Path(p) for p in selection.paths] or None)
    settings = Settings(
        pythons=pythons_of(options["python"]), threads=threads, pinned=pin, seconds=seconds,
        precision=precision / 100, rounds=rounds,
    )  # fmt: skip
    held = sizes_of(resume) if resume is not None else ()
    session = Bench(selection, settings, sorted({*held, *size}) or SIZES)
    if resume is not None:
        output, session.stopped = resume, stopped_bench(resume, session.header(catalogue))
    output.parent.mkdir(parents=True, exist_ok=True)
    listener = Listener() if as_json else _Printing()
    with output.open("a" if resume else "w", encoding="utf-8") as file, session:
        timings = execute(file, catalogue, specs, session, listener)
    for name, path in writers:
        path.write_text(exports.FORMATS[name](timings), "utf-8")
    if as_json:
        kinds: dict[str, Sequence[Ceiling | Timing]] = {"ceilings": session.ceilings, "timings": timings}
        click.echo(json.dumps({kind: [run_json.content(line) for line in lines] for kind, lines in kinds.items()}))
    else:
        click.echo(f"\n{_counts(timings)}, kept in {output}")
    raise SystemExit(_status(timings, session))


class _Printing(FirstLap):
    """Prints each group when it has been timed."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self._out = console()

    def started(self, environments: Sequence[Environment], groups: Sequence[Group]) -> None:
        for environment in environments:
            if not environment.started:
                click.secho(f"NOT TIMED  {environment.adapter} on {environment.device}: {environment.reason}", fg="red")
        rows = sum(1 for group in groups for check in group.checks if check.unsupported is None)
        click.echo(f"{rows} calls in {len(groups)} groups; what the machine reaches is measured first")

    def ceilings(self, ceilings: Sequence[Ceiling]) -> None:
        print_rows(self._out, text.CEILING_HEADER, text.ceiling_rows(ceilings), indent=2)

    def timed(self, group: Group, timings: Sequence[Timing]) -> None:
        super().timed(group, timings)
        shown = next((t for t in timings if t.timed), timings[0])
        click.secho(f"\n{text.title(shown)}", bold=True)
        rows = text.rows(timings)
        if rows:
            print_rows(self._out, text.HEADER, rows, indent=2)
        for line in text.without_time(timings):
            click.echo(f"  {line}")


def _counts(timings: Sequence[Timing]) -> str:
    timed = sum(timing.timed for timing in timings)
    unsupported = sum(timing.verdict == "unsupported" for timing in timings)
    rest = len(timings) - timed - unsupported
    return f"{timed} calls timed, {unsupported} unsupported, {rest} without a time for another reason"


def _status(timings: Sequence[Timing], session: Bench) -> int:
    """0 as expected, 1 a wrong result, 2 nothing selected, 3 an environment could not start."""
    named = session.selection.adapters
    if any(named or not reason.startswith("not installed") for reason in session.absent.values()):
        return 3
    if not session.pairs:
        return 3
    if not timings:
        click.echo("nothing is selected\n  see: conformance list operations", err=True)
        return 2
    return 1 if any(timing.expectation != "expected" for timing in timings) else 0
