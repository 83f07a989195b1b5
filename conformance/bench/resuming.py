"""Goes on with a bench that was stopped: what its file holds already, and whether it is the same bench."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from conformance import resuming, run_file
from conformance.bench.compare import machines_differ
from conformance.bench.group import Group
from conformance.errors import UsageError
from conformance.run_file import Environment, Header, Run


def sizes_of(path: Path) -> tuple[int, ...]:
    """The sizes that the bench of a file was asked for."""
    return tuple(run_file.read(path, allow_incomplete=True).header.timed.get("sizes", ()))


def stopped_bench(path: Path, ours: Header) -> Run:
    """What a file holds of the bench whose header would be `ours`, which may have more sizes than the file.

    Leaves out, in the file too, the group that was written last, where a kill may have cut it off. Raises UsageError
    where nothing is left to do, or the file holds another bench, or one of another machine.
    """
    held = list(sizes_of(path))
    stopped = resuming.resumable(path, replace(ours, timed={**ours.timed, "sizes": held}))
    if stopped.end is not None and ours.timed["sizes"] == held:
        raise UsageError(f"{path}: is complete; there is nothing to resume\n  more sizes: --size N")
    differs = machines_differ(stopped.header, ours)
    if differs:
        raise UsageError(f"{path}: cannot be resumed on another machine: {differs}\n  start a new bench")
    whole = stopped.timings
    if stopped.end is None and whole:
        whole = [timing for timing in whole if timing.group != whole[-1].group]
    stopped = replace(stopped, header=replace(stopped.header, timed=ours.timed), timings=whole)
    beside = path.with_name(f"{path.name}.part")
    run_file.write_all(beside, replace(stopped, end=None))
    beside.replace(path)
    return stopped


def remaining(stopped: Run, environments: Iterable[Environment], groups: Iterable[Group]) -> list[Group]:
    """The groups that are not in the file. Raises UsageError where the environments are not those that were timed."""
    was = {(e.adapter, e.device): e for e in stopped.environments}
    for now in environments:
        before = was.get((now.adapter, now.device))
        if before is None or _told(before) != _told(now):
            raise UsageError(
                f"{stopped.path}: cannot be resumed: the environment of {now.adapter} is another one\n"
                f"  it was {_said(before)}, now it is {_said(now)}\n  start a new bench"
            )
    timed = {timing.id for timing in stopped.timings}
    return [group for group in groups if not all(group.id_of(check) in timed for check in group.checks)]


def _told(environment: Environment) -> tuple[object, ...]:
    return environment.started, dict(environment.versions), dict(environment.switches)


def _said(environment: Environment | None) -> str:
    if environment is None or not environment.started:
        return "not there"
    switches = ", ".join(f"{name} {value}" for name, value in environment.switches.items())
    return f"{environment.framework} {environment.version} ({switches})"
