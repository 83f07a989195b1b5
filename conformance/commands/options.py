"""The options that select checks: the same everywhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from conformance.case import DTYPES, ORDERS
from conformance.errors import UsageError
from conformance.host import AdapterSpec, adapters
from conformance.oracle import load_all
from conformance.oracle.operation import OPERATIONS
from conformance.selection import PROFILES, Selection, matcher

F = TypeVar("F", bound=Callable[..., Any])


OPTIONS: Mapping[str, Callable[[Any], Any]] = {
    "paths": click.argument("paths", nargs=-1, type=click.Path(exists=True), metavar="[PATH]..."),
    "adapter": click.option("-a", "--adapter", "adapter", multiple=True, help="Only this adapter (repeatable)."),
    "operation": click.option("-O", "--operation", multiple=True, help="Only this operation (repeatable)."),
    "dtype": click.option(
        "--dtype", multiple=True, type=click.Choice(DTYPES), help="Only this dtype (repeatable)."
    ),
    "profile": click.option(
        "--profile", type=click.Choice(PROFILES), default="quick", show_default=True,
        help="How much is asked: representative cases, every case, or everything in every dtype and mode.",
    ),
    "mode": click.option(
        "--mode", multiple=True,
        help="Only this mode, of every case: eager, graph, xla, jit, inductor …, or all (repeatable).",
    ),
    "device": click.option("--device", multiple=True, default=("cpu",), show_default=True, help="cpu or cuda."),
    "order": click.option("--order", multiple=True, type=click.Choice(ORDERS), help="Only this order."),
    "expression": click.option(
        "-k", "expression", default="", metavar="EXPR", help="Only ids that match: 'a and not b'."
    ),
    "python": click.option(
        "--python", multiple=True, metavar="[ADAPTER=]PATH",
        help="Interpreter of the environment under test, of all adapters or of one (repeatable).",
    ),
    "jobs": click.option("--jobs", default=min(os.cpu_count() or 1, 4), show_default=True, help="Workers at once."),
}  # fmt: skip


def selecting(function: F) -> F:
    """Adds the options that select checks, and the PATH arguments."""
    return selecting_without()(function)


def selecting_without(*names: str) -> Callable[[F], F]:
    """As `selecting`, but for the options that mean nothing to a verb."""

    def add(function: F) -> F:
        for name in reversed(list(OPTIONS)):
            if name not in names:
                function = OPTIONS[name](function)
        return function

    return add


def selection_of(options: dict[str, Any]) -> Selection:
    """The selection that the options of `selecting` say. Raises UsageError for an unknown operation."""
    load_all()
    for name in options["operation"]:
        if name not in OPERATIONS:
            raise UsageError(unknown("operation", name, list(OPERATIONS)))
    matcher(options["expression"])  # a malformed expression is said before anything starts
    return Selection(
        adapters=options["adapter"],
        operations=options["operation"],
        dtypes=options["dtype"],
        modes=options["mode"],
        devices=options["device"],
        orders=options["order"],
        expression=options["expression"],
        paths=tuple(map(str, options["paths"])),
        profile=options["profile"],
    )


# what says which checks are asked, and not where or by how many
SELECTING = tuple(name for name in OPTIONS if name not in ("python", "jobs"))


def given(*names: str) -> bool:
    """Whether the user gave any of these options, whatever their values."""
    context = click.get_current_context()
    default = (ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP, None)
    return any(context.get_parameter_source(name) not in default for name in names)


def pythons_of(values: tuple[str, ...]) -> Mapping[str, str]:
    """Adapter -> interpreter, as --python says it; "" stands for every adapter that is not named."""
    chosen = {"": sys.executable}
    names = adapters()
    for value in values:
        name, equals, path = value.partition("=")
        if equals and name in names:
            chosen[name] = path
        else:
            chosen[""] = value
    return chosen


def specs_of(names: tuple[str, ...]) -> list[AdapterSpec]:
    """The adapters asked for, or all. Raises UsageError for an unknown one."""
    found = adapters()
    for name in names:
        if name not in found:
            raise UsageError(unknown("adapter", name, list(found)))
    return [found[name] for name in names] if names else list(found.values())


def unknown(kind: str, name: str, expected: list[str]) -> str:
    """What is wrong, what was expected, and the way out."""
    import difflib

    near = difflib.get_close_matches(name, expected, n=1)
    hint = f"\n  did you mean '{near[0]}'?" if near else ""
    return f"unknown {kind} '{name}'\n  expected one of: {', '.join(sorted(expected))}{hint}"
