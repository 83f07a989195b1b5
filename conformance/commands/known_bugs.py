"""`conformance known-bugs`: runs what should see each known upstream fault, on the releases with it and without it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from conformance import run_file
from conformance.commands.output import console
from conformance.commands.progress import listener_for
from conformance.environments import interpreter_of
from conformance.errors import UsageError
from conformance.host import adapters
from conformance.judge.divergence import Records
from conformance.known_bugs import KnownBugs, asked_by, load, rows, selection, table
from conformance.loading import Catalogue
from conformance.loading import load as load_cases
from conformance.run import Settings, execute

DEFAULT_FOLDER = Path("reports/out/known-bugs")
DEFAULT_PAGE = Path("docs/known_bugs.md")


@click.command(name="known-bugs")
@click.argument("environments", nargs=-1, metavar="[ENVIRONMENT]...")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=DEFAULT_PAGE, show_default=True,
    help="The page.",
)  # fmt: skip
@click.option(
    "--runs", type=click.Path(file_okay=False, path_type=Path), default=DEFAULT_FOLDER, show_default=True,
    help="Where a run file of each environment is kept.",
)  # fmt: skip
@click.option(
    "--python", multiple=True, metavar="ENVIRONMENT=PATH",
    help="Take this interpreter for an environment instead of making one (repeatable).",
)  # fmt: skip
@click.option("--list", "only_list", is_flag=True, help="List the environments and how they are made.")
def command(environments: tuple[str, ...], output: Path, runs: Path, python: tuple[str, ...], only_list: bool) -> None:
    """Measures whether the suite sees the known faults of released versions, and writes docs/known_bugs.md.

    Runs the environments that have no run file yet, or those that are named, anew; the page says what all run files
    show. Environments are made in the user's cache, from the lists of requirements in adapters/known_bugs.yaml.

    \b
    conformance known-bugs                                       what was not measured yet, and the page
    conformance known-bugs keras-3.4.1 keras-3.5.0               these two anew, and the page
    conformance known-bugs --python tensorflow-2.15=old/bin/python

    Status 0 if every row is as it should be, 1 if one is not, 3 if an environment could not be made.
    """
    known = load()
    for name in environments:
        if name not in known.environments:
            raise UsageError(f"unknown environment '{name}'\n  expected one of: {', '.join(known.environments)}")
    if only_list:
        for name, spec in known.environments.items():
            click.echo(f"{name:24s} {' '.join([*spec.over, *spec.requirements]) or 'the running interpreter'}")
        return
    given = _given(python, known)
    runs.mkdir(parents=True, exist_ok=True)
    catalogue = load_cases()
    for name in known.environments:
        wanted = name in environments if environments else not (runs / f"{name}.jsonl").exists()
        if wanted and known.patterns(name):
            _measure(name, known, catalogue, given, runs / f"{name}.jsonl")
    found = rows(known, {p.stem: run_file.read(p) for p in runs.glob("*.jsonl") if p.stem in known.environments})
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(table(found), "utf-8")
    out = console()
    faults = [(row.bug.id, fault) for row in found for fault in row.faults]
    for bug, fault in faults:
        out.print(f"{bug}: {fault}")
    out.print(f"{len(found) - len({bug for bug, _ in faults})} of {len(found)} rows are as they should be: {output}")
    raise SystemExit(1 if faults else 0)


def _given(python: tuple[str, ...], known: KnownBugs) -> dict[str, str]:
    given = {}
    for value in python:
        name, equals, path = value.partition("=")
        if not equals or name not in known.environments:
            raise UsageError(f"--python '{value}'\n  expected ENVIRONMENT=PATH, such as tensorflow-2.15=old/bin/python")
        given[name] = path
    return given


def _measure(name: str, known: KnownBugs, catalogue: Catalogue, given: dict[str, str], path: Path) -> None:
    """Runs what is asked of one environment, and keeps the run file once it is complete."""
    patterns = known.patterns(name)
    click.echo(f"{name}: {len(patterns)} patterns", err=True)
    interpreter = given.get(name) or interpreter_of(known.environments[name])
    specs = adapters()
    selected = selection(patterns, specs)
    from conformance.refine import refine

    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8") as file, listener_for(sys.stderr) as listener:
        execute(
            file,
            asked_by(patterns, catalogue),
            [specs[adapter] for adapter in selected.adapters],
            selected,
            Settings(pythons={"": interpreter}, jobs=1),
            Records.shipped,
            refine=refine,
            listener=listener,
        )
    part.replace(path)
