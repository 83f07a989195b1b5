"""What two runs can be compared on: which adapters, and which checks both were asked and could answer."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.errors import UsageError
from conformance.run_file import Check, Environment, Run

FEW = 3
# Parts of a selection that say which environments are asked, not which checks.
ABOUT_ENVIRONMENTS = ("adapters", "devices")


def adapter_mapping(baseline: Run, candidate: Run, asked: Mapping[str, str] | None) -> tuple[dict[str, str], list[str]]:
    """(baseline adapter -> candidate adapter where the names differ or the user mapped them, notes).

    Raises UsageError for an adapter that a run does not hold and for one that is mapped twice.
    """
    old_names, new_names = adapters_of(baseline), adapters_of(candidate)
    if asked:
        for side, names, run in ((asked.keys(), old_names, baseline), (asked.values(), new_names, candidate)):
            for name in side:
                if name not in names:
                    raise UsageError(_unknown_adapter(name, names, run))
        twice = [name for name, count in Counter(asked.values()).items() if count > 1]
        if twice:
            raise UsageError(f"two adapters are mapped to '{twice[0]}'\n  expected each one once")
        left = [name for name in old_names if name not in asked]
        left += [name for name in new_names if name not in asked.values()]
        note = f"only mapped adapters are compared; left out: {', '.join(dict.fromkeys(left))}"
        return dict(asked), [note] if left else []
    if len(old_names) == len(new_names) == 1 and old_names != new_names:
        note = f"each run holds one adapter: {old_names[0]} is compared with {new_names[0]}"
        return {old_names[0]: new_names[0]}, [note]
    return {}, []


def adapters_of(run: Run) -> list[str]:
    """Names of the adapters that a run holds, in its order; those that are not installed are not held."""
    tried = [e.adapter for e in run.environments if e.started or not absent(e)]
    return list(dict.fromkeys([*tried, *(check.adapter for check in run.checks)]))


def absent(environment: Environment) -> bool:
    """Whether a worker did not start because the framework is not installed, which is nobody's fault."""
    return not environment.started and environment.reason.startswith("not installed")


@dataclass(frozen=True)
class Scope:
    """What is compared.

    questions  (variant, dtype, mode, order) that both runs hold, or None where they were asked the same
    problems   why something cannot be known: an environment that did not start, a run that was stopped
    """

    questions: frozenset[tuple[str, ...]] | None
    old_adapters: frozenset[str]
    new_adapters: frozenset[str]
    notes: tuple[str, ...]
    problems: tuple[str, ...]

    @classmethod
    def of(cls, baseline: Run, candidate: Run, names: Mapping[str, str], *, only_mapped: bool) -> Scope:
        """`names` maps adapters; with `only_mapped` the others are left out."""
        old_adapters = set(names) if only_mapped else set(adapters_of(baseline))
        new_adapters = set(names.values()) if only_mapped else set(adapters_of(candidate))
        questions, notes = _common(baseline, candidate)
        notes += _machines(baseline, candidate)
        back = {new: old for old, new in names.items()}
        problems = [
            *_problems("baseline", baseline, old_adapters, {back.get(n, n) for n in new_adapters}),
            *_problems("candidate", candidate, new_adapters, {names.get(n, n) for n in old_adapters}),
        ]
        return cls(
            questions,
            frozenset(old_adapters),
            frozenset(new_adapters),
            tuple(notes),
            tuple(problems),
        )

    def holds_old(self, check: Check) -> bool:
        """Whether a check of the baseline is compared."""
        return check.adapter in self.old_adapters and self._within(check)

    def holds_new(self, check: Check) -> bool:
        """Whether a check of the candidate is compared."""
        return check.adapter in self.new_adapters and self._within(check)

    def _within(self, check: Check) -> bool:
        return self.questions is None or _question(check) in self.questions


def missing_is_unknown(run: Run, adapter: str) -> bool:
    """Whether a run cannot say that it lacks a check: it was stopped, or the adapter did not start."""
    failed = {environment.adapter for environment in run.environments if not environment.started}
    return _stopped(run) or adapter in failed


def why_missing(run: Run, adapter: str, check: Check) -> str:
    """Why a run lacks a check, where its environments tell."""
    environment = next((e for e in run.environments if e.adapter == adapter), None)
    if environment is None:
        return f"{adapter} was not run"
    rows = {(row["operation"], row["name"]) for row in environment.implementations}
    if rows and (check.operation, check.implementation) not in rows:
        return f"{environment.framework or adapter} {environment.version} has no {check.implementation}"
    return ""


def _problems(side: str, run: Run, compared: Iterable[str], answered: Iterable[str]) -> list[str]:
    """`answered` are the adapters, by this run's names, for which the other run has something to compare."""
    found = [
        f"{side}: {e.adapter} on {e.device} did not start: {e.reason or 'no reason given'}"
        for e in run.environments
        if not e.started and (e.adapter in answered if absent(e) else e.adapter in {*compared, *answered})
    ]
    if _stopped(run):
        why = "has no end" if run.end is None else "says that it is not complete"
        found.append(f"{side}: {run.path} {why}: what it does not hold is unknown, not removed")
    return found


def _stopped(run: Run) -> bool:
    if run.end is None:
        return True
    return not run.end.complete and all(e.started or absent(e) for e in run.environments)


def _common(baseline: Run, candidate: Run) -> tuple[frozenset[tuple[str, ...]] | None, list[str]]:
    """What both runs asked of some implementation, or None where they were asked the same; and notes on the rest."""
    old, new = baseline.header, candidate.header
    same_cases = (old.suite, old.cases) == (new.suite, new.cases)
    if same_cases and _asked(old.selection) == _asked(new.selection):
        return None, []
    held = {_question(c) for c in baseline.checks}, {_question(c) for c in candidate.checks}
    common = frozenset(held[0] & held[1])
    notes = []
    if old.suite != new.suite:
        notes.append(f"suite versions differ: {old.suite} and {new.suite}")
    what = "cases" if not same_cases else "selections"
    profiles = [header.selection.get("profile", "full") for header in (old, new)]
    if profiles[0] != profiles[1]:
        notes.append(f"the profiles differ: {profiles[0]} and {profiles[1]}")
    variants = [{question[0] for question in side} for side in held]
    both = {question[0] for question in common}
    notes.append(
        f"the {what} differ: the {len(both)} variants that both runs hold are compared, in the dtypes, modes and "
        f"orders of both; left out: {_some(variants[0] - both)} of the baseline, "
        f"{_some(variants[1] - both)} of the candidate"
    )
    alone = [question for side in held for question in side - common if question[0] in both]
    left = Counter(part for question in alone for part in question[1:])
    if left:
        said = ", ".join(f"{name} ({count})" for name, count in left.most_common(6))
        notes.append(f"of the variants that both hold, one run alone was asked: {said}")
    return common, notes


def _some(names: Collection[str]) -> str:
    """How many, and the first few of them by name."""
    first = sorted(names)[:FEW]
    more = ", …" if len(names) > FEW else ""
    return f"{len(names):,} ({', '.join(first)}{more})" if names else "0"


def _question(check: Check) -> tuple[str, ...]:
    return check.variant, check.dtype, check.mode, check.order


def _machines(baseline: Run, candidate: Run) -> list[str]:
    """Another processor may compute other bits, whatever the framework's version."""
    old, new = baseline.header.machine, candidate.header.machine
    return [
        f"the machines differ: {name} {old[name]} and {new[name]}"
        for name in ("system", "machine", "processor", "cores")
        if old.get(name) and new.get(name) and old[name] != new[name]
    ]


def _asked(selection: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in selection.items() if name not in ABOUT_ENVIRONMENTS}


def _unknown_adapter(name: str, names: list[str], run: Run) -> str:
    close = difflib.get_close_matches(name, names, 1)
    hint = f"\n  did you mean '{close[0]}'?" if close else ""
    return f"{run.path} holds no adapter '{name}'\n  expected one of: {', '.join(names)}{hint}"
