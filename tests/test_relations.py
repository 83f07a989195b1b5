"""Metamorphic relations: the oracle itself keeps each one that a case names."""

import numpy as np
import pytest

from conformance.case import Variant
from conformance.judge.compare import Question, compare
from conformance.loading import load
from conformance.oracle.operation import OPERATIONS, Exact
from conformance.reference import Reference
from conformance.relations import RELATIONS, DoesNotApply

CATALOGUE = load(None)
RELATED = [variant for case in CATALOGUE.cases for variant in case.variants() if variant.relation]


def related(name):
    return [v for v in RELATED if v.relation == name]


@pytest.mark.parametrize("name", RELATIONS)
def test_every_relation_is_asked_by_some_case(name):
    assert related(name)


@pytest.mark.parametrize("name", [name for name, relation in RELATIONS.items() if relation.answer is not None])
def test_the_oracle_keeps_a_relation_that_says_what_becomes_of_the_answer(name):
    relation = RELATIONS[name]
    for variant in related(name):
        plain = Reference(Variant(variant.case, variant.chosen), "float64")
        changed = Reference(variant, "float64")
        shape = np.shape(plain.values[plain.operation.required[0]])
        expected = relation.answer(plain.truth.value.value, shape, variant.parameters)
        # The changed inputs are rounded too, so the condition belongs to the bound.
        right = changed.truth.value
        exact = Exact(expected, right.scale, right.condition + 4 * np.abs(right.value), free=right.free)
        (distance,) = compare([Question(right.value, exact, "float64", "B")])
        assert distance.meets, (variant.id, right.value, expected)


@pytest.mark.parametrize("name", [name for name, relation in RELATIONS.items() if relation.other is not None])
def test_the_oracles_of_two_related_operations_agree(name):
    for variant in related(name):
        changed = Reference(variant, "float64")
        own = Reference(Variant(variant.case, {**variant.chosen, **_changed(variant)}), "float64")
        (distance,) = compare([Question(own.truth.value.value, changed.truth.value, "float64", "B")])
        assert distance.meets, variant.id


def _changed(variant):
    return RELATIONS[variant.relation].parameters(variant.case.operation, variant.parameters)


@pytest.mark.parametrize("variant", RELATED, ids=lambda variant: variant.id)
def test_the_inputs_of_a_related_case_are_those_of_its_operation(variant):
    reference = Reference(variant, "float32")
    assert set(reference.values) == set(variant.inputs)
    assert np.shape(reference.truth.value.value) is not None


def test_a_relation_that_says_nothing_of_a_case_is_refused():
    one_hot = OPERATIONS["one_hot"]
    with pytest.raises(DoesNotApply, match="takes no logits"):
        RELATIONS["shift"].change(one_hot, {"labels": np.array([1])}, {})
    with pytest.raises(DoesNotApply, match="nothing is ignored"):
        RELATIONS["mask-is-filter"].change(OPERATIONS["sigmoid"], {"x": np.zeros(3)}, {})


def test_a_mask_of_whole_samples_is_a_filter_and_one_of_parts_is_not():
    loss = OPERATIONS["binary_cross_entropy_with_logits"]
    values = {"logits": np.arange(4.0).reshape(2, 2), "targets": np.ones((2, 2))}
    filtered = RELATIONS["mask-is-filter"].change(loss, {**values, "weights": np.array([[0.0, 0.0], [1.0, 2.0]])}, {})
    assert filtered["logits"].tolist() == [[2.0, 3.0]]
    assert filtered["weights"].tolist() == [[1.0, 2.0]]
    with pytest.raises(DoesNotApply, match="in part"):
        RELATIONS["mask-is-filter"].change(loss, {**values, "weights": np.array([[0.0, 1.0], [1.0, 2.0]])}, {})
