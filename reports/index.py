"""The index of the page: every check in a few small columns, and what they point to. It is unpacked at once.

    runs, columns, operations, calls, flags, records, groups, relations   lists of what a check points to, by number
    variants   by column: id, case, says, flags
    words      what the coded columns mean: dtype, mode, order, verdict, expectation, grade, choice
    checks     by column, in the order operation, variant, order, dtype, mode, call
    changes    comparisons of runs: counts, causes, and the numbers of the checks of each

Fields of `checks` that may be missing are numbers from 1; 0 stands for none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.reports.changes import Change, Example, examples, reasons
from conformance.reports.groups import Group
from conformance.reports.observed import Column, Observations, Observed
from conformance.reports.packed import Codes, Texts, figure
from conformance.reports.records import Footnote
from conformance.reports.words import clean, cleaned

from conformance.gate import Pair
from conformance.gate_summary import calls_of, conclusion
from conformance.policy import Decision
from conformance.run_file import Check

# What a reader expects first.
DTYPES = ("float64", "float32", "float16", "bfloat16")
ORDERS = ("value", "gradient", "jvp", "hvp", "hvp-reverse")
MODES = ("eager",)
EXAMPLES = 3


@dataclass(frozen=True)
class Calls:
    """Numbers of the calls: (column key, operation, implementation)."""

    codes: Codes[tuple[str, str, str]]

    def of(self, seen: Observed) -> int:
        """The number of the call that a check asked."""
        return self.codes((seen.column.key, seen.check.operation, seen.check.implementation))


def ordered(seen: Observations) -> list[Observed]:
    """The checks as the page holds them: those that are alike stand together."""

    def place(each: Observed) -> tuple[Any, ...]:
        check = each.check
        return (
            check.operation, check.variant, _rank(ORDERS, check.order), check.order, _rank(DTYPES, check.dtype),
            check.dtype, _rank(MODES, check.mode), check.mode, int(each.column.key[1:]), check.implementation, each.run,
        )  # fmt: skip

    return sorted(seen.checks, key=place)


def _rank(known: Sequence[str], value: str) -> int:
    return known.index(value) if value in known else len(known)


def index(
    seen: Observations,
    checks: Sequence[Observed],
    groups: Sequence[Group],
    notes: Mapping[str, Footnote],
    compared: Sequence[Change],
    operations: Sequence[Mapping[str, Any]],
    flags: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """All that the page's script must know before it shows anything. `checks` are in the order of `ordered`."""
    calls = Calls(Codes())
    words = {name: Codes[str]() for name in ("dtype", "mode", "order", "verdict", "expectation")}
    optional = {name: Codes[str]([""]) for name in ("grade", "choice", "relation")}
    numbers = {str(each["name"]): number for number, each in enumerate(operations)}
    flag_codes = Codes[str](flags)
    variants = _Variants(flag_codes)
    group_of = {id(each): number for number, group in enumerate(groups, 1) for each in group.seen}
    note_of = {name: note.number for name, note in notes.items()}
    place = {id(each.check): at for at, each in enumerate(checks)}
    columns: dict[str, list[Any]] = {
        "variant": [variants(each.check) for each in checks],
        "call": [calls.of(each) for each in checks],
        **{name: [code(getattr(each.check, name)) for each in checks] for name, code in words.items()},
        "grade": [optional["grade"](each.check.agreement.grade if each.check.agreement else "") for each in checks],
        "choice": [optional["choice"](each.check.choice or "") for each in checks],
        "relation": [optional["relation"](each.check.relation) for each in checks],
        "record": [note_of.get(each.check.record or "", 0) for each in checks],
        "group": [group_of.get(id(each), 0) for each in checks],
        "run": [each.run for each in checks],
        "k": [figure(each.check.agreement.k) if each.check.agreement else None for each in checks],
        "marks": [_marks(each.check) for each in checks],
    }
    return {
        "runs": [_run(number, seen) for number in range(len(seen.runs))],
        "columns": [_column(column) for column in seen.columns],
        "operations": operations,
        "calls": [_call(key, seen.columns, numbers) for key in calls.codes.values()],
        "variants": variants.columns(),
        "flags": [_flag(name, flags.get(name, {})) for name in flag_codes.values()],
        "records": [_record(name, note) for name, note in notes.items()],
        "groups": [_group(group, numbers, note_of, place) for group in groups],
        "words": {name: [clean(word) for word in code.values()] for name, code in {**words, **optional}.items()},
        "checks": columns,
        "changes": [_change(change, notes, place) for change in compared],
    }


class _Variants:
    """Variants by number; their texts by column."""

    def __init__(self, flags: Codes[str]) -> None:
        self._codes: Codes[tuple[str, str]] = Codes()
        self._flags = flags
        self._texts = Texts()
        self._columns: dict[str, list[Any]] = {"id": [], "case": [], "says": [], "flags": [], "operation": []}

    def __call__(self, check: Check) -> int:
        number = self._codes((check.operation, check.variant))
        if number == len(self._columns["id"]):
            self._columns["id"].append(clean(check.variant))
            self._columns["case"].append(self._texts(check.case))
            self._columns["says"].append(self._texts(check.says))
            self._columns["operation"].append(self._texts(check.operation))
            self._columns["flags"].append([self._flags(flag) for flag in check.flags])
        return number

    def columns(self) -> dict[str, list[Any]]:
        return {**self._columns, "texts": self._texts.values()}


def _marks(check: Check) -> int:
    """1 published, 2 with warnings, 4 a relation that broke, 8 a mode that differs from eager."""
    return (
        (check.published is not None)
        + 2 * bool(check.warnings)
        + 4 * bool(check.broken)
        + 8 * bool(check.mode_difference)
    )


def _run(at: int, seen: Observations) -> dict[str, Any]:
    run = seen.runs[at]
    return {
        "path": clean(run.path),
        "started": clean(run.header.started),
        "suite": clean(run.header.suite),
        "complete": run.complete,
    }


def _column(column: Column) -> dict[str, Any]:
    return {
        "name": clean(column.name),
        "adapter": clean(column.adapter),
        "version": clean(column.version),
        "device": clean(column.device),
        "runs": list(column.runs),
    }


def _call(key: tuple[str, str, str], columns: Sequence[Column], numbers: Mapping[str, int]) -> dict[str, Any]:
    at, operation, name = int(key[0][1:]) - 1, key[1], key[2]
    row = columns[at].implementations.get((operation, name), {})
    content = {
        "column": at,
        "operation": numbers[operation],
        "name": clean(name),
        "call": clean(str(row.get("call") or name)),
        "inputs": cleaned(row.get("inputs") or []),
        "keywords": cleaned(row.get("keywords") or {}),
        "contract": _contracts(row.get("contract") or {}),
        "documented": clean(str(row.get("documented") or "")),
        "signature": cleaned(row.get("signature") or ""),
        "arguments": cleaned(row.get("arguments") or {}),
        "differentiable": row.get("differentiable"),
    }
    return {name: value for name, value in content.items() if value not in ("", [], {}, None)}


def _contracts(by_dtype: Mapping[str, Any]) -> Any:
    """The contract of each dtype; under "" where all dtypes have the same."""
    said = cleaned(by_dtype)
    different = {repr(value) for value in said.values()}
    return {"": next(iter(said.values()))} if len(different) == 1 else said


def _flag(name: str, flag: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": clean(name),
        **{key: cleaned(flag[key]) for key in ("why", "effect", "references") if flag.get(key)},
    }


def _record(name: str, note: Footnote) -> dict[str, Any]:
    record = note.record
    limits = {key: cleaned(getattr(record, key, None)) for key in ("holds", "within", "file", "line")}
    return {
        "id": clean(name),
        "adapter": clean(record.adapter),
        "verdict": clean(record.verdict),
        "why": clean(record.why),
        "upstream": clean(record.upstream),
        "versions": clean(record.versions),
        "matched": note.matched,
        "unused": list(note.unused),
        **{key: value for key, value in limits.items() if value},
    }


def _group(
    group: Group, numbers: Mapping[str, int], note_of: Mapping[str, int], place: Mapping[int, int]
) -> dict[str, Any]:
    return {
        "operation": numbers[group.operation],
        "call": clean(group.implementation),
        "verdict": clean(group.verdict),
        "expectation": clean(group.expectation),
        "record": note_of.get(group.record or "", 0),
        "headline": clean(group.headline),
        "first": place[id(group.first.check)],
    }


def _change(change: Change, notes: Mapping[str, Footnote], place: Mapping[int, int]) -> dict[str, Any]:
    comparison = change.comparison
    return {
        "baseline": change.baseline,
        "candidate": change.candidate,
        "compared": change.compared,
        "status": change.status,
        "counts": change.counts,
        "mapping": cleaned(comparison.mapping),
        "differences": [clean(str(difference)) for difference in comparison.differences],
        "notes": [clean(note) for note in comparison.notes],
        "problems": [clean(problem) for problem in comparison.problems],
        "conclusion": clean(conclusion(change.decisions)),
        "policy": clean(change.decisions.policy.file),
        "findings": [
            clean(text)
            for text in (
                *(f"expired on {entry.expires}: {entry}" for entry in change.decisions.expired),
                *(f"unused: {entry}" for entry in change.decisions.unused),
            )
        ],
        "causes": [_cause(change, decision, notes, place) for decision in change.decisions.each],
    }


def _cause(
    change: Change, decision: Decision, notes: Mapping[str, Footnote], place: Mapping[int, int]
) -> dict[str, Any]:
    cause = decision.cause
    return {
        "transition": cause.transition,
        "operations": [clean(name) for name in cause.operations],
        "calls": clean(calls_of(cause)),
        "words": clean(cause.words),
        "spread": clean(cause.spread()),
        "refused": len(decision.refused),
        "records": [notes[name].number for name in cause.records if name in notes],
        "reasons": [[label, clean(text)] for label, text in reasons(change, decision)],
        "pairs": _pairs(cause.pairs, place),
        "examples": [_example(example, place) for example in examples(cause, EXAMPLES)],
    }


def _example(example: Example, place: Mapping[int, int]) -> list[Any]:
    return [_pair(example.pair, place), *map(clean, (example.old, example.new, example.right, example.place))]


def _pair(pair: Pair, place: Mapping[int, int]) -> list[int]:
    """The places of both sides, -1 where there is none."""
    return [-1 if side is None else place[id(side)] for side in (pair.old, pair.new)]


def _pairs(pairs: Any, place: Mapping[int, int]) -> list[list[int]]:
    """The places of the old checks and of the new ones, each as steps from the one before, which pack well."""
    both = [_pair(pair, place) for pair in pairs]
    return [_steps([pair[side] for pair in both]) for side in (0, 1)]


def _steps(places: Sequence[int]) -> list[int]:
    return [place - before for before, place in zip((0, *places), places, strict=False)]
