"""Runs are brought together by adapter and version."""

from dataclasses import replace

import pytest
from conformance.reports.groups import alike, groups_of, kind
from conformance.reports.observed import observe


def test_runs_of_two_versions_stand_side_by_side_in_order_of_version(make):
    old, new = (
        make.run_of([make.tail()], environments=[make.environment("torch", version=version)])
        for version in ("2.9.0", "2.13.0")
    )
    seen = observe([new, old])
    assert [column.name for column in seen.columns] == ["torch 2.9.0", "torch 2.13.0"]


def test_runs_that_asked_different_checks_of_one_environment_share_its_column(make):
    seen = observe([make.run_of([make.tail()]), make.run_of([make.tail(dtype="float16")])])
    assert [(column.name, column.runs) for column in seen.columns] == [("torch 2.13.0", (1, 2))]


def test_runs_that_asked_the_same_checks_of_one_environment_stay_apart(make):
    seen = observe([make.run_of([make.tail()]), make.run_of([make.tail()])])
    assert [column.name for column in seen.columns] == ["torch 2.13.0, run 1", "torch 2.13.0, run 2"]


def test_an_environment_that_did_not_start_is_a_failure_and_no_column(make):
    run = make.run_of([make.tail()], environments=[make.environment("torch"), make.failed])
    seen = observe([run])
    assert [column.adapter for column in seen.columns] == ["torch"]
    assert [failure.environment.adapter for failure in seen.failures] == ["tensorflow-addons"]


def test_a_device_is_named_where_it_is_not_the_only_or_usual_one(make):
    gpu = replace(make.tail(), device="cuda:0", id="x:cuda")
    environments = [make.environment("torch"), make.environment("torch", device="cuda:0")]
    seen = observe([make.run_of([make.tail(), gpu], environments=environments)])
    assert [column.name for column in seen.columns] == ["torch 2.13.0 (cpu)", "torch 2.13.0 (cuda:0)"]


def test_checks_of_one_cause_are_one_group_whatever_their_dtype_and_mode(make):
    checks = [make.tail(dtype=dtype, mode=mode) for dtype in ("float16", "float32") for mode in ("inductor", "eager")]
    (group,) = groups_of(observe([make.run_of(checks)]).checks)
    assert len(group.seen) == 4
    assert (group.first.check.dtype, group.first.check.mode) == ("float32", "eager")
    assert group.headline == "0 where 2.0611536e-09 is right, at logits = -20.0, targets = 0.0"


def test_messages_that_differ_in_numbers_alone_have_one_cause(make):
    checks = [
        make.check(
            f"softmax/{size}", "softmax", "torch", "softmax", verdict="rejects", expectation="unexpected",
            message=f"ValueError: bad shape ({size},)",
        )
        for size in (1, 2)
    ]  # fmt: skip
    assert len(groups_of(observe([make.run_of(checks)]).checks)) == 1


def test_what_needs_a_person_comes_before_what_a_record_explains(make):
    explained = make.tail(expectation="expected", record="torch/bce-logits-tail", verdict="crashes")
    groups = groups_of(observe([make.run_of([explained, make.tail(dtype="float16")])]).checks)
    assert [group.needs_person for group in groups] == [True, False]


def test_calls_of_which_the_same_is_said_are_one_line(make):
    calls = ["nn.functional.binary_cross_entropy_with_logits", "nn.BCEWithLogitsLoss"]
    groups = groups_of(observe([make.run_of([make.tail(implementation=call) for call in calls])]).checks)
    assert len(groups) == 2
    (joined,) = alike(groups)
    assert sorted(joined.implementation.split(", ")) == sorted(calls)
    assert joined.query == "group:1 or group:2"
    assert len(joined.seen) == 2


@pytest.mark.parametrize(
    ("outcome", "sort"),
    [
        ("[1, nan, …, inf] (8)", "nan"),
        ("[1, -inf]", "-inf"),
        ("[0, 0]", "0"),
        ("0.25", "number"),
        ("raises A", "raises A"),
    ],
)
def test_the_kind_of_an_array_is_its_worst_member(outcome, sort):
    assert kind(outcome) == sort


def test_what_an_upgrade_replaces_is_not_missing(make):
    """Keras 3 is not there before the upgrade, nor Keras 2 after it: each stands where the other is not."""
    gone = "not installed: Keras"
    old = make.run_of(
        [], environments=[make.environment("tf-keras"), make.environment("keras-jax", started=False, reason=gone)]
    )
    new = make.run_of(
        [], environments=[make.environment("keras-jax"), make.environment("tf-keras", started=False, reason=gone)]
    )
    assert observe([old, new], {"tf-keras": "keras-jax"}).failures == ()
    assert len(observe([old, new]).failures) == 2


def test_what_broke_at_its_start_is_a_failure_whatever_stands_in_its_place(make):
    old = make.run_of([], environments=[make.environment("tf-keras")])
    broken = make.environment("tf-keras", started=False, reason="ImportError: cannot import name 'ops'")
    new = make.run_of([], environments=[make.environment("keras-jax"), broken])
    assert len(observe([old, new], {"tf-keras": "keras-jax"}).failures) == 1
