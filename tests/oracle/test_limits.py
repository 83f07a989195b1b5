"""Infinite logits, certain probabilities, nan: where a limit exists it is right, where none exists nothing is."""

import numpy as np
import pytest

from conformance.oracle.operation import OPERATIONS, evaluate

INF, NAN = np.inf, np.nan


def ask(operation, inputs, **parameters):
    arrays = {name: np.asarray(array) for name, array in inputs.items()}
    return evaluate(OPERATIONS[operation], arrays, parameters)


def gradient(operation, inputs, cotangent=None, **parameters):
    answer = ask(operation, inputs, **parameters)
    (found,) = answer.gradient(np.ones(answer.value.value.shape) if cotangent is None else cotangent).values()
    return found


def is_free(exact):
    return exact.free is not None and bool(np.all(exact.free))


@pytest.mark.parametrize(
    ("operation", "values", "slopes"),
    [
        ("sigmoid", [0, 1, NAN], [0, 0, NAN]),
        ("log_sigmoid", [-INF, 0, NAN], [1, 0, NAN]),
        ("softplus", [0, INF, NAN], [0, 1, NAN]),
    ],
)
def test_activations_at_the_ends(operation, values, slopes):
    ends = {"x": [-INF, INF, NAN]}
    np.testing.assert_array_equal(ask(operation, ends).value.value, values)
    np.testing.assert_array_equal(gradient(operation, ends).value, slopes)


@pytest.mark.parametrize(
    ("row", "softmax", "log_softmax", "logsumexp"),
    [
        ([1, INF, 0], [0, 1, 0], [-INF, 0, -INF], INF),
        ([0, -INF, 0], [0.5, 0, 0.5], [-np.log(2), -INF, -np.log(2)], np.log(2)),
        ([1e308, -1e308], [1, 0], [0, -INF], 1e308),
        ([-INF], [1], [0], -INF),
        ([INF], [1], [0], INF),
        ([1, NAN], [NAN, NAN], [NAN, NAN], NAN),
    ],
)
def test_a_row_with_an_end_has_the_limit(row, softmax, log_softmax, logsumexp):
    for operation, right in (("softmax", softmax), ("log_softmax", log_softmax), ("logsumexp", logsumexp)):
        exact = ask(operation, {"x": row}).value
        np.testing.assert_array_equal(exact.value, right)
        assert exact.free is None


def test_two_infinite_logits_have_no_softmax():
    row = {"x": [0.0, INF, INF]}
    np.testing.assert_array_equal(ask("softmax", row).value.free, [False, True, True])
    np.testing.assert_array_equal(ask("log_softmax", row).value.free, [False, True, True])
    assert ask("logsumexp", row).value.value == INF


def test_any_share_is_a_right_slope_of_the_logsumexp_of_two_infinite_logits():
    found = gradient("logsumexp", {"x": [0.0, INF, INF]})
    np.testing.assert_array_equal(found.low, [0.0, 0.0, 0.0])
    np.testing.assert_array_equal(found.high, [0.0, 1.0, 1.0])


def test_a_row_of_minus_infinity_has_no_softmax_but_a_logsumexp():
    row = {"x": [-INF, -INF]}
    assert is_free(ask("softmax", row).value)
    assert ask("logsumexp", row).value.value == -INF
    slope = gradient("logsumexp", row)
    # Every point of the simplex is a subgradient: 0 and ½ are right, nan is not.
    assert (slope.low.tolist(), slope.high.tolist()) == ([0, 0], [1, 1])
    assert not is_free(slope)


def test_logsumexp_of_nothing_is_minus_infinity():
    np.testing.assert_array_equal(ask("logsumexp", {"x": np.zeros((2, 0))}).value.value, [-INF, -INF])


def test_binary_logits_at_the_ends():
    ends = {"logits": [-INF, INF, INF, -INF], "targets": [0, 1, 0, 1]}
    np.testing.assert_array_equal(ask("binary_cross_entropy_with_logits", ends).value.value, [0, 0, INF, INF])
    np.testing.assert_array_equal(gradient("binary_cross_entropy_with_logits", ends).value, [0, 0, 1, -1])


def test_soft_binary_targets_at_the_ends():
    ends = {"logits": [INF, -INF], "targets": [0.25, 0.25]}
    np.testing.assert_array_equal(ask("binary_cross_entropy_with_logits", ends).value.value, [INF, INF])
    np.testing.assert_array_equal(gradient("binary_cross_entropy_with_logits", ends).value, [0.75, -0.25])


def test_huge_logits_do_not_overflow():
    huge = {"logits": [3e38, -3e38, 3e38], "targets": [1, 0, 0]}
    np.testing.assert_array_equal(ask("binary_cross_entropy_with_logits", huge).value.value, [0, 0, 3e38])


def test_a_switched_off_positive_term_is_gone():
    off = {"logits": [-INF], "targets": [1.0]}
    assert ask("binary_cross_entropy_with_logits", off, pos_weight=0.0).value.value == 0


def test_certain_probabilities():
    certain = {"probabilities": [0, 1, 0, 1, 0], "targets": [0, 1, 1, 0, 0.5]}
    np.testing.assert_array_equal(ask("binary_cross_entropy", certain).value.value, [0, 0, INF, INF, INF])
    np.testing.assert_array_equal(gradient("binary_cross_entropy", certain).value, [1, -1, -INF, INF, -INF])


def test_a_zero_loss_is_a_positive_zero():
    for operation, inputs in (
        ("binary_cross_entropy", {"probabilities": [1.0, 0.0], "targets": [1.0, 0.0]}),
        ("categorical_cross_entropy", {"probabilities": [[0.0, 1.0]], "targets": [[0.0, 1.0]]}),
        ("sparse_categorical_cross_entropy", {"probabilities": [[0.0, 1.0]], "labels": [1]}),
        ("sparse_softmax_cross_entropy", {"logits": [[7.0]], "labels": [0]}),
    ):
        assert not np.signbit(ask(operation, inputs).value.value).any()


def test_a_class_without_target_may_have_no_probability():
    row = {"probabilities": [0.0, 1.0], "targets": [0.0, 1.0]}
    assert ask("categorical_cross_entropy", row).value.value == 0
    np.testing.assert_array_equal(gradient("categorical_cross_entropy", row).value, [0, -1])


def test_a_class_with_target_may_not():
    row = {"probabilities": [0.0, 1.0], "targets": [0.5, 0.5]}
    assert ask("categorical_cross_entropy", row).value.value == INF
    np.testing.assert_array_equal(gradient("categorical_cross_entropy", row).value, [-INF, -0.5])


def test_an_impossible_class_without_target_costs_nothing():
    row = {"logits": [-INF, 0.0, 0.0], "targets": [0.0, 1.0, 0.0]}
    np.testing.assert_allclose(ask("softmax_cross_entropy", row).value.value, np.log(2), rtol=2e-16)
    np.testing.assert_array_equal(gradient("softmax_cross_entropy", row).value, [0, -0.5, 0.5])


def test_an_impossible_label_is_infinitely_surprising():
    row = {"logits": [-INF, 0.0, 0.0], "labels": 0}
    assert ask("sparse_softmax_cross_entropy", row).value.value == INF
    np.testing.assert_array_equal(gradient("sparse_softmax_cross_entropy", row).value, [-1, 0.5, 0.5])


def test_a_row_without_targets_costs_nothing():
    row = {"logits": [3.0, -1.0], "targets": [0.0, 0.0]}
    assert ask("softmax_cross_entropy", row).value.value == 0
    np.testing.assert_array_equal(gradient("softmax_cross_entropy", row).value, [0, 0])


def test_the_label_alone_at_infinity_is_certain():
    row = {"logits": [0.0, INF], "labels": 1}
    assert ask("sparse_softmax_cross_entropy", row).value.value == 0
    np.testing.assert_array_equal(gradient("sparse_softmax_cross_entropy", row).value, [0, 0])


def test_another_class_at_infinity_makes_the_label_impossible():
    row = {"logits": [0.0, INF], "labels": 0}
    assert ask("sparse_softmax_cross_entropy", row).value.value == INF
    np.testing.assert_array_equal(gradient("sparse_softmax_cross_entropy", row).value, [-1, 1])


def test_the_label_and_another_class_at_infinity_have_no_right_value():
    assert is_free(ask("sparse_softmax_cross_entropy", {"logits": [INF, INF, 0], "labels": 0}).value)
    assert is_free(ask("sparse_softmax_cross_entropy", {"logits": [-INF, -INF], "labels": 0}).value)


def test_a_label_below_two_infinite_classes_is_still_impossible():
    exact = ask("sparse_softmax_cross_entropy", {"logits": [INF, INF, 0], "labels": 2}).value
    assert exact.value == INF
    assert exact.free is None


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0, 3.5])
def test_focal_losses_at_the_ends(gamma):
    ends = {"logits": [INF, -INF, INF, -INF], "targets": [1, 0, 0, 1]}
    np.testing.assert_array_equal(ask("sigmoid_focal_loss", ends, gamma=gamma).value.value, [0, 0, INF, INF])
    np.testing.assert_array_equal(gradient("sigmoid_focal_loss", ends, gamma=gamma).value, [0, 0, 1, -1])
    rows = {"logits": [[INF, 0], [0, INF]], "labels": [0, 0]}
    np.testing.assert_array_equal(ask("softmax_focal_loss", rows, gamma=gamma).value.value, [0, INF])
    np.testing.assert_array_equal(gradient("softmax_focal_loss", rows, gamma=gamma).value, [[0, 0], [-1, 1]])


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0, 3.5])
def test_focal_losses_of_certain_probabilities(gamma):
    certain = {"probabilities": [1, 0, 0, 1], "targets": [1, 0, 1, 0]}
    slope = 1 if gamma == 0 else 0
    np.testing.assert_array_equal(ask("binary_focal_cross_entropy", certain, gamma=gamma).value.value, [0, 0, INF, INF])
    found = gradient("binary_focal_cross_entropy", certain, gamma=gamma).value
    np.testing.assert_array_equal(found, [-slope, slope, -INF, INF])


def test_a_focal_loss_keeps_its_tiny_values():
    """1 - p_t is σ(-40), not 1 - 1."""
    tiny = ask("sigmoid_focal_loss", {"logits": [40.0], "targets": [1.0]}).value.value
    np.testing.assert_allclose(tiny, np.exp(-120.0), rtol=1e-14)


@pytest.mark.parametrize(
    ("operation", "inputs"),
    [
        ("binary_cross_entropy", {"probabilities": [NAN], "targets": [0.0]}),
        ("binary_cross_entropy", {"probabilities": [0.5], "targets": [NAN]}),
        ("binary_cross_entropy_with_logits", {"logits": [NAN], "targets": [1.0]}),
        ("categorical_cross_entropy", {"probabilities": [[NAN, 0.5]], "targets": [[0.0, 1.0]]}),
        ("softmax_cross_entropy", {"logits": [[NAN, 0.5]], "targets": [[0.0, 1.0]]}),
        ("softmax_cross_entropy", {"logits": [[NAN, 0.5]], "targets": [[0.0, 0.0]]}),
        ("sparse_softmax_cross_entropy", {"logits": [[NAN, 0.5]], "labels": [1]}),
        ("sigmoid_focal_loss", {"logits": [NAN], "targets": [1.0]}),
        ("softmax_focal_loss", {"logits": [[NAN, 0.5]], "labels": [1]}),
        ("binary_focal_cross_entropy", {"probabilities": [NAN], "targets": [1.0]}),
        ("categorical_focal_cross_entropy", {"probabilities": [[NAN, 0.5]], "targets": [[0.0, 1.0]]}),
    ],
)
def test_nan_propagates_and_is_right(operation, inputs):
    exact = ask(operation, inputs).value
    assert np.isnan(exact.value).all()
    assert exact.free is None


def test_a_decision_about_nan_is_a_convention():
    assert is_free(ask("binary_accuracy", {"probabilities": [NAN], "targets": [0.0]}).value)
    assert is_free(ask("categorical_accuracy", {"probabilities": [[NAN, 0.5]], "targets": [[0.0, 1.0]]}).value)
    rows = {"probabilities": [[NAN, 0.5], [0.1, 0.9]], "labels": [1, 1]}
    np.testing.assert_array_equal(ask("sparse_categorical_accuracy", rows).value.free, [True, False])


def test_nan_propagates_through_a_weight_of_zero():
    inputs = {"logits": [NAN, 0.0], "targets": [1.0, 1.0], "weights": [0.0, 1.0]}
    assert np.isnan(ask("binary_cross_entropy_with_logits", inputs, reduction="sum").value.value)


def test_bounds_are_never_nan():
    for operation, inputs in (
        ("softplus", {"x": [-INF, INF, NAN, 1e308]}),
        ("softmax", {"x": [INF, INF, 1.0]}),
        ("binary_cross_entropy_with_logits", {"logits": [INF, NAN, 1e308], "targets": [0.5, 1, 1]}),
        ("softmax_cross_entropy", {"logits": [1e308, -1e308], "targets": [0.0, 1.0]}),
        ("sigmoid_focal_loss", {"logits": [INF, NAN, 1e308], "targets": [0.5, 1, 0]}),
        ("categorical_focal_cross_entropy", {"probabilities": [[0.0, 1.0]], "targets": [[1.0, 0.0]]}),
    ):
        answer = ask(operation, inputs)
        found = [answer.value, *answer.gradient(np.ones(answer.value.value.shape)).values()]
        assert all(np.isfinite(e.scale).all() and np.isfinite(e.condition).all() for e in found)
