"""Causes: the transitions of a comparison, grouped so that one change of a framework is one line.

A reader wants to know what happened, not in how many rows. Checks belong together when they are of one framework and
one operation, went from one sort of outcome to another, and were asked with one kind of inputs:

    sort of outcome   accepted or not, with the choice, the exception, nan or infinity that came back; numbers are one
    kind of inputs    the flag that most of the checks share; where ordinary inputs changed too, or where an exception
                      tells what it is about, all of them are one

Dtypes, modes, orders, parameters, implementations (`losses.X`, `metrics.X`, the function) and adapters of one framework
(Keras on three backends) are merged. Where the documented contract changed, that is the cause of every change of an
accepted value. A cause that says the same of several operations is one. How it is worded is `cause_words.py`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from conformance.cause_words import sides, spread, words_of
from conformance.gate import (
    ACCEPTED,
    ADDED,
    BROKEN,
    CHANGED,
    DRIFTED,
    FIXED,
    NEWLY_SUPPORTED,
    NEWLY_UNSUPPORTED,
    REMOVED,
    SAME,
    TRANSITIONS,
    Comparison,
    Contracts,
    Pair,
    contract_key,
    contracts_of,
)
from conformance.gate_values import raised
from conformance.run_file import Check

# Flags that say nothing of what the inputs look like; the first ones stand on ordinary inputs.
ORDINARY_FLAGS = frozenset(("grid", "random-batch", "published-number", "published-fault", "documented-claim"))
NEUTRAL_FLAGS = frozenset(("representative", "second-order", "metamorphic"))
ORDINARY = ""
# Of what broke, the worst first.
SEVERITY = ("crashes", "hangs", "rejects", "misshapen", "unstable", "diverges", "accepts")


@dataclass(frozen=True)
class Cause:
    """Checks that changed in one way.

    operations   what they compute; more than one where the same change hit several
    calls        (baseline's call, candidate's call) of each implementation; "" where a run lacks it
    subject      the kind of inputs: "of saturated probabilities"
    words        the sentence that a person reads first
    pairs        every check of it, the most telling one first
    flag         the flag that describes the inputs; a run explains it
    records      ids of the divergence records that explain the candidate's deviation, or the one that is fixed
    """

    transition: str
    operations: tuple[str, ...]
    calls: tuple[tuple[str, str], ...]
    subject: str
    words: str
    pairs: tuple[Pair, ...]
    flag: str = ""
    records: tuple[str, ...] = ()

    @property
    def operation(self) -> str:
        return self.operations[0]

    @property
    def old_call(self) -> str:
        return self.calls[0][0]

    @property
    def new_call(self) -> str:
        return self.calls[0][1]

    @property
    def first(self) -> Pair:
        return self.pairs[0]

    def examples(self) -> list[Pair]:
        """One pair for each operation, case and order, and for each value it took; other operations first."""
        seen: dict[tuple[str, ...], Pair] = {}
        for pair in self.pairs:
            check = pair.check
            seen.setdefault((check.operation, check.case, check.order, *sides(pair)), pair)
        found = list(seen.values())
        leading = list({pair.check.operation: pair for pair in reversed(found)}.values())[::-1]
        return [*leading, *(pair for pair in found if not any(pair is lead for lead in leading))]

    def spread(self) -> str:
        """How many checks, and over what: "14 checks, 3 dtypes, eager, value"."""
        return spread([pair.check for pair in self.pairs])


@dataclass(frozen=True)
class Alike:
    """What the checks of one cause have in common; the operation and the call are left out once they are merged."""

    transition: str
    framework: str
    operation: str
    call: str
    before: str = ""
    after: str = ""
    note: str = ""
    contract: str = ""
    subject: str = ORDINARY


def causes(comparison: Comparison) -> list[Cause]:
    """All causes but `same`, in the order of TRANSITIONS; changes of accepted values and larger causes first."""
    found = _Finder(comparison).causes()
    order = {name: place for place, name in enumerate(TRANSITIONS)}
    return sorted(found, key=lambda c: (order[c.transition], _rank(c), -len(c.pairs), c.operations, c.subject))


def _rank(cause: Cause) -> int:
    new, old = cause.first.new, cause.first.old
    if cause.transition == BROKEN and new is not None:
        return SEVERITY.index(new.verdict)
    return int(cause.transition == CHANGED and old is not None and old.verdict not in ACCEPTED)


class _Finder:
    def __init__(self, comparison: Comparison) -> None:
        self.pairs = [pair for pair in comparison.pairs if pair.transition != SAME]
        self.contracts = contracts_of(comparison.baseline), contracts_of(comparison.candidate)
        environments = [*comparison.candidate.environments, *comparison.baseline.environments]
        self.frameworks = {e.adapter: e.framework or e.adapter for e in reversed(environments) if e.started}
        self.frameworks.update({old: self.frameworks.get(new, new) for old, new in comparison.mapping.items()})
        self.inputs: dict[str, str] = {}
        for environment in environments:
            for row in environment.implementations:
                if row.get("inputs"):
                    self.inputs.setdefault(row["operation"], row["inputs"][0])

    def causes(self) -> list[Cause]:
        alike = _grouped((self._alike(pair), pair) for pair in self.pairs)
        with_subject = [
            (replace(key, subject=subject), pair)
            for key, pairs in alike.items()
            for subject, some in _by_subject(key, pairs)
            for pair in some
        ]
        of_all_calls = _grouped((replace(key, call=""), pair) for key, pair in with_subject)
        merged = _grouped((_merged(key), pair) for key, pairs in of_all_calls.items() for pair in pairs)
        return [self._cause(key, sorted(pairs, key=_telling)) for key, pairs in merged.items()]

    def _alike(self, pair: Pair) -> Alike:
        check, old, new = pair.check, pair.old, pair.new
        framework = self.frameworks.get(check.adapter, check.adapter)
        base = Alike(pair.transition, framework, check.operation, check.implementation, note=pair.note)
        if old is None or new is None or pair.transition in (NEWLY_UNSUPPORTED, DRIFTED):
            return base
        if pair.transition == NEWLY_SUPPORTED:
            return replace(base, note=old.message)
        contract = contract_change(pair, self.contracts) if pair.transition == CHANGED else ""
        if contract:
            return replace(base, contract=contract, note="")
        if raised(new):  # what it raises is the cause, whatever it gave before
            return replace(base, after=_sort(new))
        if pair.transition == FIXED:  # and what is right now may have been wrong in several ways
            return replace(base, before=_sort(old) if raised(old) else "")
        return replace(base, before=_sort(old), after="" if raised(old) else _sort(new))

    def _cause(self, key: Alike, pairs: list[Pair]) -> Cause:
        operations = tuple(dict.fromkeys(pair.check.operation for pair in pairs))
        noun = self.inputs.get(operations[0], "inputs") if len(operations) == 1 else "inputs"
        flag = _flag(key, pairs)
        subject = _subject(key, pairs, flag, noun)
        return Cause(
            key.transition,
            operations,
            tuple(dict.fromkeys(_calls(pair) for pair in pairs)),
            subject,
            words_of(key, pairs, operations, subject),
            tuple(pairs),
            flag=flag,
            records=tuple(dict.fromkeys(filter(None, map(_explaining, pairs)))),
        )


def _grouped(keyed: Iterable[tuple[Alike, Pair]]) -> dict[Alike, list[Pair]]:
    groups: dict[Alike, list[Pair]] = {}
    for key, pair in keyed:
        groups.setdefault(key, []).append(pair)
    return groups


def _merged(key: Alike) -> Alike:
    """The same without the operation, where nothing but the operation tells two causes apart."""
    by_note = key.transition in (ADDED, REMOVED, NEWLY_SUPPORTED, NEWLY_UNSUPPORTED) and key.note
    by_inputs = key.transition in (BROKEN, FIXED, CHANGED) and (key.subject != ORDINARY or "raises" in key.after)
    by_inputs = by_inputs and not (key.before == key.after == "accepted value")  # each computes it in its own way
    return replace(key, operation="") if by_note or (by_inputs and not key.contract) else key


def _by_subject(key: Alike, pairs: Sequence[Pair]) -> list[tuple[str, list[Pair]]]:
    """Splits checks by the kind of their inputs: the kind that most of them share, then that of most of the rest.

    Where ordinary inputs changed too the change has nothing to do with a kind.
    """
    told = key.contract or "raises" in key.before or "raises" in key.after
    if told or key.transition not in (BROKEN, FIXED, CHANGED):
        return [(ORDINARY, list(pairs))]
    kinds = {id(pair): _kinds(pair.check) for pair in pairs}
    if any(ORDINARY in found for found in kinds.values()):
        return [(ORDINARY, list(pairs))]
    found = []
    rest = list(pairs)
    while rest:
        counted = Counter(kind for pair in rest for kind in kinds[id(pair)])
        kind = max(counted, key=lambda name: (counted[name], _is_adjective(name)))
        found.append((kind, [pair for pair in rest if kind in kinds[id(pair)]]))
        rest = [pair for pair in rest if kind not in kinds[id(pair)]]
    return found


def _kinds(check: Check) -> tuple[str, ...]:
    """The flags that describe the inputs; the case's own name where there are none."""
    flags = _describing(check)
    if flags:
        return flags
    return (f"case {check.case.rpartition('/')[2]}",) if ORDINARY_FLAGS.isdisjoint(check.flags) else (ORDINARY,)


def _describing(check: Check) -> tuple[str, ...]:
    return tuple(flag for flag in check.flags if flag not in ORDINARY_FLAGS | NEUTRAL_FLAGS)


def _flag(key: Alike, pairs: Sequence[Pair]) -> str:
    """The flag that describes the inputs: that by which they were split, else one that most of them have.

    A contract shows best in the most telling check, whatever the others are.
    """
    first = _describing(pairs[0].check)
    if key.subject in first:
        return key.subject
    if key.contract:
        return next(iter(first), "")
    counted = Counter(flag for pair in pairs for flag in _describing(pair.check))
    flag, count = max(counted.items(), key=lambda item: item[1], default=("", 0))
    return flag if 2 * count >= len(pairs) else ""


def _is_adjective(flag: str) -> bool:
    """Whether a flag can stand before a noun: saturated probabilities."""
    return flag.endswith("ed") and "-" not in flag


def _subject(key: Alike, pairs: Sequence[Pair], flag: str, noun: str) -> str:
    """The kind of inputs in words: "of saturated probabilities", "with ignored rows", "in bce/mask"."""
    if key.transition not in (BROKEN, FIXED, CHANGED):
        return ""
    orders = {pair.check.order for pair in pairs}
    order = f"{next(iter(orders))} " if len(orders) == 1 and "value" not in orders else ""
    cases = list(dict.fromkeys(pair.check.case for pair in pairs))
    others = len({pair.check.case for pair in pairs if flag not in pair.check.flags})
    also = f" and in {others} other case{'s' * (others > 1)}" if others else ""
    if flag and _is_adjective(flag):
        return f"{order}of {flag} {noun}{also}"
    if len(cases) == 1:
        return f"{order}in {cases[0]}"
    if flag:
        return f"{order}with {flag.replace('-', ' ')}{also}"
    if key.subject.startswith("case "):
        return f"{order}in cases named {key.subject[5:]}"
    return f"{order}in {len(cases)} cases, such as {cases[0]}"


def contract_change(pair: Pair, contracts: tuple[Contracts, Contracts]) -> str:
    """How the contract changed under which a value that was accepted, and still is, changed; empty where it did not."""
    old, new = pair.old, pair.new
    if not old or not new or old.verdict not in ACCEPTED or new.verdict not in ACCEPTED or raised(new):
        return ""
    if old.choice != new.choice:
        return ""
    before = contracts[0].get(contract_key(old)) or {}
    after = contracts[1].get(contract_key(new)) or {}
    changes = [f"{name} {before[name]} is gone" for name in before if name not in after]
    changes += [f"{name} {after[name]} is new" for name in after if name not in before]
    changes += [f"{n} {before[n]} became {after[n]}" for n in before if n in after and before[n] != after[n]]
    return ", ".join(changes)


def _sort(check: Check) -> str:
    """What sort of outcome it is; numbers are one sort, however they differ, and however far they are off."""
    accepted = "accepted" if check.verdict in ACCEPTED else "deviating"
    if raised(check):
        return f"{accepted} raises {_without_particulars(check.message) or raised(check)}"
    if check.verdict in ("crashes", "hangs", "misshapen", "accepts", "unjudged"):
        return check.verdict
    special = next((name for name in ("nan", "inf", "-inf") if check.outcome.startswith(name)), "value")
    return f"{accepted} {check.choice or special}"


def _without_particulars(message: str) -> str:
    """An error message without the numbers, shapes and dtypes that differ from check to check."""
    first = message.partition("\n")[0]
    return re.sub(r"\b(b?float|u?int|half|double|complex)\d*\b|[\[({].*?[\])}]|\d+", "", first.lower())[:100]


def _explaining(pair: Pair) -> str | None:
    """The record that explains why a check deviates, or, where it is fixed, why it did."""
    check = pair.old if pair.transition == FIXED else pair.new
    return check.record if check and check.expectation == "expected" else None


def _calls(pair: Pair) -> tuple[str, str]:
    return pair.old.call if pair.old else "", pair.new.call if pair.new else ""


def _telling(pair: Pair) -> tuple[bool, ...]:
    check = pair.check
    return (
        check.published is None,
        check.dtype != "float32",
        check.mode != "eager",
        check.order != "value",
        check.shape not in ((), None),
        "…" in check.outcome,
    )


def explained(comparison: Comparison, cause: Cause) -> str:
    """Why the cases of a cause exist: what its flag, or its only case, says. Empty where a run says nothing."""
    flags: Mapping[str, Mapping[str, Any]] = {**comparison.baseline.flags, **comparison.candidate.flags}
    if cause.flag in flags:
        return f"{cause.flag}: {flags[cause.flag].get('why', '')}"
    said = {pair.check.says for pair in cause.pairs}
    return next(iter(said)) if len(said) == 1 else ""
