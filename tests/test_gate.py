"""The gate compares two runs check by check; every transition, from synthetic runs."""

import base64
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.causes import causes
from conformance.errors import UsageError
from conformance.gate import ACCEPTED, DEVIATING, compare
from conformance.run_file import Agreement, Check, End, Environment, Header, Run, Worst

HEADER = Header(suite="0.1.0", cases="c0ffee", started="2026-01-01T00:00:00Z", selection={}, machine={})
END = End(ended="2026-01-01T00:01:00Z", seconds=60.0, checks=1, verdicts={}, expectations={}, complete=True)
CALL = "losses.BinaryCrossentropy"


def check(**changes):
    base = {
        "case": "bce/saturated", "says": "Certain and wrong.", "operation": "binary_cross_entropy",
        "adapter": "keras", "implementation": CALL, "dtype": "float32", "mode": "eager", "device": "cpu",
        "order": "value", "verdict": "conforms", "expectation": "expected", "outcome": "0.5", "right": "0.5",
        "inputs_digest": "in", "shape": (), "flags": ("saturated",),
    } | changes  # fmt: skip
    base.setdefault("variant", base["case"])
    base.setdefault("digest", base["outcome"])
    where = ":".join(base[part] for part in ("dtype", "mode", "device", "order"))
    base.setdefault("id", f"{base['variant']}:{base['adapter']}/{base['implementation']}:{where}")
    return Check(**base)


def environment(adapter="keras", **changes):
    row = {
        "name": CALL,
        "operation": "binary_cross_entropy",
        "inputs": ["probabilities", "targets"],
        "contract": {},
    }
    base = {
        "adapter": adapter, "device": "cpu", "started": True, "framework": adapter, "version": "1.0",
        "versions": {adapter: "1.0"}, "implementations": (row,),
    }  # fmt: skip
    return Environment(**(base | changes))


def run(*checks, environments=None, header=HEADER, end=END):
    adapters = dict.fromkeys(c.adapter for c in checks)
    made = environments if environments is not None else [environment(name) for name in adapters]
    return Run("run.jsonl", header, made, list(checks), end=end)


def only(comparison):
    (pair,) = comparison.pairs
    return pair.transition


def bits(*values, dtype="float32"):
    return base64.b64encode(np.array(values, dtype).tobytes()).decode()


def numbers(*values, **changes):
    written = bits(*values)
    return check(bits=written, digest=written, shape=(len(values),), outcome=str(list(values)), **changes)


def test_equal_checks_are_the_same():
    assert only(compare(run(check()), run(check()))) == "same"


def test_other_bits_within_the_bound_have_drifted():
    old, new = numbers(0.5, 2.0), numbers(np.nextafter(np.float32(0.5), 1), 2.0)
    assert only(compare(run(old), run(new))) == "drifted"


def test_drift_fails_no_gate():
    assert compare(run(numbers(1.0)), run(numbers(1.0000001))).status() == 0


def test_two_elements_of_a_subdifferential_are_a_change_of_value():
    assert only(compare(run(numbers(0.0, 1.0)), run(numbers(0.5, 1.0)))) == "changed"


def test_a_zero_that_lost_its_sign_has_drifted():
    assert only(compare(run(numbers(-0.0)), run(numbers(0.0)))) == "drifted"


@pytest.mark.parametrize("side", ["old", "new"])
def test_bits_that_vary_by_themselves_are_not_blamed_on_the_candidate(side):
    old, new = numbers(0.0, 1.0), numbers(0.5, 1.0)
    varied = (replace(old, varying=side == "old"), replace(new, varying=side == "new"))
    comparison = compare(run(varied[0]), run(varied[1]))
    assert only(comparison) == "same"
    assert comparison.varying == 1
    assert comparison.status() == 0


def test_a_varying_check_that_is_broken_is_broken():
    old = numbers(0.5, varying=True)
    assert only(compare(run(old), run(numbers(0.7, verdict="diverges", varying=True)))) == "broken"


def test_a_verdict_that_one_run_saw_by_itself_is_not_blamed_on_the_other():
    """What lies in memory that was never written is right at times."""
    right, wrong = numbers(0.0), numbers(9.0, verdict="diverges")
    both = ("conforms", "diverges")
    for old, new in ((right, wrong), (wrong, right)):
        for side in ("old", "new"):
            pair = [
                replace(c, varying=True, varying_verdicts=both) if s == side else c
                for s, c in (("old", old), ("new", new))
            ]
            assert only(compare(run(pair[0]), run(pair[1]))) == "same"


def test_two_wrong_results_of_a_call_that_varies_are_no_change():
    old, new = (numbers(n, verdict="diverges", varying=True, varying_verdicts=("diverges",)) for n in (7.0, 9.0))
    assert only(compare(run(old), run(new))) == "same"


def test_a_varying_check_whose_bits_are_the_same_is_not_counted():
    one = numbers(0.5, varying=True)
    assert compare(run(one), run(one)).varying == 0


def test_nan_equals_nan_whatever_its_payload():
    quiet = base64.b64encode(np.array([0x7FC00000], np.uint32).tobytes()).decode()
    other = base64.b64encode(np.array([0xFFC00001], np.uint32).tobytes()).decode()
    old = check(verdict="unstable", outcome="[nan]", bits=quiet, digest="a", shape=(1,))
    assert only(compare(run(old), run(replace(old, bits=other, digest="b")))) == "same"


def test_nan_never_equals_a_number():
    old, new = numbers(np.nan, verdict="unstable"), numbers(0.0, verdict="unstable")
    assert only(compare(run(old), run(new))) == "changed"


def test_bfloat16_bits_are_read_as_bfloat16():
    one, near, two = (base64.b64encode(np.array([b], np.uint16).tobytes()).decode() for b in (0x3F80, 0x3F81, 0x4000))
    checks = [check(dtype="bfloat16", bits=b, digest=b, shape=()) for b in (one, near, two)]
    assert only(compare(run(checks[0]), run(checks[1]))) == "drifted"
    assert only(compare(run(checks[0]), run(checks[2]))) == "changed"


@pytest.mark.parametrize("new", DEVIATING)
@pytest.mark.parametrize("old", ACCEPTED)
def test_what_was_accepted_and_deviates_is_broken(old, new):
    comparison = compare(run(check(verdict=old)), run(check(verdict=new, outcome="1")))
    assert only(comparison) == "broken"
    assert comparison.status() == 1


@pytest.mark.parametrize("new", ACCEPTED)
@pytest.mark.parametrize("old", DEVIATING)
def test_what_deviated_and_is_accepted_is_fixed(old, new):
    comparison = compare(run(check(verdict=old, outcome="1")), run(check(verdict=new)))
    assert only(comparison) == "fixed"
    assert comparison.status() == 0


def test_documented_after_conforming_is_a_change_of_value():
    assert only(compare(run(check()), run(check(verdict="documented", outcome="0.6")))) == "changed"


def worst(got, bound):
    return Worst("value", (), got, "", "inf", "inf", bound)


def contracts(old, new):
    row = environment().implementations[0]
    return (
        [environment(implementations=({**row, "contract": {"float32": old}},))],
        [environment(implementations=({**row, "contract": {"float32": new}},))],
    )


def test_another_value_under_another_contract_is_a_change():
    old = check(verdict="documented", outcome="11.522857", worst=worst("11.522857", "1e-6"))
    new = check(verdict="documented", outcome="12.000716", worst=worst("12.000716", "1e-6"))
    before, after = contracts({"clip": [1e-7, 1], "shift": 1e-7}, {"clip": [1e-7, 1]})
    assert only(compare(run(old, environments=before), run(new, environments=after))) == "changed"


def test_the_same_value_under_another_contract_has_drifted():
    old = check(verdict="documented", outcome="11.5", digest="a", worst=worst("11.5", "1e-6"))
    new = replace(old, digest="b", worst=worst("11.5000001", "1e-6"))
    before, after = contracts({"shift": 1e-7}, {"shift": 0.0})
    assert only(compare(run(old, environments=before), run(new, environments=after))) == "drifted"


def test_values_within_one_contract_have_drifted():
    old = check(verdict="documented", digest="a")
    assert only(compare(run(old), run(replace(old, digest="b")))) == "drifted"


def test_another_choice_where_no_value_is_right_is_a_change():
    comparison = compare(run(check(choice="nan", outcome="nan")), run(check(choice="zero", outcome="0")))
    assert only(comparison) == "changed"
    assert comparison.status() == 1


def test_another_exception_class_is_a_change():
    old, new = check(outcome="raises ValueError", shape=None), check(outcome="raises TypeError", shape=None)
    assert only(compare(run(old), run(new))) == "changed"


def test_the_same_exception_is_the_same():
    old = check(outcome="raises ValueError", shape=None, digest="", message="bad label 5")
    assert only(compare(run(old), run(replace(old, message="bad label: 5")))) == "same"


def test_one_deviation_that_became_another_is_a_change():
    assert only(compare(run(check(verdict="diverges")), run(check(verdict="crashes", outcome="")))) == "changed"


def test_a_divergence_that_grew_is_a_change():
    agreement = Agreement("C", 1e3, 1e3, 1e3, 0.1, 0.1, 1e5)
    old = check(verdict="diverges", digest="a", agreement=agreement)
    new = replace(old, digest="b", agreement=replace(agreement, abs=0.3))
    assert only(compare(run(old), run(new))) == "changed"


def test_a_divergence_with_other_last_bits_has_drifted():
    old = check(verdict="diverges", digest="a", worst=worst("5.0", "1e-6"))
    assert only(compare(run(old), run(replace(old, digest="b", worst=worst("5.0000005", "1e-6"))))) == "drifted"


def test_support_that_came_and_went():
    lost, there = check(verdict="unsupported", outcome="", message="no such call"), check()
    assert only(compare(run(lost), run(there))) == "newly supported"
    assert only(compare(run(there), run(lost))) == "newly unsupported"
    assert only(compare(run(lost), run(lost))) == "same"
    assert compare(run(lost), run(there)).status() == 0
    assert compare(run(there), run(lost)).status() == 1


def test_checks_of_one_run_only_are_added_and_removed():
    more = run(check(), check(mode="graph"))
    assert compare(run(check()), more).counts["added"] == 1
    assert compare(run(check()), more).status() == 0
    assert compare(more, run(check())).counts["removed"] == 1
    assert compare(more, run(check())).status() == 1


def test_a_removed_implementation_is_named():
    gone = check(implementation="losses.gone")
    with_row = environment(implementations=({"name": CALL, "operation": "binary_cross_entropy"},), version="2.0")
    comparison = compare(run(check(), gone), run(check(), environments=[with_row]))
    assert [p.note for p in comparison.pairs if p.transition == "removed"] == ["keras 2.0 has no losses.gone"]


def test_an_environment_that_did_not_start_is_no_removal():
    dead = environment("torch", started=False, reason="no module named torch")
    comparison = compare(run(check(), check(adapter="torch")), run(check(), environments=[environment(), dead]))
    assert comparison.counts["removed"] == 0
    assert comparison.problems == ("candidate: torch on cpu did not start: no module named torch",)
    assert comparison.status() == 3


def test_a_baseline_that_did_not_start_adds_nothing():
    dead = environment("torch", started=False)
    comparison = compare(run(check(), environments=[environment(), dead]), run(check(), check(adapter="torch")))
    assert comparison.counts["added"] == 0
    assert comparison.status() == 3


def test_a_framework_that_is_installed_nowhere_is_no_problem():
    absent = environment("torch", started=False, reason="not installed: torch")
    one = run(check(), environments=[environment(), absent])
    assert compare(one, one).status() == 0


def test_a_framework_that_is_no_longer_installed_is_a_problem():
    absent = environment("torch", started=False, reason="not installed: torch")
    comparison = compare(run(check(), check(adapter="torch")), run(check(), environments=[environment(), absent]))
    assert comparison.counts["removed"] == 0
    assert comparison.status() == 3


@pytest.mark.parametrize("end", [None, replace(END, complete=False)])
def test_an_incomplete_run_is_said_and_removes_nothing(end):
    comparison = compare(run(check(), check(mode="graph")), run(check(), end=end))
    assert comparison.counts["removed"] == 0
    assert comparison.status() == 3


def test_other_cases_leave_the_intersection():
    newer = replace(HEADER, cases="other")
    old, new = check(case="bce/old"), check(case="bce/new")
    comparison = compare(run(check(), old), run(check(), new, header=newer))
    assert only(comparison) == "same"
    assert "left out: 1 (bce/old) of the baseline, 1 (bce/new) of the candidate" in comparison.notes[-1]


def test_other_suite_versions_are_said():
    comparison = compare(run(check()), run(check(), header=replace(HEADER, suite="0.2.0")))
    assert comparison.notes[0] == "suite versions differ: 0.1.0 and 0.2.0"


def test_a_narrower_selection_removes_nothing():
    wide, narrow = (
        replace(HEADER, selection={"modes": ["eager", "graph"]}),
        replace(HEADER, selection={"modes": ["eager"]}),
    )
    comparison = compare(run(check(), check(mode="graph"), header=wide), run(check(), header=narrow))
    assert only(comparison) == "same"
    assert "selections differ" in comparison.notes[0]


def test_two_profiles_are_compared_on_what_both_asked():
    full, quick = (replace(HEADER, selection={"profile": name}) for name in ("full", "quick"))
    asked = check(), check(dtype="float16"), check(mode="jit")
    comparison = compare(run(*asked, header=full), run(check(), header=quick))
    assert only(comparison) == "same"
    assert comparison.notes[0] == "the profiles differ: full and quick"
    assert "one run alone was asked" in comparison.notes[-1]
    assert "float16 (1)" in comparison.notes[-1]
    assert "jit (1)" in comparison.notes[-1]


def test_checks_that_saw_other_inputs_are_not_compared():
    comparison = compare(run(check()), run(check(inputs_digest="other")))
    assert comparison.pairs == ()
    assert comparison.notes == ("1 checks saw other inputs in the two runs and are not compared",)


def test_switches_are_named_before_versions():
    old = environment(versions={"keras": "3.14"}, switches={"TF32": False})
    new = environment(versions={"keras": "3.15"}, switches={"TF32": True})
    differences = compare(run(check(), environments=[old]), run(check(), environments=[new])).differences
    assert list(map(str, differences)) == [
        "keras: switch TF32: False became True",
        "keras: keras 3.14 became 3.15",
    ]


def test_single_adapters_are_compared_with_each_other_and_it_is_said():
    comparison = compare(run(check(adapter="tf-keras")), run(check(adapter="keras-jax")))
    assert only(comparison) == "same"
    assert comparison.notes == ("each run holds one adapter: tf-keras is compared with keras-jax",)


def test_adapters_of_different_names_are_not_compared_by_themselves():
    both = run(check(adapter="tf-keras"), check(adapter="torch"))
    counts = compare(both, run(check(adapter="torch"), check(adapter="jax"))).counts
    assert (counts["same"], counts["removed"], counts["added"]) == (1, 1, 1)


def test_only_mapped_adapters_are_compared():
    both = run(check(adapter="tf-keras"), check(adapter="keras-jax"), check(adapter="torch"))
    comparison = compare(both, both, {"tf-keras": "keras-jax"})
    assert len(comparison.pairs) == 1
    assert "left out: keras-jax, torch, tf-keras" in comparison.notes[0]


def test_an_unknown_mapped_adapter_is_refused():
    with pytest.raises(UsageError, match="did you mean 'tf-keras'"):
        compare(run(check(adapter="tf-keras")), run(check()), {"tf-kears": "keras"})


verdicts = st.sampled_from([*ACCEPTED, *DEVIATING, "unsupported", "unjudged"])
checks = st.builds(
    lambda variant, verdict, outcome, choice: check(variant=variant, verdict=verdict, outcome=outcome, choice=choice),
    st.sampled_from("abcdef"),
    verdicts,
    st.sampled_from(["0", "nan", "inf", "0.5", "raises ValueError"]),
    st.sampled_from([None, "nan", "zero"]),
)
runs = st.builds(lambda found: run(*found), st.lists(checks, min_size=1, unique_by=lambda c: c.variant))
MIRROR = {
    "same": "same", "drifted": "drifted", "changed": "changed", "broken": "fixed", "fixed": "broken",
    "newly supported": "newly unsupported", "newly unsupported": "newly supported", "added": "removed",
    "removed": "added",
}  # fmt: skip


@given(runs)
def test_a_run_is_the_same_as_itself(one):
    comparison = compare(one, one)
    assert {pair.transition for pair in comparison.pairs} == {"same"}
    assert comparison.status() == 0
    assert causes(comparison) == []


@given(runs, runs)
def test_swapped_runs_swap_every_transition(one, other):
    there = {(p.check.variant): p.transition for p in compare(one, other).pairs}
    back = {(p.check.variant): p.transition for p in compare(other, one).pairs}
    assert back == {variant: MIRROR[transition] for variant, transition in there.items()}
