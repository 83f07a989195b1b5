"""Every check inside the page, small: rendered on demand by the page's script, one block for each operation.

A block is JSON, compressed (gzip) and in base64; browsers unpack it by themselves. It is laid out by column, as that
compresses best. Texts that repeat are numbers into `texts`:

    {"texts": [...], "coded": {"column": [0, 0, 1, ...], "variant": [...], ...}, "outcome": [...], "right": [...],
     "k": [...], "run": [...], "group": [...], "detail": ["label\\ntext\\flabel\\ntext", ...]}

A check that conforms keeps its distance and its worst element; one that has something to explain keeps all.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Iterable, Mapping

from conformance.reports.facts import Fact, facts
from conformance.reports.groups import deviates, k_of
from conformance.reports.observed import Observed
from conformance.reports.words import URGENCY, clean, number, severity

_CODED: dict[str, Callable[[Observed], str]] = {
    "column": lambda seen: seen.column.name,
    "adapter": lambda seen: seen.check.adapter,
    "call": lambda seen: seen.check.implementation,
    "variant": lambda seen: seen.check.variant,
    "dtype": lambda seen: seen.check.dtype,
    "mode": lambda seen: seen.check.mode,
    "device": lambda seen: seen.check.device,
    "order": lambda seen: seen.check.order,
    "verdict": lambda seen: seen.check.verdict,
    "expectation": lambda seen: seen.check.expectation,
}
# The row shows these, or the page's script makes them of the id.
_NOT_REPEATED = frozenset({"outcome", "right", "in full", "script for an upstream issue"})


def block(checks: Iterable[Observed], group_of: Mapping[int, str]) -> str:
    """The checks of one operation. `group_of` gives the key of a check's group by the identity of its Observed."""
    ordered = sorted(checks, key=_urgent_first)
    texts: dict[str, int] = {}
    content = {
        "coded": {
            name: [texts.setdefault(clean(of(seen)), len(texts)) for seen in ordered] for name, of in _CODED.items()
        },
        "outcome": [clean(seen.check.outcome) for seen in ordered],
        # Most often they are the same: then only one is written.
        "right": [None if s.check.right == s.check.outcome else clean(s.check.right) for s in ordered],
        "k": [_k(seen) for seen in ordered],
        "run": [seen.run for seen in ordered],
        "group": [group_of.get(id(seen), "") for seen in ordered],
        "detail": ["\f".join(f"{label}\n{text}" for label, text in _detail(seen)) for seen in ordered],
        "texts": list(texts),
    }
    packed = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")
    # mtime=0: the same run gives the same bytes.
    return base64.b64encode(gzip.compress(packed, 6, mtime=0)).decode("ascii")


def _urgent_first(seen: Observed) -> tuple[int, int, int, str]:
    check = seen.check
    return URGENCY.get(check.expectation, -1), severity(check.verdict), seen.run, check.id


def _k(seen: Observed) -> str:
    k = k_of(seen.check)
    return "" if k is None else number(k)


def _detail(seen: Observed) -> list[Fact]:
    check = seen.check
    if deviates(check) or check.warnings or check.choice or check.published:
        return [fact for fact in facts(seen) if fact[0] not in _NOT_REPEATED]
    lines = []
    if check.agreement is not None:
        lines.append(("ULP", number(check.agreement.ulp)))
    if check.worst is not None:
        worst = check.worst
        where = f"{worst.output}{list(worst.index)}" if worst.index else worst.output
        there = ", ".join(f"{name} = {value}" for name, value in worst.inputs.items())
        lines.append(("worst element", clean(f"{where}: {there}")))
        lines.append(("got", clean(worst.got_hex or worst.got)))
    return lines
