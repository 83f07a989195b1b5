"""`conformance gate`: what changed between two runs."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import click

from conformance.cause_words import place, sides
from conformance.causes import Cause, causes, explained
from conformance.commands.output import console, print_json, print_rows
from conformance.commands.rendering import mapping_of
from conformance.errors import UsageError
from conformance.gate import REFUSED, SAME, TRANSITIONS, Pair, compare
from conformance.gate_values import value
from conformance.policy import Acceptance, Decision, Decisions, Policy, decide
from conformance.policy_file import find_policy, read_policy
from conformance.run_file import read

EXAMPLES = 3
CELL = 46
STYLES = {
    "broken": "bold red",
    "changed": "bold yellow",
    "newly unsupported": "bold yellow",
    "removed": "bold yellow",
    "fixed": "green",
    "newly supported": "green",
}


@click.command()
@click.argument("baseline", type=click.Path())
@click.argument("candidate", type=click.Path())
@click.option(
    "--map",
    "maps",
    multiple=True,
    metavar="OLD=NEW",
    help="Compare adapter OLD of the baseline with adapter NEW of the candidate; implementations "
    "pair by name, and only mapped adapters are compared. Repeatable.",
)
@click.option(
    "--allow",
    metavar="KIND[,KIND]",
    default="",
    help=f"Transitions that close no gate, whatever the policy says, of: {', '.join(REFUSED)}.",
)
@click.option(
    "--policy",
    "policy_path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="What closes the gate; by default the nearest conformance.toml, or pyproject.toml with [tool.conformance], "
    "in the working directory or above.",
)
@click.option("--all", "everything", is_flag=True, help="Show every example of each cause, not the first few.")
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
def gate(
    baseline: str,
    candidate: str,
    maps: tuple[str, ...],
    allow: str,
    policy_path: Path | None,
    everything: bool,
    as_json: bool,
) -> None:
    """Compare two run files check by check and say what changed, regressions first.

    \b
    Exit status
      0  nothing that the policy refuses: by default nothing broken, changed, newly unsupported or removed
      1  something is refused, or a change that the policy accepts did not happen
      2  bad usage, or a faulty policy
      3  incomplete: an environment did not start, or a run has no end

    \b
    --json prints one object
      baseline, candidate   {path, suite, cases, started, complete}
      mapping               {baseline adapter: candidate adapter}
      differences           [{adapter, kind: switch|version, name, old, new}]
      notes, problems       [text]
      counts                {transition: number of checks}
      varying               number of checks whose bits vary by themselves, which are `same`
      policy                {file, unused, expired: [{place, transition, reason, expires}]}
      causes                [{transition, operations, calls: [{old, new}], subject, flag, words, records,
                              dtypes, modes, orders,
                              refused: number of checks that close the gate,
                              accepted: [{place, reason, expires, checks}],
                              checks: [{id, old_id, old, new, right, old_verdict, new_verdict}]}]
      status                the exit status
    """
    kinds = _kinds(allow)
    policy = policy_of(policy_path).allowing(kinds)
    runs = read(baseline, allow_incomplete=True), read(candidate, allow_incomplete=True)
    comparison = compare(*runs, mapping_of(maps))
    decisions = decide(comparison, causes(comparison), policy, datetime.date.today())
    if as_json:
        print_json(described(decisions))
    else:
        _show(decisions, everything)
    raise SystemExit(decisions.status)


def policy_of(path: Path | None) -> Policy:
    """The policy that the user names, or the nearest; the default where there is none. Raises FaultyFiles."""
    found = path or find_policy(Path.cwd())
    return read_policy(found) if found else Policy()


def _kinds(allow: str) -> tuple[str, ...]:
    kinds = tuple(kind.strip().replace("-", " ") for kind in allow.split(",") if kind.strip())
    for kind in kinds:
        if kind not in TRANSITIONS:
            raise UsageError(f"--allow: unknown transition '{kind}'\n  expected some of: {', '.join(REFUSED)}")
    return kinds


def described(decisions: Decisions) -> dict[str, Any]:
    """The shape of `--json`."""
    comparison = decisions.comparison
    return {
        "baseline": _run(comparison.baseline),
        "candidate": _run(comparison.candidate),
        "mapping": dict(comparison.mapping),
        "differences": [
            {"adapter": d.adapter, "kind": d.kind, "name": d.name, "old": d.old, "new": d.new}
            for d in comparison.differences
        ],
        "notes": list(comparison.notes),
        "problems": list(comparison.problems),
        "counts": comparison.counts,
        "varying": comparison.varying,
        "policy": {
            "file": decisions.policy.file,
            "unused": [_entry(entry) for entry in decisions.unused],
            "expired": [_entry(entry) for entry in decisions.expired],
        },
        "causes": [_decided(decision) for decision in decisions.each],
        "status": decisions.status,
    }


def _entry(entry: Acceptance) -> dict[str, Any]:
    return {
        "place": entry.place, "transition": entry.transition, "reason": entry.reason,
        "expires": entry.expires.isoformat(),
    }  # fmt: skip


def _run(run: Any) -> dict[str, Any]:
    return {
        "path": run.path, "suite": run.header.suite, "cases": run.header.cases, "started": run.header.started,
        "complete": run.complete,
    }  # fmt: skip


def _decided(decision: Decision) -> dict[str, Any]:
    cause = decision.cause
    return {
        "transition": cause.transition,
        "operations": list(cause.operations),
        "calls": [{"old": old or None, "new": new or None} for old, new in cause.calls],
        "subject": cause.subject,
        "flag": cause.flag or None,
        "words": cause.words,
        "records": list(cause.records),
        **{
            f"{axis}s": list(dict.fromkeys(getattr(pair.check, axis) for pair in cause.pairs))
            for axis in ("dtype", "mode", "order")
        },
        "refused": len(decision.refused),
        "accepted": [
            {"place": e.place, "reason": e.reason, "expires": e.expires.isoformat(), "checks": count}
            for e, count in decision.accepted
        ],
        "checks": [_pair(pair) for pair in cause.pairs],
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "id": pair.check.id,
        "old_id": pair.old.id if pair.old else None,
        "old": value(pair.old),
        "new": value(pair.new),
        "right": pair.check.right,
        "old_verdict": pair.old.verdict if pair.old else None,
        "new_verdict": pair.new.verdict if pair.new else None,
    }


def _show(decisions: Decisions, everything: bool) -> None:
    comparison = decisions.comparison
    out = console()
    for problem in comparison.problems:
        out.print(f"INCOMPLETE: {problem}", style="bold red")
    for difference in comparison.differences:
        out.print(str(difference), style="yellow" if difference.kind == "switch" else None)
    for note in comparison.notes:
        out.print(f"note: {note}", style="dim")
    if decisions.policy.file:
        out.print(f"policy: {decisions.policy.file}", style="dim")
    shown = None
    for decision in decisions.each:
        cause = decision.cause
        if cause.transition != shown:
            shown = cause.transition
            out.print()
            out.print(f"{shown}: {_checks(comparison.counts[shown])}", style=STYLES.get(shown))
        _show_cause(out, decisions, decision, everything)
    _show_policy(out, decisions)
    out.print()
    counts = ", ".join(f"{n} {kind}" for kind, n in comparison.counts.items() if n or kind == SAME)
    varying = f" ({comparison.varying} varying, not blamed)" if comparison.varying else ""
    out.print(f"{_checks(len(comparison.pairs))} compared: {counts}{varying}")
    out.print(_conclusion(decisions))


def _show_cause(out: Any, decisions: Decisions, decision: Decision, everything: bool) -> None:
    cause = decision.cause
    out.print(f"  {cause.words}")
    out.print(f"    {calls_of(cause)}: {cause.spread()}")
    why = explained(decisions.comparison, cause) if cause.subject else ""
    if why:
        out.print(f"    {why}", style="dim")
    for entry, count in decision.accepted:
        out.print(f"    accepted until {entry.expires}: {_checks(count)}, {entry.reason} ({entry.place})")
    if cause.transition in REFUSED and not decision.refused and not decision.accepted:
        out.print("    allowed")
    if cause.first.old and cause.first.new and cause.subject:
        _show_examples(out, cause, everything)


def calls_of(cause: Cause, most: int = 6) -> str:
    """The calls, those of one implementation once: "losses.Huber, metrics.mse on keras-jax, keras-torch"."""
    calls = [(new or old).partition("/") for old, new in cause.calls]
    names = list(dict.fromkeys(name for _, _, name in calls))
    adapters = list(dict.fromkeys(adapter for adapter, _, _ in calls))
    shown = ", ".join(names[:most]) + (f" and {len(names) - most} more calls" if len(names) > most else "")
    return f"{shown} on {', '.join(adapters)}"


def _show_policy(out: Any, decisions: Decisions) -> None:
    if decisions.unused or decisions.expired:
        out.print()
    for entry in decisions.expired:
        out.print(f"expired on {entry.expires}, accepts nothing more: {entry}", style="bold yellow")
    for entry in decisions.unused:
        out.print(f"unused, nothing changed in this way: {entry}\n  remove the entry", style="bold yellow")


def _show_examples(out: Any, cause: Cause, everything: bool) -> None:
    examples = cause.examples()
    some = examples if everything else examples[:EXAMPLES]
    rows = [(*(_cell(text) for text in sides(pair)), place(pair), pair.check.id) for pair in some]
    with_place = any(row[3] for row in rows)
    print_rows(
        out,
        ("old", "new", "right", *(("element",) if with_place else ()), "check"),
        rows if with_place else [(*row[:3], row[4]) for row in rows],
    )
    if len(some) < len(examples):
        out.print(f"    and {len(examples) - len(some)} more (--all shows them)")


def _checks(number: int) -> str:
    return "1 check" if number == 1 else f"{number:,} checks"


def _cell(text: str) -> str:
    return text if len(text) <= CELL else text[: CELL - 1] + "…"


def _conclusion(decisions: Decisions) -> str:
    if decisions.status == 3:
        return "The comparison is incomplete: see the first lines."
    if decisions.status == 0:
        return "The gate is open."
    reasons = list(dict.fromkeys(decision.cause.transition for decision in decisions.refused))
    reasons += ["unused entries of the policy"] * bool(decisions.unused)
    return f"The gate is closed: {', '.join(reasons)}."
