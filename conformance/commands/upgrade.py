"""`conformance upgrade`: what an upgrade changes, from two lists of requirements to a page."""

from __future__ import annotations

import datetime
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from conformance.asking_sides import Spent, ask
from conformance.bench.compare import scipy_stats
from conformance.bench.sides import bench_sides, with_times
from conformance.causes import causes
from conformance.commands.gate import ALLOWED, POLICY_OPTION, kinds_of, policy_of, show
from conformance.commands.options import selecting_without, selection_of, specs_of
from conformance.commands.output import console, print_json
from conformance.commands.progress import FirstLap, listener_for
from conformance.commands.rendering import mapping_of, plugged, write_text
from conformance.commands.report import compares, renderer
from conformance.commands.run import REPEAT_OPTION
from conformance.environments import INSTALLERS, EnvironmentSpec, Made, Side, make, parse
from conformance.errors import UsageError
from conformance.gate_summary import described
from conformance.loading import load
from conformance.policy import Decisions, decide
from conformance.run import DEFAULT_DEADLINE, Settings
from conformance.run_file import Run
from conformance.upgrade import compared
from conformance.upgrade_page import environments

DEFAULT_FOLDER = Path("reports/out/upgrade")
RUNNING = "running"
SIDES = ("old", "new")
# One size at which a call costs something, and the same call bound by its overhead.
BENCHED = (1_000, 100_000)


@click.command()
@click.option(
    "--from", "old", multiple=True, required=True, metavar="SPEC",
    help="The old side: requirements, a requirements or lock file, an interpreter, or its environment (repeatable).",
)  # fmt: skip
@click.option("--to", "new", multiple=True, required=True, metavar="SPEC", help="The new side, said the same way.")
@click.option(
    "--over", multiple=True, metavar="BASE",
    help="Lay the requirements of both sides, without what they depend on, over this environment: a SPEC, or "
    f"'{RUNNING}' for the one that runs this.",
)  # fmt: skip
@click.option("--python", metavar="VERSION|PATH", default="", help="The Python of both sides: 3.9, or a path.")
@click.option("--from-python", metavar="VERSION|PATH", default="", help="The Python of the old side.")
@click.option("--to-python", metavar="VERSION|PATH", default="", help="The Python of the new side.")
@click.option("--installer", type=click.Choice(INSTALLERS), default="pip", show_default=True, help="What installs.")
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), default=DEFAULT_FOLDER, show_default=True,
    help="Folder of the two run files, the report and the summary.",
)  # fmt: skip
@click.option("--resume", is_flag=True, help="Go on in the folder: a finished side is kept, a stopped one finished.")
@click.option("--map", "maps", multiple=True, metavar="OLD=NEW", help="Compare these two adapters (repeatable).")
@click.option(
    "--allow",
    metavar="KIND[,KIND]",
    default="",
    help=f"Transitions that do not fail the gate, of: {', '.join(ALLOWED)}.",
)
@POLICY_OPTION
@click.option("--deadline", default=DEFAULT_DEADLINE, show_default=True, help="Seconds that one check may take.")
@REPEAT_OPTION
@click.option("--bench", "timed", is_flag=True, help="Then time both sides in turns; the gate compares the times.")
@click.option(
    "--bench-size", multiple=True, type=click.IntRange(1), metavar="N",
    help=f"Entries of the first input of what is timed (repeatable).  [default: {', '.join(map(str, BENCHED))}]",
)  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="Show every example of each cause, not the first few.")
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON, in the shape of `gate --json`.")
@selecting_without("python")
def upgrade(
    old: tuple[str, ...],
    new: tuple[str, ...],
    over: tuple[str, ...],
    python: str,
    from_python: str,
    to_python: str,
    installer: str,
    output: Path,
    resume: bool,
    maps: tuple[str, ...],
    allow: str,
    policy_path: Path | None,
    deadline: float,
    repeat: int,
    timed: bool,
    bench_size: tuple[int, ...],
    everything: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Say what an upgrade changes: makes both environments, asks both the same, and compares.

    A SPEC is a requirement, several that spaces separate, a requirements or lock file, or an interpreter or
    environment that exists. Environments are made in the user's cache and kept for as long as their requirements
    resolve to the same; both sides get the newest installed Python on which both resolve, or each its own. Nothing of
    the suite is installed into them. PATH selects case files.

    \b
    conformance upgrade --from tensorflow-cpu==2.15.1 --to tensorflow-cpu==2.21.0
    conformance upgrade --from keras==3.14.1 --to keras==3.15.1 --over running     seconds: Keras alone is installed
    conformance upgrade --from old.lock --to new.lock --profile full
    conformance upgrade --from /opt/production/bin/python --to new.lock -a torch

    With --bench the cross-entropies and focal losses, or what -O names, are timed as `conformance bench` times them,
    each row of the old side beside that of the new: a machine that slows down slows both.

    An adapter is compared with itself, or with the one that succeeds it (tf-keras with keras-tensorflow); --map says
    otherwise. The folder then holds old.jsonl, new.jsonl, index.html and summary.md, with --bench also
    old-bench.jsonl and new-bench.jsonl.

    Exit status: that of `gate`: 0 the gate is open, 1 it is closed, 2 bad usage, 3 an environment could not be
    resolved, made or started.
    """
    selection = selection_of(options)
    if timed:
        scipy_stats()  # what is missing is said before hours of work
    asked = mapping_of(maps)
    allowed = kinds_of(allow)
    policy = policy_of(policy_path).allowing(allowed)
    names = tuple(dict.fromkeys([*selection.adapters, *asked, *asked.values()])) if selection.adapters else ()
    specs = specs_of(names)
    catalogue = load([Path(p) for p in selection.paths] or None)
    began = time.monotonic()
    sides = _environments(old, new, over, (from_python or python, to_python or python), python, installer)
    clock = {"environments": time.monotonic() - began}
    output.mkdir(parents=True, exist_ok=True)
    _remember(output, sides, resume)
    runs: dict[str, Run] = {}
    settings = Settings(jobs=options["jobs"], deadline=deadline, repeat=repeat)
    for side in SIDES:
        _say(f"{side}: asking {sides[side].said}")
        with listener_for(sys.stderr) as listener:
            runs[side], spent = ask(
                output / f"{side}.jsonl", sides[side].made.program, catalogue, specs, selection, settings, listener,
                resume=resume,
            )  # fmt: skip
        _add(clock, side, spent)
    if timed:
        began = time.monotonic()
        _say("both: timing in turns")
        programs = {side: sides[side].made.program for side in SIDES}
        lap = FirstLap(sys.stderr)
        times = bench_sides(output, programs, catalogue, specs, selection, bench_size or BENCHED, listener=lap)
        runs = {side: with_times(runs[side], times[side]) for side in SIDES}
        clock["times"] = time.monotonic() - began
    began = time.monotonic()
    comparison = compared(runs["old"], runs["new"], asked, selection.adapters)
    decisions = decide(comparison, causes(comparison), policy, datetime.date.today())
    clock["gate"] = time.monotonic() - began
    began = time.monotonic()
    _write(output, decisions, sides)
    clock["report"] = time.monotonic() - began
    if as_json:
        print_json(described(decisions))
    else:
        _print(decisions, sides, everything, clock, output)
    raise SystemExit(decisions.status)


@dataclass(frozen=True)
class Prepared:
    """One side: what was asked for, and the environment."""

    said: str
    made: Made


def _environments(
    old: Sequence[str], new: Sequence[str], over: Sequence[str], pythons: tuple[str, str], python: str, installer: str
) -> dict[str, Prepared]:
    """Both environments, made where they are not there yet."""
    parsed = {"old": parse(old, "--from"), "new": parse(new, "--to")}
    base = _base(over, python, installer, parsed) if over else sys.executable
    specs = [_spec(side, parsed[side], chosen, bool(over)) for side, chosen in zip(SIDES, pythons, strict=True)]
    made = make(specs, base, installer_name=installer, say=_say)
    return {
        side: Prepared(str(parsed[side]), Made(parsed[side].interpreter) if parsed[side].interpreter else one)
        for side, one in zip(SIDES, made, strict=True)
    }


def _spec(name: str, side: Side, python: str, laid_over: bool) -> EnvironmentSpec:
    if side.interpreter and python:
        raise UsageError(f"{name} side: {side.interpreter} is an interpreter already\n  leave its --python out")
    if laid_over:
        return EnvironmentSpec(name, over=side.requirements)
    return EnvironmentSpec(name, requirements=side.requirements, files=side.files, python=python)


def _base(over: Sequence[str], python: str, installer: str, parsed: Mapping[str, Side]) -> str:
    """The interpreter that both sides are laid over."""
    for side in parsed.values():
        if side.interpreter or side.files:
            raise UsageError(f"--over: only requirements can be laid over an environment, not {side}")
    if list(over) == [RUNNING]:
        return sys.executable
    base = parse(over, "--over")
    if base.interpreter:
        return base.interpreter
    spec = EnvironmentSpec("base", requirements=base.requirements, files=base.files, python=python)
    return make([spec], installer_name=installer, say=_say)[0].program


def _remember(folder: Path, sides: Mapping[str, Prepared], resume: bool) -> None:
    """Keeps what the run files of the folder are of. Raises UsageError where --resume would mix environments."""
    ours = {side: {"program": one.made.program, "packages": list(one.made.packages)} for side, one in sides.items()}
    path = folder / "environments.json"
    if resume and path.exists():
        theirs = json.loads(path.read_text("utf-8"))
        for side in SIDES:
            if theirs.get(side) != ours[side]:
                raise UsageError(
                    f"{folder}: cannot be resumed: its {side} side was another environment\n  leave --resume out"
                )
    path.write_text(json.dumps(ours, indent=1) + "\n", "utf-8")


def _write(folder: Path, decisions: Decisions, sides: Mapping[str, Prepared]) -> None:
    """The report of both runs, and the Markdown summary."""
    comparison = decisions.comparison
    render: Any = renderer("html")
    gate = {"mapping": comparison.mapping, "policy": decisions.policy} if compares(render) else {}
    write_text(folder / "index.html", render([comparison.baseline, comparison.candidate], **gate))
    summary = plugged("conformance.comparisons", "markdown", "format")(decisions)
    said = [(side, sides[side].said, sides[side].made.python) for side in SIDES]
    packages = environments(said, sides["old"].made.packages, sides["new"].made.packages)
    write_text(folder / "summary.md", f"{summary.rstrip()}\n\n{packages}")


def _print(
    decisions: Decisions,
    sides: Mapping[str, Prepared],
    everything: bool,
    clock: Mapping[str, float],
    folder: Path,
) -> None:
    out = console()
    for side in SIDES:
        made = sides[side].made
        python = f", {made.python}, {len(made.packages)} packages" if made.key else ""
        out.print(f"{side}: {sides[side].said} ({made.program}{python})")
    show(decisions, everything)
    out.print()
    parts = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in clock.items())
    out.print(f"{sum(clock.values()):.0f} s: {parts}")
    out.print(f"kept in {folder}: index.html, summary.md, old.jsonl, new.jsonl")


def _add(clock: dict[str, float], side: str, spent: Spent) -> None:
    if spent.kept:
        _say(f"{side}: finished before, kept")
        return
    imports = min(spent.imports, spent.whole)
    clock["imports"] = clock.get("imports", 0.0) + imports
    clock["checks"] = clock.get("checks", 0.0) + spent.whole - imports


def _say(text: str) -> None:
    click.echo(text, err=True)
