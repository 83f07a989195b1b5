"""`conformance explain`: one check in full."""

from __future__ import annotations

import click

from conformance.commands.output import console, print_json
from conformance.explanation import described
from conformance.explanation import explain as sections_of
from conformance.find import DEFAULT_RUN, find_check, newest

RUN_OPTION = click.option(
    "--run",
    "runs",
    multiple=True,
    type=click.Path(),
    help=f"The run file that holds the check; of several, the newest. Default: {DEFAULT_RUN}",
)


@click.command()
@click.argument("check")
@RUN_OPTION
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def explain(check: str, runs: tuple[str, ...], as_json: bool) -> None:
    """Show one check in full: why it is asked, inputs, the oracle's answer and bound, what was observed.

    CHECK is an id, or words of which one id alone holds all.

    \b
    conformance explain "saturated-probabilities tf-keras BinaryCrossentropy float32 eager value"

    \b
    --json prints one object
      run             path of the run file
      check           the check as the run file holds it; fields that are left out have their default
      flags           {name: {why, effect, references}}
      implementation  what the adapter said about the call
      contract        oracle parameters that the framework documents, for this dtype
      record          the divergence record that covers it, or null
      environment     versions, switches and devices, or null
    """
    run = newest(runs)
    found = find_check(run, check)
    if as_json:
        print_json(described(run, found))
        return
    out = console()
    for section in sections_of(run, found):
        out.print(section.title, style="bold")
        width = max(len(label) for label, _ in section.lines)
        for label, text in section.lines:
            first, *more = text.splitlines()
            out.print(f"  {label:{width}}  {first}")
            for line in more:
                out.print(f"  {'':{width}}  {line}")
