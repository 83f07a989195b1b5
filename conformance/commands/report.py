"""`conformance report`: renders run files."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import click

from conformance.commands.gate import POLICY_OPTION, policy_of
from conformance.commands.rendering import Render, mapping_of, plugged, write_text
from conformance.errors import UsageError
from conformance.find import DEFAULT_RUN
from conformance.run_file import read

FILES = {"html": "index.html", "markdown": "report.md", "junit": "junit.xml", "badge": "badge.svg"}


@click.command()
@click.argument("runs", nargs=-1, type=click.Path(), metavar="[RUN]...")
@click.option("--format", "format_", default="html", show_default=True, help="A report format that is plugged in.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Where to write; - is the standard output. Default: beside the page of the HTML report, reports/out.",
)
@click.option(
    "--map",
    "maps",
    multiple=True,
    metavar="OLD=NEW",
    help="HTML of several runs: adapter NEW replaces adapter OLD. Repeatable.",
)
@POLICY_OPTION
@click.option("--allow-incomplete", is_flag=True, help="Render runs that were stopped, too.")
@click.option("--open", "show", is_flag=True, help="Open the report when it is written.")
def report(
    runs: tuple[str, ...],
    format_: str,
    output: Path | None,
    maps: tuple[str, ...],
    policy_path: Path | None,
    allow_incomplete: bool,
    show: bool,
) -> None:
    """Render run files: HTML for people, Markdown for job summaries, JUnit for CI, an SVG badge.

    \b
    conformance report                                    reports/out/run.jsonl as reports/out/index.html
    conformance report old.jsonl new.jsonl --open         what an upgrade changes, and both versions side by side
    conformance report --format markdown -o summary.md

    Exit status: 0 written, 2 bad usage, 3 a run was stopped before its end.
    """
    render = renderer(format_)
    read_runs = [read(path, allow_incomplete=allow_incomplete) for path in runs or [str(DEFAULT_RUN)]]
    text = render(read_runs, **_of_a_gate(render, format_, maps, policy_path))
    if output == Path("-"):
        click.echo(text, nl=not text.endswith("\n"))
        return
    path = output or DEFAULT_RUN.parent / FILES.get(format_, f"report.{format_}")
    write_text(path, text)
    click.echo(f"wrote {path}")
    if show:
        click.launch(str(path))


def _of_a_gate(render: Render, name: str, maps: tuple[str, ...], policy: Path | None) -> dict[str, Any]:
    """What a format that compares runs is told beside them. Raises UsageError where another one is told to."""
    if not compares(render):
        if maps or policy:
            raise UsageError(f"--format {name} compares nothing\n  expected --map and --policy with --format html")
        return {}
    return {"mapping": mapping_of(maps), "policy": policy_of(policy)}


def compares(render: Render) -> bool:
    """Whether a format compares runs: it then takes the mapping and the policy of a gate."""
    return {"mapping", "policy"} <= set(inspect.signature(render).parameters)


def renderer(name: str) -> Render:
    """The function of a report format. Raises UsageError for an unknown one."""
    return plugged("conformance.reports", name, "report format")
