"""Every check inside the page, small: rendered on demand by the page's script, one block for each operation.

A block is JSON, compressed (gzip) and in base64; browsers unpack it by themselves. Rows are lists, texts that repeat
are numbers into one table of texts.

    {"texts": [...], "rows": [[id, column, implementation, variant, dtype, mode, order, verdict, expectation,
                               outcome, right, K, group, run, [label, text, label, text, ...]], ...]}
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable, Mapping

from conformance.reports.facts import facts
from conformance.reports.groups import k_of
from conformance.reports.observed import Observed
from conformance.reports.words import URGENCY, clean, number, severity

# Facts that a row repeats: the page's script does not need them twice.
_SAID_BY_THE_ROW = frozenset({"outcome", "right", "in full", "script for an upstream issue"})


def block(checks: Iterable[Observed], group_of: Mapping[int, str]) -> str:
    """The checks of one operation. `group_of` gives the key of a check's group by the identity of its Observed."""
    texts: dict[str, int] = {}
    rows = [_row(seen, group_of.get(id(seen), ""), texts) for seen in sorted(checks, key=_urgent_first)]
    content = json.dumps({"texts": list(texts), "rows": rows}, ensure_ascii=False, separators=(",", ":"))
    # mtime=0: the same run gives the same bytes.
    return base64.b64encode(gzip.compress(content.encode("utf-8", "backslashreplace"), 6, mtime=0)).decode("ascii")


def _urgent_first(seen: Observed) -> tuple[int, int, int, str]:
    check = seen.check
    return URGENCY.get(check.expectation, -1), severity(check.verdict), seen.run, check.id


def _row(seen: Observed, group: str, texts: dict[str, int]) -> list[int | str | list[int | str]]:
    check = seen.check

    def shared(text: str) -> int:
        return texts.setdefault(clean(text), len(texts))

    k = k_of(check)
    detail = [shared(part) for label, text in facts(seen) if label not in _SAID_BY_THE_ROW for part in (label, text)]
    return [
        clean(check.id), shared(seen.column.name), shared(check.implementation), shared(check.variant),
        shared(check.dtype), shared(check.mode), shared(check.order), shared(check.verdict),
        shared(check.expectation), shared(check.outcome), shared(check.right),
        "" if k is None else number(k), group, seen.run, detail,
    ]  # fmt: skip
