"""The records that are proposed are as narrow as what a run shows."""

from dataclasses import replace

import pytest

from conformance.accepting import records_for
from conformance.run_file import Agreement, Check, End, Environment, Header, Run

HEADER = Header(suite="0.1.0", cases="c0ffee", started="2026-01-01T00:00:00Z", selection={}, machine={})
END = End(ended="2026-01-01T00:01:00Z", seconds=60.0, checks=1, verdicts={}, expectations={}, complete=True)
AGREEMENT = Agreement("C", 3e4, 3e4, 3e4, 0.1, 0.1, 1e5)


def check(**changes):
    base = {
        "case": "focal/x", "says": "A loss.", "operation": "sigmoid_focal_loss", "adapter": "jax",
        "implementation": "optax.sigmoid_focal_loss", "dtype": "float32", "mode": "eager", "device": "cpu",
        "order": "value", "verdict": "diverges", "expectation": "unexpected", "agreement": AGREEMENT,
    } | changes  # fmt: skip
    base.setdefault("variant", base["case"])
    where = ":".join(base[part] for part in ("dtype", "mode", "device", "order"))
    return Check(id=f"{base['variant']}:{base['adapter']}/{base['implementation']}:{where}", **base)


def right(**changes):
    return check(verdict="conforms", expectation="expected", **changes)


def run(*checks):
    row = {
        "operation": "sigmoid_focal_loss",
        "name": "optax.sigmoid_focal_loss",
        "call": "optax.losses.sigmoid_focal_loss",
    }
    environment = Environment("jax", "cpu", True, framework="jax", version="0.10.2", implementations=(row,),
                              versions={"jax": "0.10.2", "optax": "0.2.8"})  # fmt: skip
    return Run("run.jsonl", HEADER, [environment], list(checks), end=END)


def only(*checks):
    (record,) = records_for(run(*checks))
    return record


def test_a_record_covers_what_deviates_and_not_what_is_right():
    record = only(check(), check(dtype="float16"), right(case="focal/y"), right(order="gradient"))
    assert (record.cases, record.dtypes, record.orders) == (("focal/x",), ("float32", "float16"), ("value",))
    assert record.always


def test_all_parameters_of_a_case_are_one_pattern():
    of_x = [check(variant=f"focal/x[gamma={g}]") for g in (1, 2)]
    assert only(*of_x, right(case="focal/y")).cases == ("focal/x[*",)
    assert only(*of_x, right(variant="focal/x[gamma=3]")).cases == ("focal/x[gamma=1]", "focal/x[gamma=2]")


def test_where_everything_deviates_no_case_is_named():
    assert only(check(), check(case="focal/y")).cases == ()


def test_a_record_is_split_by_order_before_it_covers_what_is_right():
    checks = check(), check(dtype="float16", order="gradient"), right(dtype="float16"), right(order="gradient")
    records = records_for(run(*checks))
    assert [(record.dtypes, record.orders, record.always) for record in records] == [
        (("float32",), ("value",), True), (("float16",), ("gradient",), True),
    ]  # fmt: skip


def test_one_that_covers_what_is_right_all_the_same_holds_sometimes():
    checks = check(), check(case="focal/y", dtype="float16"), right(dtype="float16"), right(case="focal/z")
    assert not only(*checks).always


def test_a_deviation_is_bounded_by_the_next_power_of_ten():
    assert only(check()).within == {"k": 1e5}
    assert only(check(agreement=replace(AGREEMENT, k=float("inf")))).within == {}


def test_a_record_holds_up_to_the_version_that_was_run_of_the_library_that_holds_the_call():
    assert only(check()).libraries == (("optax", "<=0.2.8"),)
    assert only(check(implementation="nn.other")).versions == "<=0.10.2"


def test_an_exception_is_recorded_by_its_class():
    error = {"verdict": "rejects", "outcome": "raises jax.errors.SomeError", "agreement": None, "message": "x"}
    assert only(check(**error)).outcome == r"^raises jax\.errors\.SomeError"


def test_implementations_that_deviate_alike_are_one_record():
    assert only(check(implementation="nn.a"), check(implementation="nn.b")).implementations == ("nn.a", "nn.b")


@pytest.mark.parametrize("taken", [(), ("jax/sigmoid-focal-loss-diverges",)])
def test_ids_are_new(taken):
    (record,) = records_for(run(check()), taken=taken)
    assert record.id == "jax/sigmoid-focal-loss-diverges" + ("-2" if taken else "")


def test_what_is_explained_or_right_or_unjudged_is_not_recorded():
    fine = check(expectation="expected"), right(case="b"), check(case="c", verdict="unjudged"), check(
        case="d", verdict="conforms", expectation="fixed")  # fmt: skip
    assert records_for(run(*fine)) == []
