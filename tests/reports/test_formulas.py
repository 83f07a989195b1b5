"""LaTeX becomes MathML, and nothing else."""

import pytest
from conformance.reports.formulas import mathml


def test_a_formula_is_set_as_mathml():
    made = mathml(r"-y \log p")
    assert made.startswith('<math display="block">')
    assert "<mi>p</mi>" in made


def test_the_name_of_a_function_stands_apart_from_its_argument():
    assert '<mi>log</mi><mspace width="0.17em"/><mi>p</mi>' in mathml(r"\log p")


@pytest.mark.parametrize(
    "hostile",
    [
        r"\text{<script>alert(1)</script>}",
        r"\text{<img src=x onerror=alert(1)>}",
        r"\href{javascript:alert(1)}{x}",
        r"\style{background: url(//x)}{y}",
        r"\color{red}{x}",
    ],
)
def test_what_is_not_mathematics_alone_is_not_set(hostile):
    assert mathml(hostile) == ""


def test_a_formula_that_cannot_be_set_gives_nothing():
    assert mathml(r"\frac{") == ""


def test_no_formula_gives_nothing():
    assert mathml("  ") == ""
