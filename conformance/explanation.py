"""One check in full, as titled sections of labelled lines; and as the one object that `explain --json` prints."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from conformance.find import environment_of, implementation_of
from conformance.run_facts import WrittenCase
from conformance.run_file import Agreement, Check, Environment, Run, Worst, line_of

K_ALLOWED = 16
MEANINGS = {
    "conforms": "meets the grade that the operation demands",
    "documented": "differs from the mathematics, meets the grade against the declared contract",
    "diverges": "a finite value outside the bound of both the mathematics and the declared contract",
    "unstable": "nan or inf where the right answer is finite, or the reverse, or the wrong sign",
    "misshapen": "wrong shape or dtype",
    "rejects": "raised where a value was right",
    "accepts": "returned where the case says that the input is invalid",
    "crashes": "the process died",
    "hangs": "the time ran out",
    "unsupported": "the framework has no such call, dtype or mode",
    "unjudged": "no honest judgement is possible",
    "expected": "as it should be, or as a divergence record says",
    "unexpected": "no divergence record covers it",
    "fixed": "a divergence record says that it deviates, and it does not",
    "changed": "it deviates otherwise than its divergence record says",
}
Line = tuple[str, str]


@dataclass(frozen=True)
class Section:
    """A title and its lines: (label, text)."""

    title: str
    lines: tuple[Line, ...]


def explain(run: Run, check: Check) -> list[Section]:
    """All that a run file knows about one check; sections without a line are left out."""
    environment = environment_of(run, check)
    sections = [
        Section("Asked", _asked(check, environment, run.cases.get(check.case))),
        *(Section(f"Flag {name}", _flag(run.flags.get(name, {}))) for name in check.flags),
        Section("Verdict", _verdict(check)),
        Section("Observed", _observed(run, check)),
        Section("Worst element", _worst(check.worst) if check.worst else ()),
        Section("Agreement with the mathematics", _agreement(check.agreement, run.peer_ratio(check))),
        Section("Agreement with the documented contract", _agreement(check.contract_agreement, None)),
        Section("Contract", _contract(environment, check)),
        Section("Published", _published(check)),
        Section("Divergence record", _record(run, check)),
        Section("Environment", _environment(environment)),
    ]
    return [section for section in sections if section.lines]


def described(run: Run, check: Check) -> dict[str, Any]:
    """The shape of `explain --json`: JSON values only; nan and inf are the strings of the run file."""
    environment = environment_of(run, check)
    content: dict[str, Any] = json.loads(line_of(check))
    del content["kind"]
    record = next((r for r in run.records if r.id == check.record), None)
    row = implementation_of(environment, check)
    held = json.loads(line_of(environment)) if environment else {}
    return {
        "run": run.path,
        "check": content,
        "flags": {name: run.flags.get(name, {}) for name in check.flags},
        "implementation": row,
        "contract": _parameters(row, check.dtype),
        "record": asdict(record) if record else None,
        "environment": {k: v for k, v in held.items() if k not in ("kind", "implementations")} or None,
    }


def _asked(check: Check, environment: Environment | None, place: WrittenCase | None) -> tuple[Line, ...]:
    call = implementation_of(environment, check).get("call")
    return _lines(
        ("check", check.id),
        ("says", " ".join(check.says.split())),
        ("written", f"{place.file}:{place.line}" if place else ""),
        ("operation", check.operation),
        ("call", str(call) if call else check.call),
        ("asked for", f"{check.dtype}, {check.mode}, {check.order}"),
        ("inputs", f"digest {check.inputs_digest}" if check.inputs_digest else ""),
    )


def _flag(explained: Mapping[str, Any]) -> tuple[Line, ...]:
    references = "; ".join(explained.get("references") or ())
    return _lines(
        ("why", explained.get("why", "not explained in the run file")),
        ("effect", explained.get("effect", "")),
        ("references", references),
    )


def _verdict(check: Check) -> tuple[Line, ...]:
    return _lines(
        (check.verdict, MEANINGS.get(check.verdict, "")),
        (check.expectation, MEANINGS.get(check.expectation, "")),
        ("because", check.message),
    )


def _observed(run: Run, check: Check) -> tuple[Line, ...]:
    shape = "" if check.shape is None else str(list(check.shape))
    return _lines(
        ("outcome", check.outcome),
        ("right", check.right),
        ("choice", check.choice or ""),
        ("relation", f"{check.relation}: {check.broken or 'holds'}" if check.relation else ""),
        ("modes", check.mode_difference),
        ("varies", _varies(run, check)),
        ("shape", shape),
        ("on", check.device),
        ("digest", check.digest),
        ("bits", f"base64 {check.bits}" if check.bits is not None else ""),
        ("seconds", f"{check.seconds:g}"),
        *(("warning", text) for text in check.warnings),
    )


def _varies(run: Run, check: Check) -> str:
    if not check.varying:
        return ""
    verdicts = f", {' and '.join(check.varying_verdicts)}" if len(check.varying_verdicts) > 1 else ""
    return f"{check.distinct} different results{verdicts} when asked {run.header.repeat} times; this is the first"


def _worst(worst: Worst) -> tuple[Line, ...]:
    place = "".join(f"[{i}]" for i in worst.index)
    return _lines(
        ("where", f"{worst.output}{place}"),
        *((name, with_hex(text)) for name, text in worst.inputs.items()),
        ("got", f"{worst.got} ({worst.got_hex})" if worst.got_hex else worst.got),
        ("right", f"{worst.exact} ({worst.exact_hex})" if worst.exact_hex else worst.exact),
        ("bound", f"±{worst.bound}"),
    )


def with_hex(text: str) -> str:
    """Numbers as a run file writes them, with their hex where it is not there yet.

    >>> with_hex("[0.5 1.]")
    '[0.5 1.] (0x1.0000000000000p-1 0x1.0000000000000p+0)'
    """
    if "0x" in text or "…" in text or "..." in text:
        return text
    words = re.sub(r"[\[\],]", " ", text).split()
    try:
        return f"{text} ({' '.join(float(word).hex() for word in words)})"
    except ValueError:
        return text


def _agreement(agreement: Agreement | None, peer_ratio: float | None) -> tuple[Line, ...]:
    if agreement is None:
        return ()
    compared = peer_ratio is not None and not math.isnan(peer_ratio)
    peers = f"{peer_ratio:.3g} times the error of the best other implementation" if compared else ""
    return _lines(
        ("grade", agreement.grade),
        ("K", f"{agreement.k:.4g}, at most {K_ALLOWED} is allowed"),
        ("K by |exact| + κ", f"{agreement.k_relative:.4g}"),
        ("K by S", f"{agreement.k_scale:.4g}"),
        ("absolute", f"{agreement.abs:.6g}"),
        ("relative", f"{agreement.rel:.6g}"),
        ("ULP", f"{agreement.ulp:.6g}"),
        ("beside peers", peers),
    )


def _parameters(row: Mapping[str, Any], dtype: str) -> dict[str, Any]:
    contract = row.get("contract") or {}
    return dict(contract.get(dtype) or {})


def _contract(environment: Environment | None, check: Check) -> tuple[Line, ...]:
    row = implementation_of(environment, check)
    parameters = [(name, str(value)) for name, value in _parameters(row, check.dtype).items()]
    return _lines(*parameters, ("documented", str(row.get("documented") or ""))) if parameters else ()


def _published(check: Check) -> tuple[Line, ...]:
    if check.published is None:
        return ()
    return _lines(
        ("digits", check.published.digits),
        ("here", f"{check.published.got}: {'agrees' if check.published.agrees else 'does not agree'}"),
        ("source", check.published.source),
    )


def _record(run: Run, check: Check) -> tuple[Line, ...]:
    record = next((r for r in run.records if r.id == check.record), None)
    if record is None:
        return _lines(("id", check.record or ""))
    return _lines(
        ("id", record.id),
        ("why", " ".join(record.why.split())),
        ("upstream", record.upstream),
        ("versions", record.versions),
    )


def _environment(environment: Environment | None) -> tuple[Line, ...]:
    if environment is None:
        return ()
    versions = {environment.framework: environment.version, **environment.versions}
    return _lines(
        ("versions", ", ".join(f"{name} {version}" for name, version in versions.items() if name)),
        ("switches", ", ".join(f"{name}: {value}" for name, value in environment.switches.items())),
        ("interpreter", environment.interpreter),
    )


def _lines(*lines: Line) -> tuple[Line, ...]:
    return tuple((label, text) for label, text in lines if label and text)
