"""Jacobian-vector and Hessian-vector products of the oracle, against closed forms."""

import numpy as np
import pytest

from conformance.loading import know_operations
from conformance.oracle.directional import PATTERN, hessian_vector, jacobian_vector, tangents_for
from conformance.oracle.operation import OPERATIONS, evaluate

know_operations()
X = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.5]])
V = np.array([[1.0, -0.5, 0.25], [2.0, -1.0, 0.75]])


def softmax(x):
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def jvp(name, inputs, tangents, **parameters):
    return jacobian_vector(evaluate(OPERATIONS[name], inputs, parameters), tangents)


def hvp(name, inputs, tangents, cotangent=None, **parameters):
    operation = OPERATIONS[name]
    evaluation = evaluate(operation, inputs, parameters)
    gradient = evaluation.gradient(np.ones(()) if cotangent is None else cotangent)
    return hessian_vector(operation, inputs, parameters, cotangent, gradient, tangents)


def test_forward_mode_of_a_softmax_couples_the_classes():
    s = softmax(X)
    right = s * (V - (s * V).sum(axis=-1, keepdims=True))
    np.testing.assert_allclose(jvp("softmax", {"x": X}, {"x": V}).value, right, rtol=1e-13)


def test_forward_mode_of_a_mean_is_a_number():
    found = jvp(
        "binary_cross_entropy_with_logits", {"logits": X, "targets": np.ones(X.shape)}, {"logits": V}, reduction="mean"
    )
    np.testing.assert_allclose(found.value, (-1 / (1 + np.exp(X)) * V).mean(), rtol=1e-13)


def test_the_second_derivative_of_a_logistic_loss_is_that_of_softplus():
    found = hvp("softplus", {"x": X}, {"x": V}, np.ones(X.shape))["x"].value
    s = 1 / (1 + np.exp(-X))
    np.testing.assert_allclose(found, s * (1 - s) * V, rtol=1e-13)


def test_the_hessian_of_a_cross_entropy_is_that_of_the_normaliser():
    inputs = {"logits": X, "targets": softmax(V)}
    s = softmax(X)
    right = s * (V - (s * V).sum(axis=-1, keepdims=True)) / 2
    found = hvp("softmax_cross_entropy", inputs, {"logits": V}, reduction="mean")["logits"].value
    np.testing.assert_allclose(found, right, rtol=1e-12)


def test_a_gradient_that_jumps_has_no_second_derivative_there():
    found = hvp("relu", {"x": np.array([0.0, 1.0])}, {"x": np.array([1.0, 1.0])}, np.ones(2))["x"]
    assert found.free.tolist() == [True, False]
    assert found.value[1] == 0


def test_no_two_neighbouring_directions_are_alike_and_all_are_exact_in_half_precision():
    assert len(set(PATTERN.tolist())) == len(PATTERN)
    np.testing.assert_array_equal(PATTERN.astype(np.float16).astype(np.float64), PATTERN)
    tangents = tangents_for(OPERATIONS["squared_error"], {"predictions": X, "targets": X})
    assert tangents["predictions"].shape == X.shape
    assert not np.array_equal(tangents["predictions"], tangents["targets"])


def test_a_case_of_second_order_may_not_be_large():
    with pytest.raises(ValueError, match="at most 4096 entries"):
        jvp("sigmoid", {"x": np.zeros(5000)}, {"x": np.ones(5000)})


def test_the_hessian_of_ctc_is_that_of_its_paths():
    """Two frames that say one label: of the nine paths the three (1, 1), (0, 1) and (1, 0) give it."""
    x, v = np.array([[[0.5, -1.0, 0.25], [1.5, 0.75, -0.5]]]), np.array([[[1.0, -0.5, 0.25], [2.0, -1.0, 0.75]]])
    found = hvp("ctc", {"logits": x, "labels": np.array([[1]])}, {"logits": v}, np.ones(1))["logits"].value

    def slope(t):
        p, q = softmax(x[0] + t * v[0])
        paths = np.array([p[1] * q[1], p[0] * q[1], p[1] * q[0]])
        share = paths / paths.sum()
        passing = np.array([[share[1], share[0] + share[2], 0.0], [share[2], share[0] + share[1], 0.0]])
        return np.array([p, q]) - passing

    np.testing.assert_allclose(found[0], (slope(1e-5) - slope(-1e-5)) / 2e-5, rtol=1e-8, atol=1e-10)
