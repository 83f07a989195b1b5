"""What frameworks document, given as oracle parameters, has the numbers that they publish or return."""

import numpy as np
import pytest

from conformance.oracle import dtypes
from conformance.oracle.operation import OPERATIONS, evaluate

EXTREMES = {"probabilities": [1, 1, 1, 0], "targets": [0, 0, 1, 1]}


def ask(operation, inputs, **parameters):
    arrays = {name: np.asarray(array) for name, array in inputs.items()}
    return evaluate(OPERATIONS[operation], arrays, parameters)


def clip_of(dtype):
    return dtypes.round_to(1e-7, dtype), dtypes.round_to(1 - 1e-7, dtype)


def test_a_single_clip_in_float32_gives_12_000716():
    loss = ask("binary_cross_entropy", EXTREMES, clip=clip_of("float32"), reduction="mean")
    np.testing.assert_allclose(loss.value.value, 12.000716, rtol=2.0**-23)


def test_a_clip_and_a_shift_in_float32_give_11_522857():
    shift = dtypes.round_to(1e-7, "float32")
    loss = ask("binary_cross_entropy", EXTREMES, clip=clip_of("float32"), shift=shift, reduction="mean")
    np.testing.assert_allclose(loss.value.value, 11.522857, rtol=2.0**-23)


def test_a_clip_and_a_shift_in_float64():
    """1 - (1 - 1e-7) is 1.00000000005838672e-07 in float64, so the shift added to it must not lose its digits."""
    loss = ask("binary_cross_entropy", EXTREMES, clip=(1e-7, 1 - 1e-7), shift=1e-7, reduction="mean")
    np.testing.assert_allclose(loss.value.value, 11.56871135293037, rtol=1e-15)
    single = ask("binary_cross_entropy", EXTREMES, clip=(1e-7, 1 - 1e-7), reduction="mean")
    np.testing.assert_allclose(single.value.value, 12.08857176348192, rtol=1e-15)


def test_logarithms_floored_at_minus_100_give_75():
    loss = ask("binary_cross_entropy", EXTREMES, log_floor=-100.0, reduction="mean")
    assert loss.value.value == 75.0


def test_the_floored_backward_is_large_and_zero_where_p_is_y():
    loss = ask("binary_cross_entropy", EXTREMES, log_floor=-100.0, backward_floor=1e-12)
    gradient = loss.gradient(np.ones(4))["probabilities"].value
    np.testing.assert_allclose(gradient, [1e12, 1e12, 0, -1e12], rtol=1e-15)


def test_a_shift_alone_is_slightly_negative_for_a_perfect_prediction():
    loss = ask("binary_cross_entropy", {"probabilities": [1.0], "targets": [1.0]}, shift=1e-7)
    np.testing.assert_allclose(loss.value.value, [-np.log1p(1e-7)], rtol=1e-15)


def test_the_mathematics_is_infinite_there():
    loss = ask("binary_cross_entropy", EXTREMES)
    np.testing.assert_array_equal(loss.value.value, [np.inf, np.inf, 0, np.inf])


@pytest.mark.parametrize(
    ("p", "slope"), [(0.1, [0, 0]), (0.25, [-4, 0]), (0.5, [-2, -2]), (0.75, [-4 / 3, 0]), (0.9, [0, 0])]
)
def test_the_gradient_of_a_clip_is_0_outside_and_anything_between_at_its_bounds(p, slope):
    loss = ask("binary_cross_entropy", {"probabilities": [p, 0.25], "targets": [1.0, 1.0]}, clip=(0.25, 0.75))
    gradient = loss.gradient(np.ones(2))["probabilities"]
    assert [gradient.low[0], gradient.high[0]] == slope


def test_rows_are_divided_by_their_sum():
    loss = ask("categorical_cross_entropy", {"probabilities": [2, 1, 1], "targets": [0, 1, 0]}, normalise=True)
    np.testing.assert_allclose(loss.value.value, 1.3862943611198906, rtol=2.0**-52)


def test_the_gradient_goes_through_the_sum():
    loss = ask("categorical_cross_entropy", {"probabilities": [0.5, 0.3, 0.2], "targets": [1, 0, 0]}, normalise=True)
    np.testing.assert_allclose(loss.gradient(np.ones(()))["probabilities"].value, [-1, 1, 1], rtol=4 * 2.0**-52)


def test_a_clip_before_the_division_differs_from_a_clip_after_it():
    row, clip = {"probabilities": [2, 1, 1], "labels": 1}, clip_of("float32")
    before = ask("sparse_categorical_cross_entropy", row, clip=clip, renormalise=True)
    after = ask("sparse_categorical_cross_entropy", row, clip=clip, normalise=True)
    np.testing.assert_allclose(before.value.value, 1.0986122886681098, rtol=1e-6)
    np.testing.assert_allclose(after.value.value, 1.3862943611198906, rtol=2.0**-52)


def test_a_row_of_zeros_has_no_sum_to_divide_by_and_is_clipped():
    row = {"probabilities": [0.0, 0.0], "targets": [1, 0]}
    loss = ask("categorical_cross_entropy", row, normalise=True, clip=clip_of("float32"))
    np.testing.assert_allclose(loss.value.value, 16.11809565095832, rtol=1e-7)
    np.testing.assert_array_equal(loss.gradient(np.ones(()))["probabilities"].value, [0, 0])


def test_softmax_minus_target_is_no_gradient_where_targets_do_not_sum_to_1():
    row = {"logits": [2, -1, 0.5], "targets": [2, 1, 0]}
    right = ask("softmax_cross_entropy", row).gradient(np.ones(()))["logits"].value
    wrong = ask("softmax_cross_entropy", row, unnormalised_gradient=True).gradient(np.ones(()))["logits"].value
    np.testing.assert_allclose(right, [0.35679110376782763, -0.8826622801879377, 0.52587117642011], rtol=1e-15)
    np.testing.assert_allclose(wrong, [-1.214402965410724, -0.9608874267293126, 0.1752903921400367], rtol=1e-15)


def test_a_threshold_replaces_softplus_by_its_argument():
    loss = ask("softplus", {"x": [20.0, 20.5]}, threshold=20.0)
    assert loss.value.value[1] == 20.5
    assert loss.gradient(np.ones(2))["x"].value[1] == 1.0
    assert loss.value.value[0] == ask("softplus", {"x": [20.0]}).value.value[0]


def test_a_clipped_focal_loss_keeps_its_focal_factor():
    """At x = -100, y = 1 the cross-entropy is capped, and (1 - p)^γ is 1."""
    loss = ask("sigmoid_focal_loss", {"logits": [-100.0], "targets": [1.0]}, clip=clip_of("float32"))
    np.testing.assert_allclose(loss.value.value, [16.118095], rtol=1e-7)
    assert abs(loss.gradient(np.ones(1))["logits"].value) < 1e-40


def test_a_shifted_focal_loss_of_a_confident_wrong_probability():
    shift = dtypes.round_to(1e-7, "float32")
    row = {"probabilities": [0.0], "targets": [1.0]}
    once = ask("binary_focal_cross_entropy", row, clip=clip_of("float32"))
    twice = ask("binary_focal_cross_entropy", row, clip=clip_of("float32"), shift=shift)
    np.testing.assert_allclose(once.value.value, [16.1180957], rtol=1e-7)
    np.testing.assert_allclose(twice.value.value, [15.4249485], rtol=1e-7)


def test_an_unknown_parameter_is_refused():
    with pytest.raises(KeyError, match="no parameter 'epsilon'"):
        ask("binary_cross_entropy", EXTREMES, epsilon=1e-7)
