"""What a gate makes of calls that both runs timed: limits, rules, acceptances, and every format that says so."""

import datetime
import json
from dataclasses import replace
from xml.etree import ElementTree

import jsonschema
import numpy as np
import pytest
from click.testing import CliRunner
from conformance.reports.annotations import annotations
from conformance.reports.gate_junit import render as junit
from conformance.reports.gate_markdown import render as markdown
from drawn_timings import noisy_run, run

from conformance import run_file, schemas
from conformance.accepting import entries_for
from conformance.accepting_files import write_entries
from conformance.bench.compare import Limits
from conformance.causes import causes
from conformance.commands.gate import gate
from conformance.errors import FaultyFiles, UsageError
from conformance.gate import compare
from conformance.gate_summary import conclusion, described
from conformance.gate_timings import counted_timings, shown, told
from conformance.policy import Acceptance, Policy, Rule, Where, decide
from conformance.policy_file import read_policy
from conformance.run_file import Check, End, Environment

TODAY = datetime.date(2026, 6, 1)
LATER = datetime.date(2026, 12, 31)
QUIET = {"rows": 20, "within": 0.005, "between": 0.002}


@pytest.fixture(scope="module")
def runs():
    """Row 4 takes 60 % longer, row 7 15 % longer, row 9 half as long."""
    generator = np.random.default_rng(11)
    return finished(noisy_run(generator, **QUIET)), finished(
        noisy_run(generator, slower={4: 1.6, 7: 1.15, 9: 0.5}, **QUIET)
    )


def finished(timed):
    timed.environments = [
        Environment("torch", "cpu", True, framework="torch", version="2.13.0", versions={"torch": "2.13.0"})
    ]
    timed.end = End("", 1.0, 0, {}, {}, complete=True)
    return timed


def decided(runs, today=TODAY, **policy):
    comparison = compare(*runs)
    return decide(comparison, causes(comparison), Policy(**policy), today)


def changes(decisions):
    return [(each.transition.id, each.transition.change, each.refused) for each in shown(decisions)]


def slower(**more):
    where = Where(implementations=("softmax",))
    return Acceptance(where, "slower", "It checks its arguments.", LATER, place="conformance.toml:1", **more)


def test_a_call_that_is_slower_than_the_limit_closes_the_gate_and_what_only_warns_does_not(runs):
    decisions = decided(runs)
    assert changes(decisions) == [("row4", "slower", True), ("row7", "slower", False), ("row9", "faster", False)]
    assert decisions.status == 1
    assert conclusion(decisions) == "The gate is closed: slower."
    assert counted_timings(decisions) == "20 timed calls compared: 2 slower, 1 faster, 17 the same within their noise"


def test_a_run_beside_itself_is_the_same(runs):
    decisions = decided((runs[0], runs[0]))
    assert (shown(decisions), decisions.status) == ([], 0)
    assert counted_timings(decisions) == "20 timed calls compared: 20 the same within their noise"


@pytest.mark.parametrize(
    ("policy", "status"),
    [
        ({"limits": Limits(0.1, 0.7)}, 0),
        ({"limits": Limits(0.1, float("inf"))}, 0),
        ({"limits": Limits(0.05, 0.12)}, 1),
        ({"rules": (Rule(Where(operations=("softmax",)), limits=Limits(0.1, 0.7)),)}, 0),
        ({"rules": (Rule(Where(dtypes=("float64",)), limits=Limits(0.1, 0.7)),)}, 1),
        # A rule about other transitions says nothing of times.
        ({"rules": (Rule(Where(operations=("softmax",)), fail=()),)}, 1),
        ({"allowed": ("slower",)}, 0),
        ({"accepted": (slower(),)}, 0),
        ({"accepted": (slower(within=1.8),)}, 0),
        ({"accepted": (slower(within=1.4),)}, 1),
        ({"accepted": (slower(versions=">=3"),)}, 1),
        ({"accepted": (slower(versions="==2.13.0"),)}, 0),
    ],
)
def test_limits_rules_and_acceptances_decide(runs, policy, status):
    assert decided(runs, **policy).status == status


def test_an_acceptance_that_accepts_no_slowdown_is_unused_and_one_that_expired_is_named(runs):
    unused = decided((runs[0], runs[0]), accepted=(slower(),))
    assert (unused.status, len(unused.unused)) == (1, 1)
    elsewhere = decided((runs[0], runs[0]), accepted=(replace(slower(), where=Where(adapters=("jax",))),))
    assert (elsewhere.status, elsewhere.unused) == (0, ())
    expired = decided(runs, today=LATER + datetime.timedelta(days=1), accepted=(slower(),))
    assert (expired.status, len(expired.expired), len(expired.refused_timings)) == (1, 1, 1)


def test_a_call_that_has_no_time_any_more_closes_the_gate_and_says_why(runs):
    old, new = runs
    lost = replace(new.timings[2], median=0.0, verdict="diverges", reason="diverges: 1 where 2 is right")
    candidate = finished(run([*new.timings[:2], lost]))
    decisions = decided((finished(run(old.timings[:3])), candidate))
    (found,) = decisions.refused_timings
    assert told(found.transition).endswith("became no time: diverges: 1 where 2 is right: row2")
    assert "no longer timed" in conclusion(decisions)


def test_times_of_two_machines_are_no_error_beside_checks_and_one_without(runs):
    old, new = runs
    elsewhere = replace(new, header=replace(new.header, machine={**new.header.machine, "processor": "Q"}))
    with pytest.raises(UsageError, match="not made on one machine"):
        decided((old, elsewhere))
    check = Check(
        id="a:torch/softmax:float32:eager:cpu:value", case="a", variant="a", says="", operation="softmax",
        adapter="torch", implementation="softmax", dtype="float32", mode="eager", device="cpu", order="value",
        verdict="conforms", expectation="expected", digest="d",
    )  # fmt: skip
    decisions = decided((replace(old, checks=[check]), replace(elsewhere, checks=[check])))
    assert decisions.status == 0
    assert counted_timings(decisions).startswith("times are not compared: ")


def test_every_format_says_it(runs):
    decisions = decided(runs)
    text = markdown(decisions)
    assert "## Slower than the policy lets pass" in text
    assert text.index("row4") < text.index("row7")
    suite = ElementTree.fromstring(junit(decisions)).find("testsuite[@name='timing']")
    assert (suite.get("tests"), suite.get("failures")) == ("20", "1")
    assert suite.find("testcase[@name='row4']/failure").get("type") == "slower"
    assert [(a.kind, a.title) for a in annotations(decisions)] == [
        ("error", "slower: softmax"), ("warning", "slower: softmax"), ("notice", "faster: softmax"),
    ]  # fmt: skip
    content = json.loads(json.dumps(described(decisions)))
    jsonschema.validate(content, schemas.schema("gate"))
    assert content["timings"]["counts"] == {"same": 17, "slower": 2, "faster": 1}
    assert [row["refused"] for row in content["timings"]["rows"]] == [True, False, False]


def test_the_command_prints_them_last_and_ends_with_their_status(runs, tmp_path):
    paths = []
    for name, timed in zip(("old", "new"), runs, strict=True):
        paths.append(tmp_path / f"{name}.jsonl")
        with paths[-1].open("w", encoding="utf-8") as file:
            for line in (timed.header, *timed.environments, *timed.ceilings, *timed.timings, timed.end):
                run_file.write(file, line)
    result = CliRunner().invoke(gate, list(map(str, paths)))
    assert result.exit_code == 1
    assert "closes the gate" in result.output
    assert "20 timed calls compared: 2 slower" in result.output
    assert "0 checks compared" not in result.output
    assert CliRunner().invoke(gate, [*map(str, paths), "--allow", "slower"]).exit_code == 0


def test_what_is_accepted_is_written_and_then_passes(runs, tmp_path):
    decisions = decided(runs)
    (entry,) = entries_for(decisions, LATER)
    assert entry.within == pytest.approx(1.7, abs=0.11)
    file = tmp_path / "conformance.toml"
    write_entries(file, [replace(entry, reason="It checks its arguments.")])
    policy = read_policy(file)
    comparison = compare(*runs)
    assert decide(comparison, causes(comparison), policy, TODAY).status == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[timing]\nfail = 0", "this is 0"),
        ("[timing]\nwarn = true", "this is true"),
        ("[timing]\nwarn = 0.5", "it fails at 0.25 and warns at 0.5 only"),
        ("[timing]\nwran = 0.5", "unknown key 'wran'"),
        ('fail = ["slower"]', "unknown transition 'slower'"),
        (
            '[[accepted]]\ntransition = "slower"\nmodes = ["jit"]\nold = ["1"]\nreason = "R"\nexpires = 2026-12-31',
            "'old' is about values",
        ),
        (
            '[[accepted]]\ntransition = "broken"\nmodes = ["jit"]\nwithin = 2\nreason = "R"\nexpires = 2026-12-31',
            "'within' is about a call that became slower",
        ),
        (
            '[[accepted]]\ntransition = "slower"\nmodes = ["jit"]\nwithin = 1\nreason = "R"\nexpires = 2026-12-31',
            "'within' is 1",
        ),
    ],
)
def test_a_faulty_limit_names_its_place(tmp_path, text, message):
    file = tmp_path / "conformance.toml"
    file.write_text(text)
    with pytest.raises(FaultyFiles) as raised:
        read_policy(file)
    assert any(message in fault.message and fault.line for fault in raised.value.faults), raised.value


def test_limits_are_read(tmp_path):
    file = tmp_path / "conformance.toml"
    file.write_text('[timing]\nwarn = 0.2\nfail = false\n[[rules]]\nmodes = ["jit"]\ntiming = {fail = 1.0}\n')
    policy = read_policy(file)
    assert policy.limits == Limits(0.2, float("inf"))
    assert policy.rules[0].limits == Limits(0.1, 1.0)
