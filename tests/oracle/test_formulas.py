"""Every operation has a formula that people can read: it converts to MathML, and its symbols are explained."""

import re

import pytest
from latex2mathml.converter import convert

from conformance.oracle import load_all
from conformance.oracle.formulas import all_formulas, formula_of
from conformance.oracle.operation import OPERATIONS

load_all()


def test_every_operation_has_a_formula_and_no_formula_is_of_nothing():
    assert set(all_formulas()) == set(OPERATIONS)


@pytest.mark.parametrize("name", sorted(all_formulas()))
def test_a_formula_converts_to_mathml_without_a_rest(name):
    """An unknown command is left in the output with its backslash, and a fault makes an merror."""
    formula = formula_of(name)
    for latex in (formula.value, *formula.gradients.values(), *formula.symbols):
        mathml = convert(latex)
        assert mathml.startswith("<math")
        assert "merror" not in mathml
        assert "\\" not in mathml


@pytest.mark.parametrize("name", sorted(all_formulas()))
def test_a_formula_names_every_input_and_differentiates_only_what_can_be(name):
    """Weights, masks and lengths that are optional may be left to the words; parameters that a formula names exist."""
    operation, formula = OPERATIONS[name], formula_of(name)
    named = set(formula.symbols.values())
    needed = {i.name for i in operation.inputs if not i.optional}
    assert needed <= named
    assert set(formula.gradients) <= set(operation.differentiable)
    known = {i.name for i in operation.inputs} | set(operation.asked)
    words = {word for word in named if re.fullmatch(r"[a-z_0-9]+", word)}
    assert words <= known


@pytest.mark.parametrize("name", sorted(all_formulas()))
def test_a_symbol_that_is_explained_occurs_in_the_formula(name):
    formula = formula_of(name)
    text = " ".join([formula.value, *formula.gradients.values()])
    for symbol in formula.symbols:
        parts = [re.sub(r"\(.*\)$", "", part) for part in symbol.split(", ")]
        for part in parts:
            shape = part.replace(r"[\,\cdot\,]", r"[\,").replace("[c = k]", "[c = k]")
            assert shape in text, symbol
