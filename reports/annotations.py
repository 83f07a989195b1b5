"""What a gate refuses, at the line of the case that shows it: workflow commands of GitHub, code quality of GitLab.

    error      what closes the gate: refused changes, unused entries of the policy, whatever makes it incomplete
    warning    what it lets pass: accepted changes, those that the policy does not mind, expired entries
    notice     what was fixed, newly supported or added

GitHub shows ten annotations of each kind for a step. More are gathered, first by case file, then all the rest in one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from conformance.reports.decided import example, standing, telling, written_at
from conformance.reports.words import clean, counted

from conformance.gate import DRIFTED, REFUSED, TRANSITIONS
from conformance.gate_summary import calls_of
from conformance.gate_timings import shown, timing_standing, told
from conformance.policy import Decision, Decisions, TimingDecision

MOST_OF_A_KIND = 10
# GitHub takes 64 kB of a message; one of many causes shows the beginning of each.
LONGEST = 16_000
GLIMPSE = 160
KINDS = ("error", "warning", "notice")


@dataclass(frozen=True)
class Annotation:
    """One remark. `file` is empty where it is about no line; `key` tells it from others and stays over runs."""

    kind: str
    title: str
    message: str
    key: str
    file: str = ""
    line: int = 0
    severity: str = "major"


def annotations(decisions: Decisions) -> list[Annotation]:
    """All of them, errors first, in the order of the causes. Drift of last bits is none."""
    found = [
        Annotation("error", "the comparison is incomplete", problem, f"problem {problem}", severity="blocker")
        for problem in decisions.comparison.problems
    ]
    found += [_decided(decisions, each) for each in decisions.each if each.cause.transition != DRIFTED]
    found += [_timed(decisions, each) for each in shown(decisions)]
    for entry in decisions.unused:
        said = f"nothing changed in this way, remove the entry: {entry.transition}, {entry.reason}"
        found.append(_of_policy("error", "unused entry of the policy", said, entry.place))
    for entry in decisions.expired:
        said = f"expired on {entry.expires}, accepts nothing more: {entry.transition}, {entry.reason}"
        found.append(_of_policy("warning", "expired entry of the policy", said, entry.place))
    return sorted(found, key=lambda each: KINDS.index(each.kind))


def github(decisions: Decisions) -> str:
    """Workflow commands, a line for each; to be printed by a step. Empty where there is nothing to say."""
    lines = []
    for kind in KINDS:
        of_kind = [each for each in annotations(decisions) if each.kind == kind]
        lines += [_command(each) for each in _gathered(of_kind)]
    return "".join(f"{line}\n" for line in lines)


def gitlab(decisions: Decisions) -> str:
    """A code quality report: a JSON array. What is about no line is placed at the candidate's run file."""
    run = decisions.comparison.candidate.path
    issues = [
        {
            "description": f"{each.title.partition(':')[0]}: {each.message.splitlines()[0]}",
            "check_name": f"conformance: {each.title}",
            "fingerprint": hashlib.sha256(each.key.encode("utf-8", "replace")).hexdigest(),
            "severity": each.severity,
            "location": {"path": each.file or run, "lines": {"begin": max(each.line, 1)}},
        }
        for each in annotations(decisions)
    ]
    return json.dumps(issues, ensure_ascii=False, indent=2) + "\n"


def _decided(decisions: Decisions, decision: Decision) -> Annotation:
    cause, pair = decision.cause, telling(decision)
    lines = [cause.words, f"{calls_of(cause)}: {cause.spread()}", standing(decision), example(pair)]
    kind, severity = "notice", "info"
    if decision.refused:
        kind, severity = "error", "critical" if cause.transition == TRANSITIONS[0] else "major"
    elif cause.transition in REFUSED:
        kind, severity = "warning", "minor"
    where = written_at(decisions, pair.check.case)
    title = f"{cause.transition}: {', '.join(cause.operations)}"
    key = " ".join([cause.transition, *cause.operations, *(f"{old} {new}" for old, new in cause.calls), cause.subject])
    found = Annotation(kind, title, "\n".join(filter(None, lines)), f"{key} {pair.check.id}", severity=severity)
    return replace(found, file=where.file, line=where.line) if where else found


def _timed(decisions: Decisions, decision: TimingDecision) -> Annotation:
    """A call that became slower or faster, at the case whose inputs were enlarged for it."""
    transition = decision.transition
    kind, severity = ("error", "major") if decision.refused else ("notice", "info")
    if transition.level != "pass" and not decision.refused:
        kind, severity = "warning", "minor"
    title = f"{transition.change}: {transition.timing.operation}"
    said = "\n".join(filter(None, [told(transition), timing_standing(decision)]))
    found = Annotation(kind, title, said, f"{transition.change} {transition.id}", severity=severity)
    where = written_at(decisions, transition.timing.case)
    return replace(found, file=where.file, line=where.line) if where else found


def _of_policy(kind: str, title: str, message: str, place: str) -> Annotation:
    file, _, line = place.rpartition(":")
    severity = "major" if kind == "error" else "minor"
    return Annotation(kind, title, message, f"{title} {place} {message}", file, int(line or 0), severity)


def _gathered(found: Sequence[Annotation]) -> list[Annotation]:
    """At most ten of one kind, with the words of all."""
    if len(found) <= MOST_OF_A_KIND:
        return list(found)
    by_file: dict[str, list[Annotation]] = {}
    for each in found:
        by_file.setdefault(each.file or each.key, []).append(each)
    gathered = [_together(members) for members in by_file.values()]
    if len(gathered) <= MOST_OF_A_KIND:
        return gathered
    kept, rest = gathered[: MOST_OF_A_KIND - 1], gathered[MOST_OF_A_KIND - 1 :]
    return [*kept, replace(_together(rest), title=f"and {len(rest)} more in other case files", file="", line=0)]


def _together(members: Sequence[Annotation]) -> Annotation:
    """The first, at its line, followed by a line for each of the others."""
    first, *others = members
    if not others:
        return first
    said = [first.message, "", *map(_glimpse, others)]
    return replace(first, title=f"{first.title}, and {counted(len(others), 'cause')} more", message="\n".join(said))


def _glimpse(each: Annotation) -> str:
    line = each.message.splitlines()[0]
    at = f" ({each.file}:{each.line})" if each.file else ""
    return f"{each.title.partition(':')[0]}: {line if len(line) <= GLIMPSE else line[:GLIMPSE] + '…'}{at}"


def _command(each: Annotation) -> str:
    where = [f"file={_property(each.file)}", f"line={max(each.line, 1)}"] if each.file else []
    message = each.message if len(each.message) <= LONGEST else each.message[:LONGEST] + " …"
    return f"::{each.kind} {','.join([*where, f'title={_property(each.title)}'])}::{_data(message)}"


def _data(text: str) -> str:
    """Text that ends no command: line breaks and the percent sign are escaped."""
    return clean(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(" ".join(text.split())).replace(":", "%3A").replace(",", "%2C")
