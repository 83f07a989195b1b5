"""Times calls, one step for each request, so that the host can take turns between workers.

    ceilings   what this device and framework can do at all: copy, and the cheapest call
    prepare    puts inputs on the device, makes the call, warms up, finds how many calls make a sample
    round      takes samples
    finish     says whether the last timed call did the work, and forgets the call
    release    lets go of the inputs

Samples are nanoseconds of one call. The host owns the statistics. Standard library and NumPy; Python 3.7 or newer.
"""

from __future__ import annotations

import ctypes
import math
import os
import time
from typing import Any, Callable, Dict, List, Optional, Tuple

import numpy as np

from conformance.worker.adapter import Adapter, Implementation, Unsupported
from conformance.worker.arrays import Array, to_float32
from conformance.worker.clocks import BatchClock, Clock, Device, HostClock, Inputs

UNKNOWN_CACHE = 64 << 20
MOST_CALLS = 20000
TRIES = 4
# One untimed call for so many of a sample.
WARMING = 4
# Nanoseconds.
STRETCH = 20_000_000
Head = Dict[str, Any]


class Timer(object):
    """The prepared calls of one worker. Input sets are kept until the host lets go of them: a group shares them."""

    def __init__(self, adapter: Adapter) -> None:
        self.adapter = adapter
        self._clock: Optional[Clock] = None
        self._prepared: Dict[int, _Prepared] = {}
        self._sets: List[Inputs] = []
        self._sets_of = ""

    def answer(self, head: Head, arrays: List[Array]) -> Tuple[Head, List[Array]]:
        """(head, arrays) of the answer: kind is "returned", "raised" or "unsupported"."""
        from conformance.worker.checks import MESSAGE_LIMIT, raised

        outputs: List[Array] = []
        steps: Dict[str, Callable[[Head, List[Array]], Head]] = {
            "ceilings": lambda head, arrays: self._ceilings(head),
            "prepare": self._prepare,
            "round": lambda head, arrays: self._round(head),
            "finish": lambda head, arrays: self._finish(head, outputs),
            "release": lambda head, arrays: self._release(),
        }
        try:
            if self._clock is None:
                self._clock = self.adapter.clock()
            with self.adapter.placed():
                return dict(steps[head["step"]](head, arrays), kind="returned"), outputs
        except Unsupported as error:
            return {"kind": "unsupported", "message": str(error)[:MESSAGE_LIMIT]}, []
        except Exception as error:
            return raised(error), []

    @property
    def clock(self) -> Clock:
        assert self._clock is not None
        return self._clock

    def _ceilings(self, head: Head) -> Head:
        """Copies of random numbers, as many as `head["entries"]` says; and the cheapest calls.

        What is called a copy changes the sign, so that no framework returns its input. Like every other row it draws
        its inputs from sets that take turns; those of the largest are as many as it takes to overflow the cache twice,
        whatever the host allows, because the bandwidth of the memory is that of a copy that is not in the cache.
        """
        adapter = self.adapter
        large = Array("float32", np.random.RandomState(1).standard_normal(max(head["entries"])).astype(np.float32))
        copies = []
        for entries in head["entries"]:
            part = Array(large.dtype, large.storage[:entries])
            most = math.inf if entries == large.storage.size else head["most_sets"]
            count = self._sets_for(part.storage.nbytes, most)
            sets = [{"x": adapter.put(_shifted({"x": part}, at, count)["x"])} for at in range(count)]
            copies.append(
                {
                    "bytes": 2 * part.storage.nbytes,
                    "samples": self._taken_alone(_negative, sets, head),
                    "beyond_cache": count * part.storage.nbytes >= 2 * self._cache(),
                }
            )
        one = [{"x": adapter.put(Array(large.dtype, large.storage[:1]))}]
        call = adapter.bind(_row(_unchanged), one[0], {}, "eager", None, None)
        return {
            "copies": copies,
            "launch": self._taken_alone(_doubled, one, head),
            "harness": self._undisturbed(_Prepared(call, one, 1000), HostClock(Device()), head["rounds"]),
            "synchronisation": self.clock.synchronisation,
            "clock": self.clock.name,
            "threads": adapter.threads(),
            "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
            "cache": self._cache(),
        }

    def _taken_alone(self, function: Callable[[Any], Any], sets: List[Inputs], head: Head) -> List[float]:
        """Samples of a call that takes no turns with others."""
        prepared = _Prepared(self.adapter.bind(_row(function), sets[0], {}, head["mode"], None, None), sets)
        self._warm_up(prepared, head)
        return self._undisturbed(prepared, self.clock, head["rounds"])

    def _undisturbed(self, prepared: _Prepared, clock: Clock, rounds: int) -> List[float]:
        """Samples of so many rounds; those during which threads waited for a core only if there are no others."""
        clean: List[float] = []
        disturbed: List[float] = []
        for _ in range(rounds):
            samples, waited = self._one_round(prepared, clock)
            (disturbed if waited else clean).extend(samples)
        return clean or disturbed

    def _prepare(self, head: Head, arrays: List[Array]) -> Head:
        check, adapter = head["check"], self.adapter
        row = adapter.table.rows[check["operation"], check["implementation"]]
        sets = self._input_sets(head, arrays)
        place = check.get("cotangent")
        cotangent = None if place is None else adapter.put(arrays[place])
        wrt = check["wrt"] if check["order"] == "gradient" else None
        resident = _resident_alone()
        adapter.peak_memory(reset=True)
        _reset_peak()
        began = time.perf_counter_ns()
        call = adapter.bind(row, sets[0], check["parameters"], check["mode"], wrt, cotangent)
        self.clock.result(call, sets[0])
        first = time.perf_counter_ns() - began
        prepared = self._prepared[head["handle"]] = _Prepared(call, sets)
        prepared.names = wrt or ["value"]
        self._warm_up(prepared, head)
        peak = _peak()
        return {
            "first": first,
            "calls": prepared.calls,
            "sets": len(sets),
            "beyond_cache": len(sets) * _bytes(arrays, check) >= 2 * self._cache(),
            "synchronisation": self.clock.synchronisation,
            "clock": self.clock.name,
            "device_memory": adapter.peak_memory(),
            "host_memory": None if peak is None or resident is None else max(0, peak - resident),
        }

    def _warm_up(self, prepared: _Prepared, head: Head) -> None:
        """Calls until the time is spent, at least three times, or once if that takes longer than the time.

        Then sets how many calls make a sample.
        """
        shortest, spent = math.inf, 0
        while prepared.at < 1 or spent < head["warm_up"] or (prepared.at < 3 and shortest < head["warm_up"]):
            began = time.perf_counter_ns()
            self.clock.result(prepared.call, prepared.next())
            took = time.perf_counter_ns() - began
            shortest, spent = min(shortest, took), spent + took
        if isinstance(self.clock, BatchClock):
            self.clock.measure_waiting(prepared.call, prepared.next())
            shortest = max(1.0, shortest - self.clock.synchronisation)
        prepared.calls = int(min(MOST_CALLS, max(1, math.ceil(head["sample"] / shortest))))

    def _round(self, head: Head) -> Head:
        samples, disturbed = self._one_round(self._prepared[head["handle"]], self.clock)
        return {"samples": samples, "disturbed": disturbed}

    def _one_round(self, prepared: _Prepared, clock: Clock) -> Tuple[List[float], bool]:
        """Samples, and whether threads waited for a core meanwhile: then it is tried again a few times.

        One that takes longer than the system lets a process run at a stretch would be disturbed again.
        """
        for _ in range(prepared.calls // WARMING):
            self.clock.result(prepared.call, prepared.next())  # others have used the core and its caches since
        for _ in range(TRIES):
            began = time.perf_counter_ns()
            samples = self._samples(prepared, clock)
            if not clock.disturbed or time.perf_counter_ns() - began > STRETCH:
                break
        return samples, clock.disturbed

    def _samples(self, prepared: _Prepared, clock: Clock) -> List[float]:
        samples = clock.sample(prepared.call, prepared.sets, prepared.at, prepared.calls)
        prepared.at += prepared.calls
        prepared.last, clock.last = clock.last, None
        return samples

    def _finish(self, head: Head, outputs: List[Array]) -> Head:
        """Whether the last timed call returned what an untimed one returns for the same inputs, and on which device.

        `outputs` gets what the timed call returns for the inputs as they were sent, for the host to judge.
        """
        prepared = self._prepared.pop(head["handle"])
        inputs = prepared.sets[(prepared.at - 1) % len(prepared.sets)]
        _, timed, devices = self._taken(prepared, prepared.last)
        _, again, _ = self._taken(prepared, self.clock.result(prepared.call, inputs))
        names, first, _ = self._taken(prepared, self.clock.result(prepared.call, prepared.sets[0]))
        outputs.extend(first)
        return {
            "names": names,
            "devices": devices,
            "seconds": 0.0,
            "same": [_same_bits(a, b) for a, b in zip(timed, again)],
            "difference": max([_difference(a, b) for a, b in zip(timed, again)] or [0.0]),
            "replay": self._replay(prepared, head),
        }

    def _release(self) -> Head:
        self._sets, self._sets_of = [], ""
        self._prepared.clear()
        return {}

    def _replay(self, prepared: _Prepared, head: Head) -> Optional[List[float]]:
        """Samples of the call replayed as a graph of the device, where there is such a thing."""
        replayed = self.adapter.replay(prepared.call, prepared.sets[0])
        if replayed is None:
            return None
        graph = _Prepared(lambda inputs: replayed(), prepared.sets[:1], prepared.calls)
        return self._undisturbed(graph, self.clock, head["rounds"])

    def _taken(self, prepared: _Prepared, result: Any) -> Tuple[List[str], List[Array], List[str]]:
        """(names, arrays, devices) of a result: one tensor, or gradients by name or in the order they were asked."""
        if isinstance(result, dict):
            named = result
        elif isinstance(result, (list, tuple)):
            named = dict(zip(prepared.names, result))
        else:
            named = {prepared.names[0]: result}
        names = sorted(named)
        taken = [self.adapter.take(named[name]) for name in names]
        return names, [array for array, _ in taken], [device for _, device in taken]

    def _input_sets(self, head: Head, arrays: List[Array]) -> List[Inputs]:
        """Copies of the inputs in memory of their own, as many as overflow the cache; each is shifted by some rows."""
        if self._sets_of != head["inputs"]:
            self._release()
            check = head["check"]
            count = self._sets_for(_bytes(arrays, check), head["most_sets"])
            given = {name: arrays[index] for name, index in check["inputs"].items()}
            self._sets = [
                {name: self.adapter.put(array) for name, array in _shifted(given, at, count).items()}
                for at in range(count)
            ]
            self._sets_of = head["inputs"]
        return self._sets

    def _sets_for(self, size: int, most: float) -> int:
        """How many sets of so many bytes overflow the cache twice; at least two, at most so many."""
        return int(min(most, max(2, math.ceil(2.0 * self._cache() / max(1, size)))))

    def _cache(self) -> int:
        return self.adapter.cache_bytes() or _processor_cache() or UNKNOWN_CACHE


class _Prepared(object):
    """A call that is ready: `at` counts the calls made, and so says which input set is next."""

    def __init__(self, call: Callable[[Inputs], Any], sets: List[Inputs], calls: int = 1) -> None:
        self.call = call
        self.sets = sets
        self.calls = calls
        self.names = ["value"]
        self.at = 0
        self.last: Any = None

    def next(self) -> Inputs:
        self.at += 1
        return self.sets[(self.at - 1) % len(self.sets)]


def _unchanged(x: Any) -> Any:
    return x


def _negative(x: Any) -> Any:
    return -x


def _doubled(x: Any) -> Any:
    return x + x


def _row(function: Callable[[Any], Any]) -> Implementation:
    """One of the calls above as a row of a table: it is bound and compiled the way that every other row is."""
    return Implementation(function.__name__, function.__name__, function, "", None, None, None, None, True)


def _bytes(arrays: List[Array], check: Head) -> int:
    return sum(arrays[index].storage.nbytes for index in check["inputs"].values())


def _shifted(given: Dict[str, Array], at: int, count: int) -> Dict[str, Array]:
    """Every input that has the rows of the first one, shifted along them by the same number of rows."""
    rows = next(iter(given.values())).shape[:1]
    by = at * max(1, rows[0] // count) if rows else 0
    return {
        name: Array(array.dtype, np.roll(array.storage, by, axis=0)) if by and array.shape[:1] == rows else array
        for name, array in given.items()
    }


def _same_bits(first: Array, second: Array) -> bool:
    return first.shape == second.shape and first.storage.tobytes() == second.storage.tobytes()


def _difference(first: Array, second: Array) -> float:
    """The largest difference, as a fraction of the largest number; infinite where shapes or nans differ."""
    if first.shape != second.shape:
        return math.inf
    a, b = (
        np.asarray(to_float32(x) if x.dtype == "bfloat16" else x.storage, np.float64).ravel() for x in (first, second)
    )
    if not a.size:
        return 0.0
    with np.errstate(all="ignore"):
        unequal = ~((a == b) | (np.isnan(a) & np.isnan(b)))
        if not unequal.any():
            return 0.0
        found = float(np.max(np.abs(a[unequal] - b[unequal])) / np.max(np.abs(b[np.isfinite(b)]), initial=1e-300))
    return found if math.isfinite(found) else math.inf


def _processor_cache() -> int:
    """Bytes of the processor's last cache, as Linux says; 0 where it does not."""
    largest = 0
    folder = "/sys/devices/system/cpu/cpu0/cache"
    try:
        for index in os.listdir(folder):
            path = os.path.join(folder, index, "size")
            if os.path.exists(path):
                with open(path) as file:
                    text = file.read().strip()
                largest = max(largest, int(text[:-1]) << {"K": 10, "M": 20}.get(text[-1:], 0))
    except (OSError, ValueError):
        return 0
    return largest


def _reset_peak() -> None:
    """Linux forgets the peak of this process's memory when a 5 is written there."""
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        pass


def _peak() -> Optional[int]:
    return _status("VmHWM")


def _resident_alone() -> Optional[int]:
    """Resident bytes, after the C library has given back what it only keeps for later."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, AttributeError, TypeError):  # no glibc
        pass
    return _status("VmRSS")


def _status(field: str) -> Optional[int]:
    try:
        with open("/proc/self/status") as file:
            for line in file:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) << 10
    except (OSError, ValueError, IndexError):
        pass
    return None
