"""Clocks: how long a call takes on a device. Nanoseconds of one call, several where a clock can tell them apart.

    HostClock    the processor waits for each call: what a user of a CPU waits for
    BatchClock   the device works off a queue: the calls of a batch are queued, the last is waited for, and what waiting
                 itself costs is measured and taken out (JAX and TensorFlow on a GPU)
    EventClock   the device notes when it begins and ends a call (CUDA events of PyTorch)

The inputs of a call are taken from a rotating set, so that no call finds what the one before it left in the cache. On
a machine that does other things as well, threads wait for a core from time to time: `disturbed` says whether they did
so during a sample, for that sample then also holds what somebody else did.
Nothing here changes a clock or a power limit of the machine. Standard library only; Python 3.7 or newer.
"""

from __future__ import annotations

import gc
import os
import time
from typing import Any, Callable, Dict, List, Sequence

try:
    import resource
except ImportError:  # not a Unix system
    resource = None  # type: ignore[assignment]

TRIALS = 15
# Of a sample, the share of time that threads may have waited for a core.
DISTURBED = 0.01
Inputs = Dict[str, Any]
Call = Callable[[Inputs], Any]


class Device(object):
    """What a clock needs of a device. This one has finished when a call returns, and has no cache of its own."""

    # Waits until a result is there; None where it is there when the call returns.
    wait: Any = None

    def evict(self) -> None:
        """Fills the device's cache with something else."""

    def event(self) -> Any:
        """A new event: `record()`, and `elapsed_time(end)` in milliseconds."""
        raise NotImplementedError


class Clock(object):
    """`sample` runs `calls` calls and says how long they took; `last` is then the result of the last one."""

    name = ""
    last: Any = None
    disturbed = False
    # nanoseconds of waiting for a device that has nothing to do; taken out of samples by clocks that wait once for many
    synchronisation = 0.0

    def __init__(self, device: Device, now: Callable[[], int] = time.perf_counter_ns) -> None:
        self.device = device
        self.now = now

    def sample(self, call: Call, sets: Sequence[Inputs], first: int, calls: int) -> List[float]:
        """Nanoseconds of one call: a number for the batch, or one for each call. Begins with input set `first`."""
        order = [sets[(first + at) % len(sets)] for at in range(calls)]
        collecting = gc.isenabled()
        gc.disable()
        waited, began = _waited(), self.now()
        try:
            return self._sample(call, order)
        finally:
            took = self.now() - began
            self.disturbed = _waited() - waited > DISTURBED * took
            if collecting:
                gc.enable()

    def _sample(self, call: Call, order: Sequence[Inputs]) -> List[float]:
        raise NotImplementedError

    def result(self, call: Call, inputs: Inputs) -> Any:
        """The result of one call, waited for."""
        found = call(inputs)
        if self.device.wait is not None:
            self.device.wait(found)
        return found


def _waited() -> int:
    """Nanoseconds that threads of this process have waited for a core since they began, as Linux counts them.

    Elsewhere 1 for each time that the system took the processor away, or always 0 where it does not say either.
    """
    waited = 0
    try:
        for thread in os.listdir("/proc/self/task"):
            try:
                with open("/proc/self/task/" + thread + "/schedstat") as file:
                    waited += int(file.read().split()[1])
            except FileNotFoundError:  # it has ended
                pass
        return waited
    except (OSError, IndexError, ValueError):
        return 0 if resource is None else resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw


class HostClock(Clock):
    """Every call is waited for. The mean of the batch is one sample."""

    name = "host"

    def _sample(self, call: Call, order: Sequence[Inputs]) -> List[float]:
        wait, now = self.device.wait, self.now
        begin = now()
        if wait is None:
            for inputs in order:
                result = call(inputs)
        else:
            for inputs in order:
                result = call(inputs)
                wait(result)
        end = now()
        self.last = result
        return [(end - begin) / len(order)]


class BatchClock(Clock):
    """The batch is queued, its last call waited for. The mean of the batch less the cost of waiting is one sample."""

    name = "synchronised batches"

    def measure_waiting(self, call: Call, inputs: Inputs) -> None:
        """Finds what it costs to wait for a result that is there already: the median of several trials."""
        done = self.result(call, inputs)
        spent = []
        for _ in range(TRIALS):
            begin = self.now()
            self.device.wait(done)
            spent.append(self.now() - begin)
        self.synchronisation = float(sorted(spent)[TRIALS // 2])

    def _sample(self, call: Call, order: Sequence[Inputs]) -> List[float]:
        self.device.evict()
        now = self.now
        begin = now()
        for inputs in order:
            result = call(inputs)
        self.device.wait(result)
        spent = now() - begin - self.synchronisation
        self.last = result
        return [max(spent, 0.0) / len(order)]


class EventClock(Clock):
    """Events of the device before and after each call; the cache is evicted in between, outside of the events."""

    name = "device events"

    def _sample(self, call: Call, order: Sequence[Inputs]) -> List[float]:
        pairs = [(self.device.event(), self.device.event()) for _ in order]
        for inputs, (start, end) in zip(order, pairs):
            self.device.evict()
            start.record()
            result = call(inputs)
            end.record()
        self.device.wait(result)
        self.last = result
        return [start.elapsed_time(end) * 1e6 for start, end in pairs]
