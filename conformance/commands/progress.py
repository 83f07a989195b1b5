"""Progress of a run or a bench: bars and a line that moves on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from typing import TextIO

from conformance.bench.group import Group
from conformance.bench.session import Listener as BenchListener
from conformance.gate_scope import absent
from conformance.run import Listener
from conformance.run_file import Check, Environment
from conformance.timing import Timing

LINE_EVERY = 10.0


@contextlib.contextmanager
def listener_for(stream: TextIO) -> Iterator[Listener]:
    """A listener that shows progress on `stream` while the context lasts."""
    if not stream.isatty():
        yield _Lines(stream)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description:20}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )  # fmt: skip
    with Progress(*columns, console=Console(file=stream)) as progress:
        yield _Bars(progress)


class FirstLap(BenchListener):
    """Says on `stream` how far the first of two laps of a bench is; the second takes as long."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._next = time.monotonic() + LINE_EVERY
        self._open = False

    def first_lap(self, group: Group, done: int, of: int) -> None:
        said = f"first of two laps: {done} of {of} groups"
        if self._stream.isatty():
            print(f"\r{said}", end="", file=self._stream, flush=True)
            self._open = True
        elif done == of or time.monotonic() >= self._next:
            print(said, file=self._stream, flush=True)
            self._next = time.monotonic() + LINE_EVERY

    def timed(self, group: Group, timings: Sequence[Timing]) -> None:
        if self._open:
            print(file=self._stream, flush=True)
            self._open = False


class _Bars(Listener):
    def __init__(self, progress: object) -> None:
        from rich.progress import Progress

        assert isinstance(progress, Progress)
        self._progress = progress
        self._tasks: dict[str, int] = {}
        self._surprises: dict[str, int] = {}

    def starting(self, adapter: str, device: str) -> None:
        task = self._progress.add_task(adapter, total=None, note="importing")
        self._tasks[adapter] = int(task)

    def started(self, environment: Environment, planned: int) -> None:
        task = self._tasks.get(environment.adapter)
        if task is None:
            return
        if environment.started:
            note = f"{environment.framework} {environment.version}"
            self._progress.update(task, total=planned, note=note)  # type: ignore[arg-type]
        else:
            self._progress.update(task, total=0, note=environment.reason.splitlines()[0][:60])  # type: ignore[arg-type]

    def checked(self, checks: Sequence[Check]) -> None:
        for check in checks[:1]:
            self._progress.advance(self._tasks[check.adapter], len(checks))  # type: ignore[arg-type]
            new = sum(1 for c in checks if c.expectation != "expected")
            total = self._surprises[check.adapter] = self._surprises.get(check.adapter, 0) + new
            if total:
                self._progress.update(self._tasks[check.adapter], note=f"{total} unexpected")  # type: ignore[arg-type]


class _Lines(Listener):
    """One line when something begins or ends, and one every ten seconds; none for what is not installed."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._planned = 0
        self._done = 0
        self._began = time.monotonic()
        self._next = self._began + LINE_EVERY
        self._lock = threading.Lock()
        self._absent: set[tuple[str, str]] = set()

    def started(self, environment: Environment, planned: int) -> None:
        self._planned += planned
        if environment.started:
            self._say(f"{environment.adapter}: {environment.framework} {environment.version}, {planned} checks")
        elif absent(environment):
            self._absent.add((environment.adapter, environment.device))
        else:
            self._say(f"{environment.adapter}: NOT STARTED: {environment.reason.splitlines()[0]}")

    def checked(self, checks: Sequence[Check]) -> None:
        self._done += len(checks)
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + LINE_EVERY
            spent = time.monotonic() - self._began
            left = spent / self._done * (self._planned - self._done)
            self._say(f"{self._done} of {self._planned} checks, about {left:.0f} s left")

    def finished(self, adapter: str, device: str) -> None:
        if (adapter, device) not in self._absent:
            self._say(f"{adapter} on {device}: done")

    def _say(self, text: str) -> None:
        with self._lock:
            print(text, file=self._stream, flush=True)
