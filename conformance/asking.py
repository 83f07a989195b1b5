"""Turns planned checks into batches for a worker, and its answers into observations.

A check may be asked several times, to see whether its bits vary by themselves. The whole batch is then asked again,
each time the other way round: other calls went before, other arrays lie beside. That is how two runs differ, too, and
a call repeated on the spot would find the memory that it left behind. A compiled function is not compiled anew.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from conformance.host import Answer, Worker, moved
from conformance.judge.judging import Asked
from conformance.judge.verdict import Observation
from conformance.oracle import dtypes
from conformance.plan import PlannedCheck
from conformance.reference import References
from conformance.worker.arrays import Array

# A batch should take about this long: long enough to hide the trip to the worker, short enough to lose little.
BATCH_SECONDS = 0.4
FIRST_BATCH = 16
LARGEST_BATCH = 512
BITS_KEPT = 64
_COSTLY = ("crashed", "hung")


def ask_all(
    worker: Worker, checks: Iterable[PlannedCheck], references: References, repeat: int = 1
) -> Iterator[list[Asked]]:
    """Asks a worker every check, in batches whose size follows its speed; yields what became of each batch.

    Each check is asked `repeat` times. The first answer is the one that counts; others are kept where they differ.
    """
    size, batch = FIRST_BATCH, list[PlannedCheck]()
    for check in checks:
        batch.append(check)
        if len(batch) >= size:
            answered = _ask(worker, batch, references, repeat)
            yield answered
            spent = sum(asked.observation.seconds for asked in answered)
            size = max(1, min(LARGEST_BATCH, int(len(batch) * BATCH_SECONDS / max(spent, 1e-4)), size * 4))
            batch = []
    if batch:
        yield _ask(worker, batch, references, repeat)


def _ask(worker: Worker, batch: Sequence[PlannedCheck], references: References, repeat: int) -> list[Asked]:
    arrays: list[Array] = []
    places: dict[tuple[str, str, str], int] = {}
    requests: list[dict[str, Any]] = []
    sent: list[PlannedCheck] = []
    answered: list[Asked] = []
    for check in batch:
        if check.unsupported is not None:
            answered.append(Asked(check, Observation("unsupported", {}, message=check.unsupported)))
            continue
        requests.append(request(len(sent), check, references, arrays, places))
        sent.append(check)
    observations = [observation(answer) for answer in worker.ask(requests, arrays)]
    seen = [{_outcome(one): one} for one in observations]
    # What killed the process or let the time run out would cost as much again, each time.
    again = [asked for asked, one in zip(requests, observations, strict=True) if one.kind not in _COSTLY]
    for _ in range(repeat - 1):
        again.reverse()
        arrays.reverse()
        place = {index: len(arrays) - 1 - index for index in range(len(arrays))}
        again = [moved(asked, place) for asked in again]
        for answer in worker.ask(again, arrays):
            again_seen = observation(answer)
            seen[answer.id].setdefault(_outcome(again_seen), again_seen)
    for check, outcomes in zip(sent, seen, strict=True):
        first, *others = outcomes.values()
        answered.append(Asked(check, first, tuple(others)))
    return answered


def _outcome(one: Observation) -> str:
    """What tells two answers apart: the output bits, or the way it failed. Messages may hold addresses."""
    return one.digest or f"{one.kind} {one.error}"


def request(
    number: int,
    check: PlannedCheck,
    references: References,
    arrays: list[Array],
    places: dict[tuple[str, str, str], int],
) -> dict[str, Any]:
    """One check as a worker takes it. Its arrays are added to `arrays`, where `places` does not know them yet."""
    reference = references.of(check.variant, check.dtype)

    def place(name: str, array: Array) -> int:
        key = check.variant.id, check.dtype, name
        if key not in places:
            places[key] = len(arrays)
            arrays.append(array)
        return places[key]

    asked: dict[str, Any] = {
        "id": number,
        "operation": check.operation.name,
        "implementation": check.implementation["name"],
        "inputs": {name: place(name, array) for name, array in reference.storage.items()},
        "parameters": dict(check.parameters),
        "mode": check.mode,
        "order": check.order,
    }
    if check.variant.case.layout:
        asked["layouts"] = dict(check.variant.case.layout)
    if check.order == "value":
        return asked
    wrt = [name for name in check.wrt if name in reference.storage]
    if check.order == "gradient":
        asked["wrt"] = wrt
    else:
        asked["tangents"] = {name: place(f"tangent of {name}", reference.tangent_storage[name]) for name in wrt}
    cotangent = reference.cotangent_storage
    if cotangent is not None and check.order != "jvp":
        asked["cotangent"] = place("cotangent", cotangent)
    return asked


def observation(answer: Answer) -> Observation:
    """What a worker's answer shows. The digest is of the output bits, with their dtypes and shapes."""
    head = answer.head
    if answer.kind != "returned":
        return Observation(
            answer.kind,  # type: ignore[arg-type]
            {},
            error=head.get("error", ""),
            bases=tuple(head.get("bases", ())),
            message=head.get("message", ""),
            seconds=head.get("seconds", 0.0),
            warnings=tuple(head.get("warnings", ())),
        )
    state, kept = hashlib.blake2b(digest_size=8), []
    outputs = {}
    for name, array, device in zip(head["names"], answer.arrays, head["devices"], strict=True):
        raw = np.ascontiguousarray(array.storage).tobytes()
        state.update(f"{name}:{array.dtype}:{array.shape}".encode())
        state.update(raw)
        kept.append(raw)
        outputs[name] = dtypes.from_storage(array), array.dtype, device
    few = sum(map(len, kept)) <= BITS_KEPT
    return Observation(
        "returned",
        outputs,
        seconds=head["seconds"],
        warnings=tuple(head.get("warnings", ())),
        digest=state.hexdigest(),
        bits=base64.b64encode(b"".join(kept)).decode("ascii") if few else None,
    )
