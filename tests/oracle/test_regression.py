"""Regression losses: worked values, kinks, infinities and what frameworks document."""

import math

import numpy as np
import pytest

from conformance.oracle import exact, load_all
from conformance.oracle.operation import OPERATIONS, evaluate

load_all()


def asked(operation, predictions, targets, weights=None, **parameters):
    inputs = {"predictions": np.array(predictions, float), "targets": np.array(targets, float)}
    if weights is not None:
        inputs["weights"] = np.array(weights, float)
    return evaluate(OPERATIONS[operation], inputs, parameters)


def value(operation, predictions, targets, weights=None, **parameters):
    return asked(operation, predictions, targets, weights, **parameters).value.value


def gradient(operation, predictions, targets, **parameters):
    found = asked(operation, predictions, targets, **parameters)
    return found.gradient(np.ones(found.value.value.shape))


PAIR = ([[0.6, 0.4], [0.4, 0.6]], [[0.0, 1.0], [0.0, 0.0]])
WHOLE = ([[1.0, 1.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 0.0]])
# As printed in the docstrings of Keras and of tf_keras, and in the tests of Optax, where those print enough digits.
WORKED = [
    ("squared_error", *WHOLE, 0.5),
    ("absolute_error", [1.9, 0.3, 1.8], [1.0, 0.3, 1.0], 0.5666666666666667),
    ("absolute_percentage_error", WHOLE[0], [[2.0, 1.0], [2.0, 3.0]], 50.0),
    ("squared_logarithmic_error", *WHOLE, 0.24022650695910072),
    ("huber", *PAIR, 0.155),
    ("log_cosh", [[1.0, 1.0], [0.0, 0.0]], WHOLE[1], 0.1084452076207568),
]


@pytest.mark.parametrize(("operation", "predictions", "targets", "right"), WORKED)
def test_means_are_those_of_the_textbook_examples(operation, predictions, targets, right):
    assert value(operation, predictions, targets, reduction="mean") == pytest.approx(right, rel=1e-15)


def test_three_divisors_tell_three_means_of_weighted_squares_apart():
    predictions, targets, weights = [[0.5, 0], [1, 1], [0, 2]], [[1, 0], [0, 1], [1, 1]], [[1], [0], [2]]
    found = [
        value("squared_error", predictions, targets, weights, reduction=how)
        for how in ("mean", "weighted_mean", "nonzero_weight_mean")
    ]
    assert found == pytest.approx([4.25 / 6, 4.25 / 6, 4.25 / 4])


def test_a_huber_loss_on_its_boundary_is_half_the_square_of_delta():
    assert value("huber", [2.0, -2.0, 3.0], [0.0, 0.0, 0.0], delta=2.0).tolist() == [2.0, 2.0, 4.0]
    assert gradient("huber", [2.0, -2.0, 3.0], [0.0, 0.0, 0.0], delta=2.0)["predictions"].value.tolist() == [2, -2, 2]


def test_smooth_l1_is_the_huber_loss_over_beta():
    assert value("smooth_l1", [3.0], [0.0], beta=2.0) == 2.0
    assert value("huber", [3.0], [0.0], delta=2.0) == 4.0


def test_smooth_l1_with_a_beta_of_zero_is_the_absolute_error_with_its_kink():
    found = asked("smooth_l1", [1.5, -1.0], [1.5, 1.0], beta=0.0)
    slope = found.gradient(np.ones(2))["predictions"]
    assert found.value.value.tolist() == [0.0, 2.0]
    assert (slope.low.tolist(), slope.high.tolist()) == ([-1.0, -1.0], [1.0, -1.0])


def test_every_slope_between_minus_one_and_one_is_right_where_the_absolute_error_is_zero():
    slopes = gradient("absolute_error", [2.0, 3.0], [2.0, 1.0])
    assert (slopes["predictions"].low.tolist(), slopes["predictions"].high.tolist()) == ([-1, 1], [1, 1])
    assert (slopes["targets"].low.tolist(), slopes["targets"].high.tolist()) == ([-1, -1], [1, -1])


def test_a_difference_that_float32_cannot_see_is_not_lost():
    assert value("squared_error", [1e8 + 1], [1e8]) == 1.0


def test_log_cosh_of_a_tiny_difference_is_half_its_square():
    assert value("log_cosh", [1e-9], [0.0]) == pytest.approx(5e-19, rel=1e-15)
    assert value("log_cosh", [1000.0], [0.0]) == 1000 - math.log(2)


def test_logarithms_of_neighbours_do_not_cancel():
    # ln(1 + 2⁻⁵³) squared: 2⁻¹⁰⁶ to the last digit
    assert value("squared_logarithmic_error", [1 + 2.0**-52], [1.0]) == pytest.approx(2.0**-106, rel=1e-15)


def test_a_floor_makes_numbers_below_it_equal():
    assert np.isnan(value("squared_logarithmic_error", [-2.0], [0.0]))
    assert value("squared_logarithmic_error", [-2.0], [0.0], floor=1e-7) == 0.0
    slope = gradient("squared_logarithmic_error", [-2.0], [1.0], floor=1e-7)["predictions"]
    assert slope.value == 0.0


def test_a_percentage_of_nothing_is_infinite_unless_the_target_is_held_above_zero():
    assert value("absolute_percentage_error", [0.5], [0.0]) == math.inf
    assert value("absolute_percentage_error", [0.5], [0.0], smallest_target=2.0**-20) == 50 * 2.0**20
    assert asked("absolute_percentage_error", [0.0], [0.0]).value.free.all()


def test_an_infinite_target_is_missed_by_a_hundred_percent():
    assert value("absolute_percentage_error", [3.0], [math.inf]) == 100.0


@pytest.mark.parametrize("operation", ["squared_error", "absolute_error", "huber", "smooth_l1", "log_cosh"])
def test_infinite_differences_cost_infinitely_much_and_their_difference_is_nan(operation):
    found = value(operation, [math.inf, 1.0, math.inf], [0.0, -math.inf, math.inf])
    assert found[:2].tolist() == [math.inf, math.inf]
    assert np.isnan(found[2])


def test_the_slope_of_an_infinite_huber_loss_is_delta():
    assert gradient("huber", [math.inf], [0.0], delta=2.0)["predictions"].value == 2.0


def test_pairs_are_counted_once_and_what_they_share_does_not_count():
    # d = 1, 3, 6: squares of the differences 4, 25 and 9
    assert value("mean_pairwise_squared_error", [[1e8 + 1, 1e8 + 3, 1e8 + 6]], [[1e8] * 3]) == pytest.approx([38 / 3])
    slope = gradient("mean_pairwise_squared_error", [[1.0, 3.0]], [[0.0, 0.0]])["predictions"]
    assert slope.value.tolist() == [[-4.0, 4.0]]


def test_a_row_of_one_entry_has_no_pairs():
    assert asked("mean_pairwise_squared_error", [[1.0]], [[2.0]]).value.free.all()


@pytest.mark.parametrize(("operation", "parameters"), [("huber", {"delta": -1.0}), ("smooth_l1", {"beta": -1.0})])
def test_a_negative_boundary_is_refused(operation, parameters):
    with pytest.raises(ValueError, match="must be"):
        value(operation, [1.0], [0.0], **parameters)


@pytest.mark.parametrize("targets", [[1.0, 2.0, 3.0], [[1.0], [2.0]], [[1.0, 2.0]]])
def test_shapes_that_do_not_broadcast_to_the_predictions_are_refused(targets):
    with pytest.raises(ValueError, match="targets have shape"):
        value("squared_error", [1.0, 2.0], targets)


def test_one_target_for_a_row_gathers_the_slopes_of_the_row():
    inputs = {"predictions": np.array([[1.0, 2.0], [4.0, 8.0]]), "targets": np.array([[0.5], [2.0]])}
    found = evaluate(OPERATIONS["squared_error"], inputs, {"reduction": "sum"})
    assert found.value.value == 0.25 + 2.25 + 4 + 36
    slopes = found.gradient(np.ones(()))
    assert slopes["predictions"].value.tolist() == [[1.0, 3.0], [4.0, 12.0]]
    assert slopes["targets"].value.tolist() == [[-4.0], [-16.0]]


def test_one_target_for_everything_keeps_the_kinks_of_what_it_gathers():
    inputs = {"predictions": np.array([1.0, 2.0, 0.5]), "targets": np.array(1.0)}
    slope = evaluate(OPERATIONS["absolute_error"], inputs, {}).gradient(np.ones(3))["targets"]
    assert (slope.value.shape, float(slope.low), float(slope.high)) == ((), -1.0, 1.0)


@pytest.mark.parametrize(
    ("operation", "contract"),
    [
        ("absolute_percentage_error", {"smallest_target": 2.0**-10}),
        ("squared_logarithmic_error", {"floor": 2.0**-10}),
    ],
)
def test_contracts_hold_in_both_definitions(operation, contract):
    inputs = {"predictions": np.array([-0.5, 2.0, 0.0, 3.0]), "targets": np.array([1.0, 2.0**-12, 0.25, -0.75])}
    oracle = evaluate(OPERATIONS[operation], inputs, contract)
    truth = exact.evaluate(operation, inputs, contract, wrt=("predictions", "targets"))
    np.testing.assert_allclose(oracle.value.value, truth.value.high, rtol=1e-15)
    for name, slope in oracle.gradient(np.ones(4)).items():
        np.testing.assert_allclose(slope.value, truth.gradients[name].high, rtol=2e-15)
