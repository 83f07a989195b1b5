"""The run file: what one execution did, in JSON Lines, append only.

    run           suite version, digest of the cases, selection, machine
    flag          one for each reason why a case exists: name, why, effect, references
    environment   one for each worker that started, or "started": false with the reason
    case          one for each case that was asked, before its first check: file and line, inputs as written
    check         one for each check
    operation     one for each operation that was asked: its formula, symbols, references, grades
    curve         the error along an input, for checks of grids
    script        the script that shows a check, for each cause that needs a person and each record
    record        one for each divergence record that covered a check
    ceiling       what a framework reaches on a device at best, where calls were timed
    timing        one for each call that was timed
    end           counts; a file without it is incomplete

The fields of a line are those of its class, here, in `run_facts` and in `timing`. Of checks and of what those two hold,
fields that hold their default are left out. JSON has no nan and no infinity: such numbers are the strings "nan", "inf"
and "-inf". A kind of line or a field that a reader does not know is passed over: a newer minor version may say more. A
run that was resumed has scripts of its last part only.
Gate and reports read this file and nothing else.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO, Any

from conformance import run_json
from conformance.errors import IncompleteError, UsageError
from conformance.run_facts import Curve, Definition, Script, WrittenCase
from conformance.timing import Ceiling, Timing

FORMAT = 1


@dataclass(frozen=True)
class Header:
    """The `run` line.

    oracle   what was proven of the oracle: operation -> {"elements", "value", "gradient"}, errors in ULP of float64
    repeat   how many times each check was asked
    timed    how calls are timed: "sizes", and what `bench.processes.Settings` says of threads and samples
    """

    suite: str
    cases: str
    started: str
    selection: Mapping[str, Any]
    machine: Mapping[str, Any]
    format: int = FORMAT
    oracle: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    repeat: int = 1
    timed: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Environment:
    """The `environment` line: what one worker said about itself, or why it did not start.

    versions   {"python": ..., "numpy": ..., "torch": ...}
    switches   numeric switches: {"TF32": ..., "JAX_ENABLE_X64": ...}
    successor  the adapter that judges what an upgrade puts in the place of this one's library
    implementations   [{"name", "operation", "call", "inputs", "keywords", "contract", "documented", ...}], and, where
                      they can be read off and not guessed:
                      "signature"    of the public call, as the worker read it there
                      "used_as"      where that call makes an object: the signature of its use, "forward(input, target)"
                      "arguments"    which of their arguments takes which input or parameter of ours: {ours: name, or
                                     place from 0 where the framework tells no names}
                      "conversions"  {ours: the expression that is passed}, where that is not just the input
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
    ulps          histogram of the ULP errors of all elements: how many are of a wrong class (nan or infinite where the
                  right answer is not, or the reverse), then how many are at most each of `run_facts.ULP_BOUNDS` and
                  above the one before, last those beyond; trailing zeros are cut off. None where elements are few, or
                  all in the bucket of `agreement.ulp`
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
    ulps: tuple[int, ...] | None = None
    varying: bool = False
    distinct: int = 1
    varying_verdicts: tuple[str, ...] = ()

    @property
    def call(self) -> str:
        """adapter/implementation."""
        return f"{self.adapter}/{self.implementation}"


@dataclass(frozen=True)
class Record:
    """The `record` line: a divergence record that covered something, so that a report needs no other file.

    holds        "always" or "sometimes": whether a check that conforms again is reported as fixed
    within       how large the deviation is at most: {"grade": "B"}, {"k": 1e4}
    outcome      regular expression that the outcome matches
    implementations, operations, cases, dtypes, modes, devices, orders   what it covers, as written; () for everything
    file, line   where it stands, as messages show it
    """

    id: str
    adapter: str
    verdict: str
    why: str
    upstream: str
    versions: str
    matched: int
    used: bool
    holds: str = "always"
    within: Mapping[str, Any] = field(default_factory=dict)
    outcome: str = ""
    implementations: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    dtypes: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    file: str = ""
    line: int = 0


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

    flags        a flag's name -> {"why", "effect", "references"}
    cases        by id; operations, by name; scripts, by the id of the check that they show
    """

    path: str
    header: Header
    environments: list[Environment] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    flags: dict[str, dict[str, Any]] = field(default_factory=dict)
    end: End | None = None
    cases: dict[str, WrittenCase] = field(default_factory=dict)
    operations: dict[str, Definition] = field(default_factory=dict)
    curves: list[Curve] = field(default_factory=list)
    scripts: dict[str, Script] = field(default_factory=dict)
    ceilings: list[Ceiling] = field(default_factory=list)
    timings: list[Timing] = field(default_factory=list)

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


Line = Header | Environment | WrittenCase | Check | Definition | Curve | Script | Record | Ceiling | Timing | End
_KINDS: dict[str, type[Any]] = {
    "run": Header, "environment": Environment, "case": WrittenCase, "check": Check, "operation": Definition,
    "curve": Curve, "script": Script, "record": Record, "ceiling": Ceiling, "timing": Timing, "end": End,
}  # fmt: skip
_NESTED: dict[str, type[Any]] = {
    "agreement": Agreement, "contract_agreement": Agreement, "worst": Worst, "published": PublishedDigits,
}  # fmt: skip
# Where a run keeps the lines of a class: in a list, or by a name that a line has.
_LISTS: dict[type[Any], str] = {
    Environment: "environments", Check: "checks", Curve: "curves", Record: "records",
    Ceiling: "ceilings", Timing: "timings",
}  # fmt: skip
_BY_NAME: dict[type[Any], tuple[str, str]] = {
    WrittenCase: ("cases", "id"), Definition: ("operations", "name"), Script: ("scripts", "check"),
}  # fmt: skip
_KIND_OF = {cls: kind for kind, cls in _KINDS.items()}
_WITHOUT_DEFAULTS = (Check, WrittenCase, Definition, Curve, Script, Ceiling, Timing)


def line_of(record: Line) -> str:
    """One line of JSON, without its newline."""
    content = {"kind": _KIND_OF[type(record)], **run_json.content(record, short=isinstance(record, _WITHOUT_DEFAULTS))}
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
                run = Run(str(path), run_json.decoded(Header, content, _NESTED))
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
    if kind == "flag":
        run.flags[content.pop("name")] = content
        return
    if kind not in _KINDS:
        return  # a newer minor version may say more
    line = run_json.decoded(_KINDS[kind], content, _NESTED)
    if isinstance(line, End):
        run.end = line
    elif type(line) in _LISTS:
        getattr(run, _LISTS[type(line)]).append(line)
    elif type(line) in _BY_NAME:
        mapping, name = _BY_NAME[type(line)]
        getattr(run, mapping)[getattr(line, name)] = line
    else:
        raise KeyError(kind)


def write_all(path: str | Path, run: Run, records: Iterable[Check] = ()) -> None:
    """Writes a whole run, as tests and tools do."""
    with open(path, "w", encoding="utf-8") as file:
        write(file, run.header)
        for name, explained in run.flags.items():
            write_flag(file, name, explained)
        several: tuple[Iterable[Line], ...] = (
            run.environments, run.cases.values(), run.checks, records, run.operations.values(), run.curves,
            run.scripts.values(), run.records, run.ceilings, run.timings,
        )  # fmt: skip
        for line in itertools.chain.from_iterable(several):
            write(file, line)
        if run.end is not None:
            write(file, run.end)
