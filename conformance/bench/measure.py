"""Times the rows of one group in turns: the same operation, size, dtype, device and order in every implementation.

First the result of every row is judged at this very size; only what is right is timed. Then all rows are prepared, and
rounds go over all of them, A B C A B C …, so that a machine that slows down slows all of them. At the end what the
timed calls return is judged again. All this is done twice, in laps over all groups, the second in another process and
some time later: what differs then is what the same code differs from itself.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.asking import ask_all, observation, request
from conformance.bench import noise, work
from conformance.bench.processes import Pair, Settings
from conformance.host import Answer, Lost
from conformance.judge.divergence import Records
from conformance.judge.judging import Asked, Judge
from conformance.plan import PlannedCheck
from conformance.reference import Reference, References
from conformance.run_file import Check
from conformance.timing import Ceiling, Timing
from conformance.worker.arrays import Array

# A call that takes less than so many of the cheapest calls, or of the harness's own, is bound by launching it.
LAUNCHES = 3.0
HARNESSES = 50.0
# How far the result of the last timed call may be from that of an untimed one: sums on a device have no fixed order.
SAME = 1e-3


@dataclass
class Row:
    """One row on its way. Lists have an entry for each process.

    `disturbed` are samples during which threads waited for a core; they count only where there are too few others. A
    worker that is started again has another `life`, and has forgotten what the one before had prepared.
    """

    check: PlannedCheck
    pair: Pair
    handle: int
    size: int
    judged: Check | None = None
    reason: str = ""
    verdict: str = ""
    prepared: list[Mapping[str, Any]] = field(default_factory=lambda: [{}, {}])
    samples: list[list[float]] = field(default_factory=lambda: [[], []])
    disturbed: list[list[float]] = field(default_factory=lambda: [[], []])
    finished: Mapping[str, Any] = field(default_factory=dict)
    life: int | None = None
    lost: bool = False

    def anew(self, process: int) -> Row:
        """The row as it was before this process timed it."""
        self.lost, self.reason = False, ""
        self.samples[process], self.disturbed[process] = [], []
        return self

    @property
    def alive(self) -> bool:
        return not self.reason

    @property
    def clean(self) -> bool:
        """Whether undisturbed samples are enough to go by."""
        return all(len(samples) >= noise.FEWEST for samples in self.samples)

    @property
    def counted(self) -> list[list[float]]:
        """The samples that count, of each process."""
        if self.clean:
            return self.samples
        return [clean + disturbed for clean, disturbed in zip(self.samples, self.disturbed, strict=True)]

    @property
    def pooled(self) -> list[float]:
        return list(itertools.chain.from_iterable(self.counted))


class Measuring:
    """Times groups of planned checks with workers that are up, of one set of environments or of several in turns."""

    def __init__(self, settings: Settings, records: Mapping[str, Records]) -> None:
        self._settings = settings
        self._records = records
        self._references = References()

    def judged(self, checks: Sequence[tuple[PlannedCheck, Pair]], size: int) -> list[Row]:
        """The rows of one group, in the order given: those with a right result can be timed."""
        rows = [Row(check, pair, handle, size) for handle, (check, pair) in enumerate(checks)]
        self._judge(rows)
        return rows

    def lap(self, rows: Sequence[Row], process: int) -> None:
        """Times the rows of one group in turns, in the first or the second process."""
        waiting = [row for row in rows if row.alive]
        while waiting:
            self._time(waiting, process)
            # Those whose process another row took down; that one is not asked again, so this comes to an end.
            waiting = [row.anew(process) for row in waiting if row.lost]
        self._release({id(row.pair): row.pair for row in rows}.values(), process)

    def timings(self, rows: Sequence[Row], ceilings: Sequence[Ceiling]) -> list[Timing]:
        """What became of the rows of one group after both laps, beside the ceilings of their set of environments."""
        timings = [self._timing(row, ceilings) for row in rows]
        fastest = min((t.median for t in timings if t.timed), default=0.0)
        return [replace(t, slowdown=t.median / fastest) if t.timed else t for t in timings]

    def _time(self, rows: Sequence[Row], process: int) -> None:
        arrays: list[Array] = []
        places: dict[tuple[str, str, str], int] = {}
        for row in rows:
            self._prepare(row, process, arrays, places)
        self._take_turns([row for row in rows if row.alive], process)
        for row in rows:
            if row.alive:
                self._finish(row, process)

    def _judge(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if row.check.unsupported is not None:
                row.verdict, row.reason = "unsupported", row.check.unsupported
                continue
            worker = row.pair.workers[0]
            if not worker.running:  # the row before took it down
                worker.start()
            # One at a time: answers of ten million entries are not kept beside each other.
            for asked in ask_all(worker, [row.check], self._references):
                (row.judged,) = self._judge_of(row).judge(asked)
            assert row.judged is not None
            row.verdict = row.judged.verdict
            if not _right(row.judged):
                row.reason = _why(row.judged)
        for worker in {id(w): w for row in rows for w in row.pair.workers}.values():
            if not worker.running:
                worker.start()

    def _prepare(self, row: Row, process: int, arrays: list[Array], places: dict[tuple[str, str, str], int]) -> None:
        """Readies the row. A worker keeps the input sets that it has, which go by the name of the variant and dtype."""
        asked = request(row.handle, row.check, self._references, arrays, places)
        settings = self._settings
        head = {
            "kind": "time", "step": "prepare", "handle": row.handle, "check": asked,
            "inputs": f"{row.check.variant.id}:{row.check.dtype}", "most_sets": settings.most_sets,
            "warm_up": settings.warm_up, "sample": settings.sample,
        }  # fmt: skip
        row.life = None
        said = self._ask(row, process, head, arrays).head
        if row.alive:
            row.prepared[process] = said
            row.life = row.pair.lives[process]

    def _take_turns(self, rows: Sequence[Row], process: int) -> None:
        settings = self._settings
        until = time.monotonic() + settings.seconds * len(rows)
        for number in range(1, settings.most_rounds + 1):
            for row in rows:
                if row.alive:
                    said = self._ask(row, process, {"kind": "time", "step": "round", "handle": row.handle}).head
                    if row.alive:
                        kept = row.disturbed if said["disturbed"] else row.samples
                        kept[process] += said["samples"]
            if number < settings.rounds:
                continue
            if time.monotonic() > until or all(self._precise(row, process) for row in rows if row.alive):
                return

    def _precise(self, row: Row, process: int) -> bool:
        samples = row.samples[process]
        return len(samples) >= noise.FEWEST and noise.summary(samples).precision <= self._settings.precision

    def _finish(self, row: Row, process: int) -> None:
        """Looks at what the timed calls returned: it is judged again, for what was timed is what must be right.

        The very bits that were judged before need no second look.
        """
        head = {"kind": "time", "step": "finish", "handle": row.handle, "rounds": self._settings.rounds}
        answer = self._ask(row, process, head)
        if not row.alive:
            return
        row.finished = answer.head
        wrong = _without_work(answer.head, row.check.device)
        if wrong:
            row.verdict, row.reason = "diverges", wrong
            return
        observed = observation(answer)
        if row.judged is not None and observed.digest == row.judged.digest:
            return
        (judged,) = self._judge_of(row).judge([Asked(row.check, observed)])
        if not _right(judged):
            row.judged, row.verdict, row.reason = judged, judged.verdict, f"once it was timed, {_why(judged)}"

    def _release(self, pairs: Iterable[Pair], process: int) -> None:
        """Workers let go of their inputs: dozens of them with ten million entries each would not fit into memory."""
        for pair in pairs:
            try:
                pair.workers[process].request({"kind": "time", "step": "release"})
            except Lost:
                pair.revive(process)

    def _judge_of(self, row: Row) -> Judge:
        """A judge of its own: one that has seen other modes and cases would hold what they returned."""
        return Judge(self._references, self._records[row.check.adapter], row.pair.hello)

    def _ask(self, row: Row, process: int, head: Mapping[str, Any], arrays: Sequence[Array] = ()) -> Answer:
        """The answer. Where there is none the row's reason says why; a lost process is started again."""
        if row.life is not None and row.life != row.pair.lives[process]:
            row.lost, row.reason = True, "its process was lost while another row was timed"
            return Answer(row.handle, "crashed", {})
        try:
            said, outputs = row.pair.workers[process].request(head, arrays)
        except Lost as error:
            row.verdict, row.reason = error.verdict, f"while it was timed: {str(error).splitlines()[0]}"
            row.pair.revive(process)
            return Answer(row.handle, "crashed", {})
        if said["kind"] != "returned":
            row.verdict = "unsupported" if said["kind"] == "unsupported" else "rejects"
            row.reason = f"while it was timed: {said.get('error', '')} {said['message'].splitlines()[0]}".strip()
        return Answer(row.handle, said["kind"], said, outputs)

    def _timing(self, row: Row, ceilings: Sequence[Ceiling]) -> Timing:
        check, size = row.check, row.size
        timing = Timing(
            id=timing_id(check, size),
            operation=check.operation.name,
            adapter=check.adapter,
            implementation=check.implementation["name"],
            dtype=check.dtype,
            mode=check.mode,
            device=check.device,
            order=check.order,
            size=size,
            case=check.variant.case.id,
            verdict=row.verdict,
            reason=row.reason,
            expectation=_expectation(row),
            parameters=dict(check.parameters),
        )
        if not row.alive:
            return timing
        reference = self._references.of(check.variant, check.dtype)
        timing = replace(timing, shapes={name: array.shape for name, array in reference.storage.items()})
        return _with_ceilings(_with_samples(timing, row), reference, row, ceilings)


def _with_ceilings(timing: Timing, reference: Reference, row: Row, ceilings: Sequence[Ceiling]) -> Timing:
    moved = _least_bytes(reference, row.check)
    own = next((c for c in row.pair.ceilings if c.mode == timing.mode), None)
    best = max((c.bandwidth for c in ceilings if c.device == timing.device), default=0.0)
    reached = moved / timing.median
    launch, harness = (own.launch, own.harness) if own else (0.0, 0.0)
    return replace(
        timing,
        bytes=moved,
        operations=work.operations(timing.operation, timing.order, timing.shapes, timing.parameters),
        bandwidth=reached,
        fraction=reached / best if best else None,
        launch=launch,
        harness=harness,
        launch_bound=timing.median < max(LAUNCHES * launch, HARNESSES * harness),
    )


def timing_id(check: PlannedCheck, size: int) -> str:
    """The id of a row: operation@size:adapter/implementation:dtype:mode:device:order."""
    call = f"{check.adapter}/{check.implementation['name']}"
    return f"{check.operation.name}@{size}:{call}:{check.dtype}:{check.mode}:{check.device}:{check.order}"


def _with_samples(timing: Timing, row: Row) -> Timing:
    found = noise.summary(row.pooled)
    first, second = row.counted
    # The first process has judged the result before it was timed, and compiled it then: the other one tells.
    cold = row.prepared[1]
    replay = row.finished.get("replay")
    return replace(
        timing,
        clock=cold["clock"],
        calls=cold["calls"],
        samples=tuple(tuple(round(s, 2) for s in samples) for samples in row.counted),
        median=found.median,
        low=found.low,
        high=found.high,
        q1=found.q1,
        q3=found.q3,
        p95=found.p95,
        disturbed=_disturbed(row),
        ratio=noise.ratio(first, second),
        band=noise.band(first, second),
        first=float(cold["first"]),
        compile=max(0.0, cold["first"] - found.median),
        replay=noise.summary(replay).median if replay else None,
        sets=cold["sets"],
        beyond_cache=cold["beyond_cache"],
        device_memory=row.prepared[0]["device_memory"],
        host_memory=row.prepared[0]["host_memory"],
    )


def _expectation(row: Row) -> str:
    if row.alive or row.verdict == "unsupported":
        return "expected"
    known = row.judged is not None and not _right(row.judged) and row.judged.expectation == "expected"
    return "expected" if known else "unexpected"


def _disturbed(row: Row) -> float:
    """The share of samples during which threads waited for a core."""
    disturbed, clean = (sum(map(len, lists)) for lists in (row.disturbed, row.samples))
    return round(disturbed / (disturbed + clean), 3)


def _least_bytes(reference: Reference, check: PlannedCheck) -> int:
    inputs = list(reference.storage.values())
    if check.order == "gradient":
        if reference.cotangent_storage is not None:
            inputs.append(reference.cotangent_storage)
        outputs = [reference.storage[name] for name in check.wrt if name in reference.storage]
        return work.least_bytes(inputs, [(array.shape, array.dtype) for array in outputs])
    return work.least_bytes(inputs, [(reference.truth.value.value.shape, check.dtype)])


def _without_work(said: Mapping[str, Any], device: str) -> str:
    """What shows that the last timed call did not do the work; "" where it did."""
    elsewhere = sorted(set(said["devices"]) - {device})
    if elsewhere:
        return f"the timed result lies on {', '.join(elsewhere)}, not on {device}"
    if not all(said["same"]) and not said["difference"] <= SAME:
        return f"the last timed result differs from an untimed one by {said['difference']:.1e} of its largest number"
    return ""


def _right(judged: Check) -> bool:
    """Whether it did the work that is timed: all of it, or short of what the operation demands by its last digits.

    Grade B is the error of an ordinary stable implementation: one that lacks relative accuracy in a tail, where grade A
    is demanded, computes what the others compute.
    """
    if judged.verdict == "diverges":
        return judged.agreement is not None and judged.agreement.grade in ("A", "B")
    return judged.verdict in ("conforms", "documented")


def _why(judged: Check) -> str:
    known = f" (record {judged.record})" if judged.record else ""
    said = judged.message.splitlines()[0] if judged.message else f"{judged.outcome} where {judged.right} is right"
    return f"{judged.verdict}{known}: {said}"
