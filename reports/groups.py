"""Groups: checks that deviate in one way, gathered so that one fault is read once.

A group is an operation, an implementation (of one framework, on any of its columns) and a cause: the divergence
record that covers it, the message that it raised, or the kind of its outcome.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from conformance.reports.observed import Column, Observed, columns_of
from conformance.reports.words import URGENCY, clean, counted, number, pattern, severity

from conformance.cause_words import first_line
from conformance.run_file import Check

_UNSAID = {"crashes": "the process died", "hangs": "the time ran out"}
_ZEROS = frozenset({"0", "0.0", "-0", "-0.0"})
_BY_MESSAGE = frozenset({"rejects", "crashes", "hangs", "unsupported", "unjudged", "misshapen"})


@dataclass(frozen=True)
class Group:
    """Checks of one operation and implementation that deviate in one way, the most telling first.

    numbers   of the groups that it is made of, in the order of all groups: more than one where `alike` joined them
    """

    numbers: tuple[int, ...]
    operation: str
    implementation: str
    verdict: str
    expectation: str
    record: str | None
    seen: tuple[Observed, ...]

    @property
    def first(self) -> Observed:
        """The check that shows it best: the worst of the plainest dtype and mode."""
        return self.seen[0]

    @property
    def needs_person(self) -> bool:
        """Whether somebody must look: nothing yet explains it, or an explanation no longer fits."""
        return needs_person(self.first.check)

    @property
    def query(self) -> str:
        """The filter that shows all its checks."""
        return " or ".join(f"group:{number}" for number in self.numbers)

    @property
    def columns(self) -> list[Column]:
        return columns_of(self.seen)

    @property
    def runs(self) -> list[int]:
        return sorted({seen.run for seen in self.seen})

    def values(self, field: str) -> list[str]:
        """The distinct values of one field of the checks (dtype, mode, order, variant), most telling first."""
        return list(dict.fromkeys(getattr(seen.check, field) for seen in self.seen))

    @property
    def flags(self) -> list[str]:
        return list(dict.fromkeys(flag for seen in self.seen for flag in seen.check.flags))

    @property
    def headline(self) -> str:
        """What happens, in one line, shown by the most telling check."""
        return happened(self.first.check)

    @property
    def spread(self) -> str:
        """How many checks, and over what."""
        parts = [counted(len(self.seen), "check"), ", ".join(self.values("dtype")), ", ".join(self.values("mode"))]
        parts.append(", ".join(self.values("order")))
        worst = self.worst_k
        if worst is not None and self.verdict in ("diverges", "documented"):
            parts.append(f"K up to {number(worst)}")
        return " · ".join(filter(None, parts))

    @property
    def worst_k(self) -> float | None:
        """The largest K that was measured, nan left out."""
        found = [k for seen in self.seen if (k := k_of(seen.check)) is not None and not math.isnan(k)]
        return max(found, default=None)


def needs_person(check: Check) -> bool:
    """Whether nothing that is known explains this check."""
    return check.expectation != "expected"


def deviates(check: Check) -> bool:
    """Whether a check has something to explain."""
    return check.verdict != "conforms" or needs_person(check)


def k_of(check: Check) -> float | None:
    """K against the mathematics, None where nothing was measured."""
    return check.agreement.k if check.agreement is not None else None


def groups_of(checks: Iterable[Observed]) -> list[Group]:
    """All groups: what needs a person first, then the worse verdict, then the larger group."""
    found: dict[tuple[str, ...], list[Observed]] = {}
    for seen in checks:
        if deviates(seen.check):
            found.setdefault(_key(seen.check), []).append(seen)
    ordered = sorted(
        found.items(), key=lambda item: (URGENCY.get(item[0][3], -1), severity(item[0][2]), -len(item[1]), item[0])
    )
    return [
        Group((at,), key[0], key[1], key[2], key[3], key[4] or None, tuple(sorted(seen, key=_telling)))
        for at, (key, seen) in enumerate(ordered, 1)
    ]


def alike(groups: Iterable[Group]) -> list[Group]:
    """Groups of several calls of which the same is said, as one; in the order in which they begin."""
    found: dict[tuple[str, ...], list[Group]] = {}
    for group in groups:
        said = (group.operation, group.verdict, group.expectation, group.record or "", group.headline)
        found.setdefault(said, []).append(group)
    return [_joined(same) for same in found.values()]


def _joined(groups: Sequence[Group]) -> Group:
    return replace(
        groups[0],
        numbers=tuple(number for group in groups for number in group.numbers),
        implementation=", ".join(dict.fromkeys(group.implementation for group in groups)),
        seen=tuple(seen for group in groups for seen in group.seen),
    )


def _key(check: Check) -> tuple[str, ...]:
    base = (check.operation, check.implementation, check.verdict, check.expectation, check.record or "")
    if check.record:
        return base
    if check.verdict in _BY_MESSAGE:
        return (*base, pattern(check.message))
    got, right = (check.worst.got, check.worst.exact) if check.worst else (check.outcome, check.right)
    return (*base, check.order, kind(got) + " for " + kind(right))


def kind(outcome: str) -> str:
    """What sort of outcome it is: nan, inf, 0 or another number; of an array, the first of these that it holds."""
    words = set(outcome.replace("[", " ").replace("]", " ").replace(",", " ").split())
    if "raises" in words:
        return outcome
    return next((word for word in ("nan", "inf", "-inf") if word in words), "0" if words <= _ZEROS else "number")


def happened(check: Check) -> str:
    """What one check saw, in one line."""
    said = _first_line(check.message)
    if check.expectation == "fixed":
        return f"conforms now; record {check.record} says that it deviates"
    if check.verdict in ("crashes", "hangs", "unjudged", "unsupported"):
        return said or _UNSAID.get(check.verdict, "no reason given")
    if check.verdict == "rejects":
        return said or check.outcome
    if check.verdict == "accepts":
        return f"{check.outcome or 'a value'} for an input that is invalid"
    order = "" if check.order == "value" else f"{check.order}: "
    text = order + _shown(check)
    return f"{text}: {said}" if said and check.verdict == "misshapen" else text


def _shown(check: Check) -> str:
    """What was given, what is right, and for which inputs: "0 where 2.06e-09 is right, at logits = -20"."""
    worst = check.worst
    if worst is None:
        return (check.outcome or check.verdict) + (f" where {check.right} is right" if check.right else "")
    got, right = short(worst.got), short(worst.exact)
    if got == right:
        got, right = worst.got, worst.exact
    at = ", ".join(f"{name} = {value.partition(' (')[0]}" for name, value in worst.inputs.items())
    return f"{got} where {right} is right" + (f", at {at}" if at else "")


def short(literal: str) -> str:
    """A number with up to eight digits; what is no number stays as it is."""
    try:
        return f"{float(literal):.8g}"
    except ValueError:
        return literal


def _telling(seen: Observed) -> tuple[bool, bool, bool, bool, float, str]:
    check = seen.check
    k = k_of(check)
    size = math.inf if k is None or math.isnan(k) else k
    long = check.worst is not None and any("[" in value for value in check.worst.inputs.values())
    return check.dtype != "float32", check.mode != "eager", check.order != "value", long, -size, check.id


def _first_line(message: str) -> str:
    return clean(first_line(message))[:300]
