"""Timings in words and columns, for a terminal. Rows stand in the order in which they were asked: nobody is ranked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from conformance.timing import Ceiling, Timing

HEADER = (
    "call", "mode", "median", "± 95 %", "band", "first call", "GB/s", "of copy", "Gop/s", "× fastest", "memory", "",
)  # fmt: skip
CEILING_HEADER = ("adapter", "mode", "device", "copy", "cheapest call", "harness", "threads", "cores", "clock", "load")
ORDERS = {"value": "forward", "gradient": "forward and backward"}
_TIMES = (("s", 1e9), ("ms", 1e6), ("µs", 1e3), ("ns", 1.0))
_SIZES = (("GB", 1e9), ("MB", 1e6), ("kB", 1e3), ("B", 1.0))


def time_of(nanoseconds: float) -> str:
    """Three digits and a unit: "12.3 µs"."""
    return _with_unit(nanoseconds, _TIMES)


def size_of(count: float) -> str:
    """Bytes with three digits and a unit: "80 MB"."""
    return _with_unit(count, _SIZES)


def title(timing: Timing) -> str:
    """What the rows of a group have in common."""
    least = f", at least {size_of(timing.bytes)} to move" if timing.bytes else ""
    inputs = f"{timing.size:,} entries of {timing.dtype} on {timing.device}"
    intensity = "" if timing.intensity is None else f", {timing.intensity:.2g} operations a byte"
    return f"{timing.operation}, {ORDERS[timing.order]}, {inputs}{least}{intensity}"


def rows(timings: Iterable[Timing]) -> list[tuple[str, ...]]:
    """The columns of `HEADER` for what has a time."""
    return [
        (
            timing.call,
            timing.mode,
            time_of(timing.median),
            f"{(timing.high - timing.low) / 2 / timing.median:.1%}",
            f"{timing.band:.0%}" if timing.band >= 0.1 else f"{timing.band:.1%}",
            time_of(timing.first),
            f"{timing.bandwidth:.3g}",
            "" if timing.fraction is None else f"{timing.fraction:.1%}",
            "" if timing.throughput is None else f"{timing.throughput:.3g}",
            "" if timing.slowdown is None else f"{timing.slowdown:.2f}",
            _memory(timing),
            _notes(timing),
        )
        for timing in timings
        if timing.timed
    ]


def without_time(timings: Iterable[Timing]) -> list[str]:
    """A line for each reason why calls have no time."""
    reasons: dict[str, list[str]] = {}
    for timing in timings:
        if not timing.timed:
            said = timing.reason if timing.reason.startswith(timing.verdict) else f"{timing.verdict}: {timing.reason}"
            reasons.setdefault(said, []).append(timing.call + ("" if timing.mode == "eager" else f" ({timing.mode})"))
    return [f"no time: {', '.join(calls)}: {reason}" for reason, calls in reasons.items()]


def ceiling_rows(ceilings: Sequence[Ceiling]) -> list[tuple[str, ...]]:
    """The columns of `CEILING_HEADER`."""
    return [
        (
            c.adapter,
            c.mode,
            c.device,
            f"{c.bandwidth:.3g} GB/s",
            time_of(c.launch),
            time_of(c.harness),
            "" if c.threads is None else str(c.threads),
            "" if c.cores is None else str(c.cores),
            c.clock + (f", {time_of(c.synchronisation)} of waiting taken out" if c.synchronisation else ""),
            "" if c.load is None else f"{c.load:.1f}",
        )
        for c in ceilings
    ]


def _memory(timing: Timing) -> str:
    used = timing.host_memory if timing.device_memory is None else timing.device_memory
    return "" if used is None else size_of(used)


def _notes(timing: Timing) -> str:
    notes = []
    if timing.launch_bound:
        notes.append("launch-bound")
    if timing.replay is not None:
        notes.append(f"{time_of(timing.replay)} as a graph")
    if timing.disturbed >= 0.1:
        notes.append(f"{timing.disturbed:.0%} disturbed")
    if timing.verdict != "conforms":
        notes.append("diverges within grade B" if timing.verdict == "diverges" else timing.verdict)
    return ", ".join(notes)


def _with_unit(value: float, units: Sequence[tuple[str, float]]) -> str:
    for unit, factor in units:
        if value >= factor:
            scaled = value / factor
            return f"{scaled:.0f} {unit}" if scaled >= 100 else f"{scaled:.3g} {unit}"
    return f"{value:.3g} {units[-1][0]}"
