"""Times both sides of an upgrade in turns: what slows the machine down slows both, what differs is the upgrade's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from conformance import run_file
from conformance.bench.processes import Settings
from conformance.bench.session import SIZES, Bench, Listener, execute_in_turns
from conformance.host import AdapterSpec
from conformance.loading import Catalogue
from conformance.run_file import Run
from conformance.selection import Selection


def bench_path(folder: Path, side: str) -> Path:
    """Where the times of a side are kept."""
    return folder / f"{side}-bench.jsonl"


def bench_sides(
    folder: Path,
    programs: Mapping[str, str],
    catalogue: Catalogue,
    specs: Sequence[AdapterSpec],
    selection: Selection,
    sizes: Sequence[int] = (),
    settings: Settings | None = None,
    listener: Listener | None = None,
) -> dict[str, Run]:
    """The times of each side, a name in `programs` with its interpreter, as kept in `folder`."""
    settings = settings or Settings()
    with ExitStack() as stack:
        sides = []
        for side, program in programs.items():
            file = stack.enter_context(bench_path(folder, side).open("w", encoding="utf-8"))
            bench = Bench(selection, replace(settings, pythons={"": program}), tuple(sizes) or SIZES)
            sides.append((file, stack.enter_context(bench)))
        execute_in_turns(sides, catalogue, specs, listener or Listener())
    return {side: run_file.read(bench_path(folder, side), allow_incomplete=True) for side in programs}


def with_times(run: Run, timed: Run) -> Run:
    """The run of checks with the times of another run of the same environment."""
    return replace(run, timings=timed.timings, ceilings=timed.ceilings, cases={**timed.cases, **run.cases})
