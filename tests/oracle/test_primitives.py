"""Further primitives: worked values, the ends of their domains, masks, ties."""

import math

import numpy as np
import pytest

from conformance.oracle.operation import OPERATIONS, evaluate

INF, NAN = np.inf, np.nan


def ask(operation, inputs, **parameters):
    arrays = {name: np.asarray(array) for name, array in inputs.items()}
    return evaluate(OPERATIONS[operation], arrays, parameters)


def value(operation, inputs, **parameters):
    return ask(operation, inputs, **parameters).value.value


def gradients(operation, inputs, **parameters):
    answer = ask(operation, inputs, **parameters)
    return answer.gradient(np.ones(answer.value.value.shape))


@pytest.mark.parametrize(
    ("operation", "x", "other", "right"),
    [
        ("xlogy", [2.0, 0.0, 0.0, 1.0, -1.0], [math.e, 0.0, INF, 0.0, 0.0], [2.0, 0.0, 0.0, -INF, INF]),
        ("xlog1py", [1.0, 0.0, 2.0], [1e-20, -1.0, 0.0], [1e-20, 0.0, 0.0]),
        ("rel_entr", [0.5, 0.0, 1.0], [0.25, 0.0, 0.0], [0.5 * math.log(2), 0.0, INF]),
        ("kl_div", [1.0, 0.0, 1.0], [1.0, 0.75, 1 + 2.0**-40], [0.0, 0.75, 2.0**-81 - 2.0**-120 / 3]),
        ("logaddexp", [0.0, -INF, -INF, 1000.0], [0.0, 3.0, -INF, 0.0], [math.log(2), 3.0, -INF, 1000.0]),
    ],
)
def test_functions_of_two_numbers_at_worked_points(operation, x, other, right):
    np.testing.assert_allclose(value(operation, {"x": x, "other": other}), right, rtol=4e-16)


def test_a_factor_of_zero_still_has_the_logarithm_as_its_slope():
    found = gradients("xlogy", {"x": [0.0, 0.0], "other": [0.0, 2.0]})
    np.testing.assert_array_equal(found["x"].value, [-INF, math.log(2)])
    np.testing.assert_array_equal(found["other"].value, [0.0, 0.0])


def test_a_documented_zero_wins_over_nan():
    pair = {"x": [0.0], "other": [NAN]}
    assert np.isnan(value("xlogy", pair)).all()
    assert value("xlogy", pair, zero_wins=True) == 0.0


def test_the_entropy_term_of_certainty_is_zero():
    np.testing.assert_array_equal(value("entr", {"x": [0.0, 1.0, 0.5]}), [0.0, 0.0, 0.5 * math.log(2)])


def test_log_odds_of_one_half_are_zero_and_of_certainty_infinite():
    np.testing.assert_allclose(value("logit", {"p": [0.0, 0.25, 0.5, 1.0]}), [-INF, -math.log(3), 0.0, INF])


def test_every_slope_of_the_simplex_is_right_where_there_is_no_mass():
    (found,) = gradients("logsumexp", {"x": [[-INF, -INF], [0.0, 0.0]]}).values()
    np.testing.assert_array_equal(found.low, [[0.0, 0.0], [0.5, 0.5]])
    np.testing.assert_array_equal(found.high, [[1.0, 1.0], [0.5, 0.5]])


def test_a_softmax_over_two_axes_sums_to_one_over_both():
    block = np.arange(12.0).reshape(2, 3, 2)
    np.testing.assert_allclose(value("softmax", {"x": block}, axis=(0, 2)).sum(axis=(0, 2)), np.ones(3))
    np.testing.assert_array_equal(
        value("softmax", {"x": block}, axis=(2, 0)), value("softmax", {"x": block}, axis=(-3, -1))
    )


def test_a_masked_entry_takes_no_share_and_no_slope_whatever_it_holds():
    row = {"x": [[1.0, 1.0, NAN]], "mask": [[1, 1, 0]]}
    np.testing.assert_array_equal(value("masked_softmax", row), [[0.5, 0.5, 0.0]])
    np.testing.assert_array_equal(value("masked_log_softmax", row)[0, 2], -INF)
    answer = ask("masked_softmax", row).gradient(np.array([[1.0, 0.0, 5.0]]))
    np.testing.assert_array_equal(answer["x"].value, [[0.25, -0.25, 0.0]])


def test_a_row_without_entries_has_no_softmax_and_the_logarithm_of_zero():
    row = {"x": [[1.0, 2.0]], "mask": [[0, 0]]}
    assert ask("masked_softmax", row).value.free.all()
    assert value("masked_logsumexp", row) == -INF
    np.testing.assert_array_equal(gradients("masked_logsumexp", row)["x"].value, [[0.0, 0.0]])


def test_a_mask_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="shape"):
        ask("masked_softmax", {"x": [[1.0, 2.0]], "mask": [1, 0]})


def test_running_sums_start_with_the_first_number():
    np.testing.assert_allclose(
        value("log_cumsum_exp", {"x": [0.0, 0.0, math.log(2)]}), [0.0, math.log(2), math.log(4)], rtol=4e-16
    )


def test_the_first_of_equal_numbers_is_the_largest():
    np.testing.assert_array_equal(value("argmax", {"x": [[1.0, 1.0], [-0.0, 0.0]]}), [0, 0])
    np.testing.assert_array_equal(value("top_k_indices", {"x": [0.0, 2.0, 2.0, 1.0]}, k=3), [1, 2, 3])
    np.testing.assert_array_equal(value("top_k_values", {"x": [0.0, 2.0, 2.0, 1.0]}, k=3), [2.0, 2.0, 1.0])


def test_a_subnormal_number_is_larger_than_zero():
    assert value("argmax", {"x": [-1.0, -0.0, 2.0**-149]}) == 2


def test_a_nan_is_the_maximum_of_its_row():
    np.testing.assert_array_equal(value("reduce_max", {"x": [[7.0, NAN, 11.0], [1.0, 2.0, 0.0]]}), [NAN, 2.0])


def test_equal_maxima_may_share_the_slope_in_any_way():
    (found,) = gradients("reduce_max", {"x": [1.0, 3.0, 3.0]}).values()
    np.testing.assert_array_equal(found.low, [0.0, 0.0, 0.0])
    np.testing.assert_array_equal(found.high, [0.0, 1.0, 1.0])


def test_more_than_there_are_cannot_be_had():
    with pytest.raises(ValueError, match="4"):
        ask("top_k_values", {"x": [1.0, 2.0, 3.0]}, k=4)
