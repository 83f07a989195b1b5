"""Causes: the transitions of a comparison, grouped so that one change of a framework is one line.

A cause is an operation, an implementation, the flags (or the case, where it has none) and the kind of outcome
before and after; dtypes, modes and parameters are merged into it. Its words name the most telling
check: one whose digits are published, in eager float32, where there is one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.gate import (
    ADDED,
    DRIFTED,
    NEWLY_SUPPORTED,
    NEWLY_UNSUPPORTED,
    REMOVED,
    SAME,
    TRANSITIONS,
    Comparison,
    Pair,
)
from conformance.gate_values import raised
from conformance.run_file import Check, Environment


@dataclass(frozen=True)
class Cause:
    """Checks that changed in one way.

    words      the sentence that a person reads first
    pairs      every check of it, the most telling one first
    """

    transition: str
    operation: str
    old_call: str
    new_call: str
    subject: str
    words: str
    pairs: tuple[Pair, ...]

    @property
    def first(self) -> Pair:
        return self.pairs[0]

    def examples(self) -> list[Pair]:
        """One pair for each case, and for each value it took."""
        seen: dict[tuple[str, str, str, str], Pair] = {}
        for pair in self.pairs:
            check = pair.check
            sides = (value(pair.old), value(pair.new)) if pair.old and pair.new else ("", "")
            seen.setdefault((check.case, check.order, *sides), pair)
        return list(seen.values())

    def spread(self) -> str:
        """How many checks, and over what: "14 checks, 3 dtypes"."""
        count = len(self.pairs)
        parts = ["1 check" if count == 1 else f"{count} checks"]
        for name, plural in (("dtype", "dtypes"), ("mode", "modes")):
            values = list(dict.fromkeys(getattr(pair.check, name) for pair in self.pairs))
            parts.append(values[0] if len(values) == 1 else f"{len(values)} {plural}")
        return ", ".join(parts)


def causes(comparison: Comparison) -> list[Cause]:
    """All causes but `same`, in the order of TRANSITIONS, larger ones first."""
    groups: dict[tuple[str, ...], list[Pair]] = {}
    for pair in comparison.pairs:
        if pair.transition != SAME:
            groups.setdefault(_key(pair), []).append(pair)
    inputs = _first_inputs([*comparison.candidate.environments, *comparison.baseline.environments])
    found = [_cause(sorted(pairs, key=_telling), inputs) for pairs in groups.values()]
    return sorted(
        found, key=lambda c: (TRANSITIONS.index(c.transition), -len(c.pairs), c.new_call, c.subject)
    )


def _key(pair: Pair) -> tuple[str, ...]:
    check = pair.check
    calls = pair.old.call if pair.old else "", pair.new.call if pair.new else ""
    base = (pair.transition, check.operation, *calls)
    if pair.transition in (ADDED, REMOVED, NEWLY_UNSUPPORTED):
        return (*base, pair.note)
    if pair.transition == DRIFTED:
        return base
    if pair.transition == NEWLY_SUPPORTED:
        return (*base, pair.old.message if pair.old else "", check.verdict)
    assert pair.old is not None
    assert pair.new is not None
    about = ",".join(check.flags) or check.case
    return (*base, about, check.order, _kind(pair.old), _kind(pair.new), pair.note)


def _kind(check: Check) -> str:
    """What sort of outcome it is; numbers are one sort, however they differ."""
    special = next((name for name in ("nan", "inf", "-inf") if check.outcome.startswith(name)), "value")
    return f"{check.verdict} {check.choice or raised(check) or special}"


def _telling(pair: Pair) -> tuple[bool, ...]:
    check = pair.check
    return (
        check.published is None, check.dtype != "float32", check.mode != "eager", check.order != "value",
        check.shape != () and check.shape is not None,
    )  # fmt: skip


def _cause(pairs: list[Pair], inputs: dict[tuple[str, str], str]) -> Cause:
    first = pairs[0]
    check = first.check
    subject = _subject(pairs, inputs.get((check.operation, check.implementation), "inputs"))
    return Cause(
        first.transition,
        check.operation,
        first.old.call if first.old else "",
        first.new.call if first.new else "",
        subject,
        _words(first, pairs, subject),
        tuple(pairs),
    )


def _subject(pairs: list[Pair], noun: str) -> str:
    """What it is about: "of saturated probabilities", "in 3 cases of empty-batch", "in bce/mean"."""
    first = pairs[0]
    if first.transition in (ADDED, REMOVED, DRIFTED, NEWLY_SUPPORTED, NEWLY_UNSUPPORTED):
        return ""
    check = first.check
    order = "" if check.order == "value" else f"{check.order} "
    cases = {pair.check.case for pair in pairs}
    adjectives = [flag for flag in check.flags if flag.endswith("ed") and "-" not in flag]
    if adjectives:
        about = f"of {' '.join(adjectives)} {noun}"
    elif len(cases) > 1:
        about = f"in {len(cases)} cases of {', '.join(check.flags)}"
    else:
        about = f"in {check.case}"
    return f"{order}{about}"


def _words(first: Pair, pairs: list[Pair], subject: str) -> str:
    check = first.check
    old, new = first.old, first.new
    name = check.implementation
    if old is None or new is None:
        return f"{name}: {first.transition}" + (f": {first.note}" if first.note else "")
    if first.transition == NEWLY_UNSUPPORTED:
        return f"{name}: newly unsupported: {new.message or 'no reason given'}"
    if first.transition == NEWLY_SUPPORTED:
        return f"{name}: newly supported, {new.verdict} (was: {old.message or 'unsupported'})"
    if first.transition == DRIFTED:
        worst = max(_drift(pair) for pair in pairs)
        return f"{name}: other bits, same value within the bound; K at most {worst:.3g} now"
    label = f"{name} {subject}" if subject else name
    return f"{label}: {_became(old, new)} ({_standing(old, new)})" + (f"; {first.note}" if first.note else "")


def _became(old: Check, new: Check) -> str:
    before, after = value(old), value(new)
    if before == after and old.worst and new.worst:
        before, after = old.worst.got, new.worst.got
    if before == after:
        return f"{before} is now computed otherwise" if before else "the outcome changed"
    return f"{before or old.verdict} became {after or new.verdict}"


def _standing(old: Check, new: Check) -> str:
    if old.verdict == new.verdict:
        return f"both {_ADJECTIVE.get(old.verdict, old.verdict)}"
    return f"was {_ADJECTIVE.get(old.verdict, old.verdict)}, is {_ADJECTIVE.get(new.verdict, new.verdict)}"


_ADJECTIVE = {
    "conforms": "conforming",
    "diverges": "diverging",
    "rejects": "rejected",
    "accepts": "accepted though invalid",
    "crashes": "crashing",
    "hangs": "hanging",
}


def value(check: Check | None) -> str:
    """The outcome of one side as people read it; a choice is named with it."""
    if check is None:
        return ""
    if check.choice and check.choice not in check.outcome:
        return f"{check.outcome} ({check.choice})" if check.outcome else check.choice
    return check.outcome or check.verdict


def _drift(pair: Pair) -> float:
    agreement = pair.check.contract_agreement or pair.check.agreement
    return agreement.k if agreement is not None and agreement.k == agreement.k else 0.0


def _first_inputs(environments: list[Environment]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for operation, name, inputs in _rows(environments):
        if inputs:
            found.setdefault((operation, name), inputs[0])
    return found


def _rows(environments: list[Environment]) -> Iterator[tuple[str, str, list[str]]]:
    for environment in environments:
        for row in environment.implementations:
            yield row["operation"], row["name"], list(row.get("inputs") or [])
