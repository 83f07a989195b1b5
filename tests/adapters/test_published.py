"""The adapter of the documents' own formulas: what they print is what comes out, faults included."""

import contextlib
import math
from pathlib import Path

import numpy as np
import pytest
import yaml
from conformance.adapters import published
from conformance.adapters.published import adapter, table

from conformance.worker.adapter import Unsupported

RECORDS = Path(published.__file__).parent / "divergences" / "published.yaml"
FOCAL_LOGITS = np.array([-0.8, 0.3, 0.9, -0.2, 0.6])
FOCAL_TARGETS = np.array([0.0, 1.0, 0.0, 0.0, 1.0])
MEDIAN_FREQUENCY = np.array(
    [0.2595, 0.1826, 4.5640, 0.1417, 0.9051, 0.3826, 9.6446, 1.8418, 0.6823, 6.2478, 7.3614, 0.0]
)


def rows_of(operation):
    return [row for (name, _), row in table.rows.items() if name == operation]


def test_every_call_names_its_document_and_function():
    documents = {
        "binary_multiclass_loss",
        "cross_entropy_and_focal_loss",
        "tensorflow_losses",
        "class_weighted_segmentation",
    }
    for row in table.rows.values():
        package, document, _ = row.call.split(".")
        assert package == "published"
        assert document in documents


def test_the_printed_saturated_mean_is_reproduced_in_float32():
    p, y = np.float32([1, 1, 1, 0]), np.float32([0, 0, 1, 1])
    assert f"{published.binary_crossentropy(p, y, reduction='mean'):.6f}" == "11.522857"
    np.testing.assert_array_equal(
        published.binary_crossentropy(p, y), np.float32([15.333239, 15.333239, -0.0, 15.424949])
    )


def test_the_focal_loss_multiplies_by_gamma_on_positives():
    printed = published.focal_loss_sigmoid(FOCAL_LOGITS, FOCAL_TARGETS, alpha=0.75)
    np.testing.assert_allclose(
        printed,
        [
            0.008917161420745013,
            0.3538650339424258,
            0.15683505680134724,
            0.030303125231616653,
            0.2325316445353126,
        ],
        rtol=1e-14,
    )
    p = published.sigmoid(FOCAL_LOGITS)
    right = 0.75 * (1 - p) ** 2 * -np.log(p)
    positives = FOCAL_TARGETS == 1
    np.testing.assert_allclose(printed[positives], (right * 2 / (1 - p))[positives], rtol=1e-14)


def test_the_focal_loss_is_capped_by_its_clamp():
    printed = published.focal_loss_sigmoid(np.array([-100.0]), np.array([1.0]), alpha=0.75)
    np.testing.assert_allclose(printed, 0.75 * 2 * -math.log(1e-14), rtol=1e-14)


def test_the_focal_loss_cannot_go_without_alpha():
    with pytest.raises(Unsupported, match="always weighs with alpha"):
        published.focal_loss_sigmoid(FOCAL_LOGITS, FOCAL_TARGETS)


def test_the_softmax_focal_loss_of_the_page_test_labels():
    logits = np.array(
        [
            [0.1, -0.2, 0.3, 0.4],
            [-0.5, 0.6, 0.7, -0.8],
            [0.9, 0, -0.1, 0.2],
            [-0.3, 0.4, -0.5, 0.6],
            [0.7, -0.8, 0.9, -1],
        ]
    )
    np.testing.assert_allclose(
        published.focal_loss_softmax(logits, np.array([1, 0, 2, 3, 1])),
        [1.2081830818110888, 1.601965793294016, 1.2782871880212765, 0.3484754337472643, 2.064848723472186],
        rtol=1e-14,
    )


def test_labels_by_argmax_over_axis_0_are_the_inverse_permutation():
    logits, weights = np.zeros((3, 3)), np.array([0.6, 0.3, 0.1])
    targets = np.eye(3)[[2, 0, 1]]
    losses = published.sparse_softmax_cross_entropy(logits, targets, class_weights=weights)
    np.testing.assert_allclose(losses, math.log(3) * weights[[1, 2, 0]], rtol=1e-14)


def test_labels_by_argmax_over_axis_0_do_not_fit_a_batch_that_is_not_square():
    with pytest.raises(ValueError, match=r"labels of shape \(3,\) for logits of shape \(5, 3\)"):
        published.sparse_softmax_cross_entropy(np.zeros((5, 3)), np.eye(3)[[2, 0, 1, 1, 2]], class_weights=np.ones(3))


def test_the_predicted_class_scales_the_logits():
    logits = np.array([[(((12 * i + j) * 37) % 23 - 11) / 4 for j in range(12)] for i in range(6)])
    targets = np.eye(12)[[0, 2, 11, 6, 4, 9]]
    loss = published.weighted_cross_entropy(logits, targets, class_weights=MEDIAN_FREQUENCY, reduction="mean")
    assert loss == pytest.approx(7.745271400125213, rel=1e-14)


def test_a_predicted_class_of_weight_0_costs_ln_12_whatever_the_label():
    logits = np.tile(np.arange(12.0), (12, 1))
    losses = published.predicted_class_weighted_cross_entropy(logits, np.eye(12), MEDIAN_FREQUENCY)
    np.testing.assert_allclose(losses, math.log(12), rtol=1e-15)


def test_the_pixelwise_loss_is_a_sum_and_nothing_else():
    p = np.array([[[0.5, 0.5], [0.9, 0.1]], [[0.9, 0.1], [0.4, 0.6]]])
    t = np.array([[[0.0, 1.0], [1.0, 0.0]], [[0.0, 1.0], [1.0, 0.0]]])
    weights = np.array([1.0, 2.0])
    loss = published.class_weighted_pixelwise_crossentropy(p, t, weights, reduction="sum")
    assert loss == pytest.approx(7.013115794639963, rel=1e-14)
    assert published.crossentropy_matrix(p, t, reduction="sum") == pytest.approx(4.017383521085972, rel=1e-14)
    with pytest.raises(Unsupported, match="returns a sum"):
        published.class_weighted_pixelwise_crossentropy(p, t, weights)


def test_the_losses_by_hand_print_their_four_digits():
    p, y = np.float32([[0.3], [0.8]]), np.float32([[0], [1]])
    assert f"{published.bce_loss_manual(p, y, reduction='batch_mean'):.4f}" == "0.2899"
    rows, labels = np.float32([[0.1, 0.6, 0.3], [0.2, 0.7, 0.1]]), np.array([2, 1])
    hot = np.float32([[0, 0, 1], [0, 1, 0]])
    assert f"{published.cce_loss_manual(rows, hot, reduction='mean'):.4f}" == "0.7803"
    assert f"{published.scce_loss_manual(rows, labels, reduction='mean'):.4f}" == "0.7803"
    assert f"{published.categorical_accuracy(rows, hot, reduction='mean') * 100:.2f}%" == "50.00%"
    assert f"{published.sparse_categorical_accuracy(rows, labels, reduction='mean') * 100:.2f}%" == "50.00%"


def test_the_derivation_ends_in_the_stable_form_because_its_other_lines_overflow():
    logits, targets = np.float32([-100, 100]), np.float32([1, 0])
    np.testing.assert_array_equal(published.sigmoid_cross_entropy_with_logits(logits, targets), [100, 100])
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        assert published.logistic_loss_collected(logits, targets)[0] == np.inf
        assert published.logistic_loss_for_negative_logits(logits, targets)[1] == np.inf
        assert published.logistic_loss(logits, targets)[1] == np.inf


def test_smoothing_counts_the_classes_along_axis_1():
    rank_three = np.full((1, 2, 5), 0.2)
    targets = np.eye(5)[[[0, 3]]]
    printed = published.categorical_crossentropy(rank_three, targets, label_smoothing=0.1)
    np.testing.assert_allclose(printed, -math.log(0.2) * (0.9 + 0.1 * 5 / 2), rtol=1e-14)


@pytest.mark.parametrize("dtype", adapter.dtypes)
def test_nothing_widens_the_dtype_under_test(dtype):
    p, hot = np.full((2, 3), 0.25, dtype), np.eye(3, dtype=dtype)[[0, 2]]
    weights, labels = np.ones(3, dtype), np.array([0, 2])
    known = {"probabilities": p, "logits": p, "targets": hot, "class_weights": weights, "labels": labels}
    for row in table.rows.values():
        if row.operation == "softmax_cross_entropy" and "sparse" in row.name:
            continue  # two rows of three classes do not fit it
        keywords = {"alpha": 0.25} if "alpha" in row.keywords else {}
        keywords.update({"class_weights": weights} if "class_weights" in row.keywords else {})
        inputs = {name: known[name] for name in row.inputs}
        evaluated = 0
        for reduction in ["none", "sum", "mean"] if "reduction" in row.keywords else [None]:
            given = {**keywords, **({"reduction": reduction} if reduction else {})}
            with contextlib.suppress(Unsupported):
                assert adapter.evaluate(row, inputs, given, "eager").dtype == dtype, (row.name, reduction)
                evaluated += 1
        assert evaluated


@pytest.mark.parametrize(("reduction", "cotangent"), [("none", np.array([1.0, -2.0])), ("sum", None), ("mean", None)])
def test_the_printed_gradient_is_p_minus_y(reduction, cotangent):
    logits, targets = np.array([[10.0, 0.0, 0.0], [0.0, 1.0, 2.0]]), np.eye(3)[[0, 1]]
    (row,) = [row for row in rows_of("softmax_cross_entropy") if row.differentiable]
    asked = {"reduction": reduction, "label_smoothing": 0.1}
    inputs = {"logits": logits, "targets": targets}
    got = adapter.differentiate(row, inputs, asked, "eager", ["logits"], cotangent)["logits"]
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    factor = {"none": np.array([[1.0], [-2.0]]), "sum": 1.0, "mean": 0.5}[reduction]
    np.testing.assert_allclose(got, (p - (0.9 * targets + 0.1 / 3)) * factor, rtol=1e-12)


def test_arrays_come_back_bit_for_bit():
    array = published.of_numpy(np.float16([1, -0.0, np.nan, np.inf]))
    back, device = adapter.take(adapter.put(array))
    assert (back.dtype, back.storage.tobytes(), device) == ("float16", array.storage.tobytes(), "cpu")


def test_each_fault_of_the_documents_has_a_record_that_concerns_one_of_its_functions():
    records = yaml.safe_load(RECORDS.read_text(encoding="utf-8"))
    names = {row.name for row in table.rows.values()}
    for record in records:
        assert set(record["implementations"]) <= names | {"*"}, record["id"]
    recorded = {name for record in records for name in record["implementations"]}
    assert {
        "binary_multiclass_loss.focal_loss_sigmoid",
        "binary_multiclass_loss.sparse_softmax_cross_entropy",
        "class_weighted_segmentation.weighted_cross_entropy",
        "cross_entropy_and_focal_loss.categorical_crossentropy",
    } <= recorded
