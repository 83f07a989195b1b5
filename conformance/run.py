"""One execution: workers answer in threads of their own, one judge at a time judges, everything is written at once.

The main thread alone touches the run file and the judges; threads only start workers, ask, and hand over.
"""

from __future__ import annotations

import datetime
import os
import platform
import queue
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import IO, Any

import conformance
from conformance import proof, run_file
from conformance.asking import ask_all
from conformance.examples import Examples
from conformance.host import AdapterSpec, NotStarted, Worker
from conformance.judge.curves import traced
from conformance.judge.divergence import Records
from conformance.judge.judging import Asked, Judge, Refine
from conformance.loading import Catalogue
from conformance.oracle.operation import OPERATIONS
from conformance.plan import plan
from conformance.reference import References
from conformance.run_file import Check, End, Environment, Header, Record, Run
from conformance.selection import Selection
from conformance.telling import definition, implementation, written_case, written_record
from conformance.unused import is_unused

DEFAULT_DEADLINE = 60.0


@dataclass(frozen=True)
class Settings:
    """How a run is executed, apart from what is selected.

    pythons    interpreter of each adapter's worker; "" stands for those that are not named
    jobs       how many workers run at once
    deadline   seconds that one check may take
    done       ids of the checks that a stopped run has finished
    repeat     how many times each check is asked, to see whether its bits vary by themselves
    """

    pythons: Mapping[str, str] = field(default_factory=lambda: {"": sys.executable})
    jobs: int = 2
    deadline: float = DEFAULT_DEADLINE
    done: frozenset[str] = frozenset()
    repeat: int = 1

    def python_of(self, adapter: str) -> str:
        """The interpreter of one adapter's worker."""
        return self.pythons.get(adapter) or self.pythons[""]


class Listener:
    """What is told about a run while it goes on. Every method does nothing here."""

    def starting(self, adapter: str, device: str) -> None:
        """A worker is being started."""

    def started(self, environment: Environment, planned: int) -> None:
        """A worker is ready and has so many checks to answer; or it did not start."""

    def checked(self, checks: Sequence[Check]) -> None:
        """A batch has been judged and written."""

    def finished(self, adapter: str, device: str) -> None:
        """A worker has answered everything."""


@dataclass
class Summary:
    """What a run came to. `attention` holds the checks whose expectation is not `expected`.

    broken             how often each relation broke
    mode_differences   how often each compiled mode gave another result than eager mode
    varying            how many checks of each call gave other bits when they were asked again
    """

    verdicts: Counter[str] = field(default_factory=Counter)
    expectations: Counter[str] = field(default_factory=Counter)
    attention: list[Check] = field(default_factory=list)
    broken: Counter[str] = field(default_factory=Counter)
    mode_differences: Counter[str] = field(default_factory=Counter)
    varying: Counter[str] = field(default_factory=Counter)
    unused: list[Record] = field(default_factory=list)
    not_started: list[Environment] = field(default_factory=list)
    environments: list[Environment] = field(default_factory=list)
    checks: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class _Up:
    key: tuple[str, str]
    environment: Environment
    hello: Mapping[str, Any] | None
    planned: int = 0


@dataclass(frozen=True)
class _Results:
    key: tuple[str, str]
    asked: list[Asked]


@dataclass(frozen=True)
class _Down:
    key: tuple[str, str]
    failure: str | None = None


def execute(
    file: IO[str],
    catalogue: Catalogue,
    specs: Sequence[AdapterSpec],
    selection: Selection,
    settings: Settings,
    records: Callable[[str], Records],
    refine: Refine | None = None,
    listener: Listener | None = None,
) -> Summary:
    """Runs the selected checks of the given adapters and appends everything to `file`.

    `records` gives the divergence records of an adapter. A resumed run (`settings.done`) writes no new header.
    """
    listener = listener or Listener()
    summary = Summary()
    began = time.monotonic()
    if not settings.done:
        run_file.write(file, header(catalogue, selection, settings.repeat))
        for flag in catalogue.flags.values():
            run_file.write_flag(file, flag.name, {k: v for k, v in asdict(flag).items() if k != "name"})
    references, grids = References(), traced(catalogue.cases)
    events: queue.Queue[_Up | _Results | _Down] = queue.Queue(maxsize=64)
    slots = threading.Semaphore(settings.jobs)
    pending = {(spec.name, device) for spec in specs for device in selection.devices}
    for spec in specs:
        for device in selection.devices:
            arguments = (spec, device, catalogue, selection, settings, references, events, slots, listener)
            threading.Thread(target=_serve, args=arguments, daemon=True).start()

    judges: dict[tuple[str, str], Judge] = {}
    known: dict[str, Records] = {}
    examples = Examples()
    told = _told(settings.done)  # ids of cases
    asked_operations = {case.operation for case in catalogue.cases if case.id in told}
    hellos: dict[str, list[Mapping[str, Any]]] = {}
    while pending:
        event = events.get()
        if isinstance(event, _Up):
            run_file.write(file, event.environment)
            summary.environments.append(event.environment)
            listener.started(event.environment, event.planned)
            if event.hello is None:
                summary.not_started.append(event.environment)
            else:
                adapter = event.environment.adapter
                known[adapter] = records(adapter)
                hellos.setdefault(adapter, []).append(event.hello)
                judges[event.key] = Judge(references, known[adapter], event.hello, refine, grids)
        elif isinstance(event, _Results):
            checks = judges[event.key].judge(event.asked)
            for asked, check in zip(event.asked, checks, strict=True):
                case = asked.check.variant.case
                if case.id not in told:
                    told.add(case.id)
                    asked_operations.add(case.operation)
                    run_file.write(file, written_case(case))
                run_file.write(file, check)
                examples.look(check, case)
                _count(summary, check)
            for curve in judges[event.key].take_curves():
                run_file.write(file, curve)
            file.flush()
            listener.checked(checks)
        else:
            pending.discard(event.key)
            if event.failure:
                adapter, device = event.key
                broken = Environment(adapter=adapter, device=device, started=False, reason=event.failure)
                run_file.write(file, broken)
                summary.not_started.append(broken)
            listener.finished(*event.key)

    proven = proof.proven()
    for name in sorted(asked_operations):
        run_file.write(file, definition(OPERATIONS[name], proven.get(name, {})))
    # What the first part of a resumed run explained, or a worker that failed did not answer, is not known here.
    decidable = not settings.done and all(_absent(e) for e in summary.not_started)
    lines = _record_lines(judges, known, hellos, catalogue, selection, decidable)
    for script in examples.scripts(
        Run("this run", header(catalogue, selection), summary.environments, [], lines), specs
    ):
        run_file.write(file, script)
    for line in lines:
        run_file.write(file, line)
        if not line.used:
            summary.unused.append(line)
    summary.seconds = time.monotonic() - began
    complete = not any(e.reason and not _absent(e) for e in summary.not_started)
    run_file.write(
        file,
        End(
            ended=_now(),
            seconds=round(summary.seconds, 3),
            checks=summary.checks + len(settings.done),
            verdicts=dict(summary.verdicts),
            expectations=dict(summary.expectations),
            complete=complete,
        ),
    )
    return summary


def _told(done: Iterable[str]) -> set[str]:
    """The cases of finished checks: a case's id has none of the characters that may follow it in a check's."""
    return {re.split(r"[\[~:]", check, maxsplit=1)[0] for check in done}


def header(catalogue: Catalogue, selection: Selection, repeat: int = 1) -> Header:
    """The first line of a run file."""
    return Header(
        suite=conformance.__version__,
        cases=catalogue.digest,
        started=_now(),
        selection=selection.written(),
        oracle=proof.proven(),
        repeat=repeat,
        machine={
            "system": platform.system(),
            "machine": platform.machine(),
            "processor": _processor(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
        },
    )


def _serve(
    spec: AdapterSpec,
    device: str,
    catalogue: Catalogue,
    selection: Selection,
    settings: Settings,
    references: References,
    events: queue.Queue[_Up | _Results | _Down],
    slots: threading.Semaphore,
    listener: Listener,
) -> None:
    key = spec.name, device
    failure = None
    python = settings.python_of(spec.name)
    with slots, Worker(spec, python=python, device=device, deadline=settings.deadline) as worker:
        listener.starting(*key)
        try:
            hello = worker.start()
        except NotStarted as error:
            reason = f"not installed: {error.missing}" if error.missing else str(error)
            events.put(_Up(key, Environment(spec.name, device, started=False, reason=reason), None))
        else:
            try:
                planned = sum(check.id not in settings.done for check in plan(hello, catalogue.cases, selection))
                events.put(_Up(key, environment_of(hello, python, spec), hello, planned))
                checks = plan(hello, catalogue.cases, selection)
                if settings.done:
                    checks = (check for check in checks if check.id not in settings.done)
                for asked in ask_all(worker, checks, references, settings.repeat):
                    events.put(_Results(key, asked))
            except NotStarted as error:
                failure = f"could not be started again: {error}"
            except Exception as error:  # a fault of ours must end the run loudly, not leave it waiting
                failure = f"the suite failed: {type(error).__name__}: {error}"
    events.put(_Down(key, failure))


def environment_of(hello: Mapping[str, Any], interpreter: str, spec: AdapterSpec) -> Environment:
    """The `environment` line of a worker that is ready."""
    said = hello["environment"]
    return Environment(
        adapter=hello["adapter"],
        device=hello["device"],
        started=True,
        framework=said["framework"],
        version=str(said["version"]),
        versions=said["versions"],
        devices=tuple(said.get("devices", ())),
        switches=said.get("switches", {}),
        implementations=tuple(implementation(row, spec) for row in hello["implementations"]),
        interpreter=os.path.basename(interpreter),
        successor=hello.get("successor", ""),
    )


def _count(summary: Summary, check: Check) -> None:
    summary.checks += 1
    summary.verdicts[check.verdict] += 1
    summary.expectations[check.expectation] += 1
    if check.broken:
        summary.broken[check.relation] += 1
    if check.mode_difference:
        summary.mode_differences[check.mode] += 1
    if check.varying:
        summary.varying[check.call] += 1
    if check.expectation != "expected":
        summary.attention.append(check)


def _record_lines(
    judges: Mapping[tuple[str, str], Judge],
    known: Mapping[str, Records],
    hellos: Mapping[str, Sequence[Mapping[str, Any]]],
    catalogue: Catalogue,
    selection: Selection,
    decidable: bool,
) -> list[Record]:
    """The records that covered a check of this run, and those that covered some but explained none."""
    lines = []
    for adapter, records in known.items():
        mine = [judge for (name, _), judge in judges.items() if name == adapter]
        for record in records:
            matched = sum(judge.matched.get(record.id, 0) for judge in mine)
            if not any(record.id in judge.covered for judge in mine):
                continue
            idle = decidable and not matched and is_unused(record, hellos[adapter], catalogue.cases, selection)
            lines.append(written_record(record, adapter, matched, not idle))
    return lines


def _absent(environment: Environment) -> bool:
    return environment.reason.startswith("not installed")


def _now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "")
    except OSError:
        return platform.processor()
