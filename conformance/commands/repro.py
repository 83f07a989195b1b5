"""`conformance repro`: a script that shows one check with the framework alone."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.commands.explain import RUN_OPTION
from conformance.errors import UsageError
from conformance.find import find_check, newest


@click.command()
@click.argument("check")
@RUN_OPTION
@click.option(
    "--cases",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Case files or folders, where the check is not from those that the run names.",
)
@click.option("--full", is_flag=True, help="Write all inputs, not only the row of the worst element.")
def repro(check: str, runs: tuple[str, ...], cases: tuple[Path, ...], full: bool) -> None:
    """Print a short script that shows one check, with only the framework's imports: ready for an upstream issue.

    CHECK is an id, or words of which one id alone holds all.

    \b
    conformance repro "bce-logits torch float32 eager value" > repro.py
    python repro.py
    """
    from conformance.adapter_source import read_source
    from conformance.host import adapters
    from conformance.loading import load_cases
    from conformance.repro import cases_of
    from conformance.repro import repro as script_of

    run = newest(runs)
    found = find_check(run, check)
    spec = adapters().get(found.adapter)
    if spec is None:
        raise UsageError(f"the adapter '{found.adapter}' is not installed here")
    source = read_source(spec.file, spec.module)
    click.echo(script_of(run, found, load_cases(list(cases) or cases_of(run)), source, full=full), nl=False)
