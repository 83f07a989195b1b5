"""How a result stands to the digits that a publication prints."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

import numpy as np

from conformance.case import Published
from conformance.judge.verdict import Observation
from conformance.oracle.dtypes import unit_roundoff
from conformance.plan import PlannedCheck
from conformance.run_file import PublishedDigits

# Fewer significant digits than this can be asked of a dtype.
DIGITS = {"float64": 16, "float32": 8}


def agrees(value: float, digits: str, slack: float = 0.0) -> bool:
    """Whether a number, or one that is off by at most `slack`, prints as these digits, rounded or cut off.

    >>> agrees(0.289909247626471, "0.2899"), agrees(12.000716, "11.522857")
    (True, False)
    """
    if not np.isfinite(value):
        return str(value) == digits.strip().lower()
    printed = Decimal(digits)
    exponent = Decimal((0, (1,), int(printed.as_tuple().exponent)))

    def printable(number: Decimal) -> list[Decimal]:
        return [number.quantize(exponent, rounding=how) for how in (ROUND_HALF_EVEN, ROUND_DOWN)]

    low, high = (printable(Decimal(value) + sign * Decimal(slack)) for sign in (-1, 1))
    return min(low) <= printed <= max(high) if slack else printed in low


def numbers(digits: str) -> list[str]:
    """The numbers of what a publication prints.

    >>> numbers("(0.9333, 0.0333)")
    ['0.9333', '0.0333']
    """
    return digits.strip("()[] ").replace(",", " ").split()


def slack_of(value: float, published: Published) -> float:
    """How far a number may be from the printed one where the publication's own arithmetic was that far off."""
    return published.units * unit_roundoff(published.dtype) * abs(value)


def published_digits(check: PlannedCheck, observation: Observation) -> PublishedDigits | None:
    """The comparison with the case's publication, for values in dtypes that can show as many digits."""
    published = check.variant.case.published
    if published is None or check.order != "value" or observation.kind != "returned":
        return None
    wanted = numbers(published.digits)
    if max(len(part.lstrip("-0.").replace(".", "")) for part in wanted) > DIGITS.get(check.dtype, 0):
        return None
    value, _, _ = observation.outputs["value"]
    got = [float(v) for v in np.ravel(value)]
    places = max(len(part.partition(".")[2]) for part in wanted)
    return PublishedDigits(
        digits=published.digits,
        got=", ".join(f"{v:.{places}f}" for v in got[: len(wanted) + 1]),
        agrees=len(got) == len(wanted)
        and all(agrees(v, w, slack_of(v, published)) for v, w in zip(got, wanted, strict=True)),
        source=published.source,
    )
