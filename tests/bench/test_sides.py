"""Two environments are timed in turns, each in workers of its own, and each has a run file."""

import sys

import pytest

from conformance.bench.compare import compare_timings
from conformance.bench.session import Listener
from conformance.bench.sides import bench_sides, with_times
from conformance.host import Worker, adapters
from conformance.loading import load
from conformance.run_file import Header, Run
from conformance.selection import Selection

SELECTION = Selection(operations=("categorical_accuracy",), orders=("value",), profile="quick")


class Counting(Listener):
    def __init__(self):
        self.groups = []

    def first_lap(self, group, done, of):
        self.groups.append((group.name, done, of))


@pytest.fixture(scope="module")
def asked():
    """Which process was asked for a round, one after the other."""
    return []


@pytest.fixture(scope="module")
def runs(tmp_path_factory, short, asked):
    """The same interpreter on both sides. Requests are looked at on their way, and answered by real workers."""
    folder = tmp_path_factory.mktemp("sides")
    request = Worker.request

    def looked_at(worker, head, *rest, **more):
        if head.get("step") == "round":
            asked.append(id(worker))
        return request(worker, head, *rest, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Worker, "request", looked_at)
        programs = {"old": sys.executable, "new": sys.executable}
        counting = Counting()
        found = bench_sides(
            folder, programs, load(None), [adapters()["published"]], SELECTION, (1000,), short, counting
        )
    return found, counting, folder


def test_each_side_has_its_run_file_with_environment_ceilings_and_times(runs):
    found, counting, folder = runs
    assert sorted(path.name for path in folder.iterdir()) == ["new-bench.jsonl", "old-bench.jsonl"]
    for run in found.values():
        assert run.complete
        assert [e.adapter for e in run.environments] == ["published"]
        assert run.ceilings
        assert all(timing.timed for timing in run.timings)
    assert [t.id for t in found["old"].timings] == [t.id for t in found["new"].timings]
    assert [(done, of) for _, done, of in counting.groups] == [(1, 1)]


def test_rounds_alternate_between_the_sides(runs, asked):
    first_lap = asked[: len(asked) // 2]
    one, other = first_lap[0], first_lap[1]
    assert one != other
    assert first_lap[:6] == [one, other] * 3
    assert len(set(asked)) == 4  # two sides, two laps, a process each


def test_the_times_are_compared_row_by_row_and_go_into_a_run_of_checks(runs):
    found, _, _ = runs
    transitions = compare_timings(found["old"], found["new"])
    assert [t.id for t in transitions] == [t.id for t in found["old"].timings]
    assert all(t.ratio > 0 for t in transitions)
    checks = Run("old.jsonl", Header("0", "0", "", {}, {}))
    merged = with_times(checks, found["old"])
    assert (merged.path, merged.timings, merged.ceilings) == ("old.jsonl", found["old"].timings, found["old"].ceilings)
    assert merged.cases.keys() == found["old"].cases.keys()
