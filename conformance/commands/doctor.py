"""`conformance doctor`: what is installed, what is missing, and how to get it."""

from __future__ import annotations

import sys
from typing import Any

import click

from conformance.adapter_source import literal
from conformance.commands.options import specs_of
from conformance.commands.output import console, print_json
from conformance.host import NotStarted, Worker


@click.command()
@click.argument("adapters", nargs=-1, metavar="[ADAPTER]...")
@click.option("--python", default=sys.executable, metavar="PATH", help="Interpreter of the environment under test.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def doctor(adapters: tuple[str, ...], python: str, as_json: bool) -> None:
    """Says which frameworks start, their versions, devices and numeric switches, and how to get what is missing.

    Status 0 if every adapter that was named starts (or, if none was, at least one), else 3.
    """
    found = [_look(spec, python) for spec in specs_of(adapters)]
    if as_json:
        print_json(found)
    else:
        for entry in found:
            _print(entry)
    started = [entry["started"] for entry in found]
    raise SystemExit(0 if (all(started) if adapters else any(started)) else 3)


def _look(spec: Any, python: str) -> dict[str, Any]:
    with Worker(spec, python=python) as worker:
        try:
            hello = worker.start()
        except NotStarted as error:
            missing = f"{error.missing} is not installed" if error.missing else str(error)
            return {"adapter": spec.name, "started": False, "reason": missing, "way": literal(spec.file, "INSTALL")}
    environment = hello["environment"]
    return {
        "adapter": spec.name,
        "started": True,
        "framework": environment["framework"],
        "version": environment["version"],
        "versions": environment["versions"],
        "devices": environment.get("devices", []),
        "switches": environment.get("switches", {}),
        "dtypes": hello["dtypes"],
        "modes": hello["modes"],
        "implementations": len(hello["implementations"]),
    }


def _print(entry: dict[str, Any]) -> None:
    out = console()
    if not entry["started"]:
        out.print(f"{entry['adapter']}: missing: {entry['reason']}")
        if entry["way"]:
            out.print(f"    get it with: {entry['way']}")
        return
    out.print(
        f"{entry['adapter']}: {entry['framework']} {entry['version']}, {entry['implementations']} implementations"
    )
    for label, value in (
        ("versions", ", ".join(f"{k} {v}" for k, v in entry["versions"].items())),
        ("devices", ", ".join(map(str, entry["devices"]))),
        ("modes", ", ".join(entry["modes"])),
        ("dtypes", ", ".join(entry["dtypes"])),
        ("switches", ", ".join(f"{k}={v}" for k, v in entry["switches"].items())),
    ):
        out.print(f"    {label:9s} {value}")
