"""Runs one side of an upgrade: the selected checks in one environment, kept in a run file that can be gone on with."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from conformance import run_file
from conformance.errors import IncompleteError
from conformance.host import AdapterSpec
from conformance.judge.divergence import Records
from conformance.loading import Catalogue
from conformance.resuming import resumable
from conformance.run import Listener, Settings, execute, header
from conformance.run_file import Check, Environment, Run
from conformance.selection import Selection


@dataclass
class Spent:
    """Seconds that a side took, and of these while some worker imported its framework; `kept` if it was not run."""

    whole: float = 0.0
    imports: float = 0.0
    kept: bool = False


@dataclass
class _Clock(Listener):
    """Passes everything on, and measures how long some worker was importing its framework."""

    listener: Listener
    imports: float = 0.0
    _importing: int = 0
    _since: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def starting(self, adapter: str, device: str) -> None:
        with self._lock:
            if not self._importing:
                self._since = time.monotonic()
            self._importing += 1
        self.listener.starting(adapter, device)

    def started(self, environment: Environment, planned: int) -> None:
        with self._lock:
            self._importing -= 1
            if not self._importing:
                self.imports += time.monotonic() - self._since
        self.listener.started(environment, planned)

    def checked(self, checks: Sequence[Check]) -> None:
        self.listener.checked(checks)

    def finished(self, adapter: str, device: str) -> None:
        self.listener.finished(adapter, device)


def ask(
    path: Path,
    program: str,
    catalogue: Catalogue,
    specs: Sequence[AdapterSpec],
    selection: Selection,
    settings: Settings,
    listener: Listener,
    *,
    resume: bool,
) -> tuple[Run, Spent]:
    """Runs the checks with the interpreter `program` and returns what the run file then holds.

    With `resume` a finished run at `path` is taken as it is, and a stopped one is finished.
    """
    began = time.monotonic()
    done: frozenset[str] = frozenset()
    if resume and path.exists():
        stopped = resumable(path, header(catalogue, selection, settings.repeat))
        if stopped.end is not None:
            return stopped, Spent(kept=True)
        done = frozenset(check.id for check in stopped.checks)
    from conformance.refine import refine

    settings = replace(settings, pythons={"": program}, done=done)
    clock = _Clock(listener)
    with path.open("a" if done else "w", encoding="utf-8") as file:
        execute(file, catalogue, specs, selection, settings, Records.shipped, refine=refine, listener=clock)
    run = run_file.read(path, allow_incomplete=True)
    if run.end is None:
        raise IncompleteError(f"{path}: the run did not end")
    return run, Spent(time.monotonic() - began, clock.imports)
