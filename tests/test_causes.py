"""Transitions are grouped by what caused them, and said in words."""

from dataclasses import replace

from conformance.causes import causes
from conformance.gate import compare
from conformance.run_file import Check, End, Environment, Header, Run, Worst

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
    assert cause.words == f"{CALL} of saturated probabilities: 1 became 2.0 (was conforming, is diverging)"


def test_regressions_come_first():
    olds = [check(mode=m, verdict=v) for m, v in (("a", "diverges"), ("b", "conforms"), ("c", "unsupported"))]
    news = [
        replace(c, verdict=v, digest="x", outcome="7")
        for c, v in zip(olds, ("conforms", "diverges", "conforms"), strict=True)
    ]
    found = causes(compare(run(*olds), run(*news)))
    assert [cause.transition for cause in found] == ["broken", "fixed", "newly supported"]


def test_the_change_of_keras_3_is_named_in_words():
    old = check(adapter="tf-keras", verdict="documented", outcome="11.522857", worst=worst("11.522857", "1e-6"))
    new = check(
        adapter="keras-tensorflow",
        verdict="documented",
        outcome="12.000716",
        worst=worst("12.000716", "1e-6"),
    )
    row = environment().implementations[0]
    before = environment("tf-keras", implementations=({**row, "contract": {"float32": {"shift": 1e-7}}},))
    after = environment("keras-tensorflow", implementations=({**row, "contract": {"float32": {"shift": 0.0}}},))
    (cause,) = causes(compare(run(old, environments=[before]), run(new, environments=[after])))
    what = f"{CALL} of saturated probabilities: 11.522857 became 12.000716 (both documented)"
    assert cause.words == f"{what}; contract: shift 1e-07 became 0.0"


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
    assert (
        cause.words == f"{CALL} of saturated probabilities: 0.5 became raises ValueError (was conforming, is rejected)"
    )
    assert cause.spread() == "2 checks, float32, eager, 2 orders"


def test_a_long_output_is_told_by_its_worst_element():
    old = check(outcome="[1, 2, …, 3] (9)", digest="a", shape=(9,), verdict="diverges", worst=worst("4.0", "1e-6"))
    new = replace(old, digest="b", worst=worst("8.0", "1e-6"))
    (cause,) = causes(compare(run(old), run(new)))
    assert "4 became 8 (both diverging)" in cause.words


def test_newly_supported_says_with_which_verdicts_and_what_was_missing():
    olds = [check(mode=m, verdict="unsupported", message="no such call", outcome="unsupported") for m in "abc"]
    news = [replace(c, verdict=v) for c, v in zip(olds, ("conforms", "conforms", "diverges"), strict=True)]
    (cause,) = causes(compare(run(*olds), run(*news)))
    assert cause.words.endswith("newly supported, 2 conforms, 1 diverges (was: no such call)")
