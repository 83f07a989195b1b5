"""What official documentation and upstream tests print agrees with the oracle, to the printed digits."""

import numpy as np
import pytest

from conformance.judge.published import agrees, numbers, slack_of
from conformance.loading import load
from conformance.reference import Reference

CASES = {case.id: case for case in load().cases if case.published and not case.id.startswith("documents/")}


@pytest.mark.parametrize("identifier", sorted(CASES))
def test_the_printed_digits_agree_with_the_oracle(identifier):
    case = CASES[identifier]
    (variant,) = case.variants()
    reference = Reference(variant, case.published.dtype)
    truth = reference.under(case.published.under) if case.published.under else reference.truth
    values = np.ravel(truth.value.value).astype(case.published.dtype)
    printed = numbers(case.published.digits)
    assert len(values) == len(printed)
    for value, digits in zip(values, printed, strict=True):
        assert agrees(float(value), digits, slack_of(float(value), case.published)), (value, digits)


def test_every_published_case_names_its_page_and_its_flag():
    for case in CASES.values():
        assert case.source, case.id
        assert "published-number" in case.flags, case.id
