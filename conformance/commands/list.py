"""`conformance list`: what there is."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import asdict
from typing import Any

import click

from conformance.commands.options import specs_of
from conformance.commands.output import console, print_json, print_rows
from conformance.host import NotStarted, Worker
from conformance.loading import load
from conformance.oracle import load_all
from conformance.oracle.operation import OPERATIONS

KINDS = ("operations", "implementations", "cases", "flags")


@click.command()
@click.argument("kind", type=click.Choice(KINDS))
@click.option("-a", "--adapter", multiple=True, help="Only this adapter (repeatable).")
@click.option("--python", default=sys.executable, metavar="PATH", help="Interpreter of the environment under test.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(kind: str, adapter: tuple[str, ...], python: str, as_json: bool) -> None:
    """Lists operations, implementations (of the adapters that start), cases or flags, and counts them."""
    load_all()
    if kind == "implementations":
        header, rows = _implementations(adapter, python)
    else:
        header, rows = {"operations": _operations, "cases": _cases, "flags": _flags}[kind]()
    if as_json:
        print_json([dict(zip(header, row, strict=True)) for row in rows])
        return
    out = console()
    print_rows(out, header, [tuple(str(cell) for cell in row) for row in rows], indent=0)
    out.print(f"{len(rows)} {kind}")


def _operations() -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    cases = Counter(case.operation for case in load(None).cases)
    rows = [
        (
            operation.name,
            operation.family,
            ", ".join(i.name + ("?" if i.optional else "") for i in operation.inputs),
            ", ".join(operation.parameters),
            operation.grade,
            cases[operation.name],
        )
        for operation in OPERATIONS.values()
    ]
    return ("operation", "family", "inputs", "parameters", "grade", "cases"), rows


def _implementations(names: tuple[str, ...], python: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    rows: list[tuple[Any, ...]] = []
    for spec in specs_of(names):
        with Worker(spec, python=python) as worker:
            try:
                hello = worker.start()
            except NotStarted as error:
                click.echo(f"{spec.name}: not started: {str(error).splitlines()[0]}", err=True)
                continue
        rows += [
            (row["operation"], spec.name, row["call"], ", ".join(row["modes"]), row["documented"] or "")
            for row in hello["implementations"]
        ]
    return ("operation", "adapter", "call", "modes", "documented contract"), sorted(rows)


def _cases() -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    rows = [
        (case.id, case.operation, sum(1 for _ in case.variants()), ", ".join(case.flags), case.says)
        for case in load(None).cases
    ]
    return ("case", "operation", "variants", "flags", "says"), rows


def _flags() -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    catalogue = load(None)
    used = Counter(flag for case in catalogue.cases for flag in case.flags)
    rows = []
    for flag in catalogue.flags.values():
        explained = asdict(flag)
        rows.append((flag.name, used[flag.name], explained["why"], explained["effect"]))
    return ("flag", "cases", "why", "effect"), rows
