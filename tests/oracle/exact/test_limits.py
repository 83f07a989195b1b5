"""Precision rises until the answer is tight; limits are found where they exist and refused where they do not."""

import numpy as np
import pytest
from flint import arb

from conformance.oracle import exact
from conformance.oracle.exact.limits import INFINITY, Missing, _limit

INF, NAN = float("inf"), float("nan")


def evaluate(operation, inputs, wrt=None, cotangent=None, **parameters):
    arrays = {name: np.asarray(given, np.int64 if name == "labels" else np.float64) for name, given in inputs.items()}
    return exact.evaluate(operation, arrays, parameters, wrt=wrt, cotangent=cotangent)


@pytest.mark.parametrize(
    ("x", "right"),
    [(-700.0, 9.85967654375977e-305), (-745.0, 5e-324), (-3e38, 0.0), (3e38, 3e38), (1.7e308, 1.7e308), (-1.7e308, 0)],
)
def test_extreme_logits_end_and_are_right(x, right):
    found = evaluate("softplus", {"x": [x]}, wrt=["x"])
    assert found.value.high.tolist() == [right]
    assert not found.value.undecided.any()
    assert not found.gradients["x"].undecided.any()


def test_a_dominant_class_leaves_a_tiny_loss():
    found = evaluate("log_softmax", {"x": [40.0, 0.0, 0.0]})
    assert found.value.high[0] == -8.496708510583178e-18


def test_a_spread_beyond_the_largest_float():
    found = evaluate("sparse_softmax_cross_entropy", {"logits": [[1e308, -1e308, 0.0]], "labels": [1]})
    assert found.value.high[0] == INF  # 2e308 is no float64
    found = evaluate("sparse_softmax_cross_entropy", {"logits": [[1e308, 0.0, 5.0]], "labels": [1]})
    assert found.value.high[0] == 1e308


@pytest.mark.parametrize("p", [1e-300, 5e-324, 1 - 2.0**-53])
def test_probabilities_next_to_their_ends(p):
    found = evaluate("binary_cross_entropy", {"probabilities": [p, p], "targets": [1.0, 0.0]})
    np.testing.assert_allclose(found.value.high, [-np.log(p), -np.log1p(-p)], rtol=1e-15)


def test_infinite_logits_have_the_limits():
    logits, targets = [INF, -INF, INF, -INF, INF], [1.0, 0.0, 0.0, 1.0, 0.3]
    found = evaluate("binary_cross_entropy_with_logits", {"logits": logits, "targets": targets}, wrt=["logits"])
    assert found.value.high.tolist() == [0, 0, INF, INF, INF]
    assert found.gradients["logits"].high.tolist() == [0, 0, 1, -1, 0.7]


def test_probabilities_of_zero_and_one_have_the_limits():
    inputs = {"probabilities": [0.0, 1.0, 0.0, 1.0, 0.0], "targets": [0.0, 1.0, 1.0, 0.0, 0.5]}
    found = evaluate("binary_cross_entropy", inputs, wrt=["probabilities"])
    assert found.value.high.tolist() == [0, 0, INF, INF, INF]
    assert found.gradients["probabilities"].high.tolist() == [1, -1, -INF, INF, -INF]


def test_a_class_of_no_mass_takes_no_part():
    found = evaluate("softmax_cross_entropy", {"logits": [[-INF, 1.0, 2.0]], "targets": [[0.0, 1.0, 0.0]]}, ["logits"])
    assert found.value.high.tolist() == [1.3132616875182228]
    np.testing.assert_allclose(found.gradients["logits"].high, [[0, -0.7310585786300049, 0.7310585786300049]])


def test_one_infinite_winner_has_a_limit_and_two_have_none():
    one = evaluate("softmax", {"x": [INF, 0.0, 0.0]}, wrt=["x"], cotangent=np.array([1.0, -0.5, 2.0]))
    assert one.value.high.tolist() == [1, 0, 0]
    assert one.gradients["x"].high.tolist() == [0, 0, 0]
    two = evaluate("softmax", {"x": [INF, INF, 0.0]})
    assert two.value.undefined.tolist() == [True, True, False]
    assert evaluate("logsumexp", {"x": [INF, INF, 0.0]}).value.high == INF


def test_a_sum_of_no_mass():
    found = evaluate("logsumexp", {"x": [[-INF, -INF]]}, wrt=["x"])
    assert found.value.high.tolist() == [-INF]
    assert found.gradients["x"].undefined.all()


def test_focal_gradient_of_a_certain_hit_vanishes_for_every_power():
    for gamma in (0.5, 1.0, 2.0):
        inputs = {"probabilities": [1.0], "targets": [1.0]}
        found = evaluate("binary_focal_cross_entropy", inputs, wrt=["probabilities"], gamma=gamma)
        assert found.value.high.tolist() == [0]
        assert found.gradients["probabilities"].high.tolist() == [0]


def test_the_bound_of_a_clip_is_a_kink_for_the_gradient_alone():
    inputs = {"probabilities": [1e-7, 2e-7, 1e-8], "targets": [1.0, 1.0, 1.0]}
    found = evaluate("binary_cross_entropy", inputs, wrt=["probabilities"], clip=(1e-7, 1 - 1e-7))
    gradient = found.gradients["probabilities"]
    assert not found.value.undefined.any()
    assert gradient.undefined.tolist() == [True, False, False]
    assert gradient.high[1:].tolist() == [-5e6, 0]


def test_nan_stays_in_its_row():
    found = evaluate("softmax_cross_entropy", {"logits": [[NAN, 0.0], [0.0, 0.0]], "targets": [[0, 1], [0, 1]]})
    assert np.isnan(found.value.high).tolist() == [True, False]
    assert not found.value.undefined.any()


def test_nan_times_weight_zero_is_nan():
    inputs = {"probabilities": [NAN, 0.5], "targets": [1.0, 1.0], "weights": [0.0, 1.0]}
    assert np.isnan(evaluate("binary_cross_entropy", inputs, reduction="sum").value.high)


def test_what_is_no_class_and_no_probability_has_no_value():
    assert evaluate("sparse_softmax_cross_entropy", {"logits": [[0.0, 1.0]], "labels": [5]}).value.undefined.all()
    assert evaluate("binary_cross_entropy", {"probabilities": [1.5], "targets": [0.5]}).value.undefined.all()


def test_a_divisor_of_zero_has_no_value():
    empty = {"logits": np.zeros((0, 3)), "labels": []}
    assert evaluate("sparse_softmax_cross_entropy", empty, reduction="mean").value.undefined
    ignored = {"logits": [[0.0, 1.0]], "labels": [1]}
    found = evaluate("sparse_softmax_cross_entropy", ignored, ["logits"], reduction="mean", ignore_index=1)
    assert found.value.undefined
    assert found.gradients["logits"].undefined.all()


@pytest.mark.parametrize(
    ("steps", "right"),
    [
        ([3, 3, 3], arb(3)),
        ([1, 2, 4], INFINITY),
        ([-1, -2, -4], -INFINITY),
        ([2**-20, 2**-40, 2**-80], arb(0)),
        ([1, -1, 1], Missing.UNDECIDED),
        ([3, 3.5, 3.9], Missing.UNDECIDED),
    ],
)
def test_a_sequence_converges_vanishes_grows_or_is_undecided(steps, right):
    assert _limit([arb(step) for step in steps]) == right
