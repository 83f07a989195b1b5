"""Published digits: a number agrees if it prints so, rounded or cut off."""

import pytest

from conformance.case import Published
from conformance.judge.published import agrees, numbers, slack_of


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        (0.289909247626471, "0.2899"),
        (0.7803238741323343, "0.7803"),
        (11.52285647392273, "11.522856"),
        (11.522856714, "11.522857"),
        (0.8654579497810972, "0.8654"),  # cut off
        (0.8654579497810972, "0.8655"),  # rounded
        (3.332204510175204, "3.3322"),
        (4.5398e-05, "0"),
        (-0.5, "-0.5"),
        (float("inf"), "inf"),
    ],
)
def test_a_number_agrees_with_its_own_digits(value, digits):
    assert agrees(value, digits)


@pytest.mark.parametrize(
    ("value", "digits"),
    [(12.000716, "11.522857"), (0.2901, "0.2899"), (float("nan"), "0.5"), (-0.5, "0.5"), (75.0, "11.5")],
)
def test_another_number_does_not(value, digits):
    assert not agrees(value, digits)


@pytest.mark.parametrize(
    ("value", "digits", "slack"),
    [(0.5, "0.49999997", 6e-8), (0.1, "0.0999", 1e-8), (1.0, "0.99999994", 6e-8), (-0.25, "-0.2500001", 1e-7)],
)
def test_a_publication_may_be_off_by_what_its_own_arithmetic_lost(value, digits, slack):
    assert agrees(value, digits, slack)
    assert not agrees(value, digits)


def test_slack_is_no_licence():
    assert not agrees(0.5, "0.4998", 1e-8)


def test_slack_counts_in_roundoffs_of_the_publications_dtype():
    assert slack_of(-8.0, Published("8", "a page", dtype="float32", units=4)) == 32 * 2.0**-24


def test_brackets_and_commas_are_no_digits():
    assert numbers("(0.9333, 0.0333)") == numbers("[0.9333 0.0333]") == ["0.9333", "0.0333"]
