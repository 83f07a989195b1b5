"""Finds one check in run files, by its id or by parts of it that no other check has."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from conformance.errors import UsageError
from conformance.run_file import Check, Environment, Run, read

DEFAULT_RUN = Path("reports/out/run.jsonl")
LISTED = 20


def newest(paths: Sequence[str | Path]) -> Run:
    """The run that was started last, of the given files or of the one that `conformance run` writes.

    Incomplete runs are read too: what they hold is good. Raises UsageError where a file is none.
    """
    if not paths and not DEFAULT_RUN.exists():
        raise UsageError(f"{DEFAULT_RUN}: no such run file\n  name one with --run, or make it: conformance run")
    runs = [read(path, allow_incomplete=True) for path in paths or [DEFAULT_RUN]]
    return max(runs, key=lambda run: run.header.started)


def find_check(run: Run, wanted: str) -> Check:
    """The check whose id is `wanted`, or the only one whose id holds every word of it.

    Raises UsageError where no check or several match; the message lists them.
    """
    words = wanted.split()
    matches = []
    for check in run.checks:
        if check.id == wanted:
            return check
        if words and all(word in check.id for word in words):
            matches.append(check)
    if len(matches) == 1:
        return matches[0]
    if not matches:
        raise UsageError(_nothing(run, wanted))
    listed = [f"  {check.id}" for check in matches[:LISTED]]
    if len(matches) > LISTED:
        listed.append(f"  and {len(matches) - LISTED} more")
    raise UsageError(
        "\n".join([f"'{wanted}' is part of {len(matches)} checks; add more of the id, say its dtype", *listed])
    )


def environment_of(run: Run, check: Check) -> Environment | None:
    """The environment that answered a check; None where the run file does not hold it."""
    mine = [e for e in run.environments if e.adapter == check.adapter and e.started]
    asked = [e for e in mine if check.id.endswith(f":{e.device}:{check.order}")]
    return next(iter(asked or mine), None)


def implementation_of(environment: Environment | None, check: Check) -> dict[str, object]:
    """What the environment said about the implementation of a check; empty where it said nothing."""
    rows = environment.implementations if environment else ()
    for row in rows:
        if (row["operation"], row["name"]) == (check.operation, check.implementation):
            return dict(row)
    return {}


def _nothing(run: Run, wanted: str) -> str:
    cases = list(dict.fromkeys(check.variant for check in run.checks))
    calls = list(dict.fromkeys(check.call for check in run.checks))
    near = difflib.get_close_matches(wanted, [*cases, *calls], n=3, cutoff=0.5)
    hint = f"\n  did you mean one of: {', '.join(near)}" if near else ""
    return f"{run.path} holds no check like '{wanted}'{hint}"
