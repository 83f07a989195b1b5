"""Every gradient is the derivative of its value, every clip and contract included."""

import numpy as np
import pytest

from conformance.oracle.operation import OPERATIONS, evaluate

STEP = 2.0**-8
# central differences of eighth order: weights of f(x + kh) - f(x - kh), k = 1..4
STENCIL = (4 / 5, -1 / 5, 4 / 105, -1 / 280)

SEED = np.random.default_rng(20)
X = SEED.normal(size=(3, 4)) * 2
P = SEED.uniform(0.15, 0.85, size=(3, 4))
Y = np.array([[0, 1, 1, 0], [1, 0.3, 0.8, 1], [0, 0, 1, 0.5]])
T = np.array([[0, 1, 0, 0], [0.1, 0.2, 0.3, 0.4], [2.0, 0, -0.5, 1]])
K = np.array([1, 0, 3])
W = np.array([0.5, 2.0, 1.0, 0.25])
ROW_WEIGHTS = np.array([1.0, 0.5, 3.0])

BINARY_LOGITS = {"logits": X, "targets": Y}
BINARY = {"probabilities": P, "targets": Y}
DENSE_LOGITS = {"logits": X, "targets": T}
DENSE = {"probabilities": P, "targets": np.abs(T)}
SPARSE_LOGITS = {"logits": X, "labels": K}
SPARSE = {"probabilities": P, "labels": K}

QUESTIONS = [
    ("sigmoid", {"x": X}, {}),
    ("log_sigmoid", {"x": X}, {}),
    ("softplus", {"x": X}, {}),
    ("softplus", {"x": X}, {"beta": 2.5}),
    ("softplus", {"x": X}, {"threshold": 0.5}),
    ("softmax", {"x": X}, {}),
    ("softmax", {"x": X}, {"axis": 0}),
    ("log_softmax", {"x": X}, {}),
    ("log_softmax", {"x": X}, {"axis": 0}),
    ("logsumexp", {"x": X}, {}),
    ("logsumexp", {"x": X}, {"axis": 0}),
    ("smooth_labels", {"targets": T}, {"alpha": 0.1}),
    ("binary_cross_entropy", BINARY, {}),
    ("binary_cross_entropy", BINARY, {"label_smoothing": 0.1, "reduction": "mean_last_axis"}),
    ("binary_cross_entropy", BINARY, {"clip": (0.3, 0.7)}),
    ("binary_cross_entropy", BINARY, {"shift": 0.1}),
    ("binary_cross_entropy", BINARY, {"log_floor": -1.0}),
    ("binary_cross_entropy_with_logits", BINARY_LOGITS, {}),
    ("binary_cross_entropy_with_logits", BINARY_LOGITS, {"pos_weight": 3.0, "label_smoothing": 0.2}),
    ("binary_cross_entropy_with_logits", {**BINARY_LOGITS, "weights": W}, {"pos_weight": [1, 2, 3, 4]}),
    ("categorical_cross_entropy", DENSE, {}),
    ("categorical_cross_entropy", DENSE, {"axis": 0, "label_smoothing": 0.1}),
    ("categorical_cross_entropy", DENSE, {"normalise": True}),
    ("categorical_cross_entropy", DENSE, {"normalise": True, "clip": (0.2, 0.3)}),
    ("categorical_cross_entropy", DENSE, {"shift": 0.1, "normalise": True}),
    ("sparse_categorical_cross_entropy", SPARSE, {"ignore_index": 0}),
    ("sparse_categorical_cross_entropy", SPARSE, {"normalise": True}),
    ("sparse_categorical_cross_entropy", SPARSE, {"renormalise": True, "clip": (0.3, 0.7)}),
    ("sparse_categorical_cross_entropy", SPARSE, {"normalise": True, "renormalise": True, "clip": (0.2, 0.3)}),
    ("softmax_cross_entropy", DENSE_LOGITS, {}),
    ("softmax_cross_entropy", {**DENSE_LOGITS, "class_weights": W}, {"label_smoothing": 0.1}),
    ("softmax_cross_entropy", {**DENSE_LOGITS, "class_weights": W[:3]}, {"axis": 0, "reduction": "weighted_mean"}),
    ("sparse_softmax_cross_entropy", SPARSE_LOGITS, {"ignore_index": 0, "reduction": "mean"}),
    ("sparse_softmax_cross_entropy", {**SPARSE_LOGITS, "class_weights": W}, {"label_smoothing": 0.1}),
    (
        "sparse_softmax_cross_entropy",
        {**SPARSE_LOGITS, "class_weights": W, "weights": ROW_WEIGHTS},
        {"label_smoothing": 0.1, "weights_inside_smoothing": True, "reduction": "weighted_mean"},
    ),
    *(("sigmoid_focal_loss", BINARY_LOGITS, {"gamma": gamma}) for gamma in (0.0, 0.4, 1.0, 2.0, 3.5)),
    ("sigmoid_focal_loss", BINARY_LOGITS, {"alpha": 0.25, "label_smoothing": 0.1}),
    ("sigmoid_focal_loss", BINARY_LOGITS, {"clip": (0.3, 0.7)}),
    *(("binary_focal_cross_entropy", BINARY, {"gamma": gamma}) for gamma in (0.0, 0.4, 1.0, 2.0, 3.5)),
    ("binary_focal_cross_entropy", BINARY, {"alpha": 0.25, "label_smoothing": 0.1, "clip": (0.3, 0.7), "shift": 0.1}),
    *(("categorical_focal_cross_entropy", DENSE, {"gamma": gamma}) for gamma in (0.0, 0.4, 1.0, 2.0, 3.5)),
    ("categorical_focal_cross_entropy", DENSE, {"alpha": [1, 2, 3, 4], "normalise": True, "clip": (0.2, 0.3)}),
    ("categorical_focal_cross_entropy", DENSE, {"alpha": [1, 2, 3], "axis": 0, "label_smoothing": 0.1}),
    *(("softmax_focal_loss", SPARSE_LOGITS, {"gamma": gamma}) for gamma in (0.0, 0.4, 1.0, 2.0, 3.5)),
    ("class_weighted_pixelwise_cross_entropy", {**DENSE, "class_weights": W}, {"clip": (0.3, 0.7)}),
    ("predicted_class_weighted_cross_entropy", {**DENSE_LOGITS, "class_weights": W}, {}),
]


def difference(function, at, index):
    """∂function/∂at[index] by central differences."""
    total = 0.0
    for k, weight in enumerate(STENCIL, start=1):
        ahead, behind = at.copy(), at.copy()
        ahead[index] += k * STEP / 8
        behind[index] -= k * STEP / 8
        total += weight * (function(ahead) - function(behind))
    return total / (STEP / 8)


@pytest.mark.parametrize(
    ("operation", "inputs", "parameters"), QUESTIONS, ids=[f"{q[0]}-{i}" for i, q in enumerate(QUESTIONS)]
)
def test_gradient_is_the_derivative_of_the_value(operation, inputs, parameters):
    defined = OPERATIONS[operation]
    answer = evaluate(defined, inputs, parameters)
    cotangent = np.random.default_rng(7).normal(size=answer.value.value.shape)
    (name,) = defined.differentiable

    def weighted(array):
        return float(np.sum(cotangent * evaluate(defined, {**inputs, name: array}, parameters).value.value))

    found = answer.gradient(cotangent)[name]
    expected = np.array([difference(weighted, inputs[name], i) for i in np.ndindex(inputs[name].shape)])
    np.testing.assert_allclose(found.value.ravel(), expected, rtol=1e-9, atol=1e-10)
    assert found.value.shape == found.scale.shape == found.condition.shape == inputs[name].shape


def test_every_cross_entropy_is_here():
    """The gradients of other families are proven by certify alone, against automatic differentiation."""
    families = ("binary", "categorical", "focal", "segmentation")
    asked = {operation for operation, _, _ in QUESTIONS}
    assert {name for name, o in OPERATIONS.items() if o.differentiable and o.family in families} <= asked


@pytest.mark.parametrize("logit", [20.0, -20.0, 40.0, -40.0, 300.0])
def test_the_gradient_of_a_confident_right_logit_is_no_difference(logit):
    """σ(x) - y would be 0 here; it is σ(-|x|)."""
    target = float(logit > 0)
    inputs = {"logits": np.array([logit]), "targets": np.array([target])}
    found = evaluate(OPERATIONS["binary_cross_entropy_with_logits"], inputs, {}).gradient(np.ones(1))["logits"].value
    np.testing.assert_allclose(found, np.exp(-abs(logit)) / (1 + np.exp(-abs(logit))) * (1 - 2 * target), rtol=1e-15)


def test_the_gradient_of_a_dominant_label_is_the_sum_of_the_others():
    inputs = {"logits": np.array([60.0, 0.0, 0.0]), "labels": np.array(0)}
    found = evaluate(OPERATIONS["sparse_softmax_cross_entropy"], inputs, {}).gradient(np.ones(()))["logits"].value
    np.testing.assert_allclose(found, np.exp(-60.0) * np.array([-2, 1, 1]), rtol=1e-15)


def test_a_metric_has_no_gradient():
    answer = evaluate(OPERATIONS["binary_accuracy"], {"probabilities": P, "targets": Y}, {})
    with pytest.raises(ValueError, match="no gradient"):
        answer.gradient(np.ones(P.shape))
