"""The run file: what one execution did, in JSON Lines, append only.

    run           suite version, digest of the cases, selection, machine
    environment   one for each worker that started, or "started": false with the reason
    case          where a case is written; one for each case that was asked, before its first check
    check         one for each check
    end           counts; a file without it is incomplete

JSON has no nan and no infinity: such numbers are the strings "nan", "inf" and "-inf".
Gate and reports read this file and nothing else.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import IO, Any

from conformance.errors import IncompleteError, UsageError

FORMAT = 1


@dataclass(frozen=True)
class Header:
    """The `run` line.

    oracle   what was proven of the oracle: operation -> {"elements", "value", "gradient"}, errors in ULP of float64
    repeat   how many times each check was asked
    """

    suite: str
    cases: str
    started: str
    selection: Mapping[str, Any]
    machine: Mapping[str, Any]
    format: int = FORMAT
    oracle: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    repeat: int = 1


@dataclass(frozen=True)
class Environment:
    """The `environment` line: what one worker said about itself, or why it did not start.

    versions   {"python": ..., "numpy": ..., "torch": ...}
    switches   numeric switches: {"TF32": ..., "JAX_ENABLE_X64": ...}
    successor  the adapter that judges what an upgrade puts in the place of this one's library
    implementations   [{"name", "operation", "call", "inputs", "keywords", "contract", "documented", ...}]
    """

    adapter: str
    device: str
    started: bool
    framework: str = ""
    version: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    devices: tuple[str, ...] = ()
    switches: Mapping[str, Any] = field(default_factory=dict)
    implementations: tuple[Mapping[str, Any], ...] = ()
    interpreter: str = ""
    reason: str = ""
    successor: str = ""


@dataclass(frozen=True)
class CasePlace:
    """The `case` line: the file and line at which a case is written.

    file   relative and with slashes, the same on every machine: cases/binary/binary_cross_entropy.yaml
    """

    id: str
    file: str
    line: int


@dataclass(frozen=True)
class Agreement:
    """The measured distance of the worst element. `grade` is A, B or C; `k` is K with the demanded grade's scale."""

    grade: str
    k: float
    k_relative: float
    k_scale: float
    abs: float
    rel: float
    ulp: float


@dataclass(frozen=True)
class Worst:
    """The worst element: where, what went in, what came out, what is right; numbers in decimal and hex."""

    output: str
    index: tuple[int, ...]
    got: str
    got_hex: str
    exact: str
    exact_hex: str
    bound: str
    inputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PublishedDigits:
    """How the result stands to the digits that a publication prints."""

    digits: str
    got: str
    agrees: bool
    source: str


@dataclass(frozen=True)
class Check:
    """The `check` line.

    id            variant:adapter/implementation:dtype:mode:device:order (order: value, gradient, jvp, hvp,
                  hvp-reverse)
    outcome       the literal outcome in a few characters: "nan", "0", "0.2899", "raises ValueError"
    right         the oracle's answer written the same way
    expectation   expected, unexpected, fixed or changed
    record        id of the divergence record that covers it
    choice        what the framework chose where no right value exists
    bits          base64 of the output bits where they are few; `digest` always
    relation      the metamorphic relation by which the case was changed, and `broken`: how the result breaks it
    mode_difference   how the result differs from that of eager mode, where it does
    varying       whether its output bits varied by themselves when it was asked several times, `distinct`: how many
                  different results came back, and `varying_verdicts`: the verdicts that these have
    """

    id: str
    case: str
    variant: str
    says: str
    operation: str
    adapter: str
    implementation: str
    dtype: str
    mode: str
    device: str
    order: str
    verdict: str
    expectation: str
    flags: tuple[str, ...] = ()
    record: str | None = None
    outcome: str = ""
    right: str = ""
    choice: str | None = None
    agreement: Agreement | None = None
    contract_agreement: Agreement | None = None
    worst: Worst | None = None
    published: PublishedDigits | None = None
    inputs_digest: str = ""
    digest: str = ""
    bits: str | None = None
    shape: tuple[int, ...] | None = None
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()
    message: str = ""
    relation: str = ""
    broken: str = ""
    mode_difference: str = ""
    varying: bool = False
    distinct: int = 1
    varying_verdicts: tuple[str, ...] = ()

    @property
    def call(self) -> str:
        """adapter/implementation."""
        return f"{self.adapter}/{self.implementation}"


@dataclass(frozen=True)
class Record:
    """The `record` line: a divergence record that covered something, so that a report needs no other file."""

    id: str
    adapter: str
    verdict: str
    why: str
    upstream: str
    versions: str
    matched: int
    used: bool


@dataclass(frozen=True)
class End:
    """The `end` line."""

    ended: str
    seconds: float
    checks: int
    verdicts: Mapping[str, int]
    expectations: Mapping[str, int]
    complete: bool


@dataclass
class Run:
    """A run file as read back.

    flags   a flag's name -> {"why", "effect", "references"}
    cases   a case's id -> where it is written; empty in files of version 0.1.0
    """

    path: str
    header: Header
    environments: list[Environment] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    flags: dict[str, dict[str, Any]] = field(default_factory=dict)
    end: End | None = None
    cases: dict[str, CasePlace] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        return self.end is not None and self.end.complete

    def peer_ratio(self, check: Check) -> float | None:
        """K of a check over the smallest K of another implementation asked the same; None where there is none.

        A peer that is exact makes the ratio infinite, or 1 where this check is exact too.
        """
        if check.agreement is None:
            return None
        others = [k for call, k in self._asked_the_same.get(_question(check), ()) if call != check.call]
        if not others:
            return None
        best = min(others)
        if best == 0:
            return 1.0 if check.agreement.k == 0 else math.inf
        return check.agreement.k / best

    @cached_property
    def _asked_the_same(self) -> dict[tuple[str, ...], list[tuple[str, float]]]:
        found: dict[tuple[str, ...], list[tuple[str, float]]] = {}
        for check in self.checks:
            if check.agreement is not None:
                found.setdefault(_question(check), []).append((check.call, check.agreement.k))
        return found


def _question(check: Check) -> tuple[str, ...]:
    """What implementations are asked alike."""
    return check.variant, check.dtype, check.device, check.order


_KINDS: dict[str, type[Any]] = {
    "run": Header, "environment": Environment, "case": CasePlace, "check": Check, "record": Record, "end": End,
}  # fmt: skip
Line = Header | Environment | CasePlace | Check | Record | End
_NESTED: dict[str, type[Any]] = {
    "agreement": Agreement, "contract_agreement": Agreement, "worst": Worst, "published": PublishedDigits,
}  # fmt: skip
_KIND_OF = {cls: kind for kind, cls in _KINDS.items()}
_FIELDS = {
    cls: [(f.name, f.default) for f in fields(cls)] for cls in (*_KINDS.values(), Agreement, Worst, PublishedDigits)
}
_NUMBERS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def line_of(record: Line) -> str:
    """One line of JSON, without its newline. Fields that hold their default are left out of checks."""
    content = {"kind": _KIND_OF[type(record)]}
    leave_out_defaults = isinstance(record, Check)
    for name, default in _FIELDS[type(record)]:
        value = getattr(record, name)
        if not (leave_out_defaults and value == default):
            content[name] = _plain(value)
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def write(file: IO[str], record: Line) -> None:
    """Appends one record."""
    file.write(line_of(record) + "\n")


def write_flag(file: IO[str], name: str, explained: Mapping[str, Any]) -> None:
    """Appends the explanation of one flag."""
    file.write(json.dumps({"kind": "flag", "name": name, **explained}, ensure_ascii=False) + "\n")


def read(path: str | Path, *, allow_incomplete: bool = False) -> Run:
    """Reads a run file.

    Raises UsageError where the file is not one, IncompleteError where it has no end (unless allowed). A last line
    that is cut off, as a kill leaves it, counts as missing.
    """
    path = Path(path)
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    run: Run | None = None
    for number, line in enumerate(lines, 1):
        try:
            content = json.loads(line)
            kind = content.pop("kind")
            if run is None:
                if kind != "run":
                    raise KeyError(kind)
                run = Run(str(path), _decode(Header, content))
                if run.header.format != FORMAT:
                    raise UsageError(f"{path}: format {run.header.format}; this version reads format {FORMAT}")
            else:
                _add(run, kind, content)
        except (json.JSONDecodeError, KeyError, TypeError, AttributeError):
            if number == len(lines) and run is not None:
                break
            raise UsageError(
                f"{path}:{number}: not a line of a run file\n  expected what `conformance run -o` writes"
            ) from None
    if run is None:
        raise UsageError(f"{path}: empty; expected what `conformance run -o` writes")
    if run.end is None and not allow_incomplete:
        raise IncompleteError(
            f"{path}: incomplete: the run was stopped after {len(run.checks)} checks\n"
            f"  finish it with: conformance run --resume {path}"
        )
    return run


def _add(run: Run, kind: str, content: dict[str, Any]) -> None:
    if kind == "check":
        run.checks.append(_decode(Check, content))
    elif kind == "case":
        run.cases[content["id"]] = _decode(CasePlace, content)
    elif kind == "environment":
        run.environments.append(_decode(Environment, content))
    elif kind == "record":
        run.records.append(_decode(Record, content))
    elif kind == "flag":
        run.flags[content.pop("name")] = content
    elif kind == "end":
        run.end = _decode(End, content)
    else:
        raise KeyError(kind)


def _decode(cls: type[Any], content: dict[str, Any]) -> Any:
    known = {f.name: f for f in fields(cls)}
    values = {}
    for name, value in content.items():
        if name not in known:
            continue  # a newer minor version may say more
        if name in _NESTED and isinstance(value, dict):
            value = _decode(_NESTED[name], value)
        elif isinstance(value, list):
            value = tuple(value)
        elif isinstance(value, str) and value in _NUMBERS and "float" in str(known[name].type):
            value = _NUMBERS[value]
        values[name] = value
    return cls(**values)


def _plain(value: Any) -> Any:
    """A value as JSON has it. `dataclasses.asdict` copies everything deeply and took most of a run's time."""
    kind = type(value)
    if kind in (str, int, bool, type(None)):
        return value
    if kind is float:
        return value if math.isfinite(value) else "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if kind in _FIELDS:
        return {name: _plain(getattr(value, name)) for name, _ in _FIELDS[kind]}
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value


def write_all(path: str | Path, run: Run, records: Iterable[Check] = ()) -> None:
    """Writes a whole run, as tests and tools do."""
    with open(path, "w", encoding="utf-8") as file:
        write(file, run.header)
        for environment in run.environments:
            write(file, environment)
        for name, explained in run.flags.items():
            write_flag(file, name, explained)
        for place in run.cases.values():
            write(file, place)
        for check in [*run.checks, *records]:
            write(file, check)
        for record in run.records:
            write(file, record)
        if run.end is not None:
            write(file, run.end)
