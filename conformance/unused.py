"""Whether a divergence record is unused: the checks that it covers were asked, and it explains none of them.

A run that asks less may leave out the very checks on which a record's deviation shows. So those that it covers are
planned anew, as the profile `full` asks them, and each must be among those of this run; where `full` asks none of them,
as in modes that compile slowly, those of `exhaustive` must. Devices and adapters that were not asked are left aside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from conformance.case import Case
from conformance.judge.divergence import Divergence, matches
from conformance.plan import plan
from conformance.selection import Selection


def is_unused(
    record: Divergence, hellos: Sequence[Mapping[str, Any]], cases: Iterable[Case], selection: Selection
) -> bool:
    """Whether a record that explained nothing in a run could have explained something in no fuller one.

    `hellos` are what the workers of its adapter said, `cases` those that were loaded. Where a user named the case files
    nobody knows which others there are.
    """
    if selection.paths:
        return False
    some = [case for case in cases if _may_cover(record, case)]
    asked = _covered(record, hellos, some, selection)
    for profile in ("full", "exhaustive"):
        fuller = _covered(record, hellos, some, Selection(devices=selection.devices, profile=profile))
        if fuller:
            return fuller <= asked
    return False


def _covered(
    record: Divergence, hellos: Sequence[Mapping[str, Any]], cases: Sequence[Case], selection: Selection
) -> set[str]:
    """The ids of the checks that a selection asks and the record is about."""
    return {
        check.id
        for hello in hellos
        for check in plan({**hello, "implementations": _rows(record, hello)}, cases, selection)
        if record.selects(check.variant.id) and record.holds_in(check.dtype, check.mode, check.device, check.order)
    }


def _rows(record: Divergence, hello: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [
        row
        for row in hello["implementations"]
        if matches(record.implementations, row["name"]) and matches(record.operations, row["operation"])
    ]


def _may_cover(record: Divergence, case: Case) -> bool:
    return matches(record.operations, case.operation) and any(record.selects(v.id) for v in case.variants())
