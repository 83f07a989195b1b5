"""Runs of timings whose noise is known, because it was drawn."""

import numpy as np

from conformance.bench import noise
from conformance.run_file import Header, Run
from conformance.timing import Ceiling, Timing

MACHINE = {"processor": "P", "cores": 2, "machine": "x86_64"}
CEILING = Ceiling("torch", "eager", "cpu", 20.0, ((1e6, 5e4),), 2000.0, 500.0, "host")


def timing(number, first, second, **more):
    found = noise.summary([*first, *second])
    return Timing(
        id=f"row{number}", operation="softmax", adapter="torch", implementation="softmax", dtype="float32",
        mode="eager", device="cpu", order="value", size=1000, case="softmax@1000", verdict="conforms",
        samples=(tuple(first), tuple(second)), median=found.median, low=found.low, high=found.high,
        ratio=noise.ratio(first, second), band=noise.band(first, second), **more,
    )  # fmt: skip


def run(timings, ceilings=(CEILING,), machine=MACHINE, path="run"):
    found = Run(path, Header("0", "0", "", {}, machine))
    found.timings, found.ceilings = list(timings), list(ceilings)
    return found


def noisy_run(generator, rows=200, samples=20, within=0.03, between=0.02, slower=None):
    """Rows of lognormal times. Each process has an offset of its own, as real ones have; `slower` is {row: factor}."""
    found = []
    for number in range(rows):
        base = 10_000.0 * (1 + number) * (slower or {}).get(number, 1.0)
        processes = [
            base * np.exp(generator.normal(0, between)) * generator.lognormal(0, within, samples) for _ in range(2)
        ]
        found.append(timing(number, *processes))
    return run(found)
