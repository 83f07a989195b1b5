"""The second definitions give the numbers that are printed or can be worked out by hand."""

import math

import numpy as np
import pytest

from conformance.oracle import exact
from conformance.oracle.operation import OPERATIONS

LOGITS = [[2.0, -1.0, 0.5], [0.0, 0.0, 0.0], [1.0, 2.0, 3.0]]
CLASS_WEIGHTS = [1.0, 2.0, 0.5]


def value(operation, inputs, **parameters):
    return exact.evaluate(operation, arrays(inputs), parameters).value.high


def arrays(inputs):
    return {name: np.asarray(given, np.int64 if name == "labels" else np.float64) for name, given in inputs.items()}


def test_every_operation_has_a_second_definition_with_the_same_parameters():
    assert set(exact.DEFINITIONS) == set(OPERATIONS)
    for name, operation in OPERATIONS.items():
        # What frameworks document of a metric without a gradient is a matter of the oracle alone.
        own = name in ("binary_accuracy", "concordance_correlation")
        contract = operation.contract if operation.differentiable or own else {}
        known = {**operation.parameters, **contract}
        known.pop("reduction", None)
        assert set(exact.DEFINITIONS[name].parameters) == set(known), name
        assert exact.DEFINITIONS[name].parameters == {p: given.default for p, given in known.items()}, name


def test_saturated_logits_keep_their_tiny_losses():
    loss = value("binary_cross_entropy_with_logits", {"logits": [-20.0, 20.0], "targets": [0.0, 1.0]})
    assert loss.tolist() == [2.061153620314381e-09, 2.061153620314381e-09]


def test_positive_weight_as_published():
    inputs = {"logits": [1.5, -0.1, -10.0], "targets": [1.0, 0.5, 0.0]}
    right = [0.40282655596550482, 1.0665949901103562, 4.539889921686465e-05]
    np.testing.assert_allclose(
        value("binary_cross_entropy_with_logits", inputs, pos_weight=2.0), right, rtol=5e-16, atol=0
    )


def test_binary_smoothing_of_a_fifth():
    loss = value("binary_cross_entropy_with_logits", {"logits": [0.5, 0.5], "targets": [1.0, 0.0]}, label_smoothing=0.2)
    np.testing.assert_allclose(loss, [0.5240769841801067, 0.9240769841801067], rtol=2e-16, atol=0)


def test_document_prints_0_2899():
    inputs = {"probabilities": [[0.3], [0.8]], "targets": [[0.0], [1.0]]}
    assert value("binary_cross_entropy", inputs, reduction="mean") == pytest.approx(0.289909247626471, rel=1e-15)


def test_double_epsilon_of_keras_2_in_float64():
    inputs = {"probabilities": [0.0, 0.0, 1.0, 1.0], "targets": [1.0, 1.0, 1.0, 0.0]}
    clip = (1e-7, 1 - 1e-7)
    loss = value("binary_cross_entropy", inputs, clip=clip, shift=1e-7, reduction="mean")
    assert loss == pytest.approx(11.568711352864575, rel=1e-15)


def test_pytorch_stops_its_logarithm_at_a_hundred():
    inputs = {"probabilities": [0.0, 1.0], "targets": [1.0, 1.0]}
    assert value("binary_cross_entropy", inputs, log_floor=-100.0).tolist() == [100.0, 0.0]


@pytest.mark.parametrize(
    ("reduction", "right"),
    [
        ("none", [0.241311297, 2.197224577, 0.203802982]),
        ("mean", 0.880779619),
        ("weighted_mean", 0.754953959),
        ("nonzero_weight_mean", 0.880779619),
    ],
)
def test_class_weights_and_their_divisors(reduction, right):
    inputs = {"logits": LOGITS, "labels": [0, 1, 2], "class_weights": CLASS_WEIGHTS}
    np.testing.assert_allclose(value("sparse_softmax_cross_entropy", inputs, reduction=reduction), right, rtol=5e-9)


def test_class_weights_inside_the_smoothing():
    inputs = {"logits": LOGITS, "labels": [0, 1, 2], "class_weights": CLASS_WEIGHTS}
    parameters = {"label_smoothing": 0.1, "weights_inside_smoothing": True}
    none = value("sparse_softmax_cross_entropy", inputs, **parameters)
    np.testing.assert_allclose(none, [0.470333152, 2.105673553, 0.364310047], rtol=5e-9)
    mean = value("sparse_softmax_cross_entropy", inputs, **parameters, reduction="weighted_mean")
    assert mean == pytest.approx(0.8400905, rel=1e-7)


def test_sample_weights_are_divided_by_the_number_of_losses_or_by_their_sum():
    inputs = {
        "probabilities": [[0.05, 0.95, 0.0], [0.1, 0.8, 0.1]],
        "targets": [[0, 1, 0], [0, 0, 1]],
        "weights": [0.3, 0.7],
    }
    assert value("categorical_cross_entropy", inputs, reduction="mean") == pytest.approx(0.8135987767060484, rel=1e-15)
    assert value("categorical_cross_entropy", inputs, reduction="weighted_mean") == pytest.approx(
        1.6271975534120968, rel=1e-15
    )


def test_renormalisation_after_the_clip():
    inputs = {"probabilities": [[0.05, 0.95, 0.0], [0.1, 0.8, 0.1]], "labels": [1, 2]}
    loss = value("sparse_categorical_cross_entropy", inputs, clip=(1e-7, 1 - 1e-7), renormalise=True)
    np.testing.assert_allclose(loss, [0.05129339438754554, 2.3025850929940455], rtol=4e-15)


def test_an_ignored_row_is_zero_and_does_not_count():
    inputs = {"logits": LOGITS, "labels": [0, 1, 2]}
    none = value("sparse_softmax_cross_entropy", inputs, ignore_index=1)
    mean = value("sparse_softmax_cross_entropy", inputs, ignore_index=1, reduction="mean")
    all_rows = value("sparse_softmax_cross_entropy", inputs, ignore_index=1, reduction="mean_with_ignored")
    assert none[1] == 0
    assert mean == pytest.approx(none.sum() / 2, rel=1e-15)
    assert all_rows == pytest.approx(none.sum() / 3, rel=1e-15)


def test_focal_loss_with_alpha_on_positives():
    inputs = {"logits": [-0.8, 0.3, 0.9, -0.2, 0.6], "targets": [0, 1, 0, 0, 1]}
    right = [
        0.026751484262235045, 0.02509831887214927, 0.47050517040404183, 0.09090937569484996, 0.013732686974005488,
    ]  # fmt: skip
    np.testing.assert_allclose(value("sigmoid_focal_loss", inputs, alpha=0.25), right, rtol=1e-14)


def test_softmax_focal_loss_of_the_document():
    logits = [
        [0.1, -0.2, 0.3, 0.4],
        [-0.5, 0.6, 0.7, -0.8],
        [0.9, 0.0, -0.1, 0.2],
        [-0.3, 0.4, -0.5, 0.6],
        [0.7, -0.8, 0.9, -1.0],
    ]
    right = [1.2081830818110888, 1.601965793294016, 1.2782871880212765, 0.3484754337472643, 2.064848723472186]
    loss = value("softmax_focal_loss", {"logits": logits, "labels": [1, 0, 2, 3, 1]})
    np.testing.assert_allclose(loss, right, rtol=1e-14)


def test_categorical_focal_loss_as_published():
    inputs = {"probabilities": [[0.05, 0.9, 0.05], [0.1, 0.85, 0.05]], "targets": [[0, 1, 0], [0, 0, 1]]}
    loss = value("categorical_focal_cross_entropy", inputs, alpha=0.25, normalise=True, clip=(1e-7, 1 - 1e-7))
    np.testing.assert_allclose(loss, [0.00026340128914456557, 0.6759120942206192], rtol=1e-14)


def test_pixelwise_weights_of_the_document():
    inputs = {
        "probabilities": [[[0.5, 0.5], [0.9, 0.1]], [[0.9, 0.1], [0.4, 0.6]]],
        "targets": [[[0, 1], [1, 0]], [[0, 1], [1, 0]]],
        "class_weights": [1.0, 2.0],
    }
    operation = "class_weighted_pixelwise_cross_entropy"
    assert value(operation, inputs, reduction="sum") == pytest.approx(7.013115794639963, rel=1e-15)
    assert value(operation, inputs, reduction="weighted_mean") == pytest.approx(1.1688526324399937, rel=1e-15)


def test_logits_scaled_by_the_weight_of_the_predicted_class():
    weights = [0.2595, 0.1826, 4.5640, 0.1417, 0.9051, 0.3826, 9.6446, 1.8418, 0.6823, 6.2478, 7.3614, 0.0]
    logits = [[((12 * i + j) * 37 % 23 - 11) / 4 for j in range(12)] for i in range(6)]
    inputs = {"logits": logits, "targets": np.eye(12)[[0, 2, 11, 6, 4, 9]], "class_weights": weights}
    losses = value("predicted_class_weighted_cross_entropy", inputs)
    assert losses.mean() == pytest.approx(7.745271400125213, rel=1e-15)
    assert losses[4] == math.log(12)


def test_accuracies():
    probabilities, targets = [[0.1, 0.6, 0.3], [0.2, 0.7, 0.1]], [[0, 0, 1], [0, 1, 0]]
    dense = {"probabilities": probabilities, "targets": targets}
    assert value("categorical_accuracy", dense, reduction="mean") == 0.5
    sparse = {"probabilities": probabilities, "labels": [2, 1]}
    assert value("sparse_categorical_accuracy", sparse, reduction="mean") == 0.5
    assert value("binary_accuracy", {"probabilities": [0.5, 0.6], "targets": [0, 1]}).tolist() == [1, 1]


def test_ties_go_to_the_lowest_index():
    inputs = {"probabilities": [[0.4, 0.4, 0.2]] * 2, "labels": [0, 1]}
    assert value("sparse_categorical_accuracy", inputs).tolist() == [1, 0]


def test_one_hot_and_smooth_labels():
    assert value("one_hot", {"labels": [0, 2]}, classes=3).tolist() == [[1, 0, 0], [0, 0, 1]]
    smooth = value("smooth_labels", {"targets": [1.0, 0.0, 0.0]}, alpha=0.1)
    np.testing.assert_allclose(smooth, [0.9333333333333333, 0.03333333333333333, 0.03333333333333333], rtol=2e-16)


def test_unknown_names_are_refused():
    with pytest.raises(KeyError, match="gama"):
        value("softmax_focal_loss", {"logits": [[0.0, 1.0]], "labels": [0]}, gama=2.0)
    with pytest.raises(ValueError, match="average"):
        value("softmax_focal_loss", {"logits": [[0.0, 1.0]], "labels": [0]}, reduction="average")
