"""`conformance schema`: the JSON Schema of what a verb prints with --json."""

from __future__ import annotations

import click

from conformance import schemas
from conformance.commands.options import unknown
from conformance.commands.output import print_json
from conformance.errors import UsageError


@click.command()
@click.argument("name", required=False)
def schema(name: str | None) -> None:
    """Print the JSON Schema of a verb's --json; without NAME, the names.

    \b
    conformance schema gate > gate.schema.json
    """
    if name is None:
        for each in schemas.names():
            click.echo(f"{each:10s} {schemas.schema(each)['title']}")
        return
    if name not in schemas.names():
        raise UsageError(unknown("schema", name, schemas.names()))
    print_json(schemas.schema(name))
