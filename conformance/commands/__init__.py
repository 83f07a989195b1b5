"""The command line: one thin module for each verb, loaded only when it is used.

Exit status: 0 as expected, 1 something is not, 2 bad usage or a bad file, 3 an environment could not start or a run
is incomplete.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from conformance import __version__
from conformance.errors import ConformanceError

# Verb -> what it does, as the help page lists it; loading every module for a help page would be slow.
VERBS = {
    "run": "Run checks against the oracle and keep what happened in a run file.",
    "report": "Render run files as HTML, Markdown or JUnit.",
    "gate": "Compare two runs and explain each transition.",
    "accept": "Write down what is unexplained, for a person to say why.",
    "history": "Show how checks or operations moved over several versions.",
    "upgrade": "Say what an upgrade changes: two environments, two runs, one gate, one report.",
    "explain": "Show one check in full.",
    "repro": "Print a short script that shows one check with the framework alone.",
    "bench": "Time calls, forward and backward, against what the machine can do.",
    "certify": "Prove the oracle against arbitrary precision.",
    "lint": "Check case files and divergence records.",
    "smoke": "Check the adapters themselves before a framework is blamed.",
    "known-bugs": "Measure whether the suite sees known faults of released versions.",
    "known-upgrades": "Measure what upgrades between released versions change.",
    "list": "List operations, implementations, cases or flags.",
    "schema": "Print the JSON Schema of what a verb prints with --json.",
    "doctor": "Say what is installed, what is missing, and how to get it.",
}


class Verbs(click.Group):
    """Finds a verb's command in the module of its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"conformance.commands.{cmd_name.replace('-', '_')}")
        command: click.Command = getattr(module, cmd_name, None) or module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0], VERBS, n=1)
            way = f"did you mean '{near[0]}'?" if near else f"expected one of: {', '.join(VERBS)}"
            raise click.UsageError(f"{error.message}\n  {way}", ctx) from None


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="conformance")
def cli() -> None:
    """Judges losses, activations and metrics of machine-learning frameworks against a proven oracle.

    \b
    conformance run                         every adapter that is installed, eager mode
    conformance run -a torch -O softmax     one adapter, one operation
    conformance report reports/out/run.jsonl
    conformance gate old.jsonl new.jsonl

    Exit status: 0 as expected, 1 something is not, 2 bad usage or a bad file, 3 an environment could not start or
    a run is incomplete.
    """


def main() -> None:
    """The console script: a user's error is a message and a status, never a traceback."""
    try:
        cli(standalone_mode=True)
    except ConformanceError as error:
        click.echo(str(error), err=True)
        sys.exit(error.status)
