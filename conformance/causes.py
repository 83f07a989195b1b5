"""Causes: the transitions of a comparison, grouped so that one change of a framework is one line.

A cause is an operation, an implementation, a flag (or the case, where it has none) and the kind of outcome before
and after; where the documented contract changed, that is the cause of every change of an accepted value. Dtypes,
modes, orders and parameters are merged. Its words name the most telling check: one whose digits are published, in
eager float32, where there is one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

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
from conformance.gate_values import raised, value
from conformance.run_file import Check, Environment, Worst


@dataclass(frozen=True)
class Cause:
    """Checks that changed in one way.

    operations   what they compute; more than one where the same change hit several
    calls        (baseline's call, candidate's call) of each implementation; "" where a run lacks it
    subject      the kind of inputs: "of saturated probabilities"
    words        the sentence that a person reads first
    pairs        every check of it, the most telling one first
    flag         the flag that describes the inputs; a run explains it
    records      ids of the divergence records that explain the candidate's checks
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
        """One pair for each case, and for each value it took."""
        seen: dict[tuple[str, ...], Pair] = {}
        for pair in self.pairs:
            check = pair.check
            seen.setdefault((check.case, check.order, *sides(pair)), pair)
        return list(seen.values())

    def spread(self) -> str:
        """How many checks, and over what: "14 checks, 3 dtypes"."""
        count = len(self.pairs)
        parts = ["1 check" if count == 1 else f"{count} checks"]
        for name, plural in (("dtype", "dtypes"), ("mode", "modes"), ("order", "orders")):
            values = list(dict.fromkeys(getattr(pair.check, name) for pair in self.pairs))
            parts.append(values[0] if len(values) == 1 else f"{len(values)} {plural}")
        return ", ".join(parts)


def causes(comparison: Comparison) -> list[Cause]:
    """All causes but `same`, in the order of TRANSITIONS, larger ones first."""
    contracts = contracts_of(comparison.baseline), contracts_of(comparison.candidate)
    groups: dict[tuple[str, ...], list[Pair]] = {}
    for pair in comparison.pairs:
        if pair.transition != SAME:
            groups.setdefault(_key(pair, contracts), []).append(pair)
    inputs = _first_inputs([*comparison.candidate.environments, *comparison.baseline.environments])
    found = [_cause(sorted(pairs, key=_telling), inputs, contracts) for pairs in groups.values()]
    order = {name: place for place, name in enumerate(TRANSITIONS)}
    return sorted(found, key=lambda c: (order[c.transition], -len(c.pairs), c.new_call, c.subject))


def _key(pair: Pair, contracts: tuple[Contracts, Contracts]) -> tuple[str, ...]:
    check = pair.check
    calls = pair.old.call if pair.old else "", pair.new.call if pair.new else ""
    base = (pair.transition, check.operation, *calls)
    if pair.transition in (ADDED, REMOVED, NEWLY_UNSUPPORTED):
        return (*base, pair.note)
    if pair.transition in (DRIFTED, NEWLY_SUPPORTED):
        return base
    old, new = pair.old, pair.new
    assert old is not None
    assert new is not None
    if pair.transition == CHANGED and _contract_change(pair, contracts):
        return (*base, "contract", old.verdict, new.verdict)
    return (*base, _flag(check) or check.case, _kind(old), _kind(new), pair.note)


def _contract_change(pair: Pair, contracts: tuple[Contracts, Contracts]) -> str:
    """How the contract changed under which a value that was accepted, and still is, changed; empty where it did not."""
    old, new = pair.old, pair.new
    if not old or not new or {old.verdict, new.verdict} not in ({"documented"}, {"documented", "conforms"}):
        return ""
    before = contracts[0].get(contract_key(old)) or {}
    after = contracts[1].get(contract_key(new)) or {}
    changes = [f"{name} {before[name]} is gone" for name in before if name not in after]
    changes += [f"{name} {after[name]} is new" for name in after if name not in before]
    changes += [f"{n} {before[n]} became {after[n]}" for n in before if n in after and before[n] != after[n]]
    return ", ".join(changes)


def _kind(check: Check) -> str:
    """What sort of outcome it is; numbers are one sort, however they differ."""
    special = next((name for name in ("nan", "inf", "-inf") if check.outcome.startswith(name)), "value")
    return f"{check.verdict} {check.choice or raised(check) or special}"


def _flag(check: Check) -> str:
    """The flag that says most: one that describes the inputs ("saturated"), else the first."""
    described = [flag for flag in check.flags if flag.endswith("ed") and "-" not in flag]
    return next(iter([*described, *check.flags]), "")


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


def _cause(pairs: list[Pair], inputs: dict[tuple[str, str], str], contracts: tuple[Contracts, Contracts]) -> Cause:
    first = pairs[0]
    check = first.check
    subject = _subject(pairs, inputs.get((check.operation, check.implementation), "inputs"))
    change = _contract_change(first, contracts) if first.transition == CHANGED else ""
    contract = f"; contract: {change}" if change else ""
    return Cause(
        first.transition,
        (check.operation,),
        ((first.old.call if first.old else "", first.new.call if first.new else ""),),
        subject,
        _words(first, pairs, subject) + contract,
        tuple(pairs),
        flag=_flag(check),
        records=tuple(dict.fromkeys(pair.new.record for pair in pairs if pair.new and pair.new.record)),
    )


def _subject(pairs: list[Pair], noun: str) -> str:
    """What it is about: "of saturated probabilities", "in 3 cases of empty-batch", "in bce/mean"."""
    check = pairs[0].check
    if pairs[0].transition not in (BROKEN, FIXED, CHANGED):
        return f"as {check.operation}"
    order = "" if check.order == "value" else f"{check.order} "
    flag = _flag(check)
    cases = {pair.check.case for pair in pairs}
    if flag.endswith("ed") and "-" not in flag:
        return f"{order}of {flag} {noun}"
    if flag and len(cases) > 1 and all(flag in pair.check.flags for pair in pairs):
        return f"{order}in {len(cases)} cases of {flag}"
    return f"{order}in {check.case}"


def _words(first: Pair, pairs: list[Pair], subject: str) -> str:
    old, new = first.old, first.new
    label = f"{first.check.implementation} {subject}"
    if old is None or new is None or first.transition == NEWLY_UNSUPPORTED:
        note = first.note or (new.message if new else "")
        return f"{label}: {first.transition}" + (f": {note}" if note else "")
    if first.transition == NEWLY_SUPPORTED:
        verdicts = Counter(pair.check.verdict for pair in pairs)
        reasons = Counter(pair.old.message for pair in pairs if pair.old and pair.old.message)
        was = f" (was: {reasons.most_common(1)[0][0]})" if reasons else ""
        counts = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common())
        return f"{label}: newly supported, {counts}{was}"
    if first.transition == DRIFTED:
        worst = max((_k(pair.check) for pair in pairs if pair.check.verdict in ACCEPTED), default=None)
        now = "" if worst is None else f"; K is at most {worst:.3g} now"
        return f"{label}: other bits, the same value within the bound{now}"
    return f"{label}: {_became(old, new)} ({_standing(old, new)})" + (f"; {first.note}" if first.note else "")


def _became(old: Check, new: Check) -> str:
    before, after, right = sides(Pair(CHANGED, old, new))
    if before != after:
        return f"{before or old.verdict} became {after or new.verdict}"
    if new.worst and not old.worst:
        return f"an element became {_place(new.worst)}, where {right_of(new.worst)} is right"
    if old.worst and not new.worst:
        return f"an element, {_place(old.worst)}, became {right_of(old.worst)}, which is right"
    return f"{before} is computed otherwise, where {right} is right" if before else "the outcome changed"


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


def sides(pair: Pair) -> tuple[str, str, str]:
    """(old, new, right) as people read them; of long outputs the element that is worst in both."""
    old, new = pair.old, pair.new
    if old and new and old.worst and new.worst and "…" in old.outcome and "…" in new.outcome:
        same = (old.worst.output, old.worst.index) == (new.worst.output, new.worst.index)
        if same and old.worst.got != new.worst.got:
            return _place(old.worst), _place(new.worst), right_of(new.worst)
    return value(old), value(new), pair.check.right


def right_of(worst: Worst) -> str:
    """The right value of a worst element in eight digits."""
    return _short(worst.exact)


def _place(worst: Worst) -> str:
    place = "".join(f"[{i}]" for i in worst.index)
    return f"{_short(worst.got)} at {place}" if place else _short(worst.got)


def _short(text: str) -> str:
    try:
        return f"{float(text):.8g}"
    except ValueError:
        return text


def _k(check: Check) -> float:
    agreement = check.contract_agreement if check.verdict == "documented" else check.agreement
    return agreement.k if agreement is not None and agreement.k == agreement.k else 0.0


def _first_inputs(environments: list[Environment]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for environment in environments:
        for row in environment.implementations:
            if row.get("inputs"):
                found.setdefault((row["operation"], row["name"]), row["inputs"][0])
    return found
