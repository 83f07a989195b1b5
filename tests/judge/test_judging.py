"""Planted observations reach every verdict and every expectation."""

import numpy as np
import pytest

from conformance.judge.divergence import Divergence, Records
from conformance.judge.judging import Asked, Judge
from conformance.judge.verdict import VERDICTS, Observation
from conformance.loading import load
from conformance.plan import plan
from conformance.reference import References
from conformance.refine import refine
from conformance.selection import Selection

CASES = """
about: Planted.
operation: binary_cross_entropy
cases:
  - id: test/saturated
    says: A confident wrong probability.
    inputs: {probabilities: [0.0, 0.5], targets: [1.0, 1.0]}
    dtypes: [float32]
  - id: test/ordinary
    says: Ordinary numbers.
    inputs: {probabilities: [0.25, 0.5], targets: [1.0, 0.0]}
    dtypes: [float64, float32]
  - id: test/invalid
    says: Refused.
    inputs: {probabilities: [1.5], targets: [1.0]}
    dtypes: [float32]
    outcome: raises
  - id: test/empty
    says: A mean over nothing.
    inputs: {probabilities: {full: 0.5, shape: [0]}, targets: {full: 1.0, shape: [0]}}
    parameters: {reduction: mean}
    dtypes: [float32, float64]
    outcome:
      one_of:
        - {outcome: nan, because: 0/0 in IEEE arithmetic}
        - {outcome: zero, because: nothing was lost}
        - {outcome: raises, because: there is no mean}
  - id: test/column
    says: One target for two probabilities.
    inputs: {probabilities: [[0.25, 0.5]], targets: [[1.0]]}
    dtypes: [float32]
    outcome:
      one_of:
        - {outcome: value, because: the shapes broadcast}
        - {outcome: raises, because: a loss may ask for equal shapes}
"""
HELLO = {
    "adapter": "planted",
    "device": "cpu",
    "modes": ["eager"],
    "orders": ["value", "gradient"],
    "flushes_subnormals": [],
    "environment": {"version": "1.5"},
    "implementations": [
        {
            "name": "capped",
            "operation": "binary_cross_entropy",
            "inputs": ["probabilities", "targets"],
            "keywords": {"reduction": "none"},
            "dtypes": ["float64", "float32"],
            "modes": ["eager"],
            "differentiable": True,
            "documented": "the logarithm is at least -100",
            "contract": {d: {"log_floor": -100.0} for d in ("float64", "float32")},
        }
    ],
}
LN2, LN4 = np.log(2), np.log(4)


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    path = tmp_path_factory.mktemp("cases") / "planted.yaml"
    path.write_text(CASES)
    checks = plan(HELLO, load([path]).cases, Selection())
    return {(c.variant.case.id, c.dtype, c.order): c for c in checks}


def returned(values, dtype="float32", name="value"):
    values = np.asarray(values, dtype)
    return Observation("returned", {name: (values.astype(np.float64), dtype, "cpu")})


def raised(name="ValueError"):
    return Observation("raised", {}, error=name, message="no")


@pytest.fixture
def judged(planned):
    def judge(observation, case="ordinary", dtype="float32", order="value", records=(), judge=None):
        judge = judge or Judge(References(), Records(records), HELLO, refine)
        (check,) = judge.judge([Asked(planned[f"test/{case}", dtype, order], observation)])
        return check

    return judge


PLANTED = {
    "conforms": (returned([LN4, LN2]), "ordinary"),
    "documented": (returned([100.0, LN2]), "saturated"),
    "diverges": (returned([LN4, LN2 * 1.001]), "ordinary"),
    "unstable": (returned([LN4, np.nan]), "ordinary"),
    "misshapen": (returned([[LN4, LN2]]), "ordinary"),
    "rejects": (raised(), "ordinary"),
    "accepts": (returned([0.4]), "invalid"),
    "crashes": (Observation("crashed", {}, message="signal"), "ordinary"),
    "hangs": (Observation("hung", {}, message="late"), "ordinary"),
    "unsupported": (Observation("unsupported", {}, message="lacking"), "ordinary"),
}


@pytest.mark.parametrize("verdict", PLANTED)
def test_a_planted_observation_reaches_its_verdict(judged, verdict):
    observation, case = PLANTED[verdict]
    assert judged(observation, case).verdict == verdict


def test_every_verdict_is_planted_or_tested_below():
    assert set(PLANTED) | {"unjudged"} == set(VERDICTS)


def test_a_result_that_the_finest_oracle_cannot_place_is_unjudged(planned):
    def fails(reference, order):
        raise ArithmeticError("no finer oracle")

    judge = Judge(References(), Records(), HELLO, fails)
    near = LN2 + 16 * 2.0**-53 * (LN2 + 1)
    observation = returned([LN4, near], "float64")
    (check,) = judge.judge([Asked(planned["test/ordinary", "float64", "value"], observation)])
    assert check.verdict == "unjudged"
    assert "no finer oracle" in check.message


def test_a_float64_result_near_the_bound_is_judged_in_arbitrary_precision(judged):
    near = LN2 + 12 * 2.0**-53 * (LN2 + 1)
    assert judged(returned([LN4, near], "float64"), dtype="float64").verdict == "conforms"
    far = LN2 + 20 * 2.0**-53 * (LN2 + 1)
    assert judged(returned([LN4, far], "float64"), dtype="float64").verdict == "diverges"


def test_a_wrong_dtype_is_misshapen(judged):
    check = judged(returned([LN4, LN2], "float64"))
    assert check.verdict == "misshapen"
    assert "float64; float32 is right" in check.message


def test_a_float64_result_that_is_only_float32_accurate_diverges(judged):
    rounded = np.array([LN4, LN2]).astype(np.float32).astype(np.float64)
    assert judged(returned(rounded, "float64"), dtype="float64").verdict == "diverges"


def test_a_gradient_is_judged_by_its_own_name(judged):
    assert judged(returned([-4.0, 2.0], name="probabilities"), order="gradient").verdict == "conforms"
    assert judged(returned([-4.0, -2.0], name="probabilities"), order="gradient").verdict == "diverges"
    assert judged(returned([-4.0, 2.0], name="targets"), order="gradient").verdict == "misshapen"


def test_a_refusal_of_an_invalid_input_conforms(judged):
    assert judged(raised(), "invalid").verdict == "conforms"


@pytest.mark.parametrize(
    ("observation", "choice"), [(returned(np.nan), "nan"), (returned(0.0), "zero"), (raised(), "raises")]
)
def test_where_no_right_value_exists_the_choice_is_shown(judged, observation, choice):
    check = judged(observation, "empty")
    assert (check.verdict, check.choice) == ("conforms", choice)


@pytest.mark.parametrize(
    ("observation", "verdict", "choice"),
    [
        (returned([[LN4, LN2]]), "conforms", "value"),
        (raised(), "conforms", "raises"),
        (returned([[LN4, LN2 * 1.001]]), "diverges", None),
        (returned([LN4]), "misshapen", None),
    ],
)
def test_where_an_answer_may_be_refused_it_is_right_or_refused(judged, observation, verdict, choice):
    check = judged(observation, "column")
    assert (check.verdict, check.choice) == (verdict, choice)


def test_an_outcome_that_the_case_does_not_accept_deviates(judged):
    assert judged(returned(3.0), "empty").verdict == "diverges"
    assert judged(returned(np.inf), "empty").verdict == "unstable"


def test_a_choice_that_depends_on_the_dtype_is_unstable(judged):
    judge = Judge(References(), Records(), HELLO)
    assert judged(returned(np.nan), "empty", judge=judge).verdict == "conforms"
    other = judged(returned(0.0, "float64"), "empty", dtype="float64", judge=judge)
    assert other.verdict == "unstable"
    assert "chose zero here, but nan in float32" in other.message


def record(**more):
    values = {
        "id": "planted/known", "adapters": ("planted",), "implementations": ("capped",), "verdicts": ("diverges",),
        "why": "it does", "upstream": "none found",
    }  # fmt: skip
    return Divergence(**{**values, **more})


WRONG = returned([LN4, LN2 * 1.001])


@pytest.mark.parametrize(
    ("observation", "known", "expectation"),
    [
        (WRONG, {}, "expected"),
        (WRONG, {"versions": "<2"}, "expected"),
        (WRONG, {"versions": ">=2"}, "unexpected"),
        (WRONG, {"verdicts": ("unstable",)}, "changed"),
        (WRONG, {"outcome": "^nan$"}, "changed"),
        (WRONG, {"cases": ("test/other",)}, "unexpected"),
        (PLANTED["conforms"][0], {}, "fixed"),
        (PLANTED["conforms"][0], {"always": False}, "expected"),
        (PLANTED["unsupported"][0], {}, "expected"),
    ],
)
def test_a_record_decides_what_is_expected(judged, observation, known, expectation):
    assert judged(observation, records=[record(**known)]).expectation == expectation
