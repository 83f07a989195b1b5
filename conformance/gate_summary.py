"""What a gate decided, in words and as the one object of its JSON: for the terminal, for reports, for programs.

The shape of the object is published as `schemas/gate.schema.json` and does not change within a major version.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from conformance.causes import Cause
from conformance.gate import Pair
from conformance.gate_records import record_findings
from conformance.gate_timings import shown
from conformance.gate_values import value
from conformance.policy import Acceptance, Decision, Decisions, TimingDecision


def conclusion(decisions: Decisions) -> str:
    """The last line: whether the gate is open, and what closes it."""
    if decisions.status == 3:
        return "The comparison is incomplete: see the first lines."
    if decisions.status == 0:
        return "The gate is open."
    reasons = list(dict.fromkeys(decision.cause.transition for decision in decisions.refused))
    reasons += dict.fromkeys(decision.transition.change for decision in decisions.refused_timings)
    reasons += ["unused entries of the policy"] * bool(decisions.unused)
    return f"The gate is closed: {', '.join(reasons)}."


def counted(number: int) -> str:
    """1 check, 2,000 checks."""
    return "1 check" if number == 1 else f"{number:,} checks"


def calls_of(cause: Cause, most: int = 6) -> str:
    """The calls, those of one implementation once: "losses.Huber, metrics.mse on keras-jax, keras-torch"."""
    calls = [(new or old).partition("/") for old, new in cause.calls]
    names = list(dict.fromkeys(name for _, _, name in calls))
    adapters = list(dict.fromkeys(adapter for adapter, _, _ in calls))
    shown = ", ".join(names[:most]) + (f" and {len(names) - most} more calls" if len(names) > most else "")
    return f"{shown} on {', '.join(adapters)}"


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
        "records": [asdict(finding) for finding in record_findings(comparison)],
        "policy": {
            "file": decisions.policy.file,
            "unused": [_entry(entry) for entry in decisions.unused],
            "expired": [_entry(entry) for entry in decisions.expired],
        },
        "causes": [_decided(decision) for decision in decisions.each],
        "timings": {
            "untold": decisions.untold or None,
            "counts": dict(Counter(decision.transition.change for decision in decisions.timings)),
            "rows": [_timed(decision) for decision in shown(decisions)],
        },
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


def _timed(decision: TimingDecision) -> dict[str, Any]:
    transition = decision.transition
    return {
        "id": transition.id,
        "change": transition.change,
        "level": transition.level,
        "old": transition.old.median if transition.old and transition.old.timed else None,
        "new": transition.new.median if transition.new and transition.new.timed else None,
        "ratio": transition.ratio,
        "noise": transition.noise,
        "probability": transition.probability,
        "reason": transition.says or None,
        "refused": decision.refused,
        "accepted": _entry(decision.accepted) if decision.accepted else None,
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
