"""A check is found by its id, or by words that no other id holds together."""

import pytest

from conformance.errors import UsageError
from conformance.find import LISTED, find_check, newest
from conformance.run_file import Check, Header, Run, write_all


def run(*ids, started="2026-01-01T00:00:00Z"):
    call = ("softmax", "torch", "softmax", "float32", "eager", "cpu", "value")
    checks = [Check(i, "c", "c", "", *call, "conforms", "expected") for i in ids]
    return Run("run.jsonl", Header("0.1.0", "c0ffee", started, {}, {}), checks=checks)


def test_a_whole_id_is_found_though_others_begin_with_it():
    assert find_check(run("a:float32", "a:float32:more"), "a:float32").id == "a:float32"


def test_words_find_the_only_id_that_holds_them_all():
    assert find_check(run("a:float32", "a:float64", "b:float32"), "float32 b").id == "b:float32"


def test_several_matches_are_listed():
    with pytest.raises(UsageError, match="part of 2 checks") as raised:
        find_check(run("a:float32", "a:float64"), "a:")
    assert "  a:float64" in str(raised.value)


def test_a_long_list_of_matches_is_cut():
    with pytest.raises(UsageError, match="and 5 more"):
        find_check(run(*(f"a:{i}" for i in range(LISTED + 5))), "a:")


@pytest.mark.parametrize("wanted", ["", "  ", "nothing"])
def test_no_match_is_said(wanted):
    with pytest.raises(UsageError, match="holds no check like"):
        find_check(run("a"), wanted)


def test_a_close_call_is_suggested():
    with pytest.raises(UsageError, match="did you mean one of: torch/softmax"):
        find_check(run("a"), "torch/sofmax")


def test_the_newest_of_several_runs_is_taken(tmp_path):
    for name, started in (("new", "2026-02-01T00:00:00Z"), ("old", "2026-01-01T00:00:00Z")):
        write_all(tmp_path / name, run(name, started=started))
    assert newest([tmp_path / "old", tmp_path / "new"]).checks[0].id == "new"


def test_without_a_run_file_the_way_to_one_is_shown(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="conformance run"):
        newest([])
