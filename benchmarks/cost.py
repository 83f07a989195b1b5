"""What a run costs: checks a second, the suite's overhead over a bare loop of the same calls, and the host's memory.

    python benchmarks/cost.py [ADAPTER]...

Prints ratios of one run on this machine; absolute times depend on it. The bare loop makes the same framework calls
on the same tensors, in a process of its own, and does nothing with the results but wait for them.
"""

from __future__ import annotations

import io
import pickle
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from conformance.host import ENGINE, AdapterSpec, Worker, adapters, adapters_folder
from conformance.judge.divergence import Records
from conformance.loading import Catalogue, load
from conformance.plan import PlannedCheck, plan
from conformance.reference import References
from conformance.refine import refine
from conformance.run import Listener, Settings, execute
from conformance.run_file import Check, Environment
from conformance.selection import Selection

BARE_LOOP = Path(__file__).parent / "bare_loop.py"


class _Clock(Listener):
    """When the worker was ready, and how many elements were compared."""

    def __init__(self) -> None:
        self.ready = 0.0
        self.checks = 0

    def started(self, environment: Environment, planned: int) -> None:
        self.ready = time.perf_counter()

    def checked(self, checks: Sequence[Check]) -> None:
        self.checks += sum(check.verdict != "unsupported" for check in checks)


def main(names: Sequence[str]) -> None:
    catalogue = load(None)
    print(f"{'adapter':18s} {'checks':>7s} {'run s':>7s} {'bare s':>7s} {'run/bare':>9s} {'checks/s':>9s}")
    for name, spec in adapters().items():
        if names and name not in names:
            continue
        measured = _measure(spec, catalogue)
        if measured is None:
            continue
        checks, spent, bare = measured
        print(f"{name:18s} {checks:7d} {spent:7.2f} {bare:7.2f} {spent / bare:9.2f} {checks / spent:9.0f}", flush=True)
    print(f"host memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB at its highest")


def _measure(spec: AdapterSpec, catalogue: Catalogue) -> tuple[int, float, float] | None:
    clock = _Clock()
    selection = Selection(adapters=(spec.name,))
    summary = execute(
        io.StringIO(), catalogue, [spec], selection, Settings(jobs=1), Records.shipped, refine=refine, listener=clock
    )
    if summary.not_started:
        return None
    spent = time.perf_counter() - clock.ready
    return clock.checks, spent, _bare(spec, catalogue, selection)


def _bare(spec: AdapterSpec, catalogue: Catalogue, selection: Selection) -> float:
    references = References()
    with Worker(spec) as worker:
        hello = worker.start()
    checks = [c for c in plan(hello, catalogue.cases, selection) if c.unsupported is None]
    with tempfile.NamedTemporaryFile(suffix=".pickle") as file:
        pickle.dump([_packed(check, references) for check in checks], file)
        file.flush()
        done = subprocess.run(
            [sys.executable, BARE_LOOP, ENGINE, adapters_folder(), spec.module, spec.file, file.name],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    return float(done.stdout.split()[-1])


def _packed(check: PlannedCheck, references: References) -> tuple[Any, ...]:
    reference = references.of(check.variant, check.dtype)
    cotangent = reference.cotangent_storage if check.order == "gradient" else None
    wrt = [name for name in check.operation.differentiable if name in reference.storage]
    return (
        check.operation.name,
        check.implementation["name"],
        {name: (array.dtype, array.storage) for name, array in reference.storage.items()},
        dict(check.parameters),
        check.order,
        wrt,
        None if cotangent is None else (cotangent.dtype, cotangent.storage),
        (check.variant.id, check.dtype),
    )


if __name__ == "__main__":
    main(sys.argv[1:])
