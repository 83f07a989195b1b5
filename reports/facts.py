"""One check in full: labelled lines of plain text, the same on the page as in what a script shows on demand."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.reports.observed import Observed
from conformance.reports.words import EXPECTATIONS, clean, number

from conformance.run_file import Agreement, Check, Worst

Fact = tuple[str, str]


def facts(seen: Observed) -> list[Fact]:
    """(label, text) of all that the run file says about one check, what matters first. Text may have several lines."""
    check = seen.check
    return [(label, clean(text)) for label, text in _facts(seen, check) if text]


def _facts(seen: Observed, check: Check) -> Iterator[Fact]:
    yield "case", f"{check.variant}: {check.says}" if check.says else check.variant
    yield "verdict", f"{check.verdict}, {check.expectation}{_why(check)}"
    yield "asked", f"{check.order} in {check.dtype}, {check.mode}, on {check.device}, {seen.column.name}"
    if check.worst is not None:
        yield from _worst(check.worst)
    yield "outcome", check.outcome
    yield "right", check.right
    yield "choice", f"{check.choice} (not one outcome alone is right here)" if check.choice else ""
    if check.agreement is not None:
        yield from _agreement(check.agreement)
    if check.contract_agreement is not None:
        against = check.contract_agreement
        yield (
            "against the contract",
            f"K = {number(against.k)}, absolute {number(against.abs)}, {number(against.ulp)} ULP",
        )
    contract = _contract(seen)
    if check.verdict in ("documented", "diverges", "unstable"):
        yield "contract", contract
    if seen.peer_ratio is not None and math.isfinite(seen.peer_ratio):
        yield "ratio to the best peer", number(seen.peer_ratio)
    if check.published is not None:
        stands = "agrees" if check.published.agrees else "does not agree"
        yield "published", f"{check.published.digits}; got {check.published.got}: {stands} ({check.published.source})"
    if check.relation:
        yield "relation", f"{check.relation}: {check.broken or 'holds'}"
    yield "other than in eager mode", check.mode_difference
    yield "varies", f"{check.distinct} different results when asked again; this is the first" if check.varying else ""
    yield "message", check.message
    yield "warnings", "\n".join(check.warnings)
    yield "record", check.record or ""
    yield "shape", _shape(check.shape)
    yield "output bits", check.bits or check.digest
    yield "inputs digest", check.inputs_digest
    yield "in full", f"conformance explain {shlex.quote(check.id)}"
    yield "script for an upstream issue", f"conformance repro {shlex.quote(check.id)}"


def _why(check: Check) -> str:
    word = EXPECTATIONS.get(check.expectation)
    return f": {word.meaning[0].lower()}{word.meaning[1:]}" if word and check.expectation != "expected" else ""


def _worst(worst: Worst) -> Iterator[Fact]:
    index = f"[{', '.join(map(str, worst.index))}]" if worst.index else ""
    yield "worst element", f"{worst.output}{index}"
    yield "inputs there", "\n".join(f"{name} = {value}" for name, value in worst.inputs.items())
    yield "got", _both(worst.got, worst.got_hex)
    yield "oracle", _both(worst.exact, worst.exact_hex)
    yield "bound", worst.bound


def _both(decimal: str, bits: str) -> str:
    return f"{decimal}  ({bits})" if bits and bits != decimal else decimal


def _agreement(agreement: Agreement) -> Iterator[Fact]:
    yield (
        "K",
        f"{number(agreement.k)} (at most 16 meets the grade); relative {number(agreement.k_relative)}, "
        f"by error scale {number(agreement.k_scale)}; grade {agreement.grade}",
    )
    yield "distance", f"absolute {number(agreement.abs)}, relative {number(agreement.rel)}, {number(agreement.ulp)} ULP"


def _shape(shape: tuple[int, ...] | None) -> str:
    if shape is None:
        return ""
    return "scalar" if shape == () else " × ".join(map(str, shape))


def _contract(seen: Observed) -> str:
    row = seen.column.implementations.get((seen.check.operation, seen.check.implementation))
    return contract_of(row, seen.check.dtype) if row else ""


def contract_of(row: Mapping[str, Any], dtype: str | None = None) -> str:
    """What an implementation documents as different: "clip=(1e-07, 0.9999999) (keras docs: ...)"."""
    contracts = row.get("contract") or {}
    chosen = contracts.get(dtype) if dtype else next(iter(contracts.values()), None)
    if not chosen:
        return ""
    said = ", ".join(f"{name}={_value(value)}" for name, value in chosen.items())
    return f"{said} ({row['documented']})" if row.get("documented") else said


def _value(value: Any) -> str:
    return "(" + ", ".join(map(str, value)) + ")" if isinstance(value, (list, tuple)) else str(value)
