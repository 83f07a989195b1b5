"""Overlap losses: worked values, edges and gradients that a reader can check by hand."""

import numpy as np
import pytest

from conformance.oracle import load_all
from conformance.oracle.operation import OPERATIONS, evaluate

load_all()
# one true positive, one false negative, two false positives
PREDICTED, WANTED = [1.0, 0.0, 1.0, 1.0], [1.0, 1.0, 0.0, 0.0]


def loss(operation, inputs, **parameters):
    return evaluate(OPERATIONS[operation], {k: np.array(v) for k, v in inputs.items()}, parameters)


def of(operation, p, t, **parameters):
    return loss(operation, {"probabilities": p, "targets": t}, **parameters).value


def test_alpha_weighs_the_false_positives_and_beta_the_false_negatives():
    exact = of("tversky", PREDICTED, WANTED, alpha=0.3, beta=0.7).value
    assert exact == pytest.approx(1 - 1 / (1 + 0.3 * 2 + 0.7 * 1), rel=1e-15)


def test_tversky_with_halves_is_dice():
    assert of("tversky", PREDICTED, WANTED).value == of("dice", PREDICTED, WANTED).value == 1 - 2 * 1 / (3 + 2)


def test_an_epsilon_stands_in_the_denominator_alone():
    exact = of("dice", [1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0], epsilon=1e-7).value
    assert exact == pytest.approx(1e-7 / (8 + 1e-7), rel=1e-15)


def test_a_smoothing_stands_in_both():
    assert of("dice", [0.0, 0.0], [1.0, 0.0], smooth=1.0).value == pytest.approx(1 - 2 / 3, rel=1e-15)


def test_a_perfect_overlap_costs_nothing_and_no_overlap_everything():
    assert of("dice", [1.0, 0.0], [1.0, 0.0]).value == 0.0
    assert of("dice", [1.0, 0.0], [0.0, 1.0]).value == 1.0


def test_two_empty_masks_have_no_right_value():
    exact = of("dice", [[0.0, 0.0], [1.0, 0.0]], [[0.0, 0.0], [1.0, 0.0]], axes=[1])
    assert exact.free.tolist() == [True, False]


def test_the_axes_choose_what_is_summed():
    p, t = np.full((2, 3, 4), 0.5), np.ones((2, 3, 4))
    assert of("dice", p, t).value.shape == ()
    assert of("dice", p, t, axes=[1]).value.shape == (2, 4)
    assert of("dice", p, t, axes=[-1, -2]).value.tolist() == [pytest.approx(1 / 3)] * 2


def test_an_axis_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="axes"):
        of("dice", [0.5], [1.0], axes=[1])


def test_the_slope_of_the_dice_loss():
    # -2·(t·S - I)/S² with S = Σp + Σt = 3 and I = 1/2
    found = loss("dice", {"probabilities": [0.5, 1.5], "targets": [1.0, 0.0]})
    assert found.gradient(np.ones(()))["probabilities"].value == pytest.approx([-2 * 2.5 / 9, 2 * 0.5 / 9], rel=1e-15)


def test_a_single_class_goes_through_the_sigmoid_and_several_through_the_softmax():
    binary = loss("tversky_with_logits", {"logits": [[[0.0], [0.0]]], "targets": [[[1.0], [0.0]]]}, axes=[1]).value
    assert binary.value.tolist() == [[0.5]]
    several = loss("tversky_with_logits", {"logits": [[[0.0, 0.0]]], "targets": [[[1.0, 0.0]]]}, axes=[1]).value
    assert several.value.tolist() == [[pytest.approx(1 / 3), 1.0]]


def test_a_confident_right_row_keeps_its_tiny_loss():
    inputs = {"logits": [[[100.0, 0.0]]], "targets": [[[1.0, 0.0]]]}
    exact = loss("tversky_with_logits", inputs, axes=[1], smooth=1.0).value.value
    assert exact[0, 0] == pytest.approx(np.exp(-100.0) / 4, rel=1e-14)
