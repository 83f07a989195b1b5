"""Whether a divergence record is unused: all the checks that it covers were asked, and it explains none of them.

A run that asks less than everything may leave out the very checks on which a record's deviation shows, so those that it
covers are planned anew, without the selection, and counted. Devices and adapters that were not asked are left aside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from conformance.case import Case
from conformance.judge.divergence import Divergence, matches
from conformance.plan import PlannedCheck, plan
from conformance.selection import Selection


def is_unused(
    record: Divergence,
    covered: int,
    hellos: Iterable[Mapping[str, Any]],
    cases: Iterable[Case],
    selection: Selection,
) -> bool:
    """`covered` is the number of checks of the run that the record is about, none of which it explains.

    `hellos` are what the workers of its adapter said, `cases` those that were loaded. Where a user named the case files
    nobody knows which others there are.
    """
    if selection.paths:
        return False
    everything = Selection(modes=("all",), devices=selection.devices)
    some = [case for case in cases if _may_cover(record, case)]
    left = covered
    for hello in hellos:
        concerned = {**hello, "implementations": [row for row in hello["implementations"] if _is_about(record, row)]}
        for check in plan(concerned, some, everything):
            if _covers(record, check):
                left -= 1
                if left < 0:
                    return False
    return left == 0


def _is_about(record: Divergence, row: Mapping[str, Any]) -> bool:
    return matches(record.implementations, row["name"]) and matches(record.operations, row["operation"])


def _may_cover(record: Divergence, case: Case) -> bool:
    return matches(record.operations, case.operation) and any(record.selects(v.id) for v in case.variants())


def _covers(record: Divergence, check: PlannedCheck) -> bool:
    return record.selects(check.variant.id) and record.holds_in(check.dtype, check.mode, check.device, check.order)
