"""Between two runs: a planted slowdown is found, and nothing is found where nothing changed."""

import dataclasses

import numpy as np
import pytest
from drawn_timings import CEILING, MACHINE, noisy_run, run

from conformance.bench.compare import Limits, compare_timings, ordinary_difference
from conformance.errors import UsageError


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("within", "between"), [(0.01, 0.005), (0.03, 0.02), (0.3, 0.15)])
def test_where_nothing_changed_at_most_one_of_200_rows_fires(seed, within, between):
    generator = np.random.default_rng([seed, int(1000 * within)])
    old, new = (noisy_run(generator, within=within, between=between) for _ in range(2))
    fired = [t for t in compare_timings(old, new) if t.change != "same"]
    assert len(fired) <= 1, [(t.ratio, t.noise) for t in fired]


@pytest.mark.parametrize("seed", range(3))
def test_planted_slowdowns_are_found_with_their_level_and_the_rest_is_quiet(seed):
    generator = np.random.default_rng(seed)
    old = noisy_run(generator, rows=60)
    new = noisy_run(generator, rows=60, slower={7: 1.6, 21: 1.02, 40: 0.6})
    found = {t.id: t for t in compare_timings(old, new)}
    assert (found["row7"].change, found["row7"].level) == ("slower", "fail")
    assert found["row7"].ratio == pytest.approx(1.6, rel=0.15)
    assert (found["row40"].change, found["row40"].level) == ("faster", "pass")
    assert [t.id for t in found.values() if t.change != "same"] == ["row7", "row40"]


def test_a_small_slowdown_warns_where_the_noise_is_smaller():
    generator = np.random.default_rng(3)
    quiet = {"within": 0.005, "between": 0.002, "rows": 20}
    old, new = noisy_run(generator, **quiet), noisy_run(generator, slower={4: 1.15}, **quiet)
    (warned,) = [t for t in compare_timings(old, new) if t.change != "same"]
    assert (warned.id, warned.change, warned.level) == ("row4", "slower", "warn")
    assert [t.level for t in compare_timings(old, new, limits=lambda _: Limits(0.05, 0.1)) if t.id == "row4"] == [
        "fail"
    ]
    assert all(t.change == "same" for t in compare_timings(old, new, limits=lambda _: Limits(0.2)))


def test_a_machine_that_became_slower_itself_allows_as_much():
    """Copies take 30 % longer too: a call that does so was not made slower by its new release."""
    generator = np.random.default_rng(4)
    quiet = {"within": 0.005, "between": 0.002, "rows": 20}
    old, new = noisy_run(generator, **quiet), noisy_run(generator, slower=dict.fromkeys(range(20), 1.25), **quiet)
    assert {t.change for t in compare_timings(old, new)} == {"slower"}
    new.ceilings = [dataclasses.replace(CEILING, bandwidth=CEILING.bandwidth / 1.3)]
    assert {t.change for t in compare_timings(old, new)} == {"same"}


def test_a_call_without_a_time_any_more_closes_the_gate_and_says_why():
    old = noisy_run(np.random.default_rng(5), rows=3)
    lost = dataclasses.replace(old.timings[1], median=0.0, verdict="diverges", reason="diverges: 1 where 2 is right")
    new = run([old.timings[0], lost, dataclasses.replace(old.timings[2], id="another")])
    found = {t.id: t for t in compare_timings(old, new)}
    assert (found["row1"].change, found["row1"].level) == ("no longer timed", "fail")
    assert found["row1"].says == "diverges: 1 where 2 is right"
    assert (found["row2"].change, found["another"].change) == ("removed", "added")


def test_runs_of_two_machines_are_not_compared():
    old = noisy_run(np.random.default_rng(6), rows=2)
    with pytest.raises(UsageError, match="not made on one machine: processor was 'P', now it is 'Q'"):
        compare_timings(old, run(old.timings, machine={**MACHINE, "processor": "Q"}))


def test_the_ordinary_difference_is_that_of_processes_of_the_same_code():
    found = noisy_run(np.random.default_rng(7), between=0.05, within=0.001)
    assert 0.1 < ordinary_difference(found.timings) < 0.25
