"""Timings in the formats of other tools: pytest-benchmark's JSON, and what github-action-benchmark reads.

`pytest-benchmark compare FILE` and its storage read the first. The second is the action's tool `customSmallerIsBetter`.
"""

from __future__ import annotations

import datetime
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance.errors import UsageError
from conformance.timing import Timing

NANOSECONDS = 1e-9


def extra_info(timing: Timing) -> dict[str, Any]:
    """What pytest-benchmark keeps beside its own statistics."""
    return {
        "operation": timing.operation, "call": timing.call, "size": timing.size, "dtype": timing.dtype,
        "mode": timing.mode, "device": timing.device, "order": timing.order, "clock": timing.clock,
        "calls": timing.calls, "band": timing.band, "first": timing.first, "bytes": timing.bytes,
        "bandwidth": timing.bandwidth, "fraction": timing.fraction, "launch_bound": timing.launch_bound,
        "device_memory": timing.device_memory, "host_memory": timing.host_memory,
    }  # fmt: skip


def pytest_benchmark(timings: Sequence[Timing]) -> str:
    """As `pytest --benchmark-json` writes it; times are seconds. Raises UsageError where it is not installed."""
    try:
        from pytest_benchmark import __version__
        from pytest_benchmark.plugin import pytest_benchmark_generate_machine_info
        from pytest_benchmark.stats import Stats
        from pytest_benchmark.utils import get_commit_info
    except ImportError:
        raise UsageError(
            "this format needs pytest-benchmark, which is not installed\n  pip install 'conformance[bench]'"
        ) from None
    benchmarks = []
    for timing in _timed(timings):
        stats = Stats()
        for sample in itertools.chain.from_iterable(timing.samples):
            stats.update(sample * NANOSECONDS)
        benchmarks.append(
            {
                "group": timing.group,
                "name": timing.id,
                "fullname": timing.id,
                "params": None,
                "param": None,
                "extra_info": extra_info(timing),
                "options": {"timer": timing.clock, "disable_gc": True, "warmup": True},
                "stats": {**stats.as_dict(), "data": stats.data, "iterations": timing.calls},
            }
        )
    return json.dumps(
        {
            "machine_info": pytest_benchmark_generate_machine_info(),
            "commit_info": get_commit_info(),
            "benchmarks": benchmarks,
            "datetime": datetime.datetime.now(datetime.timezone.utc).isoformat(),
            "version": __version__,
        },
        indent=1,
    )


def github_action_benchmark(timings: Sequence[Timing]) -> str:
    """One entry for each row: the median in nanoseconds, the band as its range."""
    entries = [
        {
            "name": timing.id,
            "unit": "ns",
            "value": round(timing.median, 1),
            "range": f"± {timing.band * timing.median:.1f}",
            "extra": f"95 % interval {timing.low:.1f} to {timing.high:.1f}\n"
            f"{sum(map(len, timing.samples))} samples of {timing.calls} calls, {timing.clock} clock\n"
            f"first call {timing.first:.0f}\n{timing.bandwidth:.2f} GB/s",
        }
        for timing in _timed(timings)
    ]
    return json.dumps(entries, indent=1, ensure_ascii=False)


FORMATS: Mapping[str, Callable[[Sequence[Timing]], str]] = {
    "pytest-benchmark": pytest_benchmark,
    "github-action-benchmark": github_action_benchmark,
}


def parse(value: str) -> tuple[str, Path]:
    """FORMAT=FILE. Raises UsageError for anything else."""
    name, equals, path = value.partition("=")
    if not equals or not path or name not in FORMATS:
        raise UsageError(f"--export {value}: expected FORMAT=FILE\n  formats: {', '.join(FORMATS)}")
    return name, Path(path)


def _timed(timings: Sequence[Timing]) -> list[Timing]:
    return [timing for timing in timings if timing.timed]
