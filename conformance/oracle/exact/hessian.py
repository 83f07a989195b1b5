"""Hessian-vector products of the second definitions: a central difference of the gradient, with a step of 2⁻²⁰⁰.

The gradient is automatic and as precise as asked, so the difference loses 200 bits and keeps the rest; the error of
the rule itself is of the order of the square of the step. The difference of a step 2²⁰ times smaller must agree: it
does not at a kink of the gradient, where there is no second derivative.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from flint import arb, ctx
from numpy.typing import NDArray

from conformance.oracle.exact.definition import DEFINITIONS
from conformance.oracle.exact.evaluate import Asked, ExactArray, Floats, Result, ask, attempt
from conformance.oracle.exact.limits import Missing, Outcome

STEP = -200
FINER = -220
BITS = 640
# The two differences agree to this, relative to their size or to what the gradient makes of it.
AGREED = arb((1, -60))
NOTHING = arb((1, -150))


def hessian_product(
    operation: str,
    inputs: Mapping[str, NDArray[Any]],
    parameters: Mapping[str, Any],
    *,
    cotangent: Floats | None,
    tangents: Mapping[str, Floats],
) -> dict[str, ExactArray]:
    """H·v of <cotangent, value> by each input in `tangents`, which together are v.

    Arguments as for `evaluate`. Where no second derivative exists, or a limit would have to be taken, the entry is
    undefined.
    """
    asked = ask(DEFINITIONS[operation], inputs, parameters, cotangent, tuple(tangents), False)
    asked = replace(asked, tangents={name: np.asarray(v, np.float64) for name, v in tangents.items()})
    previous = ctx.prec
    try:
        ctx.prec = BITS + 96
        coarse, fine = _difference(asked, STEP), _difference(asked, FINER)
        found = {}
        for name, result in coarse.items():
            outcomes = [_settled(a, b) for a, b in zip(result.outcomes, fine[name].outcomes, strict=True)]
            found[name] = replace(result, outcomes=outcomes).array()
    finally:
        ctx.prec = previous
    return found


def _difference(asked: Asked, exponent: int) -> dict[str, Result]:
    """(g(x + hv) - g(x - hv)) / 2h."""
    _, ahead = attempt(replace(asked, step=(1, exponent)), BITS)
    _, behind = attempt(replace(asked, step=(-1, exponent)), BITS)
    return {
        name: replace(
            result,
            outcomes=[_slope(a, b, exponent) for a, b in zip(result.outcomes, behind[name].outcomes, strict=True)],
        )
        for name, result in ahead.items()
    }


def _slope(ahead: Outcome, behind: Outcome, exponent: int) -> Outcome:
    if isinstance(ahead, Missing) or isinstance(behind, Missing):
        return Missing.UNDEFINED
    if not (ahead.is_finite() and behind.is_finite()):
        return Missing.UNDEFINED if not (ahead.is_nan() or behind.is_nan()) else ahead + behind
    difference = ahead - behind
    if difference.contains(0) and abs(difference) < (abs(ahead) + abs(behind)) * arb((1, 16 - BITS)):
        return arb(0)
    return difference / arb((1, exponent + 1))


def _settled(coarse: Outcome, fine: Outcome) -> Outcome:
    if isinstance(coarse, Missing) or isinstance(fine, Missing):
        return Missing.UNDEFINED
    if not (coarse.is_finite() and fine.is_finite()):
        return fine
    gap = abs(coarse - fine)
    if gap <= abs(fine) * AGREED or (abs(coarse) < NOTHING and abs(fine) < NOTHING):
        return arb(fine.mid())
    return Missing.UNDEFINED
