"""A group of rows that are timed in turns."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.bench.measure import timing_id
from conformance.plan import PlannedCheck


@dataclass(frozen=True)
class Group:
    """Rows that are timed in turns: one operation, size, dtype, device and order."""

    name: str
    size: int
    checks: tuple[PlannedCheck, ...]

    def id_of(self, check: PlannedCheck) -> str:
        """The id of a row's timing."""
        return timing_id(check, self.size)
