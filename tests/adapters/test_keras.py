"""Keras 3's adapters, each in a worker of its own: a process has one backend."""

import importlib.util
import math

import numpy as np
import pytest

from conformance.host import Worker, adapters
from conformance.oracle.operation import OPERATIONS
from conformance.worker.arrays import Array

pytestmark = pytest.mark.framework("keras")

BACKENDS = [name for name in ("tensorflow", "jax", "torch") if importlib.util.find_spec(name)]
BCE = "losses.BinaryCrossentropy"


@pytest.fixture(scope="module", params=BACKENDS)
def worker(request):
    with Worker(adapters()[f"keras-{request.param}"], deadline=120.0) as worker:
        worker.start()
        yield worker


def ask(worker, operation, implementation, inputs, mode="eager", wrt=(), cotangent=None, **parameters):
    """The arrays of one check's answer; order 1 where `wrt` names inputs."""
    names = list(inputs)
    arrays = [a if isinstance(a, Array) else Array("float32", np.asarray(a, np.float32)) for a in inputs.values()]
    check = {
        "id": 0, "operation": operation, "implementation": implementation, "mode": mode, "parameters": parameters,
        "inputs": {name: index for index, name in enumerate(names)}, "wrt": list(wrt),
        "order": "gradient" if wrt else "value",
    }  # fmt: skip
    if cotangent is not None:
        check["cotangent"] = len(arrays)
        arrays.append(Array("float32", np.asarray(cotangent, np.float32)))
    (answer,) = worker.ask([check], arrays)
    return answer


def value(*asked, **parameters):
    answer = ask(*asked, **parameters)
    assert answer.kind == "returned", answer.head
    return answer.arrays[0].storage


def labels(values):
    return Array("int64", np.asarray(values, np.int64))


def test_what_is_judged_is_keras_on_its_backend(worker):
    environment = worker.hello["environment"]
    assert environment["framework"] == "keras"
    assert environment["version"].startswith("3.")
    assert worker.hello["adapter"].removeprefix("keras-") in environment["versions"]


def test_every_row_speaks_of_its_operation_in_canonical_names(worker):
    for row in worker.hello["implementations"]:
        known = OPERATIONS[row["operation"]]
        optional = {i.name for i in known.inputs if i.optional}
        assert row["inputs"] == list(known.required)
        assert set(row["keywords"]) <= optional | set(known.asked), row["name"]
        for contract in row["contract"].values():
            assert set(contract) <= set(known.contract), row["name"]


@pytest.mark.parametrize("name", [BCE, "ops.binary_crossentropy"])
def test_saturated_probabilities_cost_12_000716(worker, name):
    inputs = {"probabilities": [1.0, 1.0, 1.0, 0.0], "targets": [0.0, 0.0, 1.0, 1.0]}
    assert f"{float(value(worker, 'binary_cross_entropy', name, inputs, reduction='mean')):.6f}" == "12.000716"


@pytest.mark.parametrize("name", [BCE, "losses.binary_crossentropy", "ops.binary_crossentropy"])
def test_the_loss_of_each_element_comes_in_the_shape_of_the_case(worker, name):
    inputs = {"probabilities": [[0.5, 0.25]], "targets": [[1.0, 0.0]]}
    losses = value(worker, "binary_cross_entropy", name, inputs, reduction="none")
    assert losses.shape == (1, 2)
    assert losses[0] == pytest.approx([math.log(2), -math.log(0.75)], rel=1e-5)


def test_weights_of_entries_and_of_the_last_axis_broadcast_as_the_case_says(worker):
    inputs = {"probabilities": [[0.5, 0.25]] * 2, "targets": [[1.0, 1.0]] * 2}
    losses = np.array([[math.log(2), math.log(4)]] * 2)
    for weights in ([[1.0, 2.0], [3.0, 4.0]], [3.0, 5.0], 2.0):
        weighted = value(worker, "binary_cross_entropy", BCE, dict(inputs, weights=weights), reduction="none")
        assert weighted == pytest.approx(losses * weights, rel=1e-5)


@pytest.mark.parametrize(("reduction", "divisor"), [("sum", 1.0), ("mean", 3.0), ("weighted_mean", 3.5)])
def test_each_reduction_divides_by_its_own_divisor(worker, reduction, divisor):
    inputs = {
        "logits": [[2.0, -1.0, 0.5], [0.0, 0.0, 0.0], [1.0, 2.0, 3.0]],
        "labels": labels([0, 1, 2]),
        "class_weights": [1.0, 2.0, 0.5],
    }
    name = "losses.SparseCategoricalCrossentropy"
    total = 0.24131129665715703 + 2.0 * math.log(3.0) + 0.5 * math.log(1 + math.exp(-1) + math.exp(-2))
    reduced = value(worker, "sparse_softmax_cross_entropy", name, inputs, reduction=reduction)
    assert float(reduced) == pytest.approx(total / divisor, rel=1e-6)


def test_a_class_computes_in_the_dtype_of_the_predictions(worker):
    x = Array("float64", np.array([[2.0, -1.0, 0.5]]))
    inputs = {"logits": x, "targets": Array("float64", np.array([[1.0, 0.0, 0.0]]))}
    losses = value(worker, "softmax_cross_entropy", "losses.CategoricalCrossentropy", inputs)
    assert losses.dtype == np.float64
    assert losses == pytest.approx([0.24131129665715703], rel=1e-14)


def test_a_gradient_is_the_product_with_the_cotangent_and_the_modes_agree(worker):
    inputs = {"logits": [[1.0, 2.0, 0.5], [0.0, 0.0, 0.0]], "targets": [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]}
    s = np.exp(inputs["logits"]) / np.exp(inputs["logits"]).sum(1, keepdims=True)
    right = (s - inputs["targets"]) * [[2.0], [-0.5]]
    for mode in worker.hello["modes"][:2]:
        answer = ask(
            worker, "softmax_cross_entropy", "losses.CategoricalCrossentropy", inputs, mode, ["logits"], [2.0, -0.5]
        )
        if answer.kind == "unsupported":
            assert "compiler" in answer.head["message"]
            continue
        assert answer.arrays[0].storage == pytest.approx(right, rel=1e-5, abs=1e-6)


def test_a_metric_is_a_new_one_each_time_and_weighs_by_the_sum_of_the_weights(worker):
    inputs = {"probabilities": [[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]], "labels": labels([0, 1, 1])}
    name = "metrics.SparseCategoricalAccuracy"
    for _ in range(2):
        found = value(worker, "sparse_categorical_accuracy", name, inputs, reduction="mean")
        assert float(found) == pytest.approx(2 / 3)
    weighted = dict(inputs, weights=[1.0, 1.0, 3.0])
    found = value(worker, "sparse_categorical_accuracy", name, weighted, reduction="weighted_mean")
    assert float(found) == pytest.approx(4 / 5)


def test_what_keras_lacks_is_unsupported_with_a_reason(worker):
    inputs = {"probabilities": [0.5], "targets": [1.0]}
    for name, reason in ((BCE, "no reduction 'batch_mean'"), ("losses.binary_crossentropy", "its classes have")):
        answer = ask(worker, "binary_cross_entropy", name, inputs, reduction="batch_mean")
        assert answer.kind == "unsupported"
        assert reason in answer.head["message"]


def test_a_call_that_changes_its_arguments_is_an_error_and_the_next_call_sees_the_case(worker):
    inputs = {"probabilities": [[0.5, 0.5], [0.25, 0.75]], "labels": labels([0, -1]), "weights": [1.0, 5.0]}
    name = "losses.SparseCategoricalCrossentropy"
    for _ in range(2):
        answer = ask(worker, "sparse_categorical_cross_entropy", name, inputs, ignore_index=-1, reduction="mean")
        if worker.hello["adapter"] == "keras-torch":
            assert answer.kind == "raised"
            assert answer.head["message"].endswith("Crossentropy changed its argument in place: weights")
        else:
            assert float(answer.arrays[0].storage) == pytest.approx(math.log(2), rel=1e-6)
