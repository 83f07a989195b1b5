"""What changed from one run to the next."""

from conformance.reports.changes import changes, successors


def run_at(make, adapter, version, successor="", **more):
    environment = make.environment(adapter, version=version, successor=successor)
    return make.run_of([make.tail(adapter, **more)], environments=[environment])


def test_each_run_is_compared_with_the_one_before_it(make):
    runs = [run_at(make, "torch", version) for version in ("2.11.0", "2.12.0", "2.13.0")]
    assert [(change.baseline, change.candidate) for change in changes(runs)] == [(1, 2), (2, 3)]


def test_an_adapter_and_the_one_that_succeeds_it_are_an_upgrade(make):
    old = run_at(make, "tf-keras", "2.15.0", successor="keras-tensorflow")
    found = changes([old, run_at(make, "keras-tensorflow", "3.0.0")])
    assert [change.compared for change in found] == [1]
    assert successors(found) == {"tf-keras": "keras-tensorflow"}


def test_a_line_of_adapters_ends_with_the_last_one(make):
    line = ("tf-keras", "keras-tensorflow"), ("keras-tensorflow", "keras-jax"), ("keras-jax", "")
    runs = [run_at(make, name, "1.0", successor=after) for name, after in line]
    assert successors(changes(runs)) == {"tf-keras": "keras-jax", "keras-tensorflow": "keras-jax"}


def test_one_adapter_each_that_are_no_upgrade_stand_side_by_side(make):
    """Whoever judges one adapter a run does not ask what changes from PyTorch to TensorFlow."""
    assert changes([run_at(make, "torch", "2.13.0"), run_at(make, "tensorflow", "2.21.0")]) == []


def test_runs_without_a_common_adapter_are_not_compared(make):
    one = make.run_of(make.ordinary_checks(["torch", "jax"], 1))
    two = make.run_of(make.ordinary_checks(["tf-keras", "keras-tensorflow"], 1))
    assert changes([one, two]) == []


def test_one_run_is_compared_with_nothing(run):
    assert changes([run]) == []


def test_a_cause_that_a_gate_refuses_is_named(make):
    old = make.run_of([make.right_tail()], environments=[make.environment("torch", version="2.12.0")])
    (change,) = changes([old, run_at(make, "torch", "2.13.0")])
    assert [cause.transition for cause in change.refused] == ["broken"]


def test_a_fault_that_stays_is_no_change(make):
    (change,) = changes([run_at(make, "torch", "2.12.0"), run_at(make, "torch", "2.13.0")])
    assert (change.same, change.causes) == (1, [])
