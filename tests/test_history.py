"""A history puts runs in the order of their versions and says what became of each check on the way."""

from dataclasses import replace

import pytest

from conformance.errors import UsageError
from conformance.history import histories, movements
from conformance.run_file import Agreement, Check, End, Environment, Header, Run, Worst

HEADER = Header("0.1.0", "c0ffee", "2026-01-01T00:00:00Z", {}, {})
END = End("later", 1.0, 1, {}, {}, True)
CALL = "losses.focal"


def agreement(k):
    return Agreement("A", k, k, k, k, k, k)


def check(name="focal/tail", *, verdict="conforms", outcome="0.5", k=1.0, adapter="lib", **more):
    return Check(
        id=f"{name}:{adapter}/{CALL}:float32:eager:cpu:value", case=name, variant=name, says="", operation="focal",
        adapter=adapter, implementation=CALL, dtype="float32", mode="eager", device="cpu", order="value",
        verdict=verdict, expectation="expected", outcome=outcome, right="0.5", digest=outcome, shape=(),
        agreement=agreement(k), **more,
    )  # fmt: skip


def run(version, *checks, adapter="lib", **more):
    environment = Environment(
        adapter, "cpu", True, framework="jax", version="0.10", versions={"python": "3.11", "lib": version, **more}
    )
    return Run(f"{version}.jsonl", HEADER, [environment], [replace(c, adapter=adapter) for c in checks], end=END)


def only(found):
    (one,) = found
    return one


def test_versions_are_ordered_by_their_numbers_and_not_as_text():
    history = only(histories([run("0.10.0", check()), run("0.9.0", check()), run("0.2.10", check())]))
    assert [point.label for point in history.points] == ["lib 0.2.10", "lib 0.9.0", "lib 0.10.0"]


def test_the_order_of_the_files_is_kept_where_that_is_asked():
    history = only(histories([run("2", check()), run("1", check())], as_given=True))
    assert [point.label for point in history.points] == ["lib 2", "lib 1"]


def test_a_point_is_named_by_what_differs_and_python_only_where_nothing_else_does():
    both = histories([run("1", check(), python="3.7"), run("2", check(), python="3.11")])
    assert [point.label for point in only(both).points] == ["lib 1", "lib 2"]
    alone = histories([run("1", check(), python="3.7"), run("1", check(), python="3.11")])
    assert [point.label for point in only(alone).points] == ["python 3.7", "python 3.11"]


def test_a_check_that_was_broken_and_mended_shows_each_step():
    history = only(
        histories(
            [
                run("1", check()),
                run("2", check(verdict="diverges", outcome="0.7", k=1e6)),
                run("3", check(verdict="diverges", outcome="0.7", k=1e6)),
                run("4", check()),
            ]
        )
    )
    track = only(history.tracks)
    assert [step.transition for step in track.steps] == ["", "broken", "same", "fixed"]
    assert [value for value, _ in track.outcomes] == ["0.5", "0.7", "0.7", "0.5"]
    assert [step.measured.k for step in track.steps] == [1.0, 1e6, 1e6, 1.0]


def test_tallies_count_verdicts_and_measure_only_what_is_accepted():
    runs = [
        run("1", check(), check("focal/b", k=7.0)),
        run("2", check(verdict="diverges", outcome="9", k=1e6), check("focal/b", k=7.0)),
    ]
    history = only(histories(runs))
    first, second = history.tallies(history.tracks)
    assert (first.deviating, first.largest_k) == (0, 7.0)
    assert (second.deviating, second.largest_k, second.transitions) == (1, 7.0, {"broken": 1})


def test_checks_that_moved_alike_are_one_movement_and_what_drifted_is_none():
    names = ["focal/a", "focal/b", "focal/c"]
    old = run("1", *(check(name) for name in names), check("focal/bits"))
    new = run(
        "2",
        *(check(name, verdict="rejects", outcome="raises ValueError") for name in names),
        check("focal/bits", outcome="0.50000001"),
    )
    history = only(histories([old, new]))
    movement = only(movements(history.tracks))
    assert [track.check.case for track in movement.tracks] == names
    assert movement.spread == "3 checks, float32, eager, value"
    assert len(movements(history.tracks, everything=True)) == 2


def test_a_check_that_is_missing_at_a_version_was_removed_and_comes_back_as_added():
    history = only(histories([run("1", check(), check("x")), run("2", check()), run("3", check(), check("x"))]))
    track = next(track for track in history.tracks if track.check.case == "x")
    assert [step.transition for step in track.steps] == ["", "removed", "added"]
    assert [step.check is None for step in track.steps] == [False, True, False]


def test_a_long_output_is_shown_by_the_element_that_was_worst():
    """So that the line of a version that is right can be held against one that is not."""
    worst = Worst("logits", (7,), "0.1234567891", "", "-0.25", "", "0")
    old = check(verdict="diverges", outcome="[1, 2, …, 3] (600)", worst=worst)
    new = check(outcome="[4, 5, …, 6] (600)")
    track = only(only(histories([run("1", old), run("2", new)])).tracks)
    assert track.outcomes == (("0.12345679 at [7] by logits", "-0.25"), ("about -0.25 at [7] by logits", "-0.25"))


def test_two_names_of_one_adapter_are_one_history_where_they_are_mapped():
    runs = [run("1", check(), adapter="old"), run("2", check(), adapter="new"), run("3", check(), adapter="new")]
    for history in (only(histories(runs)), only(histories(runs, {"old": "new"}))):
        assert [point.adapter for point in history.points] == ["old", "new", "new"]
        assert [step.transition for step in only(history.tracks).steps] == ["", "same", "same"]


def test_a_stopped_run_is_said_and_its_missing_checks_were_not_removed():
    stopped = run("2", check())
    stopped.end = None
    history = only(histories([run("1", check(), check("x")), stopped]))
    assert any("has no end" in note for note in history.notes)
    track = next(track for track in history.tracks if track.check.case == "x")
    assert [step.transition for step in track.steps] == ["", ""]


def test_runs_without_a_common_adapter_have_no_history():
    more = [replace(check(), adapter="a"), replace(check(), adapter="b")]
    left = Run("l", HEADER, [Environment("a", "cpu", True), Environment("x", "cpu", True)], more[:1], end=END)
    right = Run("r", HEADER, [Environment("b", "cpu", True), Environment("y", "cpu", True)], more[1:], end=END)
    with pytest.raises(UsageError, match="no adapter is held by two"):
        histories([left, right])
    with pytest.raises(UsageError, match="no run holds the adapter 'z'"):
        histories([left, right], {"z": "a"})
