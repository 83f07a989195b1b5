"""Workers that stay up for a session and answer single checks, asked in batches ahead: what the pytest plugin needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conformance.asking import ask_all
from conformance.case import Case
from conformance.errors import IncompleteError
from conformance.host import AdapterSpec, NotStarted, Worker, adapters
from conformance.judge.divergence import Records
from conformance.judge.judging import Judge
from conformance.plan import PlannedCheck, plan
from conformance.reference import References
from conformance.refine import refine
from conformance.run_file import Check
from conformance.selection import Selection

AHEAD = 256


class AskingSession:
    """Plans and answers checks of every selected adapter. `not_started` says which did not come up, and why.

    Raises IncompleteError if an adapter that was named does not start.
    """

    def __init__(self, selection: Selection, python: str) -> None:
        self.selection = selection
        self.not_started: dict[str, str] = {}
        self._python = python
        self._workers: dict[tuple[str, str], Worker] = {}
        self._judges: dict[tuple[str, str], Judge] = {}
        self._references = References()
        self._judged: dict[str, Check] = {}
        self._started = False

    def plan(self, cases: Iterable[Case]) -> Iterator[PlannedCheck]:
        """The checks of these cases on every adapter that starts."""
        self._start()
        cases = list(cases)
        for worker in self._workers.values():
            yield from plan(worker.hello, cases, self.selection)

    def judged(self, check: PlannedCheck, ahead: Iterable[PlannedCheck]) -> Check:
        """The judged check; those ahead of it for the same worker are asked with it."""
        if check.id not in self._judged:
            key = check.adapter, check.device
            batch = []
            for one in ahead:
                if (one.adapter, one.device) == key:
                    batch.append(one)
                if len(batch) >= AHEAD:
                    break
            for asked in ask_all(self._workers[key], batch, self._references):
                for done in self._judges[key].judge(asked):
                    self._judged[done.id] = done
        return self._judged.pop(check.id)

    def close(self) -> None:
        """Ends every worker."""
        for worker in self._workers.values():
            worker.close()

    def _start(self) -> None:
        if self._started:
            return
        self._started = True
        for spec in self._specs():
            for device in self.selection.devices:
                worker = Worker(spec, python=self._python, device=device)
                try:
                    hello = worker.start()
                except NotStarted as error:
                    worker.close()
                    reason = f"not installed: {error.missing}" if error.missing else str(error)
                    if self.selection.adapters:
                        raise IncompleteError(f"{spec.name} does not start: {reason}") from None
                    self.not_started[spec.name] = reason
                    continue
                key = spec.name, device
                self._workers[key] = worker
                self._judges[key] = Judge(self._references, Records.shipped(spec.name), hello, refine)

    def _specs(self) -> list[AdapterSpec]:
        found = adapters()
        return [found[name] for name in self.selection.adapters] if self.selection.adapters else list(found.values())
