"""What `conformance accept` writes down: deviations as divergence records, changes as entries of a policy.

Both say what happened and where, as narrowly as the run shows it, and leave `TODO` where a person must say why.
One is written for each cause. Pure: takes runs and decisions, returns records and entries.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from packaging.version import InvalidVersion, Version

from conformance.bench.compare import TimingTransition
from conformance.gate_timings import told
from conformance.gate_values import raised, value
from conformance.judge.divergence import Divergence
from conformance.judge.verdict import DEVIATIONS
from conformance.policy import Acceptance, Decision, Decisions, Where
from conformance.run_file import Check, Environment, Run
from conformance.timing import Timing

TODO = "TODO"
FEW_VALUES = 4


def records_for(run: Run, own: Sequence[Divergence] = (), taken: Collection[str] = ()) -> list[Divergence]:
    """A record for each cause of what no record explains, those that the user already has (`own`) included.

    `taken` are further ids that are in use.
    """
    found = [check for check in run.checks if unexplained(check) and not _explained_by(own, check, run)]
    groups: dict[tuple[str, ...], list[Check]] = {}
    for check in found:
        sort = raised(check) or ""
        groups.setdefault((check.adapter, check.operation, check.implementation, check.verdict, sort), []).append(check)
    asked: dict[tuple[str, str, str], list[Check]] = {}
    for check in run.checks:
        if check.verdict != "unsupported":
            asked.setdefault(_call_of(check), []).append(check)
    records = [
        record
        for checks in groups.values()
        for record in _narrow(checks, asked[_call_of(checks[0])], _environment(run, checks[0]))
    ]
    return _named(_of_all_implementations(records), {*taken, *(record.id for record in own)})


def unexplained(check: Check) -> bool:
    """Whether a check deviates in a way that no record explains."""
    return check.expectation in ("unexpected", "changed") and check.verdict in DEVIATIONS


def _explained_by(own: Sequence[Divergence], check: Check, run: Run) -> bool:
    environment = _environment(run, check)
    version, versions = (environment.version, environment.versions) if environment else ("", {})
    said = f"raises {check.message}" if check.verdict == "rejects" else check.outcome
    grade, k = (check.agreement.grade, check.agreement.k) if check.agreement else ("C", math.inf)
    return any(
        record.concerns(check.adapter, check.operation, check.implementation)
        and _covers(record, check)
        and record.holds_for(version, versions)
        and record.looks_like(check.verdict, said, grade, k)
        for record in own
    )


def _call_of(check: Check) -> tuple[str, str, str]:
    return check.adapter, check.operation, check.implementation


def _environment(run: Run, check: Check) -> Environment | None:
    return next((e for e in run.environments if e.adapter == check.adapter and e.started), None)


def _narrow(checks: list[Check], asked: list[Check], environment: Environment | None) -> Iterator[Divergence]:
    """One record, or one for each order where a single one would cover checks that are right."""
    whole = _record(checks, asked, environment)
    if whole.always:
        yield whole
        return
    by_order: dict[str, list[Check]] = {}
    for check in checks:
        by_order.setdefault(check.order, []).append(check)
    for some in by_order.values():
        yield _record(some, asked, environment)


def _record(checks: list[Check], asked: list[Check], environment: Environment | None) -> Divergence:
    first = checks[0]
    versions, libraries = _ranges(first, environment)
    record = Divergence(
        id="",
        implementations=(first.implementation,),
        verdicts=(first.verdict,),
        why=f"{TODO}: {_seen(first)}",
        upstream=TODO,
        adapters=(first.adapter,),
        operations=(first.operation,),
        cases=_case_patterns({c.variant for c in checks}, {c.variant: c.case for c in asked}),
        dtypes=_in_order(c.dtype for c in checks),
        modes=_in_order(c.mode for c in checks),
        devices=_in_order(c.device for c in checks) if len({c.device for c in asked}) > 1 else (),
        orders=_in_order(c.order for c in checks),
        outcome=f"^raises {re.escape(raised(first) or '')}" if first.verdict == "rejects" else "",
        within=_bound(checks) if first.verdict == "diverges" else {},
        versions=versions,
        libraries=libraries,
    )
    mine = {id(check) for check in checks}
    right = any(
        id(check) not in mine and check.verdict in ("conforms", "documented") and _covers(record, check)
        for check in asked
    )
    return replace(record, always=not right)


def _covers(record: Divergence, check: Check) -> bool:
    return record.selects(check.variant) and record.holds_in(check.dtype, check.mode, check.device, check.order)


def _case_patterns(variants: Collection[str], cases: dict[str, str]) -> tuple[str, ...]:
    """The variants, those of one case as one pattern where all of them are meant; nothing where all are."""
    if len(variants) == len(cases):
        return ()
    patterns: list[str] = []
    for case in _in_order(cases[variant] for variant in cases if variant in variants):
        of_case = [variant for variant in cases if cases[variant] == case]
        families = {_family(variant, case) for variant in of_case}
        for family in sorted(families):
            members = [variant for variant in of_case if _family(variant, case) == family]
            meant = [variant for variant in members if variant in variants]
            patterns += [family] if meant and len(meant) == len(members) else meant
    return tuple(patterns)


def _family(variant: str, case: str) -> str:
    """The pattern of a variant and its likes: the case itself, with parameters, or changed by a relation."""
    rest = variant[len(case) :]
    return case + (f"{rest[0]}*" if rest else "")


def _bound(checks: Iterable[Check]) -> dict[str, float]:
    """The next power of ten above the largest K, so that the record hides no larger deviation."""
    largest = max((c.agreement.k for c in checks if c.agreement is not None), default=math.inf)
    return {"k": 10.0 ** math.ceil(math.log10(largest))} if 0 < largest < math.inf else {}


def _seen(check: Check) -> str:
    """What a check showed, for the person who has to find out why."""
    if check.verdict == "rejects":
        return f"{check.id} raises {check.message.partition(chr(10))[0]}"
    if check.worst is not None:
        place = "".join(f"[{i}]" for i in check.worst.index)
        at = f" at {place}" if place else ""
        return f"{check.id} gives {check.worst.got}{at} where {check.worst.exact} is right"
    return f"{check.id} gives {check.outcome or check.verdict} where {check.right} is right"


def _ranges(check: Check, environment: Environment | None) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Versions up to the one that was run: of the framework, or of the library beside it that holds the call."""
    if environment is None:
        return "", ()
    library = _library(check, environment)
    version = _public(environment.versions[library] if library else environment.version)
    if not version:
        return "", ()
    return ("", ((library, f"<={version}"),)) if library else (f"<={version}", ())


def _library(check: Check, environment: Environment) -> str:
    """The package that a call is of, where it has a version of its own: optax beside jax; else ""."""
    for row in environment.implementations:
        if (row["operation"], row["name"]) == (check.operation, check.implementation):
            package = str(row.get("call", "")).partition(".")[0]
            return package if package != environment.framework and package in environment.versions else ""
    return ""


def _public(version: str) -> str:
    """A version without its local part, which no range can name; "" where it is none."""
    try:
        return Version(version).public
    except InvalidVersion:
        return ""


def _of_all_implementations(records: Sequence[Divergence]) -> list[Divergence]:
    """Records that differ in the implementation alone, as one."""
    merged: dict[str, Divergence] = {}
    for record in records:
        key = repr(replace(record, implementations=(), why=""))
        known = merged.get(key)
        merged[key] = (
            replace(known, implementations=(*known.implementations, *record.implementations)) if known else record
        )
    return list(merged.values())


def _named(records: Sequence[Divergence], taken: set[str]) -> list[Divergence]:
    named = []
    for record in records:
        base = f"{record.adapters[0]}/{record.operations[0].replace('_', '-')}-{record.verdicts[0]}"
        number = 2
        identifier = base
        while identifier in taken:
            identifier = f"{base}-{number}"
            number += 1
        taken.add(identifier)
        named.append(replace(record, id=identifier))
    return named


def _in_order(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def entries_for(decisions: Decisions, expires: datetime.date) -> list[Acceptance]:
    """An acceptance for each cause that closes the gate, and for each call that became slower than its limit."""
    timings: dict[tuple[str, str], list[TimingTransition]] = {}
    for refused in decisions.refused_timings:
        transition = refused.transition
        timings.setdefault((transition.change, transition.timing.call), []).append(transition)
    return [
        *(_entry(decisions, decision, expires) for decision in decisions.refused),
        *(_timing_entry(decisions, transitions, expires) for transitions in timings.values()),
    ]


def _timing_entry(decisions: Decisions, transitions: Sequence[TimingTransition], expires: datetime.date) -> Acceptance:
    """One call that became slower: in these dtypes, modes and orders, and by as much as was seen and its noise."""
    timings = [each.timing for each in transitions]
    most = max((each.ratio * (1 + each.noise) for each in transitions if each.ratio is not None), default=math.inf)
    return Acceptance(
        _where(timings),
        transitions[0].change,
        f"{TODO}: {told(transitions[0])}",
        expires,
        within=math.ceil(10 * most) / 10 if most < math.inf else math.inf,
        versions=_one_version(decisions, timings),
    )


def _where(asked: Sequence[Check] | Sequence[Timing], cases: tuple[str, ...] = ()) -> Where:
    return Where(
        adapters=_in_order(one.adapter for one in asked),
        implementations=_in_order(one.implementation for one in asked),
        operations=_in_order(one.operation for one in asked),
        cases=cases,
        dtypes=_in_order(one.dtype for one in asked),
        modes=_in_order(one.mode for one in asked),
        orders=_in_order(one.order for one in asked),
    )


def _entry(decisions: Decisions, decision: Decision, expires: datetime.date) -> Acceptance:
    pairs = decision.refused
    checks = [pair.check for pair in pairs]
    return Acceptance(
        _where(checks, _in_order(_family(c.variant, c.case) for c in checks)),
        decision.cause.transition,
        f"{TODO}: {decision.cause.words}",
        expires,
        old=_few(value(pair.old) for pair in pairs),
        new=_few(value(pair.new) for pair in pairs),
        versions=_one_version(decisions, checks),
    )


def _few(values: Iterable[str]) -> tuple[str, ...]:
    """The values where they are few and every check has one: as patterns they tell this change from another."""
    found = _in_order(values)
    return found if len(found) <= FEW_VALUES and all(found) and not any("*" in v or "?" in v for v in found) else ()


def _one_version(decisions: Decisions, checks: Sequence[Check] | Sequence[Timing]) -> str:
    """The candidate's version, where all that was asked is of one."""
    mapping = decisions.comparison.mapping
    adapters = {mapping.get(check.adapter, check.adapter) for check in checks}
    environments = [e for e in decisions.comparison.candidate.environments if e.adapter in adapters and e.started]
    versions = {_public(e.version) for e in environments}
    return f"=={versions.pop()}" if len(versions) == 1 and all(versions) else ""
