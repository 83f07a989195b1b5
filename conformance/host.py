"""Asks the workers: finds adapters, starts one process for each, sends batches, tells the ways to fail apart.

A worker answers a check before it begins the next, so the first check without an answer is the one during
which the process died or the time ran out. Such a process is replaced; the check is tried once more alone,
and set aside if it happens again; the rest goes on.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from conformance.worker.arrays import Array
from conformance.worker.protocol import Closed, read_frame, write_frame

ENGINE = Path(__file__).parent
START_DEADLINE = 300.0


@dataclass(frozen=True)
class AdapterSpec:
    """An adapter as its entry point declares it: nothing of it is imported here."""

    name: str
    module: str
    file: Path


@dataclass(frozen=True)
class Answer:
    """What a worker said about one check, or what became of the worker.

    kind   "returned", "raised", "unsupported", "crashed" or "hung"
    """

    id: int
    kind: str
    head: Mapping[str, Any]
    arrays: Sequence[Array] = ()


class NotStarted(Exception):
    """The worker did not come up. `missing` names a module that is not installed, where that is the reason."""

    def __init__(self, message: str, missing: str | None = None) -> None:
        super().__init__(message)
        self.missing = missing


class Lost(Exception):
    """The worker died or hung while it was asked; it has to be started again. `verdict` is "crashes" or "hangs"."""

    def __init__(self, verdict: str, message: str) -> None:
        super().__init__(message)
        self.verdict = verdict


def adapters() -> dict[str, AdapterSpec]:
    """Every adapter that is plugged in, by name, without importing any."""
    found = {}
    for point in metadata.entry_points(group="conformance.adapters"):
        package, _, stem = point.module.rpartition(".")
        parent = importlib.util.find_spec(package)
        folders = list(parent.submodule_search_locations or ()) if parent else []
        files = [Path(folder) / f"{stem}.py" for folder in folders]
        file = next((f for f in files if f.exists()), Path(f"{point.module} (not found)"))
        found[point.name] = AdapterSpec(point.name, point.module, file)
    return dict(sorted(found.items()))


def adapters_folder() -> Path:
    """The folder of the package `conformance.adapters`."""
    spec = importlib.util.find_spec("conformance.adapters")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(next(iter(spec.submodule_search_locations)))


class Worker:
    """One adapter in one process, on one device, with any interpreter.

    `variables` are added to its environment; `cores` are those of the processor that it may use, None for all.
    Use as a context manager. `hello` is what the worker said about itself when it was ready.
    Raises NotStarted from `start`.
    """

    def __init__(
        self,
        spec: AdapterSpec,
        *,
        python: str = sys.executable,
        device: str = "cpu",
        deadline: float = 60.0,
        variables: Mapping[str, str] | None = None,
        cores: Iterable[int] | None = None,
    ) -> None:
        self.spec = spec
        self.python = python
        self.device = device
        self.deadline = deadline
        self.variables = dict(variables or {})
        self.cores = None if cores is None else frozenset(cores)
        self.hello: dict[str, Any] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._noise = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the worker
        self._overdue = False
        self._watch = _Watch(self._too_late)

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> dict[str, Any]:
        """Starts the process and waits until the framework is imported. Raises NotStarted."""
        if not self.spec.file.exists():
            raise NotStarted(f"the adapter's module is not where its entry point says: {self.spec.file}")
        command = [
            self.python, "-u", str(ENGINE / "worker" / "serve.py"),
            str(ENGINE), str(adapters_folder()), self.spec.module, str(self.spec.file), self.device,
        ]  # fmt: skip
        try:
            with _on_cores(self.cores):
                self._process = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._noise,
                    start_new_session=True, env={**os.environ, **self.variables},
                )  # fmt: skip
        except OSError as error:
            raise NotStarted(f"{self.python}: {error.strerror}") from None
        self._overdue = False
        self._watch.expect(START_DEADLINE)
        try:
            head, _ = read_frame(self._process.stdout)
        except Closed:
            late = f"not ready within {START_DEADLINE:.0f} s" if self._overdue else self._how_it_ended()
            self._stop()
            raise NotStarted(f"{late}\n{self.noise()}".strip()) from None
        finally:
            self._watch.rest()
        if head["kind"] != "ready":
            self._stop()
            raise NotStarted(f"{head['error']}: {head['message']}", missing=head.get("missing"))
        self.hello = head
        return head

    @property
    def running(self) -> bool:
        """Whether there is a process to ask: there is none after one that was lost with the last check of a batch."""
        return self._process is not None

    def ask(self, checks: Sequence[Mapping[str, Any]], arrays: Sequence[Array]) -> Iterator[Answer]:
        """Answers for a batch, in order, one for each check, whatever becomes of the process.

        `checks` are as `worker.checks` takes them; each has an "id" of its own.
        """
        waiting = list(checks)
        suspect: Any = None
        while waiting:
            if self._process is None:  # the last check that it was asked ended it
                self.start()
            batch = list(waiting) if suspect is None else waiting[:1]
            try:
                self._send(batch, arrays)
                for check in batch:
                    head, outputs = self._receive()
                    assert head["id"] == check["id"], "answers come in the order asked"
                    waiting.pop(0)
                    yield Answer(head["id"], head["kind"], head, outputs)
                suspect = None
            except (Closed, BrokenPipeError, ConnectionResetError):
                kind, ending = ("hung", self._late_text()) if self._overdue else ("crashed", self._how_it_ended())
                said = self.noise()
                self._stop()
                check = waiting[0]
                if suspect == check["id"] or kind == "hung":
                    waiting.pop(0)
                    suspect = None
                    message = f"{ending}\n{said}".strip()
                    yield Answer(check["id"], kind, {"id": check["id"], "kind": kind, "message": message})
                else:
                    suspect = check["id"]

    def echo(self, arrays: Sequence[Array]) -> tuple[dict[str, Any], list[Array]]:
        """Sends arrays into the framework and out again: (head, arrays). Raises NotStarted if the process dies."""
        assert self._process is not None
        try:
            self._watch.expect(self.deadline)
            write_frame(self._process.stdin, {"kind": "echo"}, arrays)
            return self._receive()
        except (Closed, BrokenPipeError) as error:
            raise NotStarted(f"{self._how_it_ended()}\n{self.noise()}".strip()) from error

    def request(self, head: Mapping[str, Any], arrays: Sequence[Array] = ()) -> tuple[dict[str, Any], list[Array]]:
        """(head, arrays) that answer a request that is no batch of checks. Raises Lost if the process dies or hangs."""
        assert self._process is not None
        try:
            self._watch.expect(self.deadline)
            write_frame(self._process.stdin, dict(head), arrays)
            return self._receive()
        except (Closed, BrokenPipeError, ConnectionResetError):
            late, ending = self._overdue, self._late_text() if self._overdue else self._how_it_ended()
            message = f"{ending}\n{self.noise()}".strip()
            self._stop()
            raise Lost("hangs" if late else "crashes", message) from None

    def noise(self, limit: int = 2000) -> str:
        """The end of what the process wrote to standard error."""
        size = self._noise.seek(0, os.SEEK_END)
        self._noise.seek(max(0, size - limit))
        text = self._noise.read().decode("utf-8", "replace")
        self._noise.seek(0, os.SEEK_END)
        return text.strip()

    def close(self) -> int | None:
        """Asks the process to stop, waits for it, and says its exit status."""
        process = self._process
        if process is not None and process.poll() is None:
            with contextlib.suppress(OSError):
                write_frame(process.stdin, {"kind": "stop"})
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                self._kill()
        status = None if process is None else process.returncode
        self._stop()
        self._watch.close()
        self._noise.close()
        return status

    def _send(self, batch: Sequence[Mapping[str, Any]], arrays: Sequence[Array]) -> None:
        assert self._process is not None
        self._watch.expect(self.deadline)
        used = sorted({i for check in batch for i in _indices(check)})
        place = {index: at for at, index in enumerate(used)}
        write_frame(
            self._process.stdin,
            {"kind": "batch", "checks": [moved(check, place) for check in batch]},
            [arrays[index] for index in used],
        )

    def _receive(self) -> tuple[dict[str, Any], list[Array]]:
        assert self._process is not None
        self._watch.expect(self.deadline)
        try:
            return read_frame(self._process.stdout)
        finally:
            self._watch.rest()

    def _too_late(self) -> None:
        self._overdue = True
        self._kill()

    def _late_text(self) -> str:
        return f"no answer within {self.deadline:g} s"

    def _kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _stop(self) -> None:
        self._watch.rest()
        self._kill()
        if self._process is not None:
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout):
                with contextlib.suppress(OSError):
                    assert stream is not None
                    stream.close()
            self._process = None

    def _how_it_ended(self) -> str:
        assert self._process is not None
        status = self._process.wait()
        if status < 0:
            try:
                return f"the process died of signal {signal.Signals(-status).name}"
            except ValueError:
                return f"the process died of signal {-status}"
        return f"the process ended with status {status}"


@contextlib.contextmanager
def _on_cores(cores: frozenset[int] | None) -> Iterator[None]:
    """A process that is started in here may use these cores alone: it inherits them from the thread that starts it."""
    if cores is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class _Watch:
    """Calls back once if `rest` does not follow `expect` in time. One thread for the life of a worker."""

    def __init__(self, late: Any) -> None:
        self._late = late
        self._until: float | None = None
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def expect(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def rest(self) -> None:
        self._until = None

    def close(self) -> None:
        self._closed.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closed.wait(0.1):
            until = self._until
            if until is not None and time.monotonic() > until:
                self._until = None
                self._late()


def _indices(check: Mapping[str, Any]) -> list[int]:
    cotangent = check.get("cotangent")
    named = [*check["inputs"].values(), *check.get("tangents", {}).values()]
    return [*named, *([] if cotangent is None else [cotangent])]


def moved(check: Mapping[str, Any], place: Mapping[int, int]) -> dict[str, Any]:
    """A request whose arrays lie elsewhere: `place` maps old indices to new ones."""
    request = dict(check)
    for group in ("inputs", "tangents"):
        if group in check:
            request[group] = {name: place[index] for name, index in check[group].items()}
    if check.get("cotangent") is not None:
        request["cotangent"] = place[check["cotangent"]]
    return request
