"""What each profile asks, and that naming a mode, dtype or order asks it of every case."""

import pytest

from conformance.loading import load
from conformance.plan import plan
from conformance.profiles import modes_of
from conformance.selection import Selection

CASES = """
about: One case that stands for the rest, one that does not, and one about half precision.
operation: sigmoid
flags:
  representative: {why: It stands for others., effect: None.}
  second-order: {why: It is smooth., effect: None.}
cases:
  - id: test/representative
    says: One.
    flags: [representative]
    inputs: {x: [1.0]}
    relations: [permute-samples]
  - id: test/other
    says: Two.
    flags: [second-order]
    inputs: {x: [1.0, 2.0]}
    orders: [0, 1, 2]
  - id: test/half
    says: Three.
    flags: [second-order]
    inputs: {x: [1.0, 3.0]}
    dtypes: [float16]
"""
DTYPES = ["float64", "float32", "float16", "bfloat16"]
HELLO = {
    "adapter": "planted", "device": "cpu", "modes": ["eager", "jit", "slow"], "quick_modes": ["jit"],
    "orders": ["value", "gradient", "jvp", "hvp", "hvp-reverse"],
    "implementations": [
        {"name": "sigmoid", "operation": "sigmoid", "inputs": ["x"], "keywords": {}, "dtypes": DTYPES,
         "modes": ["eager", "jit", "slow"], "differentiable": True, "contract": {}},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    path = tmp_path_factory.mktemp("cases") / "cases.yaml"
    path.write_text(CASES)
    catalogue = load([path])

    def questions(hello=HELLO, **selected):
        checks = plan(hello, catalogue.cases, Selection(**selected))
        return {(c.variant.id.removeprefix("test/"), c.dtype, c.mode, c.order) for c in checks}

    return questions


def test_smoke_asks_the_representative_cases_in_float32(asked):
    smoke = asked(profile="smoke")
    assert smoke == {("representative", "float32", "eager", order) for order in ("value", "gradient")}


def test_quick_asks_every_case_eagerly_and_the_representative_ones_in_half_precision_and_compiled(asked):
    quick = asked(profile="quick")
    assert {q[:3] for q in quick if q[0] == "representative"} == {
        *(("representative", dtype, "eager") for dtype in DTYPES),
        ("representative", "float32", "jit"),
    }
    other = {q[1:] for q in quick if q[0] == "other"}
    assert {(dtype, mode) for dtype, mode, order in other if order == "value"} == {
        ("float64", "eager"), ("float32", "eager"),
    }  # fmt: skip
    assert {dtype for dtype, _, order in other if order == "hvp"} == {"float32"}
    assert ("half", "float16", "eager", "value") in quick
    assert ("representative~permute-samples", "float32", "eager", "value") in quick


def test_full_asks_slow_compilers_of_the_representative_cases_and_everything_of_eager_mode(asked):
    full = asked(profile="full")
    assert asked(profile="quick") < full
    assert ("other", "bfloat16", "eager", "hvp-reverse") in full
    compiled = {q[:3] for q in full if q[2] != "eager" and "~" not in q[0] and q[0] != "half"}
    assert compiled == {
        *(("representative", dtype, "jit") for dtype in DTYPES),
        ("representative", "float32", "slow"), ("other", "float32", "jit"),
    }  # fmt: skip


def test_exhaustive_asks_the_whole_product(asked):
    exhaustive = asked(profile="exhaustive")
    assert asked(profile="full") < exhaustive
    assert ("other", "bfloat16", "slow", "hvp-reverse") in exhaustive


def test_a_mode_dtype_or_order_that_is_named_is_asked_of_every_case(asked):
    assert ("other", "float32", "slow", "value") in asked(profile="quick", modes=("slow",))
    assert ("other", "bfloat16", "eager", "value") in asked(profile="quick", dtypes=("bfloat16",))
    assert ("other", "float64", "eager", "jvp") in asked(profile="quick", orders=("jvp",))
    assert ("other", "bfloat16", "slow", "value") in asked(profile="full", modes=("slow",))


def test_an_adapter_may_ask_fewer_dtypes_of_every_case(asked):
    narrow = asked(hello={**HELLO, "quick_dtypes": ["float32"]}, profile="quick")
    assert {dtype for name, dtype, _, _ in narrow if name == "other"} == {"float32"}
    assert {dtype for name, dtype, _, _ in narrow if name == "representative"} == set(DTYPES)


def test_modes_stand_in_the_order_of_the_adapter():
    assert modes_of(HELLO, Selection(profile="quick")) == ["eager", "jit"]
    assert modes_of(HELLO, Selection(profile="full")) == ["eager", "jit", "slow"]
    assert modes_of(HELLO, Selection(modes=("slow", "eager"), profile="quick")) == ["eager", "slow"]
