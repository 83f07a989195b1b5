"""`conformance smoke`: is the adapter itself in order?"""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from conformance.commands.options import specs_of
from conformance.commands.output import print_json
from conformance.host import NotStarted
from conformance.smoke import Finding
from conformance.smoke import smoke as ask


@click.command()
@click.argument("adapters", nargs=-1, metavar="[ADAPTER]...")
@click.option("--python", default=sys.executable, metavar="PATH", help="Interpreter of the environment under test.")
@click.option("--device", default="cpu", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print findings as JSON.")
def smoke(adapters: tuple[str, ...], python: str, device: str, as_json: bool) -> None:
    """Checks adapters before a framework is blamed: bits round-trip, device, clean exit.

    Status 0 if all is well, 1 if an adapter is at fault, 3 if one that was named could not start.
    """
    status, findings = 0, list[Finding]()
    for spec in specs_of(adapters):
        try:
            for finding in ask(spec, python=python, device=device):
                findings.append(finding)
                status = status or (0 if finding.holds else 1)
                if not as_json:
                    _print(finding)
        except NotStarted as error:
            if adapters or not error.missing:
                status = 3
            findings.append(Finding(spec.name, "starts", False, str(error)))
            if not as_json:
                _print(findings[-1])
    if as_json:
        print_json([asdict(finding) for finding in findings])
    raise SystemExit(status)


def _print(finding: Finding) -> None:
    mark = click.style("ok  ", fg="green") if finding.holds else click.style("FAIL", fg="red", bold=True)
    first = finding.detail.splitlines()[0] if finding.detail else ""
    click.echo(f"{mark}  {finding.adapter:18s} {finding.question:42s} {first}")
