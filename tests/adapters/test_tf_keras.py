"""Keras 2's adapter: the numbers of its two epsilons, its reductions, and a table that names what exists."""

import importlib
import math
import warnings

import numpy as np
import pytest

from conformance.oracle.operation import OPERATIONS
from conformance.worker.adapter import Unsupported
from conformance.worker.arrays import Array

pytestmark = pytest.mark.framework("tf_keras")

BINARY = ["losses.BinaryCrossentropy", "losses.binary_crossentropy", "backend.binary_crossentropy"]


@pytest.fixture(scope="module")
def adapter():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("conformance.adapters.tf_keras").adapter


def put(adapter, values, dtype="float32"):
    return adapter.put(Array(dtype, np.asarray(values, dtype)))


def evaluate(adapter, operation, name, inputs, mode="eager", **parameters):
    row = adapter.table.rows[operation, name]
    return adapter.take(adapter.evaluate(row, inputs, parameters, mode))[0].storage


def saturated(adapter):
    return {"probabilities": put(adapter, [1.0, 1.0, 1.0, 0.0]), "targets": put(adapter, [0.0, 0.0, 1.0, 1.0])}


def test_every_row_names_a_public_call(adapter):
    import tf_keras

    for row in adapter.table.rows.values():
        found = tf_keras
        for name in row.call.split(".")[1:]:
            found = getattr(found, name)
        assert callable(found), row.call


def test_every_row_speaks_of_its_operation_in_canonical_names(adapter):
    for (operation, _), row in adapter.table.rows.items():
        known = OPERATIONS[operation]
        optional = {i.name for i in known.inputs if i.optional}
        assert row.inputs == list(known.required)
        assert set(row.keywords) <= optional | set(known.asked), row.name
        contract = row.contract or {}
        assert set(contract("float32") if callable(contract) else contract) <= set(known.contract), row.name


@pytest.mark.parametrize("name", ["losses.BinaryCrossentropy", "backend.binary_crossentropy"])
def test_saturated_probabilities_cost_11_522857_in_eager_mode(adapter, name):
    value = evaluate(adapter, "binary_cross_entropy", name, saturated(adapter), reduction="mean")
    assert f"{float(value):.6f}" == "11.522857"


@pytest.mark.parametrize("mode", ["graph", "xla"])
def test_saturated_probabilities_cost_11_480856_once_tensorflow_has_rewritten_the_graph(adapter, mode):
    value = evaluate(
        adapter, "binary_cross_entropy", "losses.BinaryCrossentropy", saturated(adapter), mode, reduction="mean"
    )
    assert f"{float(value):.6f}" == "11.480856"


@pytest.mark.parametrize("name", BINARY)
def test_the_loss_of_each_element_comes_in_the_shape_of_the_case(adapter, name):
    inputs = {"probabilities": put(adapter, [[0.5, 0.25]]), "targets": put(adapter, [[1.0, 0.0]])}
    value = evaluate(adapter, "binary_cross_entropy", name, inputs, reduction="none")
    assert value.shape == (1, 2)
    assert value[0] == pytest.approx([math.log(2), -math.log(0.75)], rel=1e-5)


@pytest.mark.parametrize("name", BINARY)
def test_the_mean_over_the_last_axis_is_keras_own(adapter, name):
    inputs = {"probabilities": put(adapter, [[0.5, 0.25]]), "targets": put(adapter, [[1.0, 0.0]])}
    value = evaluate(adapter, "binary_cross_entropy", name, inputs, reduction="mean_last_axis")
    assert value == pytest.approx([(math.log(2) - math.log(0.75)) / 2], rel=1e-5)


def test_weights_of_entries_and_of_the_last_axis_broadcast_as_the_case_says(adapter):
    inputs = {"probabilities": put(adapter, [[0.5, 0.25]] * 2), "targets": put(adapter, [[1.0, 1.0]] * 2)}
    losses = np.array([[math.log(2), math.log(4)]] * 2)
    for weights in ([[1.0, 2.0], [3.0, 4.0]], [3.0, 5.0], 2.0):
        value = evaluate(
            adapter, "binary_cross_entropy", "losses.BinaryCrossentropy", dict(inputs, weights=put(adapter, weights)),
            reduction="none",
        )  # fmt: skip
        assert value == pytest.approx(losses * weights, rel=1e-5)


def test_sample_weights_by_label_divide_by_the_number_of_samples(adapter):
    inputs = {
        "logits": put(adapter, [[2.0, -1.0, 0.5], [0.0, 0.0, 0.0], [1.0, 2.0, 3.0]]),
        "labels": put(adapter, [0, 1, 2], "int64"),
        "class_weights": put(adapter, [1.0, 2.0, 0.5]),
    }
    name = "losses.SparseCategoricalCrossentropy"
    value = evaluate(adapter, "sparse_softmax_cross_entropy", name, inputs, reduction="mean")
    assert float(value) == pytest.approx(0.880779619, rel=1e-6)
    with pytest.raises(Unsupported, match="no 'weighted_mean'"):
        evaluate(adapter, "sparse_softmax_cross_entropy", name, inputs, reduction="weighted_mean")
    with pytest.raises(Unsupported, match="ignored label"):
        evaluate(adapter, "sparse_softmax_cross_entropy", name, inputs, ignore_index=0)


def test_a_metric_is_a_new_one_each_time_and_weighs_by_the_sum_of_the_weights(adapter):
    inputs = {
        "probabilities": put(adapter, [[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]]),
        "labels": put(adapter, [0, 1, 1], "int64"),
    }
    name = "metrics.SparseCategoricalAccuracy"
    for _ in range(2):
        value = evaluate(adapter, "sparse_categorical_accuracy", name, inputs, reduction="mean")
        assert float(value) == pytest.approx(2 / 3)
    inputs["weights"] = put(adapter, [1.0, 1.0, 3.0])
    weighted = evaluate(adapter, "sparse_categorical_accuracy", name, inputs, reduction="weighted_mean")
    assert float(weighted) == pytest.approx(4 / 5)


def test_the_environment_names_keras_and_the_tensorflow_below(adapter):
    said = adapter.environment()
    assert said["framework"] == "tf-keras"
    assert said["version"].startswith("2.")
    assert "tensorflow" in said["versions"]
