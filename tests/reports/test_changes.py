"""What changed from one run to the next."""

from conformance.reports.changes import changes, successors


def run_at(make, adapter, version, **more):
    return make.run_of([make.tail(adapter, **more)], environments=[make.environment(adapter, version=version)])


def test_each_run_is_compared_with_the_one_before_it(make):
    runs = [run_at(make, "torch", version) for version in ("2.11.0", "2.12.0", "2.13.0")]
    assert [(change.baseline, change.candidate) for change in changes(runs)] == [(1, 2), (2, 3)]


def test_one_adapter_each_is_an_upgrade_from_one_to_the_other(make):
    found = changes([run_at(make, "tf-keras", "2.15.0"), run_at(make, "keras-tensorflow", "3.0.0")])
    assert [change.compared for change in found] == [1]
    assert successors(found) == {"tf-keras": "keras-tensorflow"}


def test_a_line_of_adapters_ends_with_the_last_one(make):
    runs = [run_at(make, name, "1.0") for name in ("tf-keras", "keras-tensorflow", "keras-jax")]
    assert successors(changes(runs)) == {"tf-keras": "keras-jax", "keras-tensorflow": "keras-jax"}


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
