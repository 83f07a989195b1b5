"""The host tells a crash, a hang and an exception apart, and none of them costs another check."""

import subprocess
import sys

import numpy as np
import pytest

from conformance.host import AdapterSpec, NotStarted, Worker, adapters
from conformance.worker.arrays import Array

X = [Array("float32", np.array([0.0, 1.0], np.float32))]


def request(number, implementation):
    return {
        "id": number, "operation": "sigmoid", "implementation": implementation, "inputs": {"x": 0},
        "parameters": {}, "mode": "eager", "order": "value",
    }  # fmt: skip


@pytest.fixture
def worker(misbehaving):
    with Worker(misbehaving, deadline=2.0) as worker:
        worker.start()
        yield worker


def kinds(worker, *implementations):
    return [answer.kind for answer in worker.ask([request(i, name) for i, name in enumerate(implementations)], X)]


def test_answers_come_in_the_order_asked_with_the_bits_of_the_result(worker):
    (answer,) = worker.ask([request(0, "right")], X)
    assert answer.kind == "returned"
    assert answer.arrays[0].storage.tolist() == [0.5, np.float32(0.7310586)]


@pytest.mark.parametrize("way", ["aborts", "exits", "killed"])
def test_a_worker_that_dies_loses_only_its_own_check(worker, way):
    assert kinds(worker, "right", way, "right", "raises") == ["returned", "crashed", "returned", "raised"]


def test_a_crash_says_how_the_process_ended(worker):
    answers = list(worker.ask([request(0, "aborts"), request(1, "exits")], X))
    assert "SIGABRT" in answers[0].head["message"]
    assert "status 7" in answers[1].head["message"]


def test_a_hang_is_ended_at_the_deadline_and_the_rest_goes_on(worker):
    assert kinds(worker, "hangs", "right") == ["hung", "returned"]


@pytest.mark.parametrize("way", ["aborts", "hangs"])
def test_the_last_check_of_a_batch_may_end_the_process_and_the_next_batch_is_answered(worker, way):
    assert kinds(worker, way) == [{"aborts": "crashed", "hangs": "hung"}[way]]
    assert kinds(worker, "right") == ["returned"]


def test_a_process_that_dies_once_is_asked_again(misbehaving, tmp_path, monkeypatch):
    monkeypatch.setenv("CONFORMANCE_TEST_FLAG", str(tmp_path / "died"))
    with Worker(misbehaving) as worker:
        worker.start()
        assert kinds(worker, "right", "dies_once", "right") == ["returned"] * 3


def test_what_a_framework_prints_does_not_reach_the_protocol_and_is_kept(worker):
    assert kinds(worker, "prints", "right") == ["returned", "returned"]
    assert "noise on standard output" in worker.noise()
    assert "noise below Python" in worker.noise()


def test_an_interrupt_raised_by_the_framework_is_a_crash_of_its_own_check(worker):
    assert kinds(worker, "interrupts", "right") == ["crashed", "returned"]


def test_warnings_are_kept_with_the_check_that_gave_them(worker):
    warned, silent = worker.ask([request(0, "warns"), request(1, "right")], X)
    assert warned.head["warnings"] == ["FutureWarning: sigmoid is deprecated"]
    assert "warnings" not in silent.head


def test_an_exception_keeps_its_class_and_its_bases(worker):
    (answer,) = worker.ask([request(0, "raises")], X)
    assert answer.head["error"] == "ArithmeticError"
    assert "Exception" in answer.head["bases"]
    assert answer.head["message"] == "no sigmoid today"


def test_large_arrays_travel_whole_in_both_directions(worker):
    values = np.linspace(-8, 8, 1_000_000).astype(np.float32)
    (answer,) = worker.ask([request(0, "right")], [Array("float32", values)])
    assert answer.arrays[0].storage.shape == values.shape
    assert np.all(np.diff(answer.arrays[0].storage) >= 0)


def test_a_worker_ends_cleanly(misbehaving):
    worker = Worker(misbehaving)
    worker.start()
    assert worker.close() == 0


def test_a_missing_framework_is_named(tmp_path):
    file = tmp_path / "absent.py"
    file.write_text("import a_framework_that_nobody_has\n")
    with Worker(AdapterSpec("absent", "absent_adapter", file)) as worker, pytest.raises(NotStarted) as caught:
        worker.start()
    assert caught.value.missing == "a_framework_that_nobody_has"


def test_a_crash_at_import_says_what_the_process_printed(tmp_path):
    file = tmp_path / "broken.py"
    file.write_text("import os, sys\nsys.stderr.write('cannot load the kernels')\nsys.stderr.flush()\nos.abort()\n")
    with Worker(AdapterSpec("broken", "broken_adapter", file)) as worker, pytest.raises(NotStarted) as caught:
        worker.start()
    assert "SIGABRT" in str(caught.value)
    assert "cannot load the kernels" in str(caught.value)


def test_an_interpreter_that_is_not_there_is_named(misbehaving):
    with Worker(misbehaving, python="/no/such/python") as worker, pytest.raises(NotStarted, match="/no/such/python"):
        worker.start()


def test_every_shipped_adapter_is_found():
    found = adapters()
    assert {"torch", "tensorflow", "jax", "keras-jax", "published"} <= set(found)
    assert [name for name, spec in found.items() if not spec.file.exists()] == []


def test_finding_adapters_imports_none_of_them():
    lines = ["import sys", "from conformance.host import adapters", "adapters()"]
    lines.append("print('conformance.adapters.torch' in sys.modules)")
    done = subprocess.run([sys.executable, "-c", "; ".join(lines)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
