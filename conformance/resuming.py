"""Goes on with a run that was stopped: what its file holds already, and whether it is the same run."""

from __future__ import annotations

from pathlib import Path

from conformance import run_file
from conformance.errors import UsageError
from conformance.run_file import Header, Run

SAME = ("suite", "cases", "selection", "repeat", "timed")
OPTIONS = ("selection", "repeat", "timed")


def resumable(path: Path, ours: Header) -> Run:
    """What a file holds of the run whose header would be `ours`. Raises UsageError where it is another run.

    Cuts off a last line that a kill left half written.
    """
    stopped = run_file.read(path, allow_incomplete=True)
    for name in SAME:
        was, now = getattr(stopped.header, name), getattr(ours, name)
        if was != now:
            way_out = (
                "give the options that it began with, or start a new run" if name in OPTIONS else "start a new run"
            )
            raise UsageError(f"{path}: cannot be resumed: its {name} was {was}, now it is {now}\n  {way_out}")
    raw = path.read_bytes()
    if not raw.endswith(b"\n"):
        path.write_bytes(raw[: raw.rfind(b"\n") + 1])
    return stopped
