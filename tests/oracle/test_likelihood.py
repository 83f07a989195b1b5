"""Divergences and likelihoods: worked values, edges and gradients that a reader can check by hand."""

import math

import numpy as np
import pytest

from conformance.oracle import load_all
from conformance.oracle.operation import OPERATIONS, evaluate

load_all()


def value(operation, inputs, **parameters):
    return evaluate(OPERATIONS[operation], {k: np.array(v) for k, v in inputs.items()}, parameters).value


def gradient(operation, inputs, **parameters):
    found = evaluate(OPERATIONS[operation], {k: np.array(v) for k, v in inputs.items()}, parameters)
    return found.gradient(np.ones(found.value.value.shape))


def test_the_divergence_of_a_coin_from_another():
    exact = value("kl_divergence", {"probabilities": [[0.25, 0.75]], "targets": [[0.5, 0.5]]})
    assert exact.value.tolist() == [pytest.approx(0.14384103622589045, rel=1e-15)]


def test_a_class_without_target_adds_nothing():
    exact = value("kl_divergence", {"probabilities": [[0.25, 0.75]], "targets": [[0.0, 1.0]]})
    assert exact.value.tolist() == [pytest.approx(0.2876820724517809, rel=1e-15)]


def test_a_class_that_neither_has_adds_nothing():
    assert value("kl_divergence", {"probabilities": [[0.0, 1.0]], "targets": [[0.0, 1.0]]}).value.tolist() == [0.0]


def test_an_impossible_class_costs_infinitely_much():
    inputs = {"probabilities": [[0.0, 1.0]], "targets": [[0.5, 0.5]]}
    assert value("kl_divergence", inputs).value.tolist() == [np.inf]


def test_the_divergence_next_to_the_target_is_second_order():
    step = 2.0**-40
    inputs = {"probabilities": [[0.5 + step, 0.5 - step]], "targets": [[0.5, 0.5]]}
    assert value("kl_divergence", inputs).value[0] == pytest.approx(2 * step**2, rel=1e-14)


def test_both_arguments_may_be_clipped():
    inputs = {"probabilities": [[0.0, 1.0]], "targets": [[0.5, 0.5]]}
    clipped = value("kl_divergence", inputs, clip=(1e-7, 1.0)).value
    assert clipped.tolist() == [pytest.approx(7.365900639, rel=1e-9)]


@pytest.mark.parametrize("operation", ["kl_divergence", "kl_divergence_with_log_probabilities"])
def test_the_slope_at_a_target_of_zero_is_any_number_down_to_minus_infinity_and_no_nan(operation):
    prediction = "probabilities" if operation == "kl_divergence" else "log_probabilities"
    by_target = gradient(operation, {prediction: [[0.25, 0.75]], "targets": [[0.0, 1.0]]})["targets"]
    assert by_target.value[0, 0] == -np.inf
    assert by_target.low[0, 0] == -np.inf
    assert by_target.high[0, 0] > 0


def test_log_probabilities_and_probabilities_agree():
    t, q = [[0.2, 0.3, 0.5]], [[0.5, 0.25, 0.25]]
    plain = value("kl_divergence", {"probabilities": q, "targets": t}).value
    by_logs = value("kl_divergence_with_log_probabilities", {"log_probabilities": np.log(q), "targets": t}).value
    both = {"log_probabilities": np.log(q), "log_targets": np.log(t)}
    assert by_logs == pytest.approx(plain, rel=1e-14)
    assert value("kl_divergence_with_log_targets", both).value == pytest.approx(plain, rel=1e-14)


def test_a_masked_class_adds_nothing_in_logarithms():
    inputs = {"log_probabilities": [[-np.inf, 0.0]], "log_targets": [[-np.inf, 0.0]]}
    assert value("kl_divergence_with_log_targets", inputs).value.tolist() == [0.0]
    slopes = gradient("kl_divergence_with_log_targets", inputs)
    assert slopes["log_targets"].value.tolist() == [[0.0, 1.0]]
    assert slopes["log_probabilities"].value.tolist() == [[0.0, -1.0]]


def test_the_generalised_divergence_counts_the_masses():
    inputs = {"log_probabilities": [[0.0, 0.0]], "targets": [[0.0, 0.0]]}
    assert value("generalized_kl_divergence", inputs).value.tolist() == [2.0]


def test_disjoint_rows_have_the_largest_jensen_shannon_divergence():
    inputs = {"probabilities": [[0.0, 1.0]], "targets": [[1.0, 0.0]]}
    assert value("jensen_shannon", inputs).value.tolist() == [math.log(2)]


def test_the_jensen_shannon_slope_of_equal_rows_is_zero():
    inputs = {"probabilities": [[0.25, 0.75]], "targets": [[0.25, 0.75]]}
    assert gradient("jensen_shannon", inputs)["probabilities"].value.tolist() == [[0.0, 0.0]]


def test_an_impossible_count_costs_infinitely_much_unless_a_shift_is_documented():
    inputs = {"rates": [0.0, 0.0], "targets": [2.0, 0.0]}
    assert value("poisson_nll", inputs).value.tolist() == [np.inf, 0.0]
    assert value("poisson_nll", inputs, shift=1e-8).value.tolist() == [pytest.approx(36.8413615, rel=1e-8), 0.0]


def test_stirling_begins_above_a_count_of_one():
    inputs = {"rates": [1.0, 1.0], "targets": [1.0, 2.0]}
    plain, full = value("poisson_nll", inputs).value, value("poisson_nll", inputs, full=True).value
    assert (full - plain).tolist() == [0.0, pytest.approx(2 * math.log(2) - 2 + 0.5 * math.log(4 * math.pi))]


def test_the_poisson_slope_by_the_log_rate_is_rate_minus_count():
    slopes = gradient("poisson_nll_with_log_rate", {"log_rates": [0.0], "targets": [3.0]})
    assert slopes["log_rates"].value.tolist() == [-2.0]


def test_a_variance_that_is_floored_keeps_the_slope_at_the_floor():
    inputs = {"predictions": [1.0], "targets": [0.0], "variances": [1e-9]}
    slopes = gradient("gaussian_nll", inputs, floor=1e-6)
    assert slopes["variances"].value[0] == pytest.approx(-5e11, rel=1e-5)


def test_a_variance_of_zero_is_infinitely_right_or_wrong():
    inputs = {"predictions": [1.0, 1.0], "targets": [1.0, 0.0], "variances": [0.0, 0.0]}
    assert value("gaussian_nll", inputs).value.tolist() == [-np.inf, np.inf]


def test_the_slope_by_a_shared_variance_is_the_sum_over_its_row():
    inputs = {"predictions": [[1.0, 3.0]], "targets": [[0.0, 0.0]], "variances": [[2.0]]}
    # Σ (1/v - (d/v)²)/2
    assert gradient("gaussian_nll", inputs)["variances"].value.tolist() == [[(1 - 0.25 - 2.25) / 2]]


def test_given_log_probabilities_are_taken_as_they_are():
    inputs = {"log_probabilities": [[0.5, 2.0], [1.0, -3.0]], "labels": [1, 1], "class_weights": [1.0, 2.0]}
    assert value("nll", inputs).value.tolist() == [-4.0, 6.0]
    assert value("nll", inputs, reduction="weighted_mean").value.tolist() == 0.5


@pytest.mark.parametrize(("epsilon", "published"), [(2.0, 4.5317), (1.0, 3.7153), (-1.0, 2.0827), (0.0, 2.8990)])
def test_the_poly_loss_of_its_published_example(epsilon, published):
    inputs = {"logits": [0.14, 1.456, 2.356, -0.124, -2.47], "targets": [0.1, 0.15, 0.2, 0.25, 0.3]}
    assert value("poly_cross_entropy", inputs, epsilon=epsilon).value == pytest.approx(published, abs=5e-5)


def test_the_poly_loss_with_epsilon_minus_one_is_second_order_for_a_confident_row():
    exact = value("poly_cross_entropy", {"logits": [[20.0, 0.0]], "targets": [[1.0, 0.0]]}, epsilon=-1.0).value
    miss = 1 / (1 + math.exp(20.0))
    assert exact.tolist() == [pytest.approx(miss**2 / 2, rel=1e-8)]
