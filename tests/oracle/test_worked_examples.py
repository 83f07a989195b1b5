"""Published and worked numbers, to full float64 precision: the value of each operation on inputs one can check."""

import numpy as np
import pytest

from conformance.oracle.operation import OPERATIONS, evaluate

LOGITS = [[2, -1, 0.5], [0, 0, 0], [1, 2, 3]]
ROWS = [
    [0.1, -0.2, 0.3, 0.4],
    [-0.5, 0.6, 0.7, -0.8],
    [0.9, 0, -0.1, 0.2],
    [-0.3, 0.4, -0.5, 0.6],
    [0.7, -0.8, 0.9, -1],
]
FOCAL = {"logits": [-0.8, 0.3, 0.9, -0.2, 0.6], "targets": [0, 1, 0, 0, 1]}
CATEGORICAL = {"probabilities": [[0.05, 0.95, 0], [0.1, 0.8, 0.1]], "targets": [[0, 1, 0], [0, 0, 1]]}
SCORES = [[0.1, 0.6, 0.3], [0.2, 0.7, 0.1]]
PIXELS = [[[0.5, 0.5], [0.9, 0.1]], [[0.9, 0.1], [0.4, 0.6]]]
PIXEL_TARGETS = [[[0, 1], [1, 0]], [[0, 1], [1, 0]]]
MEDIAN_FREQUENCY = [0.2595, 0.1826, 4.5640, 0.1417, 0.9051, 0.3826, 9.6446, 1.8418, 0.6823, 6.2478, 7.3614, 0.0]
SEGMENTS = {
    "logits": [[(((12 * i + j) * 37) % 23 - 11) / 4 for j in range(12)] for i in range(6)],
    "targets": np.eye(12)[[0, 2, 11, 6, 4, 9]],
}


def value(operation, inputs, **parameters):
    arrays = {name: np.asarray(array) for name, array in inputs.items()}
    return evaluate(OPERATIONS[operation], arrays, parameters).value.value


EXAMPLES = {
    "binary cross-entropy of logits": (
        "binary_cross_entropy_with_logits",
        {"logits": [1.5, -0.1, -10], "targets": [1, 0.5, 0]},
        {},
        [0.2014132779827524, 0.6943966600735709, 4.539889921686465e-05],
    ),
    "positives weighted twice": (
        "binary_cross_entropy_with_logits",
        {"logits": [1.5, -0.1, -10], "targets": [1, 0.5, 0]},
        {"pos_weight": 2.0},
        [0.40282655596550482, 1.0665949901103562, 4.539889921686465e-05],
    ),
    "binary labels smoothed by 0.2": (
        "binary_cross_entropy_with_logits",
        {"logits": [0.5, 0.5], "targets": [1, 0]},
        {"label_smoothing": 0.2},
        [0.5240769841801067, 0.9240769841801067],
    ),
    "a confident true negative keeps its loss": (
        "binary_cross_entropy_with_logits",
        {"logits": [-20.0], "targets": [0.0]},
        {},
        [2.061153620314381e-09],
    ),
    "logistic example of ten points": (
        "binary_cross_entropy",
        {
            "probabilities": [
                0.18501694588837683, 0.33066645716621124, 0.46953487599649574, 0.7005509561946973, 0.7396807160034903,
                0.8073813101077347, 0.8607888409403036, 0.9423394207361665, 0.9699431223066409, 0.9940973546598824,
            ],
            "targets": [0, 0, 1, 0, 1, 1, 1, 1, 1, 1],
        },
        {"reduction": "mean"},
        0.33291140995039037,
    ),
    "two probabilities": (
        "binary_cross_entropy",
        {"probabilities": [[0.3], [0.8]], "targets": [[0], [1]]},
        {"reduction": "mean"},
        0.289909247626471,
    ),
    "class weights by label, nothing reduced": (
        "sparse_softmax_cross_entropy",
        {"logits": LOGITS, "labels": [0, 1, 2], "class_weights": [0.6, 0.3, 0.1]},
        {"reduction": "none"},
        [0.6 * 0.24131129665715703, 0.3 * 1.0986122886681098, 0.1 * 0.4076059644443803],
    ),
    "class weights by label, over non-zero weights": (
        "sparse_softmax_cross_entropy",
        {"logits": LOGITS, "labels": [0, 1, 2], "class_weights": [0.6, 0.3, 0.1]},
        {"reduction": "nonzero_weight_mean"},
        0.17171035367972173,
    ),
    "class weights by label, over their sum": (
        "sparse_softmax_cross_entropy",
        {"logits": LOGITS, "labels": [0, 1, 2], "class_weights": [0.6, 0.3, 0.1]},
        {"reduction": "weighted_mean"},
        0.5151310610391653,
    ),
    "smoothed labels weighted class by class": (
        "sparse_softmax_cross_entropy",
        {"logits": LOGITS, "labels": [0, 1, 2], "class_weights": [1, 2, 0.5]},
        {"label_smoothing": 0.1, "weights_inside_smoothing": True},
        [0.470333151601443, 2.105673553280544, 0.3643100465184822],
    ),
    "smoothed labels": (
        "sparse_softmax_cross_entropy",
        {"logits": LOGITS, "labels": [0, 1, 2]},
        {"label_smoothing": 0.1},
        [0.39131129665715703, 1.0986122886681098, 0.5076059644443803],
    ),
    "dense class weights, over all rows": (
        "softmax_cross_entropy",
        {"logits": LOGITS, "targets": np.eye(3), "class_weights": [1, 2, 0.5]},
        {"reduction": "mean"},
        0.8807796187385222,
    ),
    "softmax of (10, 0, 0)": (
        "softmax",
        {"x": [10.0, 0, 0]},
        {},
        [0.9999092083843409, 4.5395807829510914e-05, 4.5395807829510914e-05],
    ),
    "cross-entropy of (10, 0, 0)": (
        "softmax_cross_entropy",
        {"logits": [10.0, 0, 0], "targets": [1, 0, 0]},
        {},
        9.079573746724446e-05,
    ),
    "smoothed cross-entropy of (10, 0, 0)": (
        "softmax_cross_entropy",
        {"logits": [10.0, 0, 0], "targets": [1, 0, 0]},
        {"label_smoothing": 0.1},
        0.6667574624041339,
    ),
    "labels smoothed by 0.1": (
        "smooth_labels",
        {"targets": [1.0, 0, 0]},
        {"alpha": 0.1},
        [0.9333333333333333, 0.03333333333333333, 0.03333333333333333],
    ),
    "logits ln 28 apart give the smoothed labels": (
        "softmax",
        {"x": [3.332204510175204, 0, 0]},
        {},
        [0.9333333333333333, 0.03333333333333333, 0.03333333333333333],
    ),
    "a dominant class keeps its tiny logarithm": (
        "log_softmax",
        {"x": [40.0, 0, 0]},
        {},
        [-8.496708510583178e-18, -40.0, -40.0],
    ),
    "softplus beyond the usual threshold": ("softplus", {"x": [20.5]}, {}, [20.500000001250153]),
    "focal loss, α on positives": (
        "sigmoid_focal_loss",
        FOCAL,
        {"alpha": 0.25},
        [0.026751484262235045, 0.02509831887214927, 0.47050517040404183, 0.09090937569484996, 0.013732686974005488],
    ),
    "focal loss, α on negatives": (
        "sigmoid_focal_loss",
        FOCAL,
        {"alpha": 0.75},
        [0.008917161420745015, 0.0752949566164478, 0.15683505680134727, 0.030303125231616653, 0.041198060922016465],
    ),
    "softmax focal loss": (
        "softmax_focal_loss",
        {"logits": ROWS, "labels": [1, 0, 2, 3, 1]},
        {},
        [1.2081830818110888, 1.601965793294016, 1.2782871880212765, 0.3484754337472643, 2.064848723472186],
    ),
    "softmax focal loss with γ = 0 is cross-entropy": (
        "softmax_focal_loss",
        {"logits": ROWS, "labels": [1, 0, 2, 3, 1]},
        {"gamma": 0.0},
        [1.7614203367791779, 2.0875462554990794, 1.8202354125918694, 0.9392927441136797, 2.4659248987678577],
    ),
    "categorical cross-entropy, per sample": (
        "categorical_cross_entropy",
        CATEGORICAL,
        {},
        [0.05129329438755058, 2.3025850929940455],
    ),
    "categorical cross-entropy, mean": (
        "categorical_cross_entropy",
        CATEGORICAL,
        {"reduction": "mean"},
        1.176939193690798,
    ),
    "categorical cross-entropy, sum": (
        "categorical_cross_entropy",
        CATEGORICAL,
        {"reduction": "sum"},
        2.353878387381596,
    ),
    "sample weights, over all samples": (
        "categorical_cross_entropy",
        {**CATEGORICAL, "weights": [0.3, 0.7]},
        {"reduction": "mean"},
        0.8135987767060484,
    ),
    "sample weights, over their sum": (
        "categorical_cross_entropy",
        {**CATEGORICAL, "weights": [0.3, 0.7]},
        {"reduction": "weighted_mean"},
        1.6271975534120968,
    ),
    "categorical cross-entropy of two scores": (
        "categorical_cross_entropy",
        {"probabilities": SCORES, "targets": [[0, 0, 1], [0, 1, 0]]},
        {"reduction": "mean"},
        0.7803238741323343,
    ),
    "the same with labels": (
        "sparse_categorical_cross_entropy",
        {"probabilities": SCORES, "labels": [2, 1]},
        {"reduction": "mean"},
        0.7803238741323343,
    ),
    "half of the decisions are right": (
        "categorical_accuracy",
        {"probabilities": SCORES, "targets": [[0, 0, 1], [0, 1, 0]]},
        {"reduction": "mean"},
        0.5,
    ),
    "half of the decisions are right, with labels": (
        "sparse_categorical_accuracy",
        {"probabilities": SCORES, "labels": [2, 1]},
        {"reduction": "mean"},
        0.5,
    ),
    "pixels, unweighted": (
        "class_weighted_pixelwise_cross_entropy",
        {"probabilities": PIXELS, "targets": PIXEL_TARGETS, "class_weights": [1, 1]},
        {"reduction": "sum"},
        4.017383521085972,
    ),
    "pixels, weighted": (
        "class_weighted_pixelwise_cross_entropy",
        {"probabilities": PIXELS, "targets": PIXEL_TARGETS, "class_weights": [1, 2]},
        {},
        [[1.3862943611198906, 0.10536051565782628], [4.605170185988091, 0.916290731874155]],
    ),
    "pixels, over the weights of their labels": (
        "class_weighted_pixelwise_cross_entropy",
        {"probabilities": PIXELS, "targets": PIXEL_TARGETS, "class_weights": [1, 2]},
        {"reduction": "weighted_mean"},
        1.1688526324399937,
    ),
    "logits scaled by the weight of the predicted class": (
        "predicted_class_weighted_cross_entropy",
        {**SEGMENTS, "class_weights": MEDIAN_FREQUENCY},
        {},
        [
            4.751481245969929, 24.197478274718666, 6.6709967189319626, 2.5649854284073426, 2.4849066497880004,
            5.801780082935379,
        ],
    ),
    "logits scaled by the weight of the predicted class, mean": (
        "predicted_class_weighted_cross_entropy",
        {**SEGMENTS, "class_weights": MEDIAN_FREQUENCY},
        {"reduction": "mean"},
        7.745271400125213,
    ),
    "the weight of the label instead": (
        "softmax_cross_entropy",
        {**SEGMENTS, "class_weights": MEDIAN_FREQUENCY},
        {"reduction": "weighted_mean"},
        4.195920242803905,
    ),
}  # fmt: skip


@pytest.mark.parametrize("example", EXAMPLES)
def test_value_is_the_worked_one(example):
    operation, inputs, parameters, worked = EXAMPLES[example]
    np.testing.assert_allclose(value(operation, inputs, **parameters), worked, rtol=4 * 2.0**-52, atol=0)


def test_a_pixel_whose_predicted_class_weighs_nothing_costs_ln_12_whatever_its_label():
    for label in range(12):
        pixel = {"logits": SEGMENTS["logits"][4], "targets": np.eye(12)[label], "class_weights": MEDIAN_FREQUENCY}
        assert value("predicted_class_weighted_cross_entropy", pixel) == np.log(12)


def test_one_hot_writes_one_at_the_label():
    hot = value("one_hot", {"labels": [[2, 0]]}, classes=3)
    np.testing.assert_array_equal(hot, [[[0, 0, 1], [1, 0, 0]]])


def test_a_probability_at_the_threshold_is_negative():
    accuracy = value("binary_accuracy", {"probabilities": [0.5, 0.5, 0.75], "targets": [0, 1, 1]})
    np.testing.assert_array_equal(accuracy, [1, 0, 1])


def test_ties_go_to_the_lowest_class():
    accuracy = value("sparse_categorical_accuracy", {"probabilities": [[0.4, 0.4, 0.2]] * 2, "labels": [0, 1]})
    np.testing.assert_array_equal(accuracy, [1, 0])
