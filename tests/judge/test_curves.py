"""Error along an input: grids are recognised, and of each piece of the range the worst element is kept."""

import numpy as np
import pytest

from conformance.judge.compare import Question, compare
from conformance.judge.curves import PIECES, curve, output_of, traced
from conformance.loading import load, load_cases
from conformance.oracle.operation import Exact
from conformance.plan import plan
from conformance.selection import Selection

CASES = """
about: Grids and others.
operation: softplus
cases:
  - {id: a/sharp, says: Another β., inputs: {x: {linspace: [-1, 1, 100]}}, parameters: {beta: 2.0}}
  - {id: a/few, says: Few., inputs: {x: {linspace: [-1, 1, 9]}}}
  - {id: a/grid, says: Plain., inputs: {x: {linspace: [-1, 1, 100]}}, dtypes: [float32]}
  - {id: a/grid-again, says: A second., inputs: {x: {linspace: [-2, 2, 100]}}}
  - {id: a/powers, says: Powers., inputs: {x: {logspace: [-30, 0, 100], mirrored: true}}}
  - {id: a/random, says: Random., inputs: {x: {normal: {mean: 0, std: 1}, shape: [100], seed: 1}}}
"""
HELLO = {
    "adapter": "planted", "device": "cpu", "modes": ["eager", "loud"], "orders": ["value", "gradient"],
    "implementations": [
        {"name": "f", "operation": "softplus", "inputs": ["x"], "keywords": {}, "dtypes": ["float32"],
         "modes": ["eager", "loud"], "differentiable": True, "documented": None, "contract": {}}
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    path = tmp_path_factory.mktemp("cases") / "grids.yaml"
    path.write_text(CASES)
    return load_cases([path])


@pytest.fixture(scope="module")
def checks(cases):
    return {(c.variant.id, c.mode, c.order): c for c in plan(HELLO, cases, Selection(modes=("all",)))}


def test_of_each_operation_the_first_plain_grid_of_either_kind_is_traced(cases):
    assert traced(cases) == {"a/grid": "x", "a/powers": "x"}


def test_the_shipped_cases_give_a_grid_to_every_elementwise_activation():
    found = traced(load().cases)
    assert found["bce-logits/grid[reduction=none,pos_weight=null]"] == "logits"
    assert found["gelu/grid"] == "x"
    assert len(found) > 80
    assert not any("reduction=mean" in variant or "~" in variant for variant in found)


def test_a_value_and_a_gradient_are_traced_in_eager_mode_alone(checks):
    assert output_of(checks["a/grid", "eager", "value"], "x") == "value"
    assert output_of(checks["a/grid", "eager", "gradient"], "x") == "x"
    assert output_of(checks["a/grid", "loud", "value"], "x") is None
    assert output_of(checks["a/grid", "eager", "value"], None) is None


def traced_distance(errors):
    exact = Exact(np.ones(errors.size), np.ones(errors.size), np.ones(errors.size))
    return compare([Question(1 + errors, exact, "float32", "A", traced=True)])[0]


def test_a_planted_error_stands_at_its_input_and_in_its_size(checks):
    """x is not sorted, and has two elements in each of the pieces; one element is 8 ULP off, one has no value."""
    x = np.arange(2.0 * PIECES)[::-1]
    errors = np.zeros(x.size)
    errors[x == 41] = 8 * 2.0**-23
    errors[x == 4] = np.nan
    found = curve(checks["a/grid", "eager", "value"], "x", "value", x, traced_distance(errors))
    assert len(found.x) == PIECES
    assert list(found.x) == sorted(found.x)
    assert found.ulp[found.x.index(41)] == 8.0
    assert found.ulp[found.x.index(4)] == np.inf
    assert sum(ulp > 0 for ulp in found.ulp) == 2
    assert (found.check, found.call) == ("a/grid:planted/f:float32:eager:cpu:value", "planted/f")


def test_an_output_of_another_size_has_no_curve(checks):
    assert curve(checks["a/grid", "eager", "value"], "x", "value", np.zeros(3), traced_distance(np.zeros(9))) is None
