"""Times the same calls twice and compares the two runs: nothing changed, so nothing may be reported.

    python benchmarks/null_comparison.py FOLDER

About 200 rows of small sizes, on the adapters `published` and `torch`. Prints how many rows were reported as slower or
faster, and what the noise was: differences of medians between the runs, bands, and the load of the machine.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from conformance import run_file
from conformance.bench.compare import Limits, compare_timings, ordinary_difference
from conformance.bench.processes import Settings
from conformance.bench.session import Bench, execute
from conformance.host import adapters
from conformance.loading import load
from conformance.oracle import load_all
from conformance.oracle.operation import OPERATIONS
from conformance.selection import Selection

FAMILIES = ("binary", "categorical", "focal", "activations", "regression", "margin", "primitives", "likelihood")
ADAPTERS = ("published", "torch")
SETTINGS = Settings(rounds=12, most_rounds=24, seconds=0.4)


def bench(path: Path) -> None:
    """One run, kept in `path`."""
    operations = tuple(o.name for o in OPERATIONS.values() if o.family in FAMILIES)
    selection = Selection(adapters=ADAPTERS, operations=operations, profile="quick")
    found = adapters()
    with path.open("w", encoding="utf-8") as file, Bench(selection, SETTINGS, (1000,)) as session:
        execute(file, load(None), [found[name] for name in ADAPTERS], session)


def main() -> None:
    load_all()
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"null-{name}.jsonl" for name in ("first", "second")]
    for path in paths:
        bench(path)
    old, new = map(run_file.read, paths)
    found = compare_timings(old, new)
    compared = [t for t in found if t.ratio is not None]
    apart = [abs(np.log(t.ratio)) for t in compared]
    print(f"rows compared           {len(compared)}")
    for warn in (0.0, 0.05, 0.1):
        fired = [
            t for t in compare_timings(old, new, limits=lambda _, w=warn: Limits(w)) if t.change in ("slower", "faster")
        ]
        print(f"reported, beyond {warn:4.0%}   {len(fired)}  {[f'{t.id} {t.ratio:.2f}' for t in fired]}")
    lost = [t.id for t in found if t.change not in ("same", "slower", "faster")]
    print(f"otherwise changed       {lost}")
    quantiles = [(q, np.expm1(np.quantile(apart, q))) for q in (0.5, 0.9, 0.99, 1.0)]
    print("medians apart by        " + ", ".join(f"{q:.0%} of rows at most {value:.1%}" for q, value in quantiles))
    for name, run in (("first", old), ("second", new)):
        bands = [t.band for t in run.timings if t.timed]
        print(
            f"{name} run: bands {np.median(bands):.1%} (median), {np.quantile(bands, 0.9):.1%} (90 %); "
            f"99 % of processes apart by at most {np.expm1(ordinary_difference(run.timings)):.1%}; "
            f"load {run.ceilings[0].load:.1f}; {run.end.seconds:.0f} s"
        )


if __name__ == "__main__":
    main()
