"""What a policy lets pass, from synthetic runs; and how its file is read."""

import datetime
from dataclasses import replace

import pytest

from conformance.causes import causes
from conformance.errors import FaultyFiles, UsageError
from conformance.gate import compare
from conformance.policy import Acceptance, Policy, Rule, Where, decide
from conformance.policy_file import find_policy, read_policy
from conformance.run_file import Check, End, Environment, Header, Run

HEADER = Header(suite="0.1.0", cases="c0ffee", started="2026-01-01T00:00:00Z", selection={}, machine={})
END = End(ended="2026-01-01T00:01:00Z", seconds=60.0, checks=1, verdicts={}, expectations={}, complete=True)
TODAY = datetime.date(2026, 6, 1)
LATER = datetime.date(2026, 12, 31)


def check(**changes):
    base = {
        "case": "bce/saturated", "says": "Certain and wrong.", "operation": "binary_cross_entropy",
        "adapter": "keras-torch", "implementation": "losses.BinaryCrossentropy", "dtype": "float32", "mode": "eager",
        "device": "cpu", "order": "value", "verdict": "conforms", "expectation": "expected", "outcome": "0.5",
        "right": "0.5", "inputs_digest": "in", "shape": (), "flags": ("saturated",),
    } | changes  # fmt: skip
    base.setdefault("variant", base["case"])
    base.setdefault("digest", base["outcome"])
    where = ":".join(base[part] for part in ("dtype", "mode", "device", "order"))
    base.setdefault("id", f"{base['variant']}:{base['adapter']}/{base['implementation']}:{where}")
    return Check(**base)


def run(*checks, version="3.13.2", complete=True):
    adapters = dict.fromkeys(c.adapter for c in checks)
    made = [
        Environment(name, "cpu", True, framework="keras", version=version, versions={"keras": version})
        for name in adapters
    ]
    return Run("run.jsonl", HEADER, made, list(checks), end=replace(END, complete=complete) if complete else None)


def decided(policy, *pairs, today=TODAY, **candidate):
    """The decisions on checks that are each given as (before, after)."""
    comparison = compare(run(*(old for old, _ in pairs)), run(*(new for _, new in pairs), **candidate))
    return decide(comparison, causes(comparison), policy, today)


def broken(**changes):
    """A check before and after a regression."""
    return check(**changes), check(**changes, verdict="diverges", outcome="0.7", digest="other")


def accepted(where=None, **changes):
    base = {"transition": "broken", "reason": "We measured it.", "expires": LATER, "place": "conformance.toml:3"}
    return Acceptance(where or Where(operations=("binary_cross_entropy",)), **(base | changes))


def test_without_a_policy_a_regression_closes_the_gate():
    assert decided(Policy(), broken()).status == 1


def test_a_policy_that_fails_on_nothing_lets_a_regression_pass():
    assert decided(Policy(fail=()), broken()).status == 0


@pytest.mark.parametrize(
    ("where", "closed"),
    [
        (Where(dtypes=("float16",)), 1),
        (Where(dtypes=("float32",)), 0),
        (Where(operations=("binary_*",)), 0),
        (Where(implementations=("metrics.*",)), 1),
        (Where(adapters=("keras-*",), orders=("value",)), 0),
        (Where(modes=("jit",)), 1),
        (Where(devices=("cuda",)), 1),
        (Where(cases=("bce/satur*",), flags=("saturated",)), 0),
        (Where(flags=("ties",)), 1),
    ],
)
def test_a_rule_holds_where_all_that_it_names_matches(where, closed):
    assert decided(Policy(rules=(Rule(where, fail=()),)), broken()).status == closed


def test_the_last_rule_about_a_check_decides():
    everywhere, here = Rule(Where(adapters=("*",)), fail=()), Rule(Where(dtypes=("float32",)), fail=("broken",))
    assert decided(Policy(rules=(everywhere, here)), broken()).status == 1
    assert decided(Policy(rules=(here, everywhere)), broken()).status == 0


def test_what_is_allowed_on_the_command_line_passes_whatever_the_rules_say():
    policy = Policy(rules=(Rule(Where(adapters=("*",)), fail=("broken",)),)).allowing(["broken"])
    assert decided(policy, broken()).status == 0


def test_a_rule_may_fail_on_what_passes_elsewhere():
    drifted = check(bits="AAAAPw==", digest="a"), check(bits="AQAAPw==", digest="b")
    assert decided(Policy(), drifted).status == 0
    assert decided(Policy(rules=(Rule(Where(dtypes=("float32",)), fail=("drifted",)),)), drifted).status == 1


def test_an_accepted_change_opens_the_gate_and_stands_beside_its_cause():
    decisions = decided(Policy(accepted=(accepted(),)), broken())
    (decision,) = decisions.each
    assert decisions.status == 0
    assert decision.accepted == ((accepted(), 1),)


def test_an_acceptance_lets_only_its_own_checks_of_a_cause_pass():
    decisions = decided(
        Policy(accepted=(accepted(Where(dtypes=("float16",))),)), broken(), broken(dtype="float16"),
    )  # fmt: skip
    assert decisions.status == 1
    assert [pair.check.dtype for d in decisions.refused for pair in d.refused] == ["float32"]


@pytest.mark.parametrize(
    ("values", "status"), [({"new": ("0.7*",)}, 0), ({"new": ("0.8",)}, 1), ({"old": ("0.6",)}, 1)]
)
def test_an_acceptance_of_other_values_does_not_accept(values, status):
    assert decided(Policy(accepted=(accepted(**values),)), broken()).status == status


@pytest.mark.parametrize(
    ("ranges", "status"),
    [
        ({"versions": ">=3.13,<3.14"}, 0),
        ({"versions": ">=3.14"}, 1),
        ({"libraries": (("keras", ">=3.13"),)}, 0),
        ({"libraries": (("optax", ">=0.2"),)}, 1),
    ],
)
def test_an_acceptance_holds_for_versions_of_the_candidate(ranges, status):
    assert decided(Policy(accepted=(accepted(**ranges),)), broken()).status == status


def test_an_acceptance_holds_on_its_last_day_and_not_after():
    policy = Policy(accepted=(accepted(expires=TODAY),))
    assert decided(policy, broken(), today=TODAY).status == 0
    after = decided(policy, broken(), today=TODAY + datetime.timedelta(days=1))
    assert after.status == 1
    assert after.expired == policy.accepted
    assert after.unused == ()


def test_an_acceptance_within_a_wider_one_is_used_too():
    wide, narrow = accepted(), accepted(Where(dtypes=("float32",)), place="conformance.toml:9")
    decisions = decided(Policy(accepted=(wide, narrow)), broken())
    assert decisions.unused == ()
    assert [entry for entry, _ in decisions.each[0].accepted] == [wide]


def test_an_acceptance_that_accepts_nothing_closes_the_gate():
    decisions = decided(Policy(accepted=(accepted(),)), (check(), check()))
    assert decisions.unused == (accepted(),)
    assert decisions.status == 1


@pytest.mark.parametrize(
    "entry",
    [accepted(Where(adapters=("torch",))), accepted(Where(operations=("huber",))), accepted(versions=">=4")],
)
def test_an_acceptance_about_something_else_is_not_unused(entry):
    assert decided(Policy(accepted=(entry,)), (check(), check())).status == 0


def test_an_incomplete_comparison_stays_incomplete_whatever_is_allowed():
    assert decided(Policy(fail=()), (check(), check()), complete=False).status == 3


FULL = """
fail = ["broken", "newly-unsupported"]

[[rules]]
adapters = ["keras-*"]
dtypes = ["float16", "bfloat16"]
fail = []

[[accepted]]
transition = "changed"
operations = ["binary_cross_entropy"]
new = ["12.000716"]
versions = {keras = ">=3"}
reason = "Keras 3 clips otherwise."
expires = 2026-12-31
"""


@pytest.fixture
def policy(tmp_path):
    """Reads a policy of some text."""

    def read(text, name="conformance.toml", **options):
        (tmp_path / name).write_text(text, "utf-8")
        return read_policy(tmp_path / name, **options)

    return read


def test_a_policy_file_says_what_it_says(policy, tmp_path):
    read = policy(FULL)
    assert read.fail == ("broken", "newly unsupported")
    (rule,) = read.rules
    assert rule.where == Where(adapters=("keras-*",), dtypes=("float16", "bfloat16"))
    assert rule.fail == ()
    (entry,) = read.accepted
    assert (entry.transition, entry.new, entry.libraries) == ("changed", ("12.000716",), (("keras", ">=3"),))
    assert entry.expires == LATER
    assert entry.place == f"{tmp_path}/conformance.toml:9"


def test_an_empty_policy_is_the_default(policy):
    assert replace(policy(""), file="") == Policy()


def test_a_table_of_pyproject_is_a_policy(policy):
    ours = '[tool.conformance]\nfail = ["broken"]\n\n[[tool.conformance.rules]]\nmodes = ["jit"]\nfail = []\n'
    read = policy('[project]\nname = "ours"\n\n' + ours, "pyproject.toml")
    assert read.fail == ("broken",)
    assert read.rules[0].place.endswith("pyproject.toml:7")


def test_the_nearest_policy_is_found_upwards(tmp_path):
    inner = tmp_path / "project" / "src"
    inner.mkdir(parents=True)
    (tmp_path / "conformance.toml").write_text("")
    (tmp_path / "project" / "pyproject.toml").write_text('[project]\nname = "conformance-user"\n')
    assert find_policy(inner) == tmp_path / "conformance.toml"
    (tmp_path / "project" / "pyproject.toml").write_text("[tool.conformance]\n")
    assert find_policy(inner) == tmp_path / "project" / "pyproject.toml"


ACCEPTED = '[[accepted]]\ntransition = "broken"\nreason = "Known."\nexpires = 2026-12-31\n'
JIT = 'modes = ["jit"]'
FAULTS = {
    'fail = ["broke"]': (1, 9, "unknown transition 'broke'", "did you mean 'broken'?"),
    'fail = "broken"': (1, 8, "'fail' is the text 'broken'", "expected a list: [ ... ]"),
    'fial = ["broken"]': (1, 1, "unknown key 'fial' of the policy", "did you mean 'fail'?"),
    'fail = ["broken",\n        "broken"]': (2, 9, "the transition 'broken' is written twice", ""),
    'fail = ["same"]': (1, 9, "unknown transition 'same'", "expected one of"),
    "fail = [": (1, 9, "not TOML", ""),
    "fail = []\nfail = []": (2, 10, "not TOML", ""),
    "[rules]\nfail = []": (1, 1, "'rules' is a mapping", "write each of them under [[rules]]"),
    "[[rules]]\nfail = []": (1, 1, "the rule says nowhere that it is about", "expected one of: adapters"),
    '[[rules]]\nmodes = ["jit"]': (1, 1, "the rule says nothing", "expected 'fail', 'timing' or both"),
    '[[rules]]\nfail = []\ndtypes = ["float33"]': (3, 11, "unknown dtype 'float33'", "did you mean 'float32'?"),
    '[[rules]]\nfail = []\noperations = ["x", "bynary_*"]': (3, 20, "no operation matches 'bynary_*'", ""),
    '[[rules]]\nfail = []\ncases = []': (3, 9, "the list is empty", "expected at least one"),
    ACCEPTED: (1, 1, "the accepted change says nowhere that it is about", ""),
    ACCEPTED + JIT + '\nexpiry = 1': (6, 1, "unknown key 'expiry' of an", "did you mean 'expires'?"),
    ACCEPTED.replace("2026-12-31", '"2026-12-31"') + JIT: (4, 11, "'expires' is the text", "a day"),
    ACCEPTED.replace("2026-12-31", "2026-12-31T10:00:00") + JIT: (4, 11, "'expires' is 2026-12", ""),
    ACCEPTED.replace("Known.", "TODO: look") + JIT: (3, 10, "'reason' is still to be written", ""),
    ACCEPTED.replace("Known.", "") + JIT: (3, 10, "'reason' is empty", "expected text"),
    ACCEPTED + JIT + '\nversions = ">=x"': (6, 12, "'>=x' is no range of versions", ""),
    ACCEPTED + JIT + '\nversions = {keras = "3"}': (6, 21, "'3' is no range of versions", ""),
}  # fmt: skip


@pytest.mark.parametrize("text", FAULTS, ids=lambda text: text.replace("\n", "; ")[-40:])
def test_a_fault_names_its_line_and_column_and_the_way_out(policy, text):
    line, column, message, help = FAULTS[text]
    with pytest.raises(FaultyFiles) as raised:
        policy(text)
    fault = next(f for f in raised.value.faults if message in f.message)
    assert (fault.line, fault.column) == (line, column)
    assert help in "\n".join(fault.help)


def test_an_unfinished_reason_can_be_read_to_be_written_on(policy):
    text = ACCEPTED.replace("Known.", "TODO") + JIT
    assert policy(text, finished=False).accepted[0].reason == "TODO"


def test_a_policy_that_is_not_utf8_is_named_by_its_byte(tmp_path):
    (tmp_path / "conformance.toml").write_bytes(b'fail = ["\xff"]')
    with pytest.raises(FaultyFiles, match=r"conformance.toml:1:10: byte 0xff is not UTF-8"):
        read_policy(tmp_path / "conformance.toml")


def test_a_pyproject_without_the_table_is_no_policy(policy):
    with pytest.raises(UsageError, match="has no table"):
        policy('[project]\nname = "x"\n', "pyproject.toml")
