"""Which adapters an upgrade compares, and what it says of the others."""

import pytest

from conformance.errors import IncompleteError, UsageError
from conformance.run_file import End, Environment, Header, Run
from conformance.upgrade import compared, pairing

HEADER = Header("0.1.0", "digest", "2026-11-28", {}, {})


def up(adapter, version="1", framework="framework", successor=""):
    return Environment(adapter, "cpu", True, framework=framework, version=version, successor=successor)


def absent(adapter, missing="its framework"):
    return Environment(adapter, "cpu", False, reason=f"not installed: {missing}")


def failed(adapter):
    return Environment(adapter, "cpu", False, reason="the process died of signal SIGSEGV\nTraceback")


def run(*environments):
    return Run("run.jsonl", HEADER, list(environments), end=End("2026-11-28", 0.0, 0, {}, {}, True))


def test_an_adapter_that_came_up_on_both_sides_is_compared_with_itself():
    found = pairing(run(up("torch"), absent("jax")), run(up("torch"), absent("jax")), {})
    assert (found.mapping, found.notes, found.problems) == ({"torch": "torch"}, (), ())


def test_what_an_upgrade_replaces_is_compared_with_its_successor_and_that_is_said():
    old = run(up("tensorflow"), up("tf-keras", successor="keras-tensorflow"), absent("keras-tensorflow"))
    new = run(up("tensorflow"), absent("tf-keras"), up("keras-tensorflow", "3.3.3"))
    found = pairing(old, new, {})
    assert found.mapping == {"tensorflow": "tensorflow", "tf-keras": "keras-tensorflow"}
    assert found.notes == ("tf-keras is compared with its successor, keras-tensorflow 3.3.3",)


def test_where_both_sides_have_it_nothing_is_replaced():
    both = run(up("tf-keras", successor="keras-tensorflow"), up("keras-tensorflow"))
    assert pairing(both, both, {}).mapping == {"tf-keras": "tf-keras", "keras-tensorflow": "keras-tensorflow"}


def test_an_adapter_that_the_new_side_lost_makes_the_comparison_incomplete():
    found = pairing(run(up("torch"), up("jax")), run(up("torch"), absent("jax", "jaxlib")), {})
    assert found.problems == (
        "new side: jax: not installed: jaxlib, and was there on the old side: leave it out with -a",
    )


def test_an_adapter_that_crashes_on_the_new_side_is_left_to_the_gate_which_says_why():
    comparison = compared(run(up("torch")), run(failed("torch")), {})
    assert comparison.status() == 3
    assert any("torch on cpu did not start: the process died of signal SIGSEGV" in p for p in comparison.problems)


def test_an_adapter_that_is_new_is_said():
    found = pairing(run(up("torch"), absent("jax")), run(up("torch"), up("jax")), {})
    assert found.notes == ("jax is new, and compared with nothing",)
    assert not found.problems


def test_an_adapter_that_starts_on_neither_side_is_said_and_is_a_problem_where_it_was_named():
    old, new = run(up("torch"), failed("jax")), run(up("torch"), failed("jax"))
    assert "jax does not start and is compared with nothing" in pairing(old, new, {}).notes[0]
    assert "jax starts on neither side" in pairing(old, new, {}, ["torch", "jax"]).problems[0]


def test_formulas_of_numpy_are_no_framework_unless_they_are_named():
    sides = run(up("published", framework="numpy"), up("torch")), run(up("published", framework="numpy"), up("torch"))
    assert pairing(*sides, {}).mapping == {"torch": "torch"}
    assert "published" in pairing(*sides, {}, ["published"]).mapping


def test_a_mapping_of_the_user_goes_before_ours():
    sides = run(up("keras-jax")), run(up("keras-torch"), up("keras-jax"))
    assert pairing(*sides, {"keras-jax": "keras-torch"}).mapping == {"keras-jax": "keras-torch"}


def test_a_mapped_adapter_that_is_not_there_is_a_problem():
    found = pairing(run(up("torch")), run(up("torch")), {"tf-keras": "torch"})
    assert found.problems == ("old side: tf-keras: was not run",)


def test_environments_without_any_framework_compare_nothing():
    bare = run(up("published", framework="numpy"), absent("torch"))
    with pytest.raises(IncompleteError, match=r"no adapter can be compared(.|\n)*holds no framework that is judged"):
        compared(bare, bare, {})


def test_a_selection_that_selects_nothing_is_no_open_gate():
    with pytest.raises(UsageError, match="nothing is selected"):
        compared(run(up("torch")), run(up("torch")), {})
