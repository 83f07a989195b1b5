"""How verbs print: rich on a terminal, plain lines elsewhere, JSON where asked."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

PLAIN_WIDTH = 200


def console() -> Console:
    """A console on the standard output: no colour and no wrapping where it is not a terminal."""
    if sys.stdout.isatty():
        return Console(highlight=False, emoji=False, markup=False)
    return Console(
        file=sys.stdout,
        width=PLAIN_WIDTH,
        highlight=False,
        emoji=False,
        markup=False,
        no_color=True,
        soft_wrap=True,
    )


def print_json(content: Any) -> None:
    """One JSON document. Numbers that JSON lacks must already be strings."""
    click.echo(json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False))


def number(value: float) -> str:
    """Three significant digits; nan and inf as words."""
    return f"{value:.3g}"


def print_rows(out: Console, header: Sequence[str], rows: Iterable[Sequence[str]], *, indent: int = 4) -> None:
    """A table on a terminal; elsewhere aligned columns, a line for each row."""
    rows = [tuple(row) for row in rows]
    if out.is_terminal:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for name in header:
            table.add_column(name, overflow="fold")
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        out.print(_indented(table, indent))
        return
    widths = [max(len(cell) for cell in column) for column in zip(header, *rows, strict=True)]
    for row in [tuple(header), *rows]:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        out.print(" " * indent + line.rstrip())


def _indented(table: Table, indent: int) -> Any:
    from rich.padding import Padding

    return Padding(table, (0, 0, 0, indent))
