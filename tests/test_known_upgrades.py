"""The list of upgrades is read strictly, one run serves several pairs, and the page says what was measured."""

from dataclasses import replace

import pytest

from conformance.environments import EnvironmentSpec
from conformance.errors import FaultyFiles
from conformance.judge.divergence import matches
from conformance.known_bugs import KnownBug, KnownBugs
from conformance.known_upgrades import Asks, KnownUpgrade, KnownUpgrades, load, measured, merged
from conformance.known_upgrades_page import page
from conformance.loading import load as load_cases
from conformance.run_file import Check, End, Environment, Header, Run
from conformance.selection import matcher

KNOWN = load()
ID = "softmax/axes[axis=0]:keras-jax/ops.softmax:float32:eager:cpu:value"
BUG = KnownBug("R07", "keras-team/keras#1", "fault", "One axis.", (ID.replace("[axis=0]", "*"),), ("old",), ("new",))
LIST = KnownUpgrades(
    {"old": EnvironmentSpec("old", over=("keras==1",)), "new": EnvironmentSpec("new", over=("keras==2",))},
    {"keras": Asks("keras", ("keras-jax",)), "rest": Asks("rest", ("keras-jax",))},
    (KnownUpgrade("keras-1-to-2", "old", "new", ("keras", "rest")),),
    KnownBugs({}, (BUG,)),
)


def check(verdict="conforms", outcome="1"):
    parts = ID.split(":")
    return Check(
        ID, "softmax/axes", parts[0], "", "softmax", "keras-jax", "ops.softmax", "float32", "eager", "cpu", "value",
        verdict, "expected", outcome=outcome, right="1", shape=(), digest=outcome,
    )  # fmt: skip


def run(version, *checks):
    environment = Environment("keras-jax", "cpu", True, framework="keras", version=version, versions={"python": "3.11"})
    end = End("2026-11-28", 1.0, len(checks), {}, {}, True)
    return Run("run.jsonl", Header("0.1.0", "digest", "2026-11-28", {}, {}), [environment], list(checks), end=end)


def runs(old, new):
    found = {("old", "keras"): run("1", old), ("new", "keras"): run("2", new)}
    return {**found, ("old", "rest"): run("1", old), ("new", "rest"): run("2", new)}


def test_the_shipped_list_has_the_pairs_that_an_upgrade_is_made_for():
    ids = [one.id for one in KNOWN.upgrades]
    assert len(ids) == len(set(ids)) >= 14
    assert all(one.asks and one.old != one.new for one in KNOWN.upgrades)


@pytest.mark.parametrize("name", [name for name, asks in KNOWN.asks.items() if asks.known_bugs])
def test_what_known_bugs_name_is_asked_whatever_the_profile(name):
    catalogue = load_cases()
    selection, cases = KNOWN.selection(name, catalogue)
    assert selection.profile == "exhaustive"
    assert 0 < len(cases.cases) < len(catalogue.cases)
    wanted = [
        pattern
        for bug in KNOWN.bugs.bugs
        for pattern in bug.checks
        if any(matches((pattern.split(":")[1].partition("/")[0],), adapter) for adapter in selection.adapters)
    ]
    match = matcher(selection.expression)
    variants = [variant.id for case in cases.cases for variant in case.variants()]
    for pattern in wanted:
        assert any(matches((pattern.split(":")[0],), variant) for variant in variants), pattern
    assert not match("bce/random-matrix:keras-jax/nothing:float32:eager:cpu:value")


def test_a_run_serves_every_pair_that_its_environment_is_in():
    needed = KNOWN.runs(KNOWN.upgrades)
    assert len(needed) == len(set(needed))
    assert needed.count(("tensorflow-2.16.2", "tensorflow")) == 1


def test_a_bug_that_a_pair_fixes_is_seen_in_it():
    found = measured(LIST, LIST.upgrades[0], runs(check("diverges", "2"), check()))
    assert [row.bug.id for row in found.seen] == ["R07"]
    assert not found.problems


def test_a_bug_that_a_pair_should_fix_and_does_not_show_is_a_problem():
    found = measured(LIST, LIST.upgrades[0], runs(check(), check()))
    assert found.problems == ["R07 is fixed in it, and not seen"]


def test_a_check_that_two_selections_ask_counts_once():
    found = measured(LIST, LIST.upgrades[0], runs(check("diverges", "2"), check()))
    assert found.comparison.counts["fixed"] == 1
    assert len(merged([run("1", check()), run("1", check())]).checks) == 1


def test_a_stopped_run_makes_the_whole_incomplete():
    stopped = replace(run("1", check()), end=None)
    assert not merged([run("1", check()), stopped]).complete


def test_a_pair_that_was_not_run_says_what_is_missing():
    found = measured(LIST, LIST.upgrades[0], {})
    assert found.missing == ("old asked keras", "new asked keras", "old asked rest", "new asked rest")
    assert "| keras-1-to-2 | not run yet |" in page(LIST, [found])


def test_the_page_says_versions_counts_words_and_known_bugs():
    text = page(LIST, [measured(LIST, LIST.upgrades[0], runs(check("diverges", "2"), check()))])
    assert "- from `keras==1 over the newest frameworks`: keras 1, Python 3.11" in text
    assert "- R07, 1 fixed: One axis. ([keras-team/keras#1](https://github.com/keras-team/keras/issues/1))" in text
    assert "### fixed: 1 check" in text
    assert "2 became 1, which is right (was diverging, is conforming)" in text


FAULTS = [
    ("upgrades: [{id: a, from: neuest, to: newest, asks: [x]}]", "unknown environment 'neuest'"),
    ("upgrades: [{id: a, from: newest, to: newest, asks: [other]}]", "unknown selection 'other'"),
    ("upgrades: [{id: a, from: newest, to: newest}]", "an upgrade lacks 'asks'"),
    ("upgrades: []\nenvironments: {newest: {}}", "known_bugs.yaml has an environment 'newest' already"),
]


@pytest.mark.parametrize(("text", "said"), FAULTS)
def test_a_faulty_list_is_refused_with_its_place(text, said, tmp_path):
    path = tmp_path / "pairs.yaml"
    path.write_text("selections: {x: {adapters: [published]}}\n" + text + "\n")
    with pytest.raises(FaultyFiles, match=rf"pairs.yaml:\d+:\d+: {said}"):
        load(path)


def test_an_unknown_adapter_of_a_selection_is_refused(tmp_path):
    path = tmp_path / "pairs.yaml"
    path.write_text("selections: {x: {adapters: [troch]}}\nupgrades: []\n")
    with pytest.raises(FaultyFiles, match=r"unknown adapter 'troch'(.|\n)*did you mean 'torch'"):
        load(path)
