"""`conformance known-upgrades`: measures a list of upgrades between released versions, and writes their page."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from conformance import run_file
from conformance.asking_sides import ask
from conformance.commands.output import console
from conformance.commands.progress import listener_for
from conformance.environments import INSTALLERS, make
from conformance.errors import IncompleteError, UsageError
from conformance.host import adapters
from conformance.known_upgrades import KnownUpgrade, KnownUpgrades, load, measured
from conformance.known_upgrades_page import page
from conformance.loading import Catalogue
from conformance.loading import load as load_cases
from conformance.resuming import resumable
from conformance.run import Settings, header
from conformance.run_file import Header

DEFAULT_FOLDER = Path("reports/out/upgrades")
DEFAULT_PAGE = Path("docs/upgrades.md")


@click.command(name="known-upgrades")
@click.argument("upgrades", nargs=-1, metavar="[PAIR]...")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=DEFAULT_PAGE, show_default=True,
    help="The page.",
)  # fmt: skip
@click.option(
    "--runs", type=click.Path(file_okay=False, path_type=Path), default=DEFAULT_FOLDER, show_default=True,
    help="Where the run files are kept, one for each environment and selection.",
)  # fmt: skip
@click.option(
    "--pairs", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Another list than the one that is shipped.",
)  # fmt: skip
@click.option("--only", is_flag=True, help="Run what is missing of the named pairs, and nothing anew.")
@click.option("--installer", type=click.Choice(INSTALLERS), default="pip", show_default=True, help="What installs.")
@click.option("--jobs", default=1, show_default=True, help="Workers at once.")
@click.option("--list", "only_list", is_flag=True, help="List the pairs, and which of their runs are there.")
def command(
    upgrades: tuple[str, ...],
    output: Path,
    runs: Path,
    pairs: Path | None,
    only: bool,
    installer: str,
    jobs: int,
    only_list: bool,
) -> None:
    """Measures the upgrades of adapters/known_upgrades.yaml, and writes docs/upgrades.md.

    Runs the environments that have no run file yet, or those of the named pairs anew; the page says what all run files
    show. A run that was stopped is gone on with. Environments are made in the user's cache; those that are laid over
    the newest frameworks are laid over the environment that runs this.

    \b
    conformance known-upgrades                                what was not measured yet, and the page
    conformance known-upgrades optax-0.2.5-to-0.2.6           this pair anew, and the page
    conformance known-upgrades optax-0.2.5-to-0.2.6 --only    what is missing of this pair, and the page

    Status 0 if every pair was measured and shows the known bugs that it fixes, 1 if one does not, 3 if an environment
    could not be made or a run is missing.
    """
    known = load(pairs)
    named = [_named(known, name) for name in upgrades]
    if only_list:
        for one in known.upgrades:
            needed = [_file(runs, *run) for run in known.runs([one])]
            click.echo(f"{one.id:32s} {sum(path.exists() for path in needed)} of {len(needed)} runs are there")
        return
    runs.mkdir(parents=True, exist_ok=True)
    catalogue = load_cases()
    failed: list[str] = []
    for environment, asks in known.runs(named or known.upgrades):
        path = _file(runs, environment, asks)
        if named and not only:
            path.unlink(missing_ok=True)
        if not path.exists():
            try:
                _measure(environment, asks, known, catalogue, path, installer, jobs)
            except IncompleteError as error:
                failed.append(str(error))
                click.echo(str(error), err=True)
    there = {run: _file(runs, *run) for run in known.runs(known.upgrades)}
    read = {run: run_file.read(path) for run, path in there.items() if path.exists()}
    found = [measured(known, one, read) for one in known.upgrades]
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(page(known, found), "utf-8")
    out = console()
    problems = {one.upgrade.id: [*one.problems, *(f"not run yet: {run}" for run in one.missing)] for one in found}
    for name, texts in problems.items():
        for text in texts:
            out.print(f"{name}: {text}")
    done = sum(not texts for texts in problems.values())
    out.print(f"{done} of {len(found)} upgrades are measured and as they should be: {output}")
    incomplete = failed or any(one.missing or (one.comparison and one.comparison.problems) for one in found)
    raise SystemExit(3 if incomplete else int(any(problems.values())))


def _named(known: KnownUpgrades, name: str) -> KnownUpgrade:
    for one in known.upgrades:
        if one.id == name:
            return one
    raise UsageError(f"unknown upgrade '{name}'\n  expected one of: {', '.join(one.id for one in known.upgrades)}")


def _file(folder: Path, environment: str, asks: str) -> Path:
    return folder / f"{environment}.{asks}.jsonl"


def _measure(
    environment: str, asks: str, known: KnownUpgrades, catalogue: Catalogue, path: Path, installer: str, jobs: int
) -> None:
    """Runs what is asked of one environment, and keeps the run file once it is complete."""
    click.echo(f"{environment}: asking {asks}", err=True)
    selection, cases = known.selection(asks, catalogue)
    made = make(
        [known.environments[environment]], installer_name=installer, say=lambda text: click.echo(text, err=True)
    )
    specs = adapters()
    part = path.with_suffix(".part")
    if part.exists() and not _same(part, header(cases, selection)):
        part.unlink()
    with listener_for(sys.stderr) as listener:
        wanted = [specs[name] for name in selection.adapters]
        run, _ = ask(part, made[0].program, cases, wanted, selection, Settings(jobs=jobs), listener, resume=True)
    if not any(one.started for one in run.environments):
        reasons = "; ".join(f"{one.adapter}: {one.reason.splitlines()[0]}" for one in run.environments)
        raise IncompleteError(f"{environment}: no adapter starts\n  {reasons}")
    part.replace(path)


def _same(part: Path, ours: Header) -> bool:
    """Whether a stopped run can be gone on with; one of another suite or of other cases is begun again."""
    try:
        resumable(part, ours)
    except UsageError:
        return False
    return True
