"""Margin losses: printed and worked numbers, what happens at kinks, and where there is no derivative."""

import numpy as np
import pytest

from conformance.oracle import load_all
from conformance.oracle.operation import OPERATIONS, evaluate

load_all()
SCORES = [[2.0, -1.0, 0.5], [0.0, 0.0, 0.0], [1.0, 2.0, 3.0]]
NEGATIVE = [[-3.0, -2.0, -1.0]]
PRINTED = {"scores": [[0.1, 0.2, 0.4, 0.8]]}


def asked(operation, inputs, **parameters):
    arrays = {name: np.asarray(array) for name, array in inputs.items()}
    return evaluate(OPERATIONS[operation], arrays, parameters)


def value(operation, inputs, **parameters):
    return asked(operation, inputs, **parameters).value.value


def gradient(operation, inputs, of="scores", **parameters):
    found = asked(operation, inputs, **parameters)
    return found.gradient(np.ones(found.value.value.shape))[of]


EXAMPLES = {
    "hinge loss as Keras prints it": (
        "hinge",
        {"scores": [[0.6, 0.4], [0.4, 0.6]], "targets": [[-1, 1], [-1, -1]]},
        {"reduction": "mean"},
        1.3,
    ),
    "squared hinge loss as Keras prints it": (
        "squared_hinge",
        {"scores": [[0.6, 0.4], [0.4, 0.6]], "targets": [[-1, 1], [-1, -1]]},
        {"reduction": "mean_last_axis"},
        [1.46, 2.26],
    ),
    "hinge loss as scikit-learn prints it": (
        "hinge",
        {"scores": [-2.18, 2.36, 0.09], "targets": [-1, 1, 1]},
        {"reduction": "mean"},
        0.91 / 3,
    ),
    "Crammer and Singer": ("multiclass_hinge", {"scores": SCORES, "labels": [0, 1, 2]}, {}, [0, 1, 0]),
    "a row of negative scores": ("multiclass_hinge", {"scores": NEGATIVE, "labels": [0]}, {}, [3]),
    "Keras counts the right class as 0": (
        "categorical_hinge", {"scores": NEGATIVE, "targets": [[1, 0, 0]]}, {}, [4],
    ),
    "perceptron over classes": ("multiclass_perceptron", {"scores": SCORES, "labels": [1, 1, 0]}, {}, [3, 0, 2]),
    "Weston and Watkins with class weights": (
        "multi_margin",
        {"scores": SCORES, "labels": [0, 1, 2], "class_weights": [1, 2, 0.5]},
        {},
        [0, 4 / 3, 0],
    ),
    "multi-margin loss as PyTorch prints it": ("multi_margin", {**PRINTED, "labels": [3]}, {}, [0.325]),
    "squares of the same": (
        "multi_margin", {**PRINTED, "labels": [3]}, {"p": 2}, [(0.3**2 + 0.4**2 + 0.6**2) / 4],
    ),
    "multi-label margin loss as PyTorch prints it": (
        "multilabel_margin", {**PRINTED, "labels": [[3, 0, -1, 1]]}, {}, [0.85],
    ),
    "soft margin of a confident miss": ("soft_margin", {"scores": [-90.0, 1000.0], "targets": [1, -1]}, {}, [90, 1000]),
    "soft margin at 0": ("soft_margin", {"scores": [0.0], "targets": [-1]}, {}, [np.log(2)]),
    "multi-label soft margin": (
        "multilabel_soft_margin",
        {"scores": [[0.0, 0.0]], "targets": [[1, 0]], "class_weights": [1, 3]},
        {},
        [2 * np.log(2)],
    ),
    "unlike pairs inside and outside of the margin": (
        "hinge_embedding", {"distances": [0.25, 1.5, 0.25], "targets": [-1, -1, 1]}, {}, [0.75, 0, 0.25],
    ),
    "ranking with a margin": (
        "margin_ranking",
        {"first": [1.0, 1.0], "second": [0.25, 0.25], "targets": [1, -1]},
        {"margin": 1.0},
        [0.25, 1.75],
    ),
    "binary sparsemax on its three parts": (
        "binary_sparsemax", {"scores": [2.0, 0.0, -3.0, 0.5], "targets": [1, 1, 1, -1]}, {}, [0, 0.25, 3, 0.5625],
    ),
    "sparsemax of a support of two": (
        # τ = -1/8 and p = (5/8, 3/8, 0)
        "sparsemax", {"scores": [[0.5, 0.25, -1.0]] * 3, "labels": [0, 1, 2]}, {}, [9 / 64, 25 / 64, 41 / 64 + 1],
    ),
}  # fmt: skip


@pytest.mark.parametrize("example", EXAMPLES)
def test_worked_numbers(example):
    operation, inputs, parameters, expected = EXAMPLES[example]
    np.testing.assert_allclose(value(operation, inputs, **parameters), expected, rtol=1e-15)


def test_at_a_margin_of_exactly_one_every_slope_between_is_right():
    found = gradient("hinge", {"scores": [1.0, -1.0, 0.5, 2.0], "targets": [1, -1, 1, 1]})
    np.testing.assert_array_equal(found.low, [-1, 0, -1, 0])
    np.testing.assert_array_equal(found.high, [0, 1, -1, 0])


def test_the_side_of_the_kink_is_exact_where_the_product_is_not():
    third = 1 / 3
    found = asked("hinge", {"scores": [3.0], "targets": [third]})
    np.testing.assert_array_equal(found.value.value, [1 - np.longdouble(third) * 3])
    np.testing.assert_array_equal(found.gradient(np.ones(1))["scores"].value, [-third])


def test_a_squared_hinge_has_no_kink():
    found = gradient("squared_hinge", {"scores": [1.0, 0.5], "targets": [1, 1]})
    assert found.low is None
    np.testing.assert_array_equal(found.value, [0, -1])


def test_rivals_that_share_the_largest_score_may_share_the_slope():
    found = gradient("multiclass_hinge", {"scores": [[1.0, 1.0, 0.0]], "labels": [2]})
    np.testing.assert_array_equal(found.low, [[0, 0, -1]])
    np.testing.assert_array_equal(found.high, [[1, 1, -1]])


def test_a_lead_of_exactly_one_leaves_both_classes_an_interval():
    found = gradient("multiclass_hinge", {"scores": [[2.0, 1.0, 0.5]], "labels": [0]})
    np.testing.assert_array_equal(found.low, [[-1, 0, 0]])
    np.testing.assert_array_equal(found.high, [[0, 1, 0]])


def test_only_violations_of_exactly_the_margin_are_loose():
    found = gradient("multi_margin", {"scores": [[2.0, 1.0, 1.5]], "labels": [0], "class_weights": [6, 1, 1]})
    np.testing.assert_array_equal(found.low, [[-4, 0, 2]])
    np.testing.assert_array_equal(found.high, [[-2, 2, 2]])


def test_class_weights_of_a_multi_margin_enter_no_divisor():
    inputs = {"scores": SCORES, "labels": [0, 1, 2], "class_weights": [1, 2, 0.5]}
    np.testing.assert_allclose(value("multi_margin", inputs, reduction="mean"), 4 / 9, rtol=1e-15)


def test_labels_after_the_first_minus_one_do_not_count():
    scores = {"scores": [[0.5, -1.25, 2.0, 0.25]]}
    ends = value("multilabel_margin", {**scores, "labels": [[2, -1, 0, 3]]})
    np.testing.assert_array_equal(ends, value("multilabel_margin", {**scores, "labels": [[2, -1, -1, -1]]}))


def test_the_gradient_of_sparsemax_is_the_projection_less_the_corner():
    found = gradient("sparsemax", {"scores": [[0.5, 0.25, -1.0]], "labels": [2]})
    np.testing.assert_array_equal(found.value, [[0.625, 0.375, -1]])


def test_an_infinite_score_on_the_right_side_costs_nothing_and_on_the_wrong_one_everything():
    inputs = {"scores": [np.inf, -np.inf], "targets": [1, 1]}
    for operation in ("hinge", "squared_hinge", "perceptron", "soft_margin", "binary_sparsemax"):
        np.testing.assert_array_equal(value(operation, inputs), [0, np.inf])


def test_nan_is_kept_and_has_no_derivative():
    found = asked("hinge", {"scores": [np.nan, 0.5], "targets": [1, 1]})
    np.testing.assert_array_equal(found.value.value, [np.nan, 0.5])
    np.testing.assert_array_equal(found.gradient(np.ones(2))["scores"].free, [True, False])


def test_two_infinite_scores_have_no_right_difference():
    found = asked("margin_ranking", {"first": [np.inf, 1.0], "second": [np.inf, 0.0], "targets": [1, 1]})
    np.testing.assert_array_equal(found.value.free, [True, False])


@pytest.mark.parametrize(
    ("operation", "inputs", "message"),
    [
        ("hinge", {"scores": [0.5, 1.0], "targets": [[1, 1]]}, "targets have shape"),
        ("hinge_embedding", {"distances": [0.5], "targets": [0]}, "1 or -1"),
        ("soft_margin", {"scores": [0.5], "targets": [0]}, "1 or -1"),
        ("multiclass_hinge", {"scores": SCORES, "labels": [0, 1, 3]}, "labels must be in"),
        ("multi_margin", {"scores": SCORES, "labels": [0, 1]}, "labels have shape"),
        ("multi_margin", {"scores": SCORES, "labels": [0, 1, 2], "class_weights": [1, 2]}, "class_weights have shape"),
        ("multilabel_margin", {"scores": SCORES, "labels": [[0, -2, -1]] * 3}, "labels must be in"),
    ],
)
def test_inputs_without_a_right_answer_are_refused(operation, inputs, message):
    with pytest.raises(ValueError, match=message):
        asked(operation, inputs)


def test_the_power_of_a_multi_margin_is_one_or_two():
    with pytest.raises(ValueError, match="p is 1 or 2"):
        asked("multi_margin", {"scores": SCORES, "labels": [0, 1, 2]}, p=3)
