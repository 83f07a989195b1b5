"""How long calls take, where run files hold it: times stand on a page of their own, apart from what is right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conformance.reports.packed import figure
from conformance.reports.words import clean

from conformance.run_file import Run

_WORDS = ("operation", "adapter", "implementation", "dtype", "mode", "device", "order", "reason", "clock")
# Times in nanoseconds.
_FIGURES = (
    "size", "median", "low", "high", "ratio", "band", "first", "compile", "bandwidth", "fraction", "replay",
    "disturbed",
)  # fmt: skip


def timings(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """One for each call and size that was timed; none where the runs timed nothing."""
    return [_timing(number, line) for number, run in enumerate(runs, 1) for line in getattr(run, "timings", ())]


def _timing(run: int, line: Any) -> dict[str, Any]:
    content = {
        "run": run,
        **{name: clean(getattr(line, name)) for name in _WORDS},
        **{name: figure(getattr(line, name), 4) for name in _FIGURES},
        "launch_bound": line.launch_bound,
    }
    return {name: value for name, value in content.items() if value not in ("", None, False)}
