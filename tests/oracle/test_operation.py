"""The registry of operations, and what every definition owes: shapes, refusals, identities."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from conformance.loading import load
from conformance.oracle.operation import MASK, OPERATIONS, WEIGHTS, cotangent_for, evaluate, operation
from conformance.reference import Reference

CATALOGUE = load()
NUMBERS = st.floats(-700, 700)
ROWS = arrays(np.float64, (2, 4), elements=NUMBERS)
# Operations whose inputs are alike: entries, or rows of classes with labels or targets.
REGULAR = [
    name
    for name, of in OPERATIONS.items()
    if of.family in ("binary", "categorical", "focal", "segmentation")
    or name in (
        "sigmoid", "log_sigmoid", "softplus", "softmax", "log_softmax", "logsumexp", "one_hot", "smooth_labels",
        "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy",
    )
]  # fmt: skip
GAMMAS = st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.0])
CLASSES = 3


def ask(name, inputs, **parameters):
    values = {key: np.asarray(array) for key, array in inputs.items()}
    return evaluate(OPERATIONS[name], values, parameters)


def value(name, inputs, **parameters):
    return ask(name, inputs, **parameters).value.value


def inputs_of(defined, shape):
    """Ordinary inputs of a batch shape, the classes last where there are classes."""
    by_class = "axis" in defined.parameters or defined.family in ("categorical", "segmentation")
    by_class = by_class or defined.name in ("softmax_focal_loss", "categorical_accuracy", "sparse_categorical_accuracy")
    full = (*shape, CLASSES) if by_class else shape
    made = {
        "real": np.full(full, 0.5), "probability": np.full(full, 0.25), "target": np.ones(full),
        "label": np.ones(shape, np.int64), "weight": np.ones(CLASSES),
    }  # fmt: skip
    return {i.name: made[i.kind] for i in defined.inputs if i not in (WEIGHTS, MASK)}


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_is_said_of_a_case_has_one_shape_and_each_gradient_that_of_its_input(name):
    for case in CATALOGUE.cases:
        if case.operation != name or case.outcome == "raises":
            continue
        reference = Reference(next(case.variants()), case.dtypes[0])
        exact = reference.answers("value")["value"]
        assert exact.value.shape == exact.scale.shape == exact.condition.shape, case.id
        assert exact.value.dtype == np.float64, case.id
        if OPERATIONS[name].differentiable:
            shapes = {key: gradient.value.shape for key, gradient in reference.answers("gradient").items()}
            differentiable = [key for key in OPERATIONS[name].differentiable if key in reference.values]
            assert shapes == {key: reference.values[key].shape for key in differentiable}, case.id


@pytest.mark.parametrize("shape", [(), (0,), (1,), (2,), (2, 0), (2, 1, 2), (2, 1, 2, 3)])
@pytest.mark.parametrize("name", REGULAR)
def test_every_rank_and_empty_batches_work(name, shape):
    defined = OPERATIONS[name]
    if name == "smooth_labels" and shape == ():
        shape = (3,)
    inputs = inputs_of(defined, shape)
    parameters = {"classes": CLASSES} if name == "one_hot" else {}
    answer = evaluate(defined, inputs, parameters)
    exact = answer.value
    assert exact.value.shape == exact.scale.shape == exact.condition.shape
    assert exact.value.shape[: len(shape)] == shape
    assert exact.value.dtype == np.float64
    cotangent = cotangent_for(defined, exact.value.shape)
    if defined.differentiable:
        gradients = answer.gradient(np.ones(()) if cotangent is None else cotangent)
        assert {key: g.value.shape for key, g in gradients.items()} == {
            key: inputs[key].shape for key in defined.differentiable
        }


@pytest.mark.parametrize("name", [name for name in REGULAR if "axis" in OPERATIONS[name].parameters])
def test_the_class_axis_may_stand_anywhere(name):
    defined = OPERATIONS[name]
    seed = np.random.default_rng(3)
    inputs = {
        i.name: seed.integers(0, CLASSES, (2, 4)) if i.kind == "label"
        else seed.uniform(0.1, 1, CLASSES) if i.name == "class_weights"
        else seed.uniform(0.1, 1, (2, 4, CLASSES))
        for i in defined.inputs if i not in (WEIGHTS, MASK)
    }  # fmt: skip
    last = evaluate(defined, inputs, {})
    keeps = last.value.value.ndim == 3
    cotangent = seed.normal(size=last.value.value.shape)
    for axis in (0, 1, -2):
        moved = {n: np.moveaxis(a, -1, axis) if a.ndim == 3 else a for n, a in inputs.items()}
        found = evaluate(defined, moved, {"axis": axis})
        spread = np.moveaxis(cotangent, -1, axis) if keeps else cotangent
        expected = np.moveaxis(last.value.value, -1, axis) if keeps else last.value.value
        np.testing.assert_array_equal(found.value.value, expected)
        for key, gradient in found.gradient(spread).items():
            right = last.gradient(cotangent)[key].value
            np.testing.assert_array_equal(gradient.value, np.moveaxis(right, -1, axis))


def test_a_single_class_is_certain():
    for x in (-np.inf, -3.0, 0.0, np.inf):
        assert value("sparse_softmax_cross_entropy", {"logits": [x], "labels": 0}) == 0
        assert value("softmax_focal_loss", {"logits": [x], "labels": 0}) == 0


@pytest.mark.parametrize(
    ("name", "inputs", "parameters", "message"),
    [
        ("binary_cross_entropy", {"probabilities": [0.5], "targets": [[1.0]]}, {}, "targets have shape"),
        ("softmax_cross_entropy", {"logits": [[0.0, 1]], "targets": [1.0, 0]}, {}, "targets have shape"),
        ("sparse_softmax_cross_entropy", {"logits": [[0.0, 1]], "labels": [0, 1]}, {}, "labels have shape"),
        ("sparse_softmax_cross_entropy", {"logits": [[0.0, 1]], "labels": [2]}, {}, "labels must be in"),
        ("sparse_softmax_cross_entropy", {"logits": [[0.0, 1]], "labels": [-1]}, {}, "labels must be in"),
        ("sparse_categorical_cross_entropy", {"probabilities": [[0.5, 0.5]], "labels": [2]}, {}, "labels must be in"),
        (
            "softmax_cross_entropy",
            {"logits": [[0.0, 1]], "targets": [[1.0, 0]], "class_weights": [1.0]},
            {},
            "class_weights have shape",
        ),
        (
            "binary_cross_entropy_with_logits",
            {"logits": [0.0], "targets": [1.0]},
            {"pos_weight": [1.0, 2.0]},
            "pos_weight has shape",
        ),
        ("one_hot", {"labels": [0]}, {}, "number of classes"),
        ("softmax", {"x": [0.0]}, {"axis": 1}, "axis"),
    ],
)
def test_inputs_with_which_an_operation_is_not_defined_are_refused(name, inputs, parameters, message):
    with pytest.raises(ValueError, match=message):
        ask(name, inputs, **parameters)


def test_a_label_outside_the_classes_has_no_right_one_hot_row():
    exact = ask("one_hot", {"labels": [0, 5, -1]}, classes=2).value
    np.testing.assert_array_equal(exact.free, [[False, False], [True, True], [True, True]])


def test_an_operation_is_defined_once():
    with pytest.raises(ValueError, match="sigmoid is defined twice"):
        operation("sigmoid", family="primitives", inputs=())(lambda x: x)


def test_importing_the_oracle_package_is_light():
    asked = "import sys, conformance.oracle; sys.exit('numpy' in sys.modules)"
    subprocess.run([sys.executable, "-c", asked], check=True, timeout=60)


def test_a_scalar_value_needs_no_cotangent_and_coupled_outputs_a_varied_one():
    assert cotangent_for(OPERATIONS["sigmoid"], ()) is None
    np.testing.assert_array_equal(cotangent_for(OPERATIONS["sigmoid"], (2,)), [1, 1])
    assert len(set(cotangent_for(OPERATIONS["softmax"], (3,)).tolist())) == 3


def close(found, right):
    np.testing.assert_allclose(found, right, rtol=1e-12, atol=1e-300)


@given(ROWS, st.integers(-1000, 1000))
def test_a_shift_of_all_logits_changes_nothing(rows, shift):
    """Logits on a grid of 1/16, so that the shift itself rounds nothing."""
    rows = np.round(rows * 16) / 16
    for name in ("softmax", "log_softmax"):
        np.testing.assert_array_equal(value(name, {"x": rows + shift}), value(name, {"x": rows}))
    labels = {"labels": [1, 3]}
    before = ask("sparse_softmax_cross_entropy", {"logits": rows, **labels})
    after = ask("sparse_softmax_cross_entropy", {"logits": rows + shift, **labels})
    np.testing.assert_array_equal(after.value.value, before.value.value)
    ones = np.ones(2)
    np.testing.assert_array_equal(after.gradient(ones)["logits"].value, before.gradient(ones)["logits"].value)


@given(ROWS)
def test_the_parts_of_a_softmax_agree(rows):
    softmax, log_softmax, total = (value(n, {"x": rows}) for n in ("softmax", "log_softmax", "logsumexp"))
    close(softmax.sum(axis=-1), 1)
    np.testing.assert_allclose(rows - total[:, None], log_softmax, rtol=1e-12, atol=1e-12)
    dense = value("softmax_cross_entropy", {"logits": rows, "targets": np.eye(4)[[2, 0]]})
    sparse = value("sparse_softmax_cross_entropy", {"logits": rows, "labels": [2, 0]})
    np.testing.assert_array_equal(sparse, dense)
    np.testing.assert_array_equal(sparse, -log_softmax[[0, 1], [2, 0]])


@given(arrays(np.float64, 5, elements=NUMBERS), arrays(np.float64, 5, elements=st.sampled_from([0.0, 1.0, 0.25, 0.5])))
def test_swapping_the_labels_mirrors_the_logits(logits, targets):
    for name in ("binary_cross_entropy_with_logits", "sigmoid_focal_loss"):
        one = ask(name, {"logits": logits, "targets": targets})
        other = ask(name, {"logits": -logits, "targets": 1 - targets})
        close(other.value.value, one.value.value)
        close(other.gradient(np.ones(5))["logits"].value, -one.gradient(np.ones(5))["logits"].value)


@given(arrays(np.float64, 5, elements=NUMBERS))
def test_two_classes_are_one_logit(logits):
    pairs = np.stack([np.zeros(5), logits], axis=-1)
    for target in (0, 1):
        binary = value("binary_cross_entropy_with_logits", {"logits": logits, "targets": np.full(5, float(target))})
        close(value("sparse_softmax_cross_entropy", {"logits": pairs, "labels": [target] * 5}), binary)


@given(arrays(np.float64, 5, elements=NUMBERS))
def test_activations_agree_with_each_other(x):
    close(value("log_sigmoid", {"x": x}), -value("softplus", {"x": -x}))
    close(value("sigmoid", {"x": x}) + value("sigmoid", {"x": -x}), 1)
    close(value("softplus", {"x": x}, beta=2.0), value("softplus", {"x": 2 * x}) / 2)


@given(ROWS, GAMMAS)
def test_a_focal_loss_is_at_most_the_cross_entropy(rows, gamma):
    focal = value("softmax_focal_loss", {"logits": rows, "labels": [2, 0]}, gamma=gamma)
    plain = value("sparse_softmax_cross_entropy", {"logits": rows, "labels": [2, 0]})
    assert np.all(focal <= plain * (1 + 1e-15))
    if gamma == 0:
        close(focal, plain)


@settings(max_examples=50)
@given(arrays(np.float64, (3, 4), elements=st.floats(1e-6, 1)))
def test_scaling_a_row_changes_nothing_after_its_normalisation(rows):
    targets = np.eye(4)[[0, 1, 2]]
    for name in ("categorical_cross_entropy", "categorical_focal_cross_entropy"):
        one = value(name, {"probabilities": rows, "targets": targets}, normalise=True)
        close(value(name, {"probabilities": 4 * rows, "targets": targets}, normalise=True), one)


def test_grade_a_asks_for_the_tail_that_cancellation_loses():
    """0.0 for target 0 at logit -20 is outside of grade A and inside of grade B."""
    exact = ask("binary_cross_entropy_with_logits", {"logits": [-20.0], "targets": [0.0]}).value
    unit = 2.0**-24
    assert exact.value / (unit * (exact.value + exact.condition)) > 16
    assert exact.value / (unit * exact.scale) < 16
