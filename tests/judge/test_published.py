"""Published digits: a number agrees if it prints so, rounded or cut off."""

import pytest

from conformance.judge.published import agrees


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
