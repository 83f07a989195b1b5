"""Real workers are timed: what is right has a time, what is wrong never has one, and nobody's fault is another's."""

import dataclasses
import io
import itertools

import pytest

from conformance import run_file
from conformance.bench.session import Bench, Listener, execute
from conformance.host import Worker, adapters
from conformance.loading import load
from conformance.selection import Selection


def timed(spec, catalogue, settings, *, sizes=(200,), **selection):
    """Timings by the name of the implementation and the order."""
    bench = Bench(Selection(adapters=(spec.name,), paths=("x",), profile="quick", **selection), settings, sizes)
    with bench:
        found = execute(io.StringIO(), catalogue, [spec], bench)
    return {f"{t.implementation}:{t.order}": t for t in found}, bench


@pytest.fixture(scope="module")
def misbehaved(misbehaving, sigmoid_catalogue, short):
    expression = "not hangs and not then_stalls and not dies_once and not prints"
    return timed(misbehaving, sigmoid_catalogue, short, orders=("value",), expression=expression)[0]


def test_what_is_right_has_a_time_from_two_processes(misbehaved):
    right = misbehaved["right:value"]
    assert right.verdict == "conforms"
    assert [len(samples) >= 6 for samples in right.samples] == [True, True]
    assert 0 < right.low <= right.median <= right.high
    assert (right.q1 <= right.median <= right.q3 <= right.p95, right.first > 0) == (True, True)
    assert right.band >= abs(right.ratio - 1) / 2


@pytest.mark.parametrize(
    ("implementation", "verdict", "reason"),
    [
        ("wrong_value", "diverges", "is right"),
        ("nan", "unstable", "nan"),
        ("wrong_shape", "misshapen", "has shape (20, 10, 1)"),
        ("raises", "rejects", "no sigmoid today"),
        ("aborts", "crashes", "SIGABRT"),
        ("lacks", "unsupported", "this version has no sigmoid"),
        ("then_idles", "diverges", "once it was timed, diverges"),
        ("then_guesses", "diverges", "the last timed result differs from an untimed one"),
        ("then_fails", "rejects", "while it was timed: ArithmeticError no second sigmoid"),
        ("then_dies", "crashes", "while it was timed: the process died of signal SIGABRT"),
    ],
)
def test_what_is_wrong_has_no_time_and_says_why(misbehaved, implementation, verdict, reason):
    timing = misbehaved[f"{implementation}:value"]
    assert (timing.timed, timing.median, timing.samples) == (False, 0.0, ())
    assert timing.verdict == verdict
    assert reason in timing.reason
    assert timing.expectation == ("expected" if verdict == "unsupported" else "unexpected")


def test_what_shared_a_process_with_a_call_that_took_it_down_is_timed_all_the_same(misbehaved):
    assert {name for name in ("right", "warns", "documented") if misbehaved[f"{name}:value"].timed} == {
        "right", "warns", "documented",
    }  # fmt: skip


def test_a_call_that_hangs_while_it_is_timed_is_ended(misbehaving, sigmoid_catalogue, short):
    found, _ = timed(
        misbehaving, sigmoid_catalogue, dataclasses.replace(short, deadline=1.5), orders=("value",),
        expression="then_stalls or wrong_dtype",
    )  # fmt: skip
    assert (found["then_stalls:value"].verdict, found["then_stalls:value"].timed) == ("hangs", False)


@pytest.fixture(scope="module")
def published(short):
    spec = adapters()["published"]
    return timed(spec, load(None), short, sizes=(1000,), operations=("softmax_cross_entropy", "categorical_accuracy"))


def test_forward_and_backward_are_rows_of_their_own(published):
    found, _ = published
    forward, backward = (
        found[f"cross_entropy_and_focal_loss.softmax_cross_entropy:{order}"] for order in ("value", "gradient")
    )
    assert (forward.timed, backward.timed) == (True, True)
    assert (forward.bytes, backward.bytes) == (2 * 4000 + 4, 3 * 4000)
    assert forward.shapes == {"logits": (100, 10), "targets": (100, 10)}
    assert (forward.sets, forward.beyond_cache) == (3, False)


def test_ceilings_are_of_the_same_run_and_a_row_says_its_share(published):
    found, bench = published
    (ceiling,) = bench.ceilings
    row = found["cross_entropy_and_focal_loss.softmax_cross_entropy:value"]
    assert ceiling.bandwidth > 0
    assert row.fraction == pytest.approx(row.bytes / row.median / ceiling.bandwidth)
    assert (row.launch, row.harness) == (ceiling.launch, ceiling.harness)
    assert row.launch_bound == (row.median < max(3 * ceiling.launch, 50 * ceiling.harness))


def test_a_row_beside_the_fastest_says_by_how_much(published):
    found, _ = published
    rows = [t for t in found.values() if t.timed]
    groups = {t.group for t in rows}
    assert all(min(t.slowdown for t in rows if t.group == group) == 1.0 for group in groups)


def test_an_adapter_without_a_row_is_not_kept_waiting(misbehaving, short):
    specs = [adapters()["published"], misbehaving]
    bench = Bench(Selection(operations=("softmax_cross_entropy",), orders=("value",), profile="quick"), short, (1000,))
    with bench:
        found = execute(io.StringIO(), load(None), specs, bench)
        assert list(bench.pairs) == [("published", "cpu")]
    assert {t.adapter for t in found} == {c.adapter for c in bench.ceilings} == {"published"}


def test_inputs_are_held_only_while_a_group_is_timed(short, monkeypatch):
    request, steps = Worker.request, {}

    def looked_at(worker, head, *rest, **more):
        steps.setdefault(id(worker), []).append(head.get("step"))
        return request(worker, head, *rest, **more)

    monkeypatch.setattr(Worker, "request", looked_at)
    bench = Bench(Selection(operations=("softmax_cross_entropy",), profile="quick"), short, (1000,))
    with bench:
        found = execute(io.StringIO(), load(None), [adapters()["published"]], bench)
    assert sum(t.timed for t in found) == 2  # forward, and forward with backward: two groups of the same inputs
    for asked in steps.values():
        groups = [list(group) for last, group in itertools.groupby(asked, lambda step: step == "release") if not last]
        assert [[step for step in group if step == "prepare"] for group in groups] == [["prepare"], ["prepare"]]
        assert asked[-1] == "release"


class _Told(Listener):
    def __init__(self):
        self.events = []

    def first_lap(self, group, done, of):
        self.events.append("first")

    def timed(self, group, timings):
        self.events.append("kept")


@pytest.mark.parametrize(
    ("chapter", "events"), [(0.0, ["first", "kept"] * 2), (300.0, ["first", "first", "kept", "kept"])]
)
def test_a_chapter_goes_through_its_second_lap_before_the_next_begins(short, chapter, events):
    settings = dataclasses.replace(short, chapter=chapter)
    bench = Bench(Selection(operations=("softmax_cross_entropy",), profile="quick"), settings, (1000,))
    told = _Told()
    with bench:
        found = execute(io.StringIO(), load(None), [adapters()["published"]], bench, told)
    assert told.events == events
    assert all(len(t.samples) == 2 for t in found if t.timed)


def test_a_run_file_keeps_every_line(short, tmp_path):
    path = tmp_path / "run.jsonl"
    spec = adapters()["published"]
    bench = Bench(Selection(operations=("categorical_accuracy",), profile="quick"), short, (1000,))
    with path.open("w", encoding="utf-8") as file, bench:
        found = execute(file, load(None), [spec], bench)
    run = run_file.read(path)
    assert run.complete
    assert [t.id for t in run.timings] == [t.id for t in found]
    assert [t.median for t in run.timings] == [t.median for t in found]
    assert run.ceilings[0].bandwidth == bench.ceilings[0].bandwidth
    assert run.cases.keys() == {t.case for t in found}
