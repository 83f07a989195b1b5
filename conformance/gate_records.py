"""What the candidate shows of the divergence records: a record that no longer holds is the good news of an upgrade.

    fixed     the record says that a check deviates; it does not
    changed   it deviates otherwise than the record says
    unused    the record explains nothing of what it is about

Pure: reads two runs as compared, returns values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from conformance.errors import UsageError
from conformance.gate import Comparison
from conformance.judge.record_files import UNFINISHED
from conformance.run_file import Record, Run

FIXED, CHANGED, UNUSED = "fixed", "changed", "unused"
_SAYS = {
    FIXED: "no longer deviates: end its versions, or remove it",
    CHANGED: "deviates otherwise than it says: look at it again",
    UNUSED: "explains nothing of what it is about: remove it",
}


@dataclass(frozen=True)
class RecordFinding:
    """A record that the candidate shows to be out of date. `checks` of it are so, `before` were in the baseline."""

    record: str
    kind: str
    checks: int = 0
    before: int = 0
    upstream: str = ""

    @property
    def new(self) -> bool:
        """Whether the baseline did not show it as well."""
        return self.kind == UNUSED or self.checks > self.before

    def __str__(self) -> str:
        upstream = f" ({self.upstream})" if self.upstream and not self.upstream.startswith("none found") else ""
        count = f", {self.checks:,} check{'s' * (self.checks != 1)}" if self.checks else ""
        return f"record {self.record}{upstream} {_SAYS[self.kind]}{count}"


def record_findings(comparison: Comparison) -> tuple[RecordFinding, ...]:
    """The records that the candidate shows to be out of date: fixed ones first."""
    candidate = comparison.candidate
    adapters = {pair.new.adapter for pair in comparison.pairs if pair.new is not None}
    upstream = {record.id: record.upstream for record in candidate.records}
    now, before = _counted(candidate), _counted(comparison.baseline)
    compared = {(pair.new.record, pair.new.expectation) for pair in comparison.pairs if pair.new is not None}
    found = [
        RecordFinding(record, kind, count, before[record, kind], upstream.get(record, ""))
        for (record, kind), count in now.items()
        if (record, kind) in compared
    ]
    found += [
        RecordFinding(record.id, UNUSED, upstream=record.upstream)
        for record in candidate.records
        if not record.used and record.adapter in adapters
    ]
    return tuple(sorted(found, key=lambda f: (list(_SAYS).index(f.kind), f.before > 0, f.record)))


def _counted(run: Run) -> Counter[tuple[str, str]]:
    return Counter(
        (check.record, check.expectation) for check in run.checks if check.record and check.expectation in _SAYS
    )


def records_of(*runs: Run) -> Mapping[str, Record]:
    """The records of runs by id."""
    return {record.id: record for run in runs for record in run.records}


def refuse_unfinished(*runs: Run) -> None:
    """Raises UsageError where a run was judged by a record whose reason is still to be written."""
    for run in runs:
        for record in run.records:
            if UNFINISHED.match(record.why) or UNFINISHED.match(record.upstream):
                raise UsageError(
                    f"{run.path}: the record '{record.id}' is still to be written\n"
                    "  expected what happens and why, and where it is reported, before a gate goes by it"
                )
