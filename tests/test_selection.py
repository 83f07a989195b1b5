"""Selecting by words: and, or, not and brackets, as in pytest."""

import pytest

from conformance.errors import UsageError
from conformance.selection import matcher

ID = "bce-logits/grid[reduction=mean]:torch/nn.BCEWithLogitsLoss:float32:eager:cpu:value"


@pytest.mark.parametrize(
    ("expression", "selected"),
    [
        ("", True),
        ("torch", True),
        ("torch and float16", False),
        ("float16 or float32", True),
        ("not float16", True),
        ("not (torch and value)", False),
        ("jax or torch and gradient", False),
        ("(jax or torch) and value", True),
        ("reduction=mean", True),
    ],
)
def test_an_expression_selects_ids(expression, selected):
    assert matcher(expression)(ID) is selected


@pytest.mark.parametrize("expression", ["and", "torch and", "(torch", "torch)", "torch jax", "not"])
def test_a_malformed_expression_is_said_to_be_one(expression):
    with pytest.raises(UsageError, match="-k"):
        matcher(expression)


def test_a_long_list_of_words_is_no_deep_one():
    """A thousand ids joined by `or` are an expression that scripts write."""
    match = matcher(" or ".join(f"case-{number}:" for number in range(2000)))
    assert match("case-1999:torch")
    assert not match("case-2000:torch")
