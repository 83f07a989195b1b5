"""How a result stands to the digits that a publication prints."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

import numpy as np

from conformance.judge.verdict import Observation
from conformance.plan import PlannedCheck
from conformance.run_file import PublishedDigits

# Fewer significant digits than this can be asked of a dtype.
DIGITS = {"float64": 16, "float32": 8}


def agrees(value: float, digits: str) -> bool:
    """Whether a number prints as these digits, rounded or cut off as publications do.

    >>> agrees(0.289909247626471, "0.2899"), agrees(12.000716, "11.522857")
    (True, False)
    """
    if not np.isfinite(value):
        return str(value) == digits.strip().lower()
    printed = Decimal(digits)
    exact = Decimal(value)
    exponent = Decimal((0, (1,), int(printed.as_tuple().exponent)))
    return any(exact.quantize(exponent, rounding=how) == printed for how in (ROUND_HALF_EVEN, ROUND_DOWN))


def published_digits(check: PlannedCheck, observation: Observation) -> PublishedDigits | None:
    """The comparison with the case's publication, for values in dtypes that can show as many digits."""
    published = check.variant.case.published
    if published is None or check.order != "value" or observation.kind != "returned":
        return None
    wanted = published.digits.strip("()[] ").replace(",", " ").split()
    if max(len(part.lstrip("-0.").replace(".", "")) for part in wanted) > DIGITS.get(check.dtype, 0):
        return None
    value, _, _ = observation.outputs["value"]
    got = [float(v) for v in np.ravel(value)]
    places = max(len(part.partition(".")[2]) for part in wanted)
    return PublishedDigits(
        digits=published.digits,
        got=", ".join(f"{v:.{places}f}" for v in got[: len(wanted) + 1]),
        agrees=len(got) == len(wanted) and all(map(agrees, got, wanted)),
        source=published.source,
    )
