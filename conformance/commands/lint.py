"""`conformance lint`: checks case files and divergence records before anything runs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from conformance import linting
from conformance.commands.output import print_json
from conformance.loading import raise_faults


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def lint(paths: tuple[Path, ...], as_json: bool) -> None:
    """Checks case files and divergence records; without a PATH, all that the suite ships.

    Every fault is shown with its place, what was expected and the way out.

    \b
    conformance lint
    conformance lint cases/focal.yaml adapters/divergences

    Exit status: 0 nothing is wrong, 2 something is.
    """
    findings = linting.lint(paths)
    if as_json:
        print_json(asdict(findings))
        raise SystemExit(2 if findings.faults else 0)
    raise_faults(findings.faults)
    click.echo(_counts(findings))
    if findings.unused_flags:
        click.echo(f"explained, but used by no case: {', '.join(findings.unused_flags)}")


def _counts(found: linting.Findings) -> str:
    counted = [
        _count(found.cases, "case") + f" ({_count(found.variants, 'variant')})",
        _count(found.flags, "flag"),
        _count(found.records, "divergence record"),
    ]
    return f"{', '.join(counted)} in {_count(found.files, 'file')}: nothing is wrong"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
