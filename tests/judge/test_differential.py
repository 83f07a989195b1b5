"""Results are held against each other: compiled against eager, a changed case against the case itself."""

import numpy as np
import pytest

from conformance.case import Variant
from conformance.judge.differential import Differential
from conformance.judge.verdict import Observation
from conformance.loading import load
from conformance.plan import PlannedCheck
from conformance.reference import Reference

CASES = """
about: Two logits.
operation: binary_cross_entropy_with_logits
flags: {odd: {why: It is., effect: It is odd.}}
cases:
  - id: test/pair
    says: Two logits.
    flags: [odd]
    inputs: {logits: [0.5, -3.0], targets: [1.0, 0.0]}
    relations: [permute-samples]
"""
ROW = {"name": "loss", "inputs": ["logits", "targets"], "keywords": {}, "contract": {}}


@pytest.fixture
def look(tmp_path):
    path = tmp_path / "cases.yaml"
    path.write_text(CASES)
    (case,) = load([path]).cases
    differential = Differential()

    def answer(values, mode="eager", relation=None, error="", conforms=False):
        variant = Variant(case, {}, relation)
        check = PlannedCheck(variant, "planted", ROW, "float32", mode, "cpu", "value", {})
        truth = Reference(variant, "float32").answers("value")
        if error:
            observation = Observation("raised", {}, error=error)
        else:
            array = truth["value"].value if values is None else np.asarray(values)
            observation = Observation("returned", {"value": (array, "float32", "cpu")})
        return differential.look(check, observation, truth, "float32", conforms=conforms)

    return answer


def test_a_compiled_result_within_both_bounds_is_the_same(look):
    assert look(None) == ("", "")
    assert look([0.47407699, 0.048587352], mode="jit") == ("", "")


def test_two_results_that_are_right_are_not_compared_again(look):
    look(None, conforms=True)
    assert look(None, mode="jit", conforms=True) == ("", "")


def test_a_compiled_result_that_differs_is_said(look):
    look(None)
    assert "in eager mode" in look([0.474, 0.25], mode="jit")[0]


def test_a_compiled_call_that_returns_where_eager_raises_is_said(look):
    look(None, error="ValueError")
    differs, _ = look(None, mode="jit")
    assert differs.endswith("but raises ValueError in eager mode")


def test_a_relation_that_holds_is_silent_and_one_that_breaks_says_how(look):
    look([0.47407698, 0.048587352])
    assert look([0.048587352, 0.47407698], relation="permute-samples") == ("", "")
    _, broken = look([0.47407698, 0.048587352], relation="permute-samples")
    assert "in the case itself" in broken


def test_nothing_is_compared_with_what_was_not_asked(look):
    assert look([7.0, 7.0], mode="jit") == ("", "")
    assert look([7.0, 7.0], relation="permute-samples") == ("", "")


@pytest.mark.parametrize("shape", [(1,), (2, 1), (3, 1, 2)])
def test_an_answer_of_another_shape_than_was_asked_is_related_to_nothing_and_breaks_nothing(look, shape):
    look(np.zeros(shape))
    _, broken = look([0.048587352, 0.47407698], relation="permute-samples")
    assert broken == f"has shape (2,), but {shape} in the case itself"
    assert look(np.zeros(shape), relation="permute-samples") == ("", "")
