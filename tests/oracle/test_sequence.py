"""CTC: published probabilities, every path listed, paddings, blanks."""

import itertools
import math

import numpy as np
import pytest

from conformance.oracle.operation import OPERATIONS, evaluate

# Three frames of probabilities of a blank and two symbols.
FRAMES = np.array([[0.6, 0.3, 0.1], [0.2, 0.7, 0.1], [0.5, 0.2, 0.3]])


def ask(logits, labels, **more):
    lengths = {name: np.asarray(more.pop(name)) for name in ("logit_lengths", "label_lengths") if name in more}
    inputs = {"logits": np.asarray(logits), "labels": np.asarray(labels), **lengths}
    return evaluate(OPERATIONS["ctc"], inputs, more)


def spoken(path, blank=0):
    """What a path says: repeated symbols merged, blanks taken out."""
    return [symbol for symbol, _ in itertools.groupby(path) if symbol != blank]


def listed(frames, labels):
    """The loss from every path."""
    paths = itertools.product(range(frames.shape[1]), repeat=len(frames))
    right = (p for p in paths if spoken(p) == labels)
    return -math.log(math.fsum(math.prod(frames[t, s] for t, s in enumerate(path)) for path in right))


@pytest.mark.parametrize(
    ("labels", "loss"), [([1], 0.7031975164134469), ([1, 2], 1.4653375684603438), ([1, 1], 4.422848629194137)]
)
def test_the_loss_is_that_of_all_paths(labels, loss):
    found = ask(np.log(FRAMES)[None], [labels]).value.value
    np.testing.assert_allclose(found, [loss], rtol=4e-16)
    np.testing.assert_allclose(found, [listed(FRAMES, labels)], rtol=1e-15)


def test_the_gradient_is_softmax_less_occupancy():
    logits = np.array([[[0.0, 0.0]]])
    np.testing.assert_array_equal(ask(logits, [[1]]).gradient(np.ones(1))["logits"].value, [[[0.5, -0.5]]])


def test_the_loss_of_a_certain_path_is_a_tiny_remainder():
    found = ask([[[0.0, 17.0], [0.0, 17.0]]], [[1]]).value.value
    # 1 - the probability of two blanks
    blank = 1 / (1 + math.exp(17))
    np.testing.assert_allclose(found, [-math.log1p(-blank * blank)], rtol=1e-15)


def test_repeated_labels_need_a_blank_between_them():
    assert ask(np.zeros((1, 2, 3)), [[1, 1]]).value.value == np.inf
    np.testing.assert_allclose(ask(np.zeros((1, 3, 3)), [[1, 1]]).value.value, [math.log(27)])


def test_nothing_said_is_a_row_of_blanks():
    found = ask(np.log(FRAMES)[None], [[1]], label_lengths=[0]).value.value
    np.testing.assert_allclose(found, [-math.log(0.6 * 0.2 * 0.5)])


def test_what_lies_past_the_lengths_has_no_effect_and_no_slope():
    logits = np.log(FRAMES)[None].copy()
    logits[0, 2] = np.nan
    answer = ask(logits, [[1, 7]], logit_lengths=[2], label_lengths=[1])
    np.testing.assert_allclose(answer.value.value, [listed(FRAMES[:2], [1])])
    np.testing.assert_array_equal(answer.gradient(np.ones(1))["logits"].value[0, 2], np.zeros(3))


def test_any_symbol_may_be_the_blank():
    turned = np.log(FRAMES)[None][..., [1, 2, 0]]
    np.testing.assert_allclose(ask(turned, [[0, 1]], blank=2).value.value, [listed(FRAMES, [1, 2])])


def test_a_loss_without_a_path_may_count_as_zero():
    answer = ask(np.zeros((1, 1, 3)), [[1, 2]], zero_infinity=True)
    assert answer.value.value == 0.0
    np.testing.assert_array_equal(answer.gradient(np.ones(1))["logits"].value, np.zeros((1, 1, 3)))


def test_a_mean_by_labels_divides_each_loss_first():
    logits = np.log(np.stack([FRAMES, FRAMES]))
    found = ask(logits, [[1, 2], [1, 0]], label_lengths=[2, 1], per_label=True, reduction="mean").value.value
    np.testing.assert_allclose(found, (listed(FRAMES, [1, 2]) / 2 + listed(FRAMES, [1])) / 2)


@pytest.mark.parametrize("labels", [[1, 3], [1, -1], [1, 0]])
def test_a_label_must_be_a_symbol_other_than_the_blank(labels):
    with pytest.raises(ValueError, match="labels"):
        ask(np.zeros((1, 3, 3)), [labels])
