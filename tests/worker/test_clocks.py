"""Clocks, with a device whose time is a counter: what is inside of a sample, what is outside, and in which order."""

import gc
import math

import pytest

from conformance.worker.clocks import BatchClock, Clock, Device, EventClock, HostClock

SETS = [{"x": name} for name in "abc"]


class FakeDevice(Device):
    """A device that works off a queue. `host` is the processor's time in nanoseconds, at `free` the device is idle."""

    def __init__(self, work, waiting=0, launching=10):
        self.work, self.waiting, self.launching = work, waiting, launching
        self.host = self.free = 0
        self.seen = []

    def now(self):
        return self.host

    def call(self, inputs):
        self.seen.append(inputs["x"])
        self.host += self.launching
        self.free = max(self.free, self.host) + self.work
        return inputs["x"]

    def wait(self, result):
        self.seen.append("wait")
        self.host = max(self.host, self.free) + self.waiting

    def evict(self):
        self.seen.append("evict")
        self.free = max(self.free, self.host) + 5000

    def event(self):
        return FakeEvent(self)


class FakeEvent:
    def __init__(self, device):
        self.device, self.at = device, math.nan

    def record(self):
        self.device.seen.append("record")
        self.at = max(self.device.free, self.device.host)

    def elapsed_time(self, end):
        """Milliseconds, as CUDA has it."""
        return (end.at - self.at) / 1e6


def test_events_are_around_the_call_and_the_eviction_is_not():
    device = FakeDevice(work=700)
    clock = EventClock(device, device.now)
    assert clock.sample(device.call, SETS, 0, 2) == [pytest.approx(700), pytest.approx(700)]
    assert device.seen == ["evict", "record", "a", "record", "evict", "record", "b", "record", "wait"]
    assert clock.last == "b"


def test_a_call_that_is_slower_to_launch_than_to_run_shows_the_launch_in_its_events():
    """What is reported as launch-bound: the device waits for the processor, and the events hold the wait."""
    device = FakeDevice(work=700, launching=9000)
    device.evict = lambda: None
    assert EventClock(device, device.now).sample(device.call, SETS, 0, 1)[0] > 9000


def test_a_batch_is_queued_and_the_cost_of_waiting_is_taken_out():
    device = FakeDevice(work=700, waiting=3000)
    device.evict = lambda: device.seen.append("evict")
    clock = BatchClock(device, device.now)
    clock.measure_waiting(device.call, SETS[0])
    assert clock.synchronisation == 3000
    device.seen.clear()
    (sample,) = clock.sample(device.call, SETS, 1, 100)
    assert device.seen == ["evict", *("bca" * 34)[:100], "wait"]
    assert sample == pytest.approx(700, rel=0.01)


def test_where_calls_return_early_each_is_waited_for_on_the_host():
    device = FakeDevice(work=700)
    clock = HostClock(device, device.now)
    assert clock.sample(device.call, SETS, 0, 3) == [710]
    assert device.seen == ["a", "wait", "b", "wait", "c", "wait"]


def test_where_calls_return_when_they_are_done_nothing_is_waited_for():
    ticks = iter(range(0, 10_000, 100))
    clock = HostClock(Device(), lambda: next(ticks))
    assert clock.sample(lambda inputs: inputs["x"], SETS, 2, 2) == [50]
    assert clock.last == "a"


def test_no_garbage_is_collected_during_a_sample_and_collection_is_as_before_afterwards():
    states = []
    assert gc.isenabled()
    HostClock(Device()).sample(lambda inputs: states.append(gc.isenabled()), SETS, 0, 2)
    assert states == [False, False]
    assert gc.isenabled()


def test_collection_is_on_again_after_a_call_that_raises():
    with pytest.raises(ZeroDivisionError):
        HostClock(Device()).sample(lambda inputs: 1 / 0, SETS, 0, 1)
    assert gc.isenabled()


def test_a_clock_of_a_third_party_says_how_it_samples():
    with pytest.raises(NotImplementedError):
        Clock(Device()).sample(lambda inputs: None, SETS, 0, 1)
