"""The list of known upstream faults: read strictly, asked exactly, and its page is complete."""

from pathlib import Path

import pytest

from conformance.environments import EnvironmentSpec
from conformance.errors import FaultyFiles
from conformance.judge.divergence import matches
from conformance.known_bugs import KnownBug, KnownBugs, Row, Sight, linked, load, selection, table, words
from conformance.loading import load as load_cases
from conformance.run_file import Check
from conformance.selection import matcher

PAGE = Path(__file__).parent.parent / "docs" / "known_bugs.md"
KNOWN = load()
ID = "softmax/axes[axis=(0 2)]:keras-jax/ops.softmax:float32:eager:cpu:value"
BUG = KnownBug(
    "R07", "keras-team/keras#20021", "fault", "One axis.", (ID.replace("[axis=(0 2)]", "*"),), ("old",), ("new",)
)


def check(verdict="conforms", outcome="1", expectation="expected", **more):
    parts = ID.split(":")
    return Check(
        ID, "softmax/axes", parts[0], "", "softmax", "keras-jax", "ops.softmax", "float32", "eager", "cpu", "value",
        verdict, expectation, outcome=outcome, right="1", **more,
    )  # fmt: skip


def row(affected, fixed, bug=BUG):
    return Row(bug, (Sight("old", "keras 1", (affected,)),), (Sight("new", "keras 2", (fixed,)),))


@pytest.fixture(scope="module")
def variants():
    return [variant.id for case in load_cases().cases for variant in case.variants()]


@pytest.mark.parametrize("bug", KNOWN.bugs, ids=lambda bug: bug.id)
def test_each_pattern_of_each_row_selects_cases(bug, variants):
    for pattern in (*bug.checks, *bug.fixed_checks):
        assert any(matches((pattern.split(":")[0],), variant) for variant in variants), pattern


def test_each_row_names_environments_that_are_there():
    for bug in KNOWN.bugs:
        assert bug.affected
        assert {*bug.affected, *bug.fixed} <= set(KNOWN.environments)


@pytest.mark.parametrize("bug", KNOWN.bugs, ids=lambda bug: bug.id)
def test_the_committed_page_has_each_row_and_its_checks(bug):
    (line,) = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith(f"| {bug.id} |")]
    for pattern in bug.checks:
        assert f"`{pattern}`" in line


def test_the_words_of_a_pattern_select_what_it_matches():
    pattern = "softmax/axes[axis=*]:keras-*/ops.softmax:float32:eager:cpu:value"
    assert matches((pattern,), ID)
    assert matcher(words(pattern))(ID)
    assert not matcher(words(pattern))(ID.replace("float32", "float16"))


def test_the_selection_has_the_adapters_and_modes_of_the_patterns():
    asked = selection(
        ["a/b*:keras-*/losses.X:float32:eager:cpu:value", "c/d:torch/nn.X:float32:inductor:cpu:value"],
        ["jax", "keras-jax", "keras-torch", "torch"],
    )
    assert asked.adapters == ("keras-jax", "keras-torch", "torch")
    assert asked.modes == ("eager", "inductor")


def test_a_fault_that_shows_on_the_old_release_alone_is_as_it_should_be():
    assert row(check("diverges", "2"), check()).faults == ()


def test_a_fault_that_no_check_shows_is_said():
    assert row(check(), check()).faults == ("old: no check shows the fault",)


def test_a_deviation_of_the_fixed_release_needs_a_record():
    assert row(check("diverges", "2"), check("diverges", "2", "unexpected")).faults == (
        "new: deviates without a record",
    )


def test_a_contract_may_cover_what_changed_if_the_outcomes_differ():
    changed = KnownBug("R01", "x", "change", "Two epsilons.", BUG.checks, ("old",), ("new",))
    assert row(check("documented", "11.5"), check("documented", "12.0"), changed).faults == ()


def test_two_calls_that_a_user_takes_for_one_must_differ():
    trap = KnownBug("R11", "x", "trap", "Two divisors.", BUG.checks, ("old",), ("new",), BUG.checks)
    assert row(check(outcome="0.5"), check(outcome="1"), trap).faults == ()
    assert row(check(outcome="1"), check(outcome="1"), trap).faults == ("old: no check shows the fault",)


def test_an_environment_that_was_not_run_is_said():
    assert Row(BUG, (Sight("old", "old", (), "was not run"),), ()).faults == ("old: no check was asked",)


def test_the_page_says_verdict_record_and_outcome():
    page = table([row(check("diverges", "2", record="keras-jax/one-axis"), check())])
    assert "1 diverges (keras-jax/one-axis); `2` where `1` is right" in page
    assert "[keras-team/keras#20021](https://github.com/keras-team/keras/issues/20021)" in page


def test_a_commit_is_no_thread():
    assert linked("keras-team/keras commit 8d58b790e4") == "keras-team/keras commit 8d58b790e4"


def test_an_unknown_environment_is_refused_with_its_place(tmp_path):
    path = tmp_path / "list.yaml"
    path.write_text(
        "environments: {newest: {}}\nbugs:\n  - id: R1\n    upstream: x\n    kind: fault\n    fault: y\n"
        '    checks: ["a:b/c:float32:eager:cpu:value"]\n    affected: [neuest]\n'
    )
    with pytest.raises(FaultyFiles, match=r"list.yaml:8:16: unknown environment 'neuest'(.|\n)*did you mean 'newest'"):
        load(path)


def test_a_pattern_that_is_no_check_is_refused(tmp_path):
    path = tmp_path / "list.yaml"
    path.write_text(
        "environments: {newest: {}}\nbugs:\n  - id: R1\n    upstream: x\n    kind: fault\n    fault: y\n"
        '    checks: ["softmax/axes"]\n    affected: [newest]\n'
    )
    with pytest.raises(FaultyFiles, match="is no pattern of checks"):
        load(path)


def test_patterns_of_an_environment_are_those_of_the_rows_that_it_is_in():
    known = KnownBugs({"old": EnvironmentSpec("old"), "new": EnvironmentSpec("new")}, (BUG,))
    assert known.patterns("old") == known.patterns("new") == BUG.checks
    assert known.patterns("other") == ()
