"""Values are within 4 ULP of the exact ones over the whole range of their arguments."""

import numpy as np
import pytest

from conformance.oracle import exact
from conformance.oracle.operation import OPERATIONS, evaluate

SEED = np.random.default_rng(11)
COUNT = 60
SCALES = SEED.choice([0.01, 1, 20, 700], (COUNT, 1))
LOGITS = SEED.normal(size=(COUNT, 5)) * SCALES
TINY = 10 ** -SEED.uniform(0, 300, (COUNT, 5))
PROBABILITIES = np.where(SEED.random((COUNT, 5)) < 0.3, 1 - 2 ** -SEED.uniform(1, 53, (COUNT, 5)), TINY)
PROBABILITIES = np.where(SEED.random((COUNT, 5)) < 0.3, SEED.random((COUNT, 5)), PROBABILITIES)
SOFT = SEED.dirichlet(np.full(5, 0.3), COUNT)
HARD = np.eye(5)[SEED.integers(0, 5, COUNT)]
TARGETS = np.where(SEED.random((COUNT, 1)) < 0.5, SOFT, HARD)
LABELS = SEED.integers(0, 5, COUNT)
CLIP = (1e-7, 1 - 1e-7)

QUESTIONS = [
    ("sigmoid", {"x": LOGITS}, {}),
    ("log_sigmoid", {"x": LOGITS}, {}),
    ("softplus", {"x": LOGITS}, {}),
    ("softplus", {"x": LOGITS}, {"beta": 0.3}),
    ("softmax", {"x": LOGITS}, {}),
    ("log_softmax", {"x": LOGITS}, {}),
    ("binary_cross_entropy", {"probabilities": PROBABILITIES, "targets": TARGETS}, {}),
    ("binary_cross_entropy", {"probabilities": PROBABILITIES, "targets": HARD}, {"label_smoothing": 0.1}),
    ("binary_cross_entropy", {"probabilities": PROBABILITIES, "targets": HARD}, {"clip": CLIP, "shift": 1e-7}),
    ("binary_cross_entropy_with_logits", {"logits": LOGITS, "targets": TARGETS}, {"reduction": "none"}),
    ("binary_cross_entropy_with_logits", {"logits": LOGITS, "targets": TARGETS}, {"reduction": "mean"}),
    ("binary_cross_entropy_with_logits", {"logits": LOGITS, "targets": HARD}, {"pos_weight": 0.3}),
    ("categorical_cross_entropy", {"probabilities": PROBABILITIES, "targets": TARGETS}, {}),
    ("categorical_cross_entropy", {"probabilities": PROBABILITIES, "targets": HARD}, {"normalise": True, "clip": CLIP}),
    ("sparse_categorical_cross_entropy", {"probabilities": PROBABILITIES, "labels": LABELS}, {"normalise": True}),
    (
        "sparse_categorical_cross_entropy",
        {"probabilities": PROBABILITIES, "labels": LABELS},
        {"renormalise": True, "clip": CLIP},
    ),
    ("softmax_cross_entropy", {"logits": LOGITS, "targets": TARGETS}, {"label_smoothing": 0.1}),
    ("sparse_softmax_cross_entropy", {"logits": LOGITS, "labels": LABELS}, {}),
    ("sparse_softmax_cross_entropy", {"logits": LOGITS, "labels": LABELS}, {"reduction": "mean"}),
    ("sigmoid_focal_loss", {"logits": LOGITS, "targets": HARD}, {"gamma": 0.5}),
    ("sigmoid_focal_loss", {"logits": LOGITS, "targets": TARGETS}, {"gamma": 2.0, "alpha": 0.25}),
    ("binary_focal_cross_entropy", {"probabilities": PROBABILITIES, "targets": TARGETS}, {"gamma": 2.0}),
    ("categorical_focal_cross_entropy", {"probabilities": PROBABILITIES, "targets": TARGETS}, {"gamma": 2.0}),
    ("softmax_focal_loss", {"logits": LOGITS, "labels": LABELS}, {"gamma": 2.0}),
    (
        "predicted_class_weighted_cross_entropy",
        {"logits": LOGITS, "targets": TARGETS, "class_weights": np.array([0.3, 1.7, 1.0, 0.1, 2.2])},
        {},
    ),
]


@pytest.mark.parametrize(
    ("operation", "inputs", "parameters"), QUESTIONS, ids=[f"{q[0]}-{i}" for i, q in enumerate(QUESTIONS)]
)
def test_value_is_within_4_ulp(operation, inputs, parameters):
    """A focal loss raises a rounded 1 - p to the power γ, and that multiplies its relative error."""
    found = evaluate(OPERATIONS[operation], inputs, parameters).value.value
    truth = exact.evaluate(operation, inputs, parameters).value
    assert not truth.undecided.any()
    error = np.abs((found - truth.high) - truth.low) / np.spacing(np.abs(truth.high))
    assert np.max(error) <= 4 * (1 + parameters.get("gamma", 0.0))
