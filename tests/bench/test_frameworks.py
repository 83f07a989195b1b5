"""Each framework's own way to be timed: bound, compiled, differentiated, waited for."""

import dataclasses
import importlib.util
import io
import os

import pytest

from conformance.bench.session import Bench, execute
from conformance.host import adapters
from conformance.loading import load
from conformance.selection import Selection


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
