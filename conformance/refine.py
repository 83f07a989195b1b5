"""The oracle in arbitrary precision, for float64 results that lie too near the bound for the float64 oracle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from conformance.reference import Reference


def refine(reference: Reference, order: str) -> Mapping[str, tuple[Any, Any, Any]]:
    """For each output of a check: (high, low, undefined), where high + low is the exact result.

    Imported only when needed: ball arithmetic is slow to load and slower to use.
    """
    from conformance.oracle import exact

    operation = reference.operation
    if order == "value":
        found = exact.evaluate(operation.name, reference.values, reference.variant.parameters)
        return {"value": (found.value.high, found.value.low, found.value.undefined)}
    cotangent = np.ones(()) if reference.cotangent is None else reference.cotangent
    wrt = [name for name in operation.differentiable if name in reference.values]
    found = exact.evaluate(operation.name, reference.values, reference.variant.parameters, cotangent=cotangent, wrt=wrt)
    return {name: (g.high, g.low, g.undefined) for name, g in found.gradients.items()}
