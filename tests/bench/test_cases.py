"""What is timed: the catalogue's random batches with more rows."""

import math

import pytest

from conformance.bench.cases import case_to_time, enlarged
from conformance.bench.work import least_bytes
from conformance.loading import load
from conformance.oracle.operation import OPERATIONS
from conformance.reference import Reference

CASES = load(None).cases
# All pairs of a batch are compared, or a row's labels depend on each other.
WITHOUT = {"ntxent", "circle", "multilabel_margin", "triplet_hard", "triplet_semihard"}


def reference(operation, size):
    case = enlarged(case_to_time(OPERATIONS[operation], CASES), size)
    return Reference(next(case.variants()), "float32")


def test_nearly_every_operation_can_be_timed():
    assert {name for name, o in OPERATIONS.items() if case_to_time(o, CASES) is None} == WITHOUT


@pytest.mark.parametrize("operation", sorted(set(OPERATIONS) - WITHOUT))
def test_an_enlarged_case_has_an_answer_and_inputs_of_about_the_size(operation):
    made = reference(operation, 600)
    main = next(iter(made.storage.values()))
    assert math.prod(main.shape) == pytest.approx(600, rel=0.1)
    assert made.truth.value.value.size > 0


def test_rows_keep_their_classes_and_a_loss_is_averaged():
    made = reference("sparse_softmax_cross_entropy", 100_000)
    assert {name: array.shape for name, array in made.storage.items()} == {"logits": (10_000, 10), "labels": (10_000,)}
    assert made.variant.parameters["reduction"] == "mean"
    assert made.truth.value.value.shape == ()


def test_the_usual_exponent_is_asked_though_a_case_begins_with_another():
    assert "gamma" not in reference("softmax_focal_loss", 100).variant.case.each
    assert reference("softmax_focal_loss", 100).variant.parameters["gamma"] == 2.0


def test_inputs_are_never_all_zero():
    for name in ("softmax_cross_entropy", "sigmoid_focal_loss", "binary_cross_entropy_with_logits"):
        assert all(array.storage.any() for array in reference(name, 1000).storage.values())


def test_least_bytes_are_inputs_read_once_and_outputs_written_once():
    """1,000 logits of 4 bytes, 100 labels of 8; a scalar of 4, or a gradient of 1,000."""
    inputs = reference("sparse_softmax_cross_entropy", 1000).storage.values()
    assert least_bytes(inputs, [((), "float32")]) == 4000 + 800 + 4
    assert least_bytes(inputs, [((100, 10), "float32")]) == 4000 + 800 + 4000
    assert least_bytes([], [((8,), "bfloat16")]) == 16
