"""What the report says of times between runs is what the gate decided."""

import datetime
from dataclasses import replace

import numpy as np
import pytest
from conformance.reports.changes import changes
from conformance.reports.timings import timing_changes
from drawn_timings import noisy_run

from conformance.policy import Acceptance, Policy, Where

ENTRY = Acceptance(Where(operations=("softmax",)), "slower", "It checks.", datetime.date(2099, 1, 1), place="p:1")
POLICY = Policy(accepted=(ENTRY,))
ACCEPTED = "accepted until 2099-01-01: It checks. (p:1)"


@pytest.fixture
def timed(make):
    """Two runs of one adapter, with a check; row 4 takes 60 % longer in the second."""
    generator = np.random.default_rng(11)
    runs = []
    for slower in ({}, {4: 1.6}):
        of_times = noisy_run(generator, rows=20, within=0.005, between=0.002, slower=slower)
        run = make.run_of(
            [make.check("softmax/rows", "softmax", "torch", "softmax")], environments=[make.environment("torch")]
        )
        runs.append(replace(run, header=of_times.header, timings=of_times.timings, ceilings=of_times.ceilings))
    return runs


def test_a_slowdown_that_the_policy_accepts_is_said_to_be_accepted(timed):
    (said,) = timing_changes(timed, changes(timed, policy=POLICY))
    assert [(row["id"], row["says"]) for row in said["rows"]] == [
        ("row4", "accepted until 2099-01-01: It checks. (p:1)")
    ]
    assert said["counts"] == {"same": 19, "slower": 1}


def test_what_was_decided_is_not_decided_again(timed, monkeypatch):
    compared = changes(timed)
    monkeypatch.setattr("conformance.reports.timings.decide", None)
    (said,) = timing_changes(timed, compared)
    assert [row["says"] for row in said["rows"]] == ["closes the gate"]


def test_runs_of_times_alone_go_by_the_policy_too(timed):
    alone = [replace(run, checks=[]) for run in timed]
    assert changes(alone) == []
    (said,) = timing_changes(alone, [], policy=POLICY)
    assert [row["says"] for row in said["rows"]] == [ACCEPTED]


def test_times_of_two_machines_say_why_they_are_not_compared(timed):
    old, new = timed
    elsewhere = replace(new, header=replace(new.header, machine={**new.header.machine, "processor": "Q"}))
    for runs in ([old, elsewhere], [replace(old, checks=[]), replace(elsewhere, checks=[])]):
        (said,) = timing_changes(runs, changes(runs))
        assert "were not made on one machine" in said["said"]
