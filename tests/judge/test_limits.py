"""A value that rounding has led to where none can lie deviates, however near it is."""

import numpy as np
import pytest

from conformance.judge.divergence import Records
from conformance.judge.judging import Asked, Judge
from conformance.judge.verdict import Observation
from conformance.loading import load
from conformance.plan import plan
from conformance.reference import References
from conformance.selection import Selection

CASES = """
about: A vector and itself.
operation: cosine_similarity
cases:
  - id: test/single
    says: Each cosine is 1.
    inputs: {predictions: [[0.0, 2.0, 3.0]], targets: [[0.0, 2.0, 3.0]]}
    each: {reduction: [none, sum]}
    dtypes: [float32]
    orders: [0]
"""
HELLO = {
    "adapter": "planted",
    "device": "cpu",
    "modes": ["eager"],
    "orders": ["value"],
    "flushes_subnormals": [],
    "environment": {"version": "1.0"},
    "implementations": [
        {
            "name": "cosine",
            "operation": "cosine_similarity",
            "inputs": ["predictions", "targets"],
            "keywords": {"reduction": "none"},
            "dtypes": ["float32"],
            "modes": ["eager"],
            "differentiable": True,
            "documented": None,
            "contract": {},
        }
    ],
}


@pytest.fixture
def judged(tmp_path):
    path = tmp_path / "planted.yaml"
    path.write_text(CASES)
    checks = {c.variant.chosen["reduction"]: c for c in plan(HELLO, load([path]).cases, Selection())}

    def judge(value, reduction):
        array = np.asarray(value, np.float32)
        observation = Observation("returned", {"value": (array.astype(np.float64), "float32", "cpu")})
        (check,) = Judge(References(), Records(), HELLO).judge([Asked(checks[reduction], observation)])
        return check

    return judge


def test_a_cosine_above_1_diverges_though_it_is_within_the_bound(judged):
    check = judged([np.nextafter(np.float32(1), np.float32(2))], "none")
    assert (check.verdict, check.agreement.grade) == ("diverges", "A")
    assert check.message == "1.0000001192092896 lies outside [-1, 1], where every value lies"


def test_a_cosine_below_1_by_as_much_conforms(judged):
    assert judged([np.nextafter(np.float32(1), np.float32(0))], "none").verdict == "conforms"


def test_a_sum_of_cosines_has_no_such_limits(judged):
    assert judged(np.nextafter(np.float32(1), np.float32(2)), "sum").verdict == "conforms"
