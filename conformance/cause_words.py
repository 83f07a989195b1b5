"""The words of causes: what a value was, what it is now, and what is right, in as many digits as tell them apart."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from conformance.gate import ACCEPTED, DRIFTED, NEWLY_SUPPORTED, NEWLY_UNSUPPORTED, Pair
from conformance.gate_values import numbers, raised, ulps_apart, value
from conformance.run_file import Check, Worst

FEWEST_DIGITS, MOST_DIGITS = 8, 17
LONGEST_MESSAGE = 100
_NODE = re.compile(r"\{\{[^{}]*\}\} ")
NO_VALUE = "one of: "


def words_of(key: Any, pairs: Sequence[Pair], operations: Sequence[str], subject: str) -> str:
    """The sentence of a cause: the operation, the kind of inputs, what it was, is, and should be."""
    first = pairs[0]
    old, new = first.old, first.new
    label = f"{_listed(operations)} {subject}".rstrip()
    if first.transition == DRIFTED:
        return f"{label}: other bits, the same value within the bound{_drift(pairs)}"
    if old is None or new is None or first.transition == NEWLY_UNSUPPORTED:
        note = key.note or (new.message if new else "")
        return f"{label}: {first.transition}" + (f": {note}" if note else "")
    if first.transition == NEWLY_SUPPORTED:
        verdicts = Counter(pair.check.verdict for pair in pairs)
        counts = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common())
        return f"{label}: newly supported, {counts}" + (f" (was: {key.note})" if key.note else "")
    contract = f"; contract: {key.contract}" if key.contract else ""
    note = f"; {key.note}" if key.note else ""
    return f"{label}: {_became(first)} ({_standing(first)}){contract}{note}"


def _listed(names: Sequence[str], most: int = 4) -> str:
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more operations"


def _became(pair: Pair) -> str:
    before, after, right = sides(pair)
    at = place(pair)
    was_right = right == before != after and pair.old is not None and pair.old.verdict == "conforms"
    started = f"{_told(pair.old, before)}{', which is right,' if was_right else ''}"
    change = f"{at}{': ' if at else ''}{started} became {_told(pair.new, after)}"
    if right.startswith(NO_VALUE):
        return f"{change}; no value is right, accepted are {right[len(NO_VALUE) :]}"
    if not right or before == after or was_right:
        return change
    return f"{change}, which is right" if right == after else f"{change}; right: {right}"


def _told(check: Check | None, outcome: str) -> str:
    """An outcome; of an exception what it said."""
    if check is None or not check.message or not raised(check):
        return outcome
    error, colon, said = first_line(check.message).partition(": ")
    if not (colon and said):
        return outcome
    return f'raises {error} "{said if len(said) <= LONGEST_MESSAGE else said[: LONGEST_MESSAGE - 1] + "…"}"'


def first_line(message: str) -> str:
    """What an exception said first, without the node of a graph in braces before it, which hides it."""
    return _NODE.sub("", message.strip().partition("\n")[0])


def _standing(pair: Pair) -> str:
    """How both sides were judged."""
    old, new = pair.old, pair.new
    assert old is not None
    assert new is not None
    if old.verdict == new.verdict:
        return f"both {_ADJECTIVE.get(old.verdict, old.verdict)}"
    return f"was {_ADJECTIVE.get(old.verdict, old.verdict)}, is {_ADJECTIVE.get(new.verdict, new.verdict)}"


_ADJECTIVE = {
    "conforms": "conforming",
    "diverges": "diverging",
    "rejects": "rejected",
    "accepts": "accepted though invalid",
    "crashes": "crashing",
    "hangs": "hanging",
}


def _drift(pairs: Sequence[Pair]) -> str:
    """How far apart the bits are at most, where the runs hold them, and how exact the candidate is."""
    measured = [u for u in (ulps_apart(pair.old, pair.new) for pair in pairs if pair.old and pair.new) if u is not None]
    said = ""
    if measured:
        of = "" if len(measured) == len(pairs) else f" (in the {len(measured)} checks whose bits are kept)"
        most = max(measured)
        said = f", {f'at most {_count(most)} ULP apart' if most else 'but for the sign of a zero'}{of}"
    worst = max((_k(pair.check) for pair in pairs if pair.check.verdict in ACCEPTED), default=None)
    return said if worst is None else f"{said}; K is at most {worst:.3g} now"


def _count(number: float) -> str:
    return f"{math.ceil(number):,}" if number < 1_000_000 else f"{number:.1e}"


def sides(pair: Pair) -> tuple[str, str, str]:
    """(old, new, right) as people read them.

    Short outcomes are shown whole. Of long ones, and of those that eight digits do not tell apart, the element that is
    worst is shown, with as many digits as it takes; `place` says where it stands.
    """
    found = _element_shown(pair)
    return found[:3] if found else (value(pair.old), value(pair.new), pair.check.right)


def place(pair: Pair) -> str:
    """Where the element stands that `sides` shows: "[0][1] of the gradient by logits"; empty for whole outcomes."""
    found = _element_shown(pair)
    return found[3] if found else ""


def _element_shown(pair: Pair) -> tuple[str, str, str, str] | None:
    """(old, new, right, place) of the worst element where the whole outcomes do not tell; None where they do."""
    old, new = pair.old, pair.new
    if old is None or new is None or raised(old) or raised(new):
        return None
    before, after, right = value(old), value(new), pair.check.right
    long = any("…" in text or "; " in text for text in (before, after))
    # In eight digits a wrong float64 may look like the right one.
    looks_right = any(text == right and check.verdict == "diverges" for text, check in ((before, old), (after, new)))
    if not (long or before == after or looks_right):
        return None
    for worst in (new.worst, old.worst):
        if worst is not None:
            texts = _texts(old, new, worst)
            if texts is not None and texts[0] != texts[1]:
                return (*texts, _place(new, worst))
    return (_furthest(old, new) or _worst_of_each(old, new)) if before == after else None


def _furthest(old: Check, new: Check) -> tuple[str, str, str, str] | None:
    """As `_element_shown`, of the element that changed most, where the runs hold the bits; not what is right there."""
    first, second = numbers(old), numbers(new)
    if first is None or second is None or old.shape is None or old.shape != new.shape:
        return None
    if first.shape != second.shape or first.size != math.prod(old.shape):
        return None
    same = (first == second) | (np.isnan(first) & np.isnan(second))
    if same.all():
        return None
    with np.errstate(all="ignore"):
        apart = np.where(same, 0.0, np.nan_to_num(np.abs(first - second), nan=np.inf))
    at = int(np.argmax(apart))
    before, after, _ = _apart(first[at], second[at], second[at], ())
    index = "".join(f"[{int(i)}]" for i in np.unravel_index(at, old.shape))
    return before, after, "", index if new.order == "value" else f"{index} of the {new.order}".strip()


def _worst_of_each(old: Check, new: Check) -> tuple[str, str, str, str] | None:
    """As `_element_shown`, where the bits are not kept and another element is the worst one now."""
    was, now = old.worst, new.worst
    if was is None or now is None or (was.output, was.index) == (now.output, now.index):
        return None
    before, after = (
        f"{_short(float(worst.got))} at worst, in {_place(check, worst)} where {_short(float(worst.exact))} is right"
        for check, worst in ((old, was), (new, now))
    )
    return before, after, "", ""


def _texts(old: Check, new: Check, worst: Worst) -> tuple[str, str, str] | None:
    got = _element(old, worst), _element(new, worst)
    exact = float(worst.exact)
    if got[0] is not None and got[1] is not None:
        wrong = [n for n, check in ((got[0], old), (got[1], new)) if check.verdict == "diverges" and n != exact]
        return _apart(got[0], got[1], exact, wrong)
    if "conforms" not in (old.verdict, new.verdict):
        return None
    # What conforms and is not kept is right, to within a few roundings.
    right = _short(exact)
    first, second = (f"about {right}" if number is None else _short(number) for number in got)
    return first, second, right


def _place(check: Check, worst: Worst) -> str:
    index = "".join(f"[{i}]" for i in worst.index)
    if check.order == "value" or worst.output == "value":
        return index
    return f"{index} of the {check.order} by {worst.output}".strip()


def _element(check: Check, worst: Worst) -> float | None:
    """The number that a check has at a place, from its own worst element or its bits."""
    mine = check.worst
    if mine is not None and (mine.output, mine.index) == (worst.output, worst.index):
        return float(mine.got)
    values = numbers(check)
    if values is None or check.shape is None or values.size != math.prod(check.shape):
        return None
    try:
        return float(values.reshape(check.shape)[worst.index])
    except IndexError:
        return None


def _apart(old: float, new: float, exact: float, wrong: Sequence[float]) -> tuple[str, str, str]:
    """Two numbers and the right one in the fewest digits that tell them apart, and wrong ones from the right one."""
    for digits in range(FEWEST_DIGITS, MOST_DIGITS):
        first, second, right = (f"{number:.{digits}g}" for number in (old, new, exact))
        if (old == new or first != second) and all(f"{number:.{digits}g}" != right for number in wrong):
            return first, second, right
    return repr(old), repr(new), repr(exact)


def _short(number: float) -> str:
    return f"{number:.{FEWEST_DIGITS}g}"


def _k(check: Check) -> float:
    agreement = check.contract_agreement if check.verdict == "documented" else check.agreement
    return agreement.k if agreement is not None and not np.isnan(agreement.k) else 0.0


def spread(checks: Sequence[Check]) -> str:
    """How many checks, and over what: "14 checks, 3 dtypes, eager, value"."""
    count = len(checks)
    parts = ["1 check" if count == 1 else f"{count:,} checks"]
    for name, plural in (("dtype", "dtypes"), ("mode", "modes"), ("order", "orders")):
        values = list(dict.fromkeys(getattr(check, name) for check in checks))
        parts.append(values[0] if len(values) == 1 else f"{len(values)} {plural}")
    return ", ".join(parts)
