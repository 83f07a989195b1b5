"""Each framework's own way to be timed: bound, compiled, differentiated, waited for."""

import dataclasses
import importlib.util
import io
import os

import pytest

from conformance import run_file
from conformance.bench.session import Bench, execute
from conformance.host import adapters
from conformance.loading import load
from conformance.selection import Selection


def softplus(timings):
    """Those rows: an exponential, an addition and a logarithm for each of 1,000 entries; two more for the gradient."""
    return [t for t in timings if t.timed and t.operation == "softplus"]


def needs(*modules):
    return pytest.mark.skipif(any(importlib.util.find_spec(m) is None for m in modules), reason=f"needs {modules}")


@pytest.mark.parametrize(
    ("adapter", "modes"),
    [
        pytest.param("torch", {"eager"}, marks=needs("torch")),
        pytest.param("jax", {"eager", "jit"}, marks=needs("jax", "optax")),
        pytest.param("tensorflow", {"eager", "graph"}, marks=needs("tensorflow")),
        pytest.param("keras-torch", {"eager"}, marks=needs("keras", "torch")),
    ],
)
def test_what_is_timed_is_what_is_judged_forward_and_backward_in_every_mode(short, adapter, modes):
    """A scalar loss, whose gradient needs no cotangent, and an activation, whose gradient has one."""
    selection = Selection(operations=("softmax_cross_entropy", "softplus"), profile="quick")
    bench = Bench(selection, dataclasses.replace(short, deadline=120.0), (1000,))
    with bench:
        found = execute(io.StringIO(), load(None), [adapters()[adapter]], bench)
    assert [t.reason for t in found if not t.timed and t.verdict != "unsupported"] == []
    assert {(t.operation, t.order, t.mode) for t in found if t.timed} >= {
        (operation, order, mode)
        for operation in selection.operations
        for order in ("value", "gradient")
        for mode in modes
    }
    assert {(c.mode, c.threads, c.clock) for c in bench.ceilings} == {(mode, 1, "host") for mode in modes}
    assert all(t.first > t.median for t in found if t.timed and t.mode != "eager")
    assert all(t.operations == {"value": 3000, "gradient": 5000}[t.order] for t in softplus(found))


@needs("torch")
def test_the_number_of_threads_is_the_one_asked_and_a_pinned_worker_has_as_many_cores(short):
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("one core")
    before = os.sched_getaffinity(0)
    settings = dataclasses.replace(short, threads=2, pinned=True)
    bench = Bench(Selection(operations=("sigmoid",), orders=("value",), profile="quick"), settings, (1000,))
    with bench:
        bench.start([adapters()["torch"]])
        (ceiling,) = bench.measure_ceilings()
    assert (ceiling.threads, ceiling.cores) == (2, 2)
    assert os.sched_getaffinity(0) == before


@needs("torch")
def test_what_is_ours_is_below_two_percent_of_a_time_that_is_not_called_launch_bound(short, tmp_path):
    """Read from the figures of a run file, one size that is and one that is not."""
    path = tmp_path / "run.jsonl"
    selection = Selection(operations=("softmax_cross_entropy",), profile="quick")
    bench = Bench(selection, dataclasses.replace(short, deadline=120.0), (100, 100_000))
    with path.open("w", encoding="utf-8") as file, bench:
        execute(file, load(None), [adapters()["torch"], adapters()["published"]], bench)
    run = run_file.read(path)
    timings = [t for t in run.timings if t.timed]
    ceilings = {(c.adapter, c.device, c.mode): c for c in run.ceilings}
    assert {t.adapter for t in timings} == {"torch", "published"}
    assert all(t.harness == ceilings[t.adapter, t.device, t.mode].harness > 0 for t in timings)
    assert not all(t.launch_bound for t in timings)
    assert [t.id for t in timings if not t.launch_bound and t.harness > 0.02 * t.median] == []
    short_of_it = [t for t in timings if t.launch_bound]
    assert all(t.median < max(50 * t.harness, 3 * t.launch) for t in short_of_it)
