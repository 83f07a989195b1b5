"""The part of the inputs that shows a worst element, where the oracle agrees that it does."""

import numpy as np
import pytest

from conformance.loading import load_cases
from conformance.reference import Reference
from conformance.witness import witness


@pytest.fixture
def reference(tmp_path):
    """A reference of one case, written in YAML."""

    def made(operation, inputs, parameters="{}"):
        path = tmp_path / "case.yaml"
        path.write_text(
            f"about: One case.\noperation: {operation}\ncases:\n"
            f"  - id: witness/one\n    says: A case.\n    flags: [grid]\n"
            f"    inputs: {inputs}\n    parameters: {parameters}\n"
        )
        (case,) = load_cases([path])
        return Reference(next(case.variants()), "float32")

    return made


LOGITS = "{logits: {normal: [0, 3], shape: [20, 5], seed: 1}, targets: {uniform: [0, 1], shape: [20, 5], seed: 2}}"
ROWS = "{logits: {normal: [0, 3], shape: [20, 5], seed: 1}, labels: {integers: [0, 4], shape: [20], seed: 2}}"
WEIGHED = (
    "{logits: {normal: [0, 3], shape: [20, 5], seed: 1}, labels: {integers: [0, 4], shape: [20], seed: 2}, "
    "class_weights: [1.0, 2.0, 3.0, 4.0, 5.0], weights: {uniform: [1, 2], shape: [20], seed: 3}}"
)


def test_few_inputs_stay_whole(reference):
    few = reference("sigmoid", "{x: [1.0, 2.0]}")
    assert not witness(few, "value", "value", (1,)).cut


def test_an_elementwise_operation_needs_one_element_of_each_input(reference):
    whole = reference("binary_cross_entropy_with_logits", LOGITS)
    shown = witness(whole, "value", "value", (3, 2))
    assert shown.cut
    assert shown.elements == 200
    assert {name: values.shape for name, values in shown.inputs.items()} == {"logits": (1, 1), "targets": (1, 1)}
    assert shown.inputs["logits"][0, 0] == whole.values["logits"][3, 2]


def test_an_operation_over_rows_needs_the_row(reference):
    whole = reference("sparse_softmax_cross_entropy", ROWS)
    shown = witness(whole, "value", "value", (7,))
    assert {name: values.shape for name, values in shown.inputs.items()} == {"logits": (1, 5), "labels": (1,)}


def test_a_softmax_needs_its_row_along_its_axis(reference):
    whole = reference("softmax", "{x: {normal: [0, 3], shape: [20, 5], seed: 1}}", "{axis: 0}")
    assert witness(whole, "value", "value", (7, 2)).inputs["x"].shape == (20, 1)


def test_class_weights_stay_whole_and_sample_weights_are_cut(reference):
    shown = witness(reference("sparse_softmax_cross_entropy", WEIGHED), "value", "value", (7,))
    assert shown.inputs["class_weights"].shape == (5,)
    assert shown.inputs["weights"].shape == (1,)


def test_a_gradient_takes_its_cotangent_along(reference):
    whole = reference("softmax", "{x: {normal: [0, 3], shape: [20, 5], seed: 1}}")
    shown = witness(whole, "gradient", "x", (7, 2))
    assert shown.cut
    assert np.array_equal(shown.cotangent, whole.cotangent[7:8])


def test_a_value_has_no_cotangent(reference):
    assert witness(reference("sigmoid", "{x: [1.0]}"), "value", None, ()).cotangent is None


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_a_reduction_needs_all_of_it(reference, reduction):
    whole = reference("binary_cross_entropy_with_logits", LOGITS, f"{{reduction: {reduction}}}")
    shown = witness(whole, "value", "value", ())
    assert not shown.cut
    assert shown.inputs["logits"].shape == (20, 5)


def test_a_weight_for_each_class_keeps_all_of_it(reference):
    whole = reference("binary_cross_entropy_with_logits", LOGITS, "{pos_weight: [1.0, 2.0, 3.0, 4.0, 5.0]}")
    assert not witness(whole, "value", "value", (3, 2)).cut


def test_all_of_it_can_be_asked_for(reference):
    assert not witness(reference("binary_cross_entropy_with_logits", LOGITS), "value", "value", (3, 2), full=True).cut
