"""Transitions are grouped by what caused them, and said in words."""

import base64
from dataclasses import replace

import numpy as np

from conformance.causes import causes
from conformance.gate import compare
from conformance.gate_values import ulps_apart
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


def worst(got, bound):
    return Worst("value", (), got, "", "inf", "inf", bound)


def contracts(old, new):
    row = environment().implementations[0]
    return (
        [environment(implementations=({**row, "contract": {"float32": old}},))],
        [environment(implementations=({**row, "contract": {"float32": new}},))],
    )


def test_one_change_over_dtypes_and_modes_is_one_cause():
    olds = [check(dtype=d, mode=m, outcome="1") for d in ("float32", "float64") for m in ("eager", "graph")]
    news = [replace(c, verdict="diverges", outcome=f"2.{i}", digest="new") for i, c in enumerate(olds)]
    (cause,) = causes(compare(run(*olds), run(*news)))
    assert cause.spread() == "4 checks, 2 dtypes, 2 modes, value"
    subject = "binary_cross_entropy of saturated probabilities"
    assert cause.words == f"{subject}: 1 became 2.0; right: 0.5 (was conforming, is diverging)"


def test_regressions_come_first():
    olds = [check(mode=m, verdict=v) for m, v in (("a", "diverges"), ("b", "conforms"), ("c", "unsupported"))]
    news = [
        replace(c, verdict=v, digest="x", outcome="7")
        for c, v in zip(olds, ("conforms", "diverges", "conforms"), strict=True)
    ]
    found = causes(compare(run(*olds), run(*news)))
    assert [cause.transition for cause in found] == ["broken", "newly supported", "fixed"]


def test_the_change_of_keras_3_is_named_in_words():
    old = check(adapter="tf-keras", verdict="documented", outcome="11.522857", worst=worst("11.522857", "1e-6"))
    new = check(
        adapter="keras-tensorflow",
        verdict="documented",
        outcome="12.000716",
        right="inf",
        worst=worst("12.000716", "1e-6"),
    )
    row = environment().implementations[0]
    before = environment("tf-keras", implementations=({**row, "contract": {"float32": {"shift": 1e-7}}},))
    after = environment("keras-tensorflow", implementations=({**row, "contract": {"float32": {"shift": 0.0}}},))
    (cause,) = causes(compare(run(old, environments=[before]), run(new, environments=[after])))
    what = "binary_cross_entropy of saturated probabilities: 11.522857 became 12.000716"
    assert cause.words == f"{what}; right: inf (both documented); contract: shift 1e-07 became 0.0"


def test_equal_bits_under_another_verdict_are_not_blamed_on_the_framework():
    (cause,) = causes(compare(run(check()), run(check(verdict="diverges"))))
    assert "the judgement changed, not the framework" in cause.words


def test_one_changed_contract_is_one_cause_whatever_the_case():
    cases = [("bce/a", (), "1.1"), ("bce/b", ("saturated",), "2.2"), ("bce/c", ("grid",), "3.3")]
    olds = [check(case=c, flags=f, outcome=o, verdict="documented", worst=worst(o, "1e-6")) for c, f, o in cases]
    news = [replace(c, outcome="9", digest="9", worst=worst("9", "1e-6")) for c in olds]
    before, after = contracts({"shift": 1e-7}, {})
    (cause,) = causes(compare(run(*olds, environments=before), run(*news, environments=after)))
    assert cause.words.endswith("contract: shift 1e-07 is gone")
    assert len(cause.pairs) == 3


def test_values_and_gradients_that_begin_to_raise_are_one_cause():
    olds = [check(order=order) for order in ("value", "gradient")]
    news = [replace(c, verdict="rejects", outcome="raises ValueError", digest="", shape=None) for c in olds]
    (cause,) = causes(compare(run(*olds), run(*news)))
    what = "0.5, which is right, became raises ValueError"
    assert cause.words == f"binary_cross_entropy of saturated probabilities: {what} (was conforming, is rejected)"
    assert cause.spread() == "2 checks, float32, eager, 2 orders"


def test_a_long_output_is_told_by_its_worst_element():
    old = check(outcome="[1, 2, …, 3] (9)", digest="a", shape=(9,), verdict="diverges", worst=worst("4.0", "1e-6"))
    new = replace(old, digest="b", worst=worst("8.0", "1e-6"))
    (cause,) = causes(compare(run(old), run(new)))
    assert "4 became 8; right: inf (both diverging)" in cause.words


def test_newly_supported_says_with_which_verdicts_and_what_was_missing():
    olds = [check(mode=m, verdict="unsupported", message="no such call", outcome="unsupported") for m in "abc"]
    news = [replace(c, verdict=v) for c, v in zip(olds, ("conforms", "conforms", "diverges"), strict=True)]
    (cause,) = causes(compare(run(*olds), run(*news)))
    assert cause.words.endswith("newly supported, 2 conforms, 1 diverges (was: no such call)")


def regressed(*checks):
    """The causes of checks that all conformed and all diverge."""
    news = [replace(c, verdict="diverges", outcome="0.7", digest="new") for c in checks]
    environments = [environment(name, framework="keras") for name in dict.fromkeys(c.adapter for c in checks)]
    return causes(compare(run(*checks, environments=environments), run(*news, environments=environments)))


def test_one_change_in_several_calls_on_several_backends_is_one_cause():
    adapters, calls = ("keras-jax", "keras-torch"), (CALL, "metrics.BinaryCrossentropy")
    (cause,) = regressed(*(check(adapter=a, implementation=c) for a in adapters for c in calls))
    assert {new for _, new in cause.calls} == {f"{a}/{c}" for a in adapters for c in calls}
    assert cause.spread() == "4 checks, float32, eager, value"


def test_frameworks_are_not_blamed_for_each_other():
    old = check(adapter="torch"), check(adapter="jax")
    new = [replace(c, verdict="diverges", outcome="0.7", digest="new") for c in old]
    assert len(causes(compare(run(*old), run(*new)))) == 2


def test_the_same_change_of_several_operations_is_one_cause():
    checks = [check(case=f"{name}/mask", operation=name, flags=("ignored-rows",)) for name in ("huber", "log_cosh")]
    (cause,) = regressed(*checks)
    assert cause.operations == ("huber", "log_cosh")
    assert cause.words.startswith("huber, log_cosh with ignored rows: 0.5, which is right, became 0.7")
    assert [pair.check.operation for pair in cause.examples()] == ["huber", "log_cosh"]


def test_two_operations_that_changed_on_ordinary_inputs_are_two_causes():
    checks = [check(case=f"{name}/x", operation=name, flags=("random-batch",)) for name in ("huber", "log_cosh")]
    assert len(regressed(*checks)) == 2


def test_kinds_of_inputs_are_told_apart():
    saturated = [check(case=f"bce/s{i}") for i in range(3)]
    found = regressed(*saturated, check(case="bce/empty", flags=("empty-batch",)))
    assert [(cause.subject, len(cause.pairs)) for cause in found] == [
        ("of saturated probabilities", 3),
        ("in bce/empty", 1),
    ]


def test_a_change_of_ordinary_inputs_too_is_no_matter_of_their_kind():
    ordinary = [check(case=f"bce/random-{i}", flags=("random-batch",)) for i in range(2)]
    saturated = [check(case=f"bce/saturated-{i}") for i in range(2)]
    (cause,) = regressed(*saturated, *ordinary)
    assert len(cause.pairs) == 4
    assert cause.subject == "of saturated probabilities and in 2 other cases"


def test_an_error_that_is_gone_is_one_cause_whatever_the_inputs():
    error = {"verdict": "rejects", "outcome": "raises ValueError", "digest": "", "shape": None}
    olds = [
        check(case=c, flags=f, message=f"ValueError: no {d} here", dtype=d, **error)
        for c, f, d in (("bce/a", ("ties",), "float16"), ("bce/b", ("empty-batch",), "float32"))
    ]
    news = [replace(c, verdict="conforms", outcome="0.5", digest="x", shape=(), message="") for c in olds]
    (cause,) = causes(compare(run(*olds), run(*news)))
    change = 'raises ValueError "no float32 here" became 0.5, which is right'
    assert cause.words.startswith(f"binary_cross_entropy with empty batch and in 1 other case: {change}")


def test_the_node_of_a_graph_does_not_hide_what_an_error_says():
    says = (
        "InvalidArgumentError: {{function_node __wrapped__Mul_device_/job:localhost/device:CPU:0}} Incompatible shapes"
    )
    error = {"verdict": "rejects", "outcome": "raises InvalidArgumentError", "digest": "", "shape": None}
    (cause,) = causes(compare(run(check()), run(check(message=says, **error))))
    assert 'became raises InvalidArgumentError "Incompatible shapes"' in cause.words


def test_as_many_digits_are_shown_as_tell_a_wrong_number_from_the_right_one():
    exact = Worst("value", (), "10.0986385", "", "10.09863821", "10.09863821", "1e-12")
    old = check(dtype="float64", outcome="10.098638", right="10.098638", verdict="diverges", digest="a",
                worst=replace(exact, got="10.0986383"))  # fmt: skip
    (cause,) = causes(compare(run(old), run(replace(old, outcome="10.098639", digest="b", worst=exact))))
    assert "10.0986383 became 10.0986385; right: 10.0986382" in cause.words


def numbers(*values, **changes):
    raw = np.array(values, np.float32)
    written = base64.b64encode(raw.tobytes()).decode()
    return check(bits=written, digest=written, shape=raw.shape, outcome=str(raw.tolist()), **changes)


def test_two_long_outputs_that_are_shortened_to_the_same_text_are_told_by_what_changed_most():
    worst = Worst("probabilities", (0, 0), "1.0", "", "0.0", "", "0")  # the documented clip, the same on both sides
    shortened = {"outcome": "[1, -3, …, 1] (6)", "right": "[0, -4, …, 0] (6)", "shape": (2, 3), "worst": worst}
    old = numbers(1, -3, 1, np.nan, np.nan, 1, order="gradient", verdict="unstable")
    new = numbers(1, -3, 1, 0, 0.5, 1, order="gradient", verdict="documented")
    old, new = replace(old, **shortened), replace(new, **shortened)
    (cause,) = causes(compare(run(old), run(new)))
    change = "[1][0] of the gradient: nan became 0 (was unstable, is documented)"
    assert cause.words == f"binary_cross_entropy gradient of saturated probabilities: {change}"


def test_of_long_outputs_without_bits_the_worst_element_of_each_is_told():
    shown = {"outcome": "[0, 40, …, 0] (600)", "verdict": "diverges", "shape": (600,)}
    far = Agreement("C", 1e5, 1e5, 1e5, 6e-22, 4.0, 1e6)
    old = check(**shown, agreement=far, worst=Worst("value", (425,), "7.5e-22", "", "1.5e-22", "", "1e-26"))
    new = check(
        **shown,
        agreement=replace(far, abs=9e-23),
        digest="new",
        worst=Worst("value", (170,), "1.25e-22", "", "3e-23", "", "2e-27"),
    )
    (cause,) = causes(compare(run(old), run(new)))
    was, now = "7.5e-22 at worst, in [425] where 1.5e-22 is right", "1.25e-22 at worst, in [170] where 3e-23 is right"
    assert f": {was} became {now} (both diverging)" in cause.words


def test_drift_says_how_many_ulps_apart_at_most():
    one, near = np.float32(1), np.nextafter(np.nextafter(np.float32(1), 2), 2)
    (cause,) = causes(compare(run(numbers(one, 0.5)), run(numbers(near, 0.5))))
    assert "at most 2 ULP apart" in cause.words


def test_the_largest_numbers_of_a_dtype_have_ulps_too():
    """2 to the power of 1024 is no float64; the last place of a number just below it is one."""
    largest = np.finfo(np.float64).max
    old, new = (
        check(dtype="float64", bits=base64.b64encode(np.float64(number).tobytes()).decode(), shape=())
        for number in (largest, np.nextafter(largest, 0))
    )
    assert ulps_apart(old, new) == 1


def test_noise_near_zero_is_measured_by_the_largest_number():
    (cause,) = causes(compare(run(numbers(-1e-12, 1.0)), run(numbers(1e-12, np.nextafter(np.float32(1), 2)))))
    assert "at most 1 ULP apart" in cause.words
    (cause,) = causes(compare(run(numbers(-0.0, 1.0)), run(numbers(0.0, 1.0))))
    assert "but for the sign of a zero" in cause.words


def test_changes_of_accepted_values_come_before_those_of_wrong_ones():
    wrong = [check(case=f"bce/w{i}", verdict="diverges", worst=worst("4.0", "1e-6")) for i in range(3)]
    choice = check(case="bce/choice", choice="nan", outcome="nan", flags=("all-ignored",))
    old = [*wrong, choice]
    new = [*(replace(c, digest="b", worst=worst("8.0", "1e-6")) for c in wrong),
           replace(choice, choice="zero", outcome="0", digest="c", right="one of: nan, zero")]  # fmt: skip
    first, second = causes(compare(run(*old), run(*new)))
    assert (len(first.pairs), len(second.pairs)) == (1, 3)
    assert "nan became 0 (zero); no value is right, accepted are nan, zero" in first.words


def test_a_call_that_begins_to_raise_is_one_cause_whatever_it_gave_before():
    olds = [check(outcome=o, right=o, case=f"bce/{i}", digest=o) for i, o in enumerate(("0.5", "nan", "inf"))]
    error = {"verdict": "rejects", "outcome": "raises TypeError", "digest": "", "shape": None}
    news = [replace(c, message=f"TypeError: no tensor of [{i}]", **error) for i, c in enumerate(olds)]
    assert len(causes(compare(run(*olds), run(*news)))) == 1


def test_one_wrong_value_is_one_cause_however_far_it_is_off():
    olds = [check(case="bce/a", verdict="documented"), check(case="bce/b")]
    news = [replace(olds[0], verdict="unstable", outcome="3"), replace(olds[1], verdict="diverges", outcome="0.6")]
    assert len(causes(compare(run(*olds), run(*(replace(c, digest=c.outcome) for c in news))))) == 1


def test_a_flag_that_few_of_the_checks_have_is_not_what_they_are_about():
    ordinary = [check(case=f"bce/random-{i}", flags=("random-batch",)) for i in range(3)]
    (cause,) = regressed(check(), *ordinary)
    assert (cause.flag, cause.subject) == ("", "in 4 cases, such as bce/saturated")


def test_two_operations_that_give_other_accepted_values_are_two_causes():
    olds = [check(case=f"{n}/x", operation=n, choice=None, bits=None, verdict="documented") for n in ("huber", "dice")]
    news = [replace(c, verdict="conforms", outcome="0.6", digest="b") for c in olds]
    assert len(causes(compare(run(*olds), run(*news)))) == 2
