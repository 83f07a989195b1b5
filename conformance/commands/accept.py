"""`conformance accept`: writes down what a person has yet to explain."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from conformance.accepting import TODO, entries_for, records_for
from conformance.accepting_files import write_entries, write_records
from conformance.causes import causes
from conformance.commands.rendering import mapping_of
from conformance.errors import UsageError
from conformance.gate import compare
from conformance.judge.record_files import load_records
from conformance.policy import Policy, decide
from conformance.policy_file import NAMES, find_policy, read_policy
from conformance.run_file import Run, read

FOLDER = Path("divergences")
DAYS = 90


@click.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(), metavar="RUN | BASELINE CANDIDATE")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="PATH",
    help=f"Of one run the folder of records, by default {FOLDER}; of two the policy, by default the nearest one, else "
    f"{NAMES[0]}.",
)  # fmt: skip
@click.option("--map", "maps", multiple=True, metavar="OLD=NEW", help="As in `conformance gate`.")
@click.option("--days", default=DAYS, show_default=True, help="How long a change is accepted from today.")
def accept(runs: tuple[str, ...], output: Path | None, maps: tuple[str, ...], days: int) -> None:
    """Writes down what is unexplained, for a person to say why.

    Of one run: a divergence record for each cause of what is unexpected, into FOLDER/ADAPTER.yaml, which
    `conformance run --records FOLDER` reads beside the records that the suite ships. Of two: an accepted change for
    each cause that closes the gate, into the policy. Every reason is TODO, and neither `run`, `lint` nor `gate` takes
    that for one.

    \b
    conformance accept reports/out/run.jsonl
    conformance accept old.jsonl new.jsonl -o conformance.toml
    """
    if len(runs) > 2:
        raise UsageError(f"accept takes one run, or a baseline and a candidate; {len(runs)} are given")
    if len(runs) == 1:
        if maps:
            raise UsageError("--map is about two runs\n  expected: conformance accept BASELINE CANDIDATE --map OLD=NEW")
        _records(read(runs[0]), output or FOLDER)
    else:
        expires = datetime.date.today() + datetime.timedelta(days=days)
        _entries(read(runs[0]), read(runs[1]), mapping_of(maps), output, expires)


def _records(run: Run, folder: Path) -> None:
    if folder.is_file():
        raise UsageError(f"{folder}: is a file; records of several adapters need a folder")
    own = load_records([folder]) if folder.exists() else []
    records = records_for(run, own, {record.id for record in load_records()})
    if not records:
        click.echo("nothing is unexplained: no record is written")
        return
    written = write_records(folder, records)
    for file, count in written.items():
        click.echo(f"{file}: {count} record{'s' * (count != 1)}")
    click.echo(f"write why, and where it is reported, in place of each {TODO}")
    click.echo(f"  then: conformance run --records {folder}")


def _entries(
    baseline: Run, candidate: Run, mapping: dict[str, str], output: Path | None, expires: datetime.date
) -> None:
    file = output or find_policy(Path.cwd()) or Path(NAMES[0])
    policy = read_policy(file, finished=False) if file.exists() else Policy()
    comparison = compare(baseline, candidate, mapping)
    decisions = decide(comparison, causes(comparison), policy, datetime.date.today())
    entries = entries_for(decisions, expires)
    if not entries:
        click.echo("the gate is open: no entry is written")
        return
    write_entries(file, entries)
    click.echo(f"{file}: {len(entries)} accepted change{'s' * (len(entries) != 1)}, until {expires}")
    for decision in decisions.refused:
        click.echo(f"  {decision.cause.transition}: {decision.cause.words}")
    click.echo(f"write the reason in place of each {TODO}; an entry that is not wanted is deleted")
