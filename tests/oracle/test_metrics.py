"""Metrics: worked and published numbers, and the conventions at ties, thresholds and ratios of nothing."""

import math

import numpy as np
import pytest

from conformance.oracle.curves import bucket
from conformance.oracle.operation import OPERATIONS, evaluate


def judged(operation, inputs, **parameters):
    arrays = {name: np.asarray(array) for name, array in inputs.items()}
    return evaluate(OPERATIONS[operation], arrays, parameters).value


def value(operation, inputs, **parameters):
    return judged(operation, inputs, **parameters).value


DECISIONS = {"probabilities": [1.0, 0.0, 1.0, 1.0], "targets": [0.0, 1.0, 1.0, 1.0]}
LABELS = {
    "probabilities": [[0.2, 0.6, 0.7], [0.2, 0.6, 0.6], [0.6, 0.8, 0.0]],
    "targets": [[1.0, 1.0, 1.0], [1.0, 0.0, 0.0], [1.0, 1.0, 0.0]],
}
RANKED = {"probabilities": [0.0, 0.5, 0.3, 0.9], "targets": [0.0, 0.0, 1.0, 1.0]}
ONE_HOT = {"probabilities": [[0.75, 0.25, 0.0], [0.25, 0.75, 0.0]], "targets": [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]}

EXAMPLES = {
    "accuracy of labels": (
        "accuracy",
        {"predictions": [0, 2, 3, 4], "labels": [1, 2, 3, 4]},
        {"reduction": "mean"},
        0.75,
    ),
    "precision, as Keras prints it": ("precision", DECISIONS, {}, 2 / 3),
    "precision of the one sample that weighs": ("precision", {**DECISIONS, "weights": [0.0, 0.0, 1.0, 0.0]}, {}, 1.0),
    "recall, as Keras prints it": ("recall", DECISIONS, {}, 2 / 3),
    "F1, as Keras prints it": ("f_beta", LABELS, {"average": "none"}, [0.5, 0.8, 2 / 3]),
    "F2, as Keras prints it": ("f_beta", LABELS, {"beta": 2.0, "average": "none"}, [5 / 13, 10 / 11, 5 / 6]),
    "a macro average is that of the classes": ("f_beta", LABELS, {"average": "macro"}, (0.5 + 0.8 + 2 / 3) / 3),
    "a weighted average is by support": ("recall", LABELS, {"average": "weighted"}, (1 + 2 + 1) / 6),
    "one of four pairs is in the wrong order": ("auc_roc", RANKED, {}, 0.75),
    "average precision": ("auc_pr", RANKED, {}, 5 / 6),
    "precision-recall area at 3 thresholds, as Keras prints it": ("auc_pr", RANKED, {"thresholds": 3}, 0.8206994),
    "precision-recall area at 200 thresholds": ("auc_pr", RANKED, {"thresholds": 200}, 0.7972674),
    "mean of two unions, as Keras prints it": (
        "mean_iou",
        {"predictions": [0, 1, 0, 1], "labels": [0, 0, 1, 1]},
        {"classes": 2},
        1 / 3,
    ),
    "mean of weighted unions, as Keras prints it": (
        "mean_iou",
        {"predictions": [0, 1, 0, 1], "labels": [0, 0, 1, 1], "weights": [0.3, 0.3, 0.3, 0.1]},
        {"classes": 2},
        (0.3 / 0.9 + 0.1 / 0.7) / 2,
    ),
    "counts": ("confusion_counts", DECISIONS, {}, [2.0, 1.0, 0.0, 1.0]),
    "rows are labels": (
        "confusion_matrix",
        {"predictions": [1, 1, 0], "labels": [0, 1, 1]},
        {"classes": 2},
        [[0.0, 1.0], [1.0, 1.0]],
    ),
    "three of four agree, half of them by chance": (
        "cohen_kappa",
        {"predictions": [0, 1, 0, 1], "labels": [0, 1, 1, 1]},
        {"classes": 2},
        0.5,
    ),
    "correlation of three of four": (
        "matthews_correlation",
        {"predictions": [0, 1, 0, 1], "labels": [0, 1, 1, 1]},
        {"classes": 2},
        1 / math.sqrt(3),
    ),
    "R², as Keras prints it": ("r2_score", {"predictions": [2, 4, 4], "targets": [1, 4, 3]}, {}, 4 / 7),
    "a negative total weight": ("running_mean", {"values": [1.0, 2.0, 3.0], "weights": [-1.0] * 3}, {}, 2.0),
}


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_worked_numbers(example):
    operation, inputs, parameters, right = example
    assert value(operation, inputs, **parameters) == pytest.approx(np.asarray(right), rel=1e-7)


def test_a_tie_at_the_boundary_is_among_the_best():
    scores = {"probabilities": [[0.4, 0.4, 0.2]] * 3, "labels": [0, 1, 2]}
    assert value("sparse_top_k_categorical_accuracy", scores, k=1).tolist() == [1, 1, 0]


def test_a_score_that_is_not_finite_is_not_among_the_best_but_may_stand_beside_them():
    scores = {"scores": [[np.inf, 0.0], [0.0, -np.inf], [0.0, np.nan]], "labels": [0, 0, 0]}
    assert value("in_top_k", scores, k=1).tolist() == [0, 1, 0]


def test_a_class_that_does_not_exist_is_among_no_best_ones():
    assert value("in_top_k", {"scores": [[0.5, 0.25]] * 2, "labels": [2, -1]}, k=2).tolist() == [0, 0]


@pytest.mark.parametrize(("inclusive", "right"), [(False, [1, 0]), (True, [0, 1])])
def test_a_probability_at_the_threshold_is_positive_only_where_that_is_documented(inclusive, right):
    inputs = {"probabilities": [0.5, 0.5], "targets": [0.0, 1.0]}
    assert value("binary_accuracy", inputs, inclusive=inclusive).tolist() == right


def test_nothing_over_nothing_is_open_unless_the_case_says_what_it_counts_as():
    inputs = {"probabilities": [0.25, 0.25], "targets": [1.0, 0.0]}
    assert judged("precision", inputs).free.all()
    assert value("precision", inputs, zero_division=0.0) == 0


def test_an_absent_class_counts_in_a_macro_average_and_not_in_a_weighted_one():
    assert value("precision", ONE_HOT, average="macro", zero_division=0.0) == pytest.approx(2 / 3)
    assert value("precision", ONE_HOT, average="weighted") == 1


def test_equal_scores_rank_nothing():
    assert value("auc_roc", {"probabilities": [0.5] * 3, "targets": [0.0, 1.0, 1.0]}) == 0.5


@pytest.mark.parametrize("targets", [[0.0, 0.0], [1.0, 1.0]])
def test_a_single_class_has_no_roc_curve(targets):
    assert judged("auc_roc", {"probabilities": [0.25, 0.5], "targets": targets}).free.all()


def test_scores_between_two_thresholds_are_equal():
    assert bucket(np.array([0.0, 0.5001, 0.5002, 1.0]), 200).tolist() == [0, 99, 99, 198]


def test_an_ignored_label_counts_nowhere():
    inputs = {"predictions": [0, 1, 2], "labels": [0, 1, 255]}
    assert value("mean_iou", inputs, classes=3, ignore_index=255) == 1


def test_a_label_that_is_no_class_is_refused():
    with pytest.raises(ValueError, match="classes must be in"):
        value("confusion_matrix", {"predictions": [0], "labels": [2]}, classes=2)


def test_counts_go_on_above_2_to_the_24():
    inputs = {"probabilities": [0.9, 0.9], "targets": [1.0, 1.0], "weights": [2.0**24, 1.0]}
    assert value("confusion_counts", inputs)[0] == 2**24 + 1


def test_r2_keeps_targets_apart_whose_mean_is_large():
    near = {"predictions": [0.0, 1.5, 3.0, 2.0], "targets": [0.0, 1.0, 2.0, 3.0]}
    far = {name: [x + 2.0**40 for x in values] for name, values in near.items()}
    assert value("r2_score", far) == value("r2_score", near) == 0.55


@pytest.mark.parametrize("operation", ["cohen_kappa", "matthews_correlation"])
def test_a_constant_agrees_neither_more_nor_less_than_chance(operation):
    assert judged(operation, {"predictions": [1, 1], "labels": [1, 1]}, classes=2).free.all()


def test_the_shape_of_the_weights_may_be_that_of_rows():
    inputs = {"values": [[1.0, 2.0], [3.0, 5.0]], "weights": [[0.25], [0.75]]}
    assert value("running_mean", inputs) == (0.25 * 3 + 0.75 * 8) / 2
