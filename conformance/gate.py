"""The gate: what changed between a baseline run and a candidate run, check by check.

    same                 the same outcome; nan is the same as nan
    drifted              other bits, the same value as far as the bound can tell
    changed              another value, choice or exception, although neither side is worse by its verdict
    broken, fixed        accepted before and deviating now, and the reverse
    newly supported, newly unsupported
    added, removed       asked for in one run only

A check whose bits vary when one environment is asked repeatedly proves nothing of an upgrade while both sides are
accepted, or while one run saw by itself the verdict that the other has: it is `same`, and counted as varying. One that
deviates where no repetition of the other run did stays broken, or fixed.

How long calls take is compared apart from this, where both runs timed them: see `bench.compare` and `policy`.

A check is the same one in both runs by its variant, operation, adapter, implementation, dtype, mode, device
and order; adapters can be mapped onto each other. What was not run, because an environment did not start or a
run was stopped, is no transition: it is a problem, and the comparison is then not complete.

Pure: takes `Run` values, returns values. How transitions are grouped and worded is `causes.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.gate_scope import Scope, adapter_mapping, missing_is_unknown, why_missing
from conformance.gate_values import another_value, identical, raised
from conformance.run_file import Check, Environment, Run

SAME, DRIFTED, CHANGED, BROKEN, FIXED = "same", "drifted", "changed", "broken", "fixed"
NEWLY_SUPPORTED, NEWLY_UNSUPPORTED = "newly supported", "newly unsupported"
ADDED, REMOVED = "added", "removed"
# In the order in which a reader needs them.
TRANSITIONS = (
    BROKEN, CHANGED, NEWLY_UNSUPPORTED, REMOVED, NEWLY_SUPPORTED, ADDED, FIXED, DRIFTED, SAME,
)  # fmt: skip
REFUSED = (BROKEN, CHANGED, NEWLY_UNSUPPORTED, REMOVED)

# The note of a pair that is `same` because a repeated call gave other bits in one run alone.
VARYING = "varying, not blamed"

ACCEPTED = ("conforms", "documented")
DEVIATING = ("diverges", "unstable", "misshapen", "rejects", "accepts", "crashes", "hangs")

Key = tuple[str, str, str, str, str, str, str, str]


@dataclass(frozen=True)
class Pair:
    """One check in both runs; the side on which it was not run is None."""

    transition: str
    old: Check | None
    new: Check | None
    note: str = ""

    @property
    def check(self) -> Check:
        """The candidate's check, or the baseline's where there is no other."""
        found = self.new or self.old
        assert found is not None
        return found


@dataclass(frozen=True)
class Difference:
    """A version or numeric switch that differs; None where one side does not have it."""

    adapter: str
    kind: str
    name: str
    old: Any
    new: Any

    def __str__(self) -> str:
        name = f"switch {self.name}:" if self.kind == "switch" else self.name
        if self.old is None:
            return f"{self.adapter}: {name} {self.new} is new"
        if self.new is None:
            return f"{self.adapter}: {name} {self.old} is gone"
        return f"{self.adapter}: {name} {self.old} became {self.new}"


@dataclass(frozen=True)
class Comparison:
    """All that the gate found.

    mapping      baseline adapter -> candidate adapter, where the names differ or the user mapped them
    differences  versions and numeric switches, switches first
    notes        what limits the comparison: other suite versions, other cases, other selections
    problems     what makes it incomplete: environments that did not start, runs without an end
    """

    baseline: Run
    candidate: Run
    mapping: Mapping[str, str]
    differences: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    pairs: tuple[Pair, ...] = field(default=(), repr=False)

    @property
    def counts(self) -> dict[str, int]:
        """Number of checks of each transition, in the order of `TRANSITIONS`."""
        counted = Counter(pair.transition for pair in self.pairs)
        return {transition: counted[transition] for transition in TRANSITIONS}

    @property
    def varying(self) -> int:
        """Number of checks whose other bits are not blamed on the candidate."""
        return sum(pair.note == VARYING for pair in self.pairs)

    def status(self, allowed: Iterable[str] = ()) -> int:
        """3 where the comparison is incomplete, 1 where a transition is refused and not allowed, else 0."""
        if self.problems:
            return 3
        refused = set(REFUSED) - set(allowed)
        return int(any(pair.transition in refused for pair in self.pairs))


def compare(baseline: Run, candidate: Run, mapping: Mapping[str, str] | None = None) -> Comparison:
    """Compares two runs check by check.

    With a `mapping` only the mapped adapters are compared. Without one, adapters are compared by name; where
    each run holds exactly one, these two are compared. Raises UsageError for an adapter that a run lacks.
    """
    names, notes = adapter_mapping(baseline, candidate, mapping)
    scope = Scope.of(baseline, candidate, names, only_mapped=bool(mapping))
    olds = {_key(c, names.get(c.adapter, c.adapter)): c for c in baseline.checks if scope.holds_old(c)}
    news = {_key(c, c.adapter): c for c in candidate.checks if scope.holds_new(c)}
    contracts = contracts_of(baseline), contracts_of(candidate)

    pairs: list[Pair] = []
    others = 0
    for key, old in olds.items():
        new = news.get(key)
        if new is None:
            if not missing_is_unknown(candidate, key[2]):
                pairs.append(Pair(REMOVED, old, None, why_missing(candidate, key[2], old)))
        elif old.inputs_digest and new.inputs_digest and old.inputs_digest != new.inputs_digest:
            others += 1
        else:
            pairs.append(_judge(old, new, contracts))
    back = {new: old for old, new in names.items()}
    for key, new in news.items():
        if key not in olds and not missing_is_unknown(baseline, back.get(key[2], key[2])):
            pairs.append(Pair(ADDED, None, new, why_missing(baseline, back.get(key[2], key[2]), new)))

    if others:
        notes.append(f"{others} checks saw other inputs in the two runs and are not compared")
    notes = [*scope.notes, *notes]
    return Comparison(
        baseline, candidate, names, _differences(baseline, candidate, names, scope), tuple(notes),
        tuple(scope.problems), tuple(pairs),
    )  # fmt: skip


def transition(old: Check, new: Check, old_contract: Any = None, new_contract: Any = None) -> tuple[str, str]:
    """(transition, note) of one check that both runs hold."""
    if "unsupported" in (old.verdict, new.verdict):
        if old.verdict == new.verdict:
            return SAME, ""
        return (NEWLY_SUPPORTED, "") if old.verdict == "unsupported" else (NEWLY_UNSUPPORTED, new.message)
    unmoved = identical(old, new)
    note = "the bits are the same: the judgement changed, not the framework" if unmoved else ""
    if old.verdict in ACCEPTED and new.verdict in DEVIATING:
        return BROKEN, note
    if old.verdict in DEVIATING and new.verdict in ACCEPTED:
        return FIXED, note
    if old.choice != new.choice or raised(old) != raised(new):
        return CHANGED, ""
    if unmoved:
        return (SAME, "") if old.verdict == new.verdict or _both_accepted(old, new) else (CHANGED, note)
    if old.verdict != new.verdict or old.shape != new.shape:
        return CHANGED, ""
    if old.verdict in ("crashes", "hangs"):
        return SAME, ""
    # Two values that meet one contract, or the mathematics, can only be told apart by more than the bound;
    # under two contracts each may sit well inside its own bound and still be another value.
    strict = old.verdict == "documented" and old_contract != new_contract
    return (CHANGED if another_value(old, new, strict=strict) else DRIFTED), ""


def _judge(old: Check, new: Check, contracts: tuple[Contracts, Contracts]) -> Pair:
    kind, note = transition(old, new, contracts[0].get(contract_key(old)), contracts[1].get(contract_key(new)))
    if kind != SAME and _varying(old, new):
        return Pair(SAME, old, new, VARYING)
    return Pair(kind, old, new, note)


def _varying(old: Check, new: Check) -> bool:
    """Whether two outcomes may differ for no other reason than that a call gives another result each time.

    They may where both are accepted; else where one run saw by itself the verdict that the other one has.
    """
    if not (old.varying or new.varying) or "unsupported" in (old.verdict, new.verdict):
        return False
    seen = set(old.varying_verdicts), set(new.varying_verdicts)
    return _both_accepted(old, new) or new.verdict in seen[0] or old.verdict in seen[1]


def _both_accepted(old: Check, new: Check) -> bool:
    return old.verdict in ACCEPTED and new.verdict in ACCEPTED


def _key(check: Check, adapter: str) -> Key:
    where = check.dtype, check.mode, asked_device(check), check.order
    return check.variant, check.operation, adapter, check.implementation, *where


def asked_device(check: Check) -> str:
    """The device that was asked for. `device` says where the output was, which is an outcome."""
    before = f"{check.variant}:{check.call}:{check.dtype}:{check.mode}:"
    if check.id.startswith(before) and check.id.endswith(f":{check.order}"):
        return check.id[len(before) : -len(check.order) - 1]
    return check.device


Contracts = dict[tuple[str, str, str, str], Any]


def contract_key(check: Check) -> tuple[str, str, str, str]:
    """What finds the contract of a check in `contracts_of`."""
    return check.adapter, check.operation, check.implementation, check.dtype


def contracts_of(run: Run) -> Contracts:
    """The contracts that the implementations of a run declare, for each dtype."""
    return {
        (environment.adapter, row["operation"], row["name"], dtype): contract
        for environment in run.environments
        for row in environment.implementations
        for dtype, contract in (row.get("contract") or {}).items()
    }


def _differences(baseline: Run, candidate: Run, names: Mapping[str, str], scope: Scope) -> tuple[Difference, ...]:
    found: dict[tuple[str, str, str], Difference] = {}
    news = {(e.adapter, e.device): e for e in candidate.environments if e.started}
    for old in baseline.environments:
        name = names.get(old.adapter, old.adapter)
        new = news.get((name, old.device))
        if new is None or not old.started or old.adapter not in scope.old_adapters:
            continue
        label = name if name == old.adapter else f"{old.adapter} -> {name}"
        for difference in _between(label, old, new):
            found[difference.adapter, difference.kind, difference.name] = difference
    return tuple(sorted(found.values(), key=lambda d: (d.kind != "switch", d.adapter)))


def _between(label: str, old: Environment, new: Environment) -> list[Difference]:
    sides = [("switch", old.switches, new.switches), ("version", old.versions, new.versions)]
    found = [
        Difference(label, kind, name, before.get(name), after.get(name))
        for kind, before, after in sides
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]
    named = {d.name for d in found}
    framework = new.framework or old.framework
    same = (old.framework, old.version) == (new.framework, new.version)
    if not same and not {framework, old.framework} & named:
        found.append(
            Difference(label, "version", "of the framework", f"{old.framework} {old.version}".strip(),
                       f"{new.framework} {new.version}".strip())
        )  # fmt: skip
    return found
