"""The workers that are timed: two processes of every environment, so that each row can be compared with itself."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from conformance.errors import IncompleteError
from conformance.host import AdapterSpec, Lost, NotStarted, Worker
from conformance.timing import Ceiling

PROCESSES = 2
MILLISECOND = 1_000_000
# Entries of the float32 arrays that are copied: from 4 KiB, where launching shows, to 64 MiB, more than a cache holds.
COPIED = (1 << 10, 1 << 13, 1 << 16, 1 << 18, 1 << 20, 1 << 22, 1 << 24)
COPIED_ON_A_DEVICE = (1 << 26, 1 << 27)
# Seconds: the large copies take long on a machine that does other things.
LONGEST_CEILING = 300.0
# What the adapters' mechanics read: programs are compiled anew, and no framework takes a device's memory for itself.
TIMING = "CONFORMANCE_TIMING"
THREADS = "CONFORMANCE_THREADS"


@dataclass(frozen=True)
class Settings:
    """How calls are timed. Times are nanoseconds but for `seconds` and `deadline`.

    threads     that a call may use on a processor
    pinned      whether a worker may use that many cores alone
    warm_up     how long a call is warmed up
    sample      how long one sample lasts at least
    rounds      the least number of rounds in each of two laps; each takes one sample
    most_rounds, precision   rounds go on until the 95 % interval of every median is this narrow (a fraction, to each
                side), or there were that many
    seconds     that one row may be sampled for in a lap; the least rounds are taken all the same
    chapter     seconds after which the groups that are through their first lap go through the second, and are kept
    most_sets   input sets that take turns, at most
    deadline    seconds that one request to a worker may take
    """

    pythons: Mapping[str, str] = field(default_factory=lambda: {"": sys.executable})
    threads: int = 1
    pinned: bool = False
    warm_up: int = 50 * MILLISECOND
    sample: int = MILLISECOND
    rounds: int = 10
    most_rounds: int = 60
    precision: float = 0.01
    seconds: float = 2.0
    chapter: float = 300.0
    most_sets: int = 64
    deadline: float = 300.0

    def python_of(self, adapter: str) -> str:
        """The interpreter of one adapter's workers."""
        return self.pythons.get(adapter) or self.pythons[""]

    @property
    def written(self) -> dict[str, Any]:
        """What two runs must agree in, to be one: for the run file."""
        apart = {"pythons", "chapter", "deadline"}  # these change no time
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in apart}

    @property
    def cores(self) -> list[int] | None:
        """The cores of a pinned worker: the last ones, because systems put their own work on the first."""
        if not self.pinned or not hasattr(os, "sched_getaffinity"):
            return None
        return sorted(os.sched_getaffinity(0))[-self.threads :]


class Pair:
    """Two workers of one adapter on one device. Raises NotStarted from `start`.

    lives      how often each was started again; what it had prepared before is forgotten
    ceilings   what the device reaches, once `measure_ceilings` was called
    """

    def __init__(self, spec: AdapterSpec, device: str, settings: Settings) -> None:
        self.spec = spec
        self.device = device
        self._settings = settings
        variables = {TIMING: "1", THREADS: str(settings.threads)}
        self.workers = [
            Worker(
                spec, python=settings.python_of(spec.name), device=device, deadline=settings.deadline,
                variables=variables, cores=settings.cores,
            )
            for _ in range(PROCESSES)
        ]  # fmt: skip
        self.hello: Mapping[str, Any] = {}
        self.lives = [0] * PROCESSES
        self.ceilings: list[Ceiling] = []

    def start(self) -> None:
        """Starts both."""
        for worker in self.workers:
            self.hello = worker.start()

    def close(self) -> None:
        """Ends both."""
        for worker in self.workers:
            worker.close()

    def revive(self, process: int) -> None:
        """Starts one again that was lost."""
        self.lives[process] += 1
        self.workers[process].start()

    def measure_ceilings(self, modes: Iterable[str]) -> list[Ceiling]:
        """What copies and cheapest calls take in each mode; nothing for a mode that this machine lacks.

        Raises IncompleteError where that cannot be measured: then no other time could be trusted either.
        """
        self.ceilings = []
        entries = COPIED if self.device == "cpu" else (*COPIED, *COPIED_ON_A_DEVICE)
        for mode in modes:
            head = {
                "kind": "time", "step": "ceilings", "mode": mode, "entries": entries, "rounds": self._settings.rounds,
                "warm_up": self._settings.warm_up, "sample": self._settings.sample,
                "most_sets": self._settings.most_sets,
            }  # fmt: skip
            said = self._asked(head)
            if said["kind"] == "returned":
                self.ceilings.append(self._ceiling(mode, said))
            elif said["kind"] != "unsupported":
                raise IncompleteError(f"{self.spec.name}: a copy cannot be timed in mode {mode}: {said['message']}")
        return self.ceilings

    def _asked(self, head: Mapping[str, Any]) -> Mapping[str, Any]:
        worker = self.workers[0]
        patience, worker.deadline = worker.deadline, max(worker.deadline, LONGEST_CEILING)
        try:
            return worker.request(head)[0]
        except Lost as error:
            return {"kind": error.verdict, "message": str(error)}
        finally:
            worker.deadline = patience

    def _ceiling(self, mode: str, said: Mapping[str, Any]) -> Ceiling:
        copies = [(copy["bytes"], _median(copy["samples"]), copy["beyond_cache"]) for copy in said["copies"]]
        return Ceiling(
            adapter=self.spec.name,
            mode=mode,
            device=self.device,
            bandwidth=max(moved / took for moved, took, beyond_cache in copies if beyond_cache),
            copies=tuple((moved, round(took, 1)) for moved, took, _ in copies),
            launch=_median(said["launch"]),
            harness=_median(said["harness"]),
            clock=said["clock"],
            synchronisation=said["synchronisation"],
            threads=said["threads"],
            cores=said["cores"],
            cache=said["cache"],
            load=os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        )


def start_all(
    specs: Sequence[AdapterSpec], devices: Sequence[str], settings: Settings
) -> tuple[dict[tuple[str, str], Pair], dict[tuple[str, str], str]]:
    """(the pairs that started, why the others did not), by adapter and device."""
    pairs: dict[tuple[str, str], Pair] = {}
    failed: dict[tuple[str, str], str] = {}
    for spec in specs:
        for device in devices:
            pair = Pair(spec, device, settings)
            try:
                pair.start()
            except NotStarted as error:
                pair.close()
                failed[spec.name, device] = f"not installed: {error.missing}" if error.missing else str(error)
            else:
                pairs[spec.name, device] = pair
    return pairs, failed


def _median(samples: Any) -> float:
    return float(np.median(samples))
