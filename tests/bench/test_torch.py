"""PyTorch's own way to be timed, eager and differentiated."""

import io

import pytest

from conformance.bench.session import Bench, execute
from conformance.host import adapters
from conformance.loading import load
from conformance.selection import Selection

pytest.importorskip("torch")


def test_what_is_timed_in_pytorch_is_what_is_judged(short):
    selection = Selection(operations=("binary_cross_entropy_with_logits", "softmax"), profile="quick")
    bench = Bench(selection, short, (1000,))
    with bench:
        found = execute(io.StringIO(), load(None), [adapters()["torch"]], bench)
    reasons = {t.id: t.reason for t in found if not t.timed}
    assert all(t.timed or t.verdict == "unsupported" for t in found), reasons
    assert {(t.operation, t.order) for t in found if t.timed} == {
        (operation, order) for operation in selection.operations for order in ("value", "gradient")
    }
    assert {(c.threads, c.clock) for c in bench.ceilings} == {(1, "host")}


def test_the_number_of_threads_is_the_one_asked_and_a_pinned_worker_has_as_many_cores(short):
    import dataclasses
    import os

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
