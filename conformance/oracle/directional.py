"""Derivatives along a direction: what forward mode and second derivatives are judged against.

A Jacobian-vector product J·v is put together of the rows of J, each pulled back with a unit cotangent: the answer to
forward mode comes from reverse mode. A Hessian-vector product comes from the second definitions in arbitrary
precision (`exact.hessian_product`). Both are judged on a scale: forward rules add up what reverse rules never form.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conformance.oracle.operation import Evaluation, Exact, Floats, Operation

# Exact in every dtype, and no two neighbours alike.
PATTERN = np.array([1.0, -0.5, 0.25, 2.0, -1.0, 0.75, -0.25])
# A Jacobian has one row for each entry of the value.
MOST_ENTRIES = 4096


def tangents_for(operation: Operation, inputs: Mapping[str, NDArray[Any]]) -> dict[str, Floats]:
    """The direction in which each differentiable input is moved."""
    found = {}
    for number, name in enumerate(n for n in operation.differentiable if n in inputs):
        shape = np.shape(inputs[name])
        found[name] = np.resize(np.roll(PATTERN, number), int(np.prod(shape))).reshape(shape)
    return found


def jacobian_vector(evaluation: Evaluation, tangents: Mapping[str, Floats]) -> Exact:
    """J·v of the value. Raises ValueError for a value of more than `MOST_ENTRIES` entries."""
    shape = evaluation.value.value.shape
    size = int(np.prod(shape))
    if size > MOST_ENTRIES:
        raise ValueError(f"a case for second order has at most {MOST_ENTRIES} entries, this one {size}")
    value, scale, low, high = (np.zeros(size) for _ in range(4))
    free = np.zeros(size, bool)
    with np.errstate(all="ignore"):
        for place in range(size):
            unit = np.zeros(size)
            unit[place] = 1.0
            for name, row in evaluation.gradient(unit.reshape(shape)).items():
                if name not in tangents:
                    continue
                # An entry that does not depend on an input has the partial 0, even where 0 was multiplied with inf.
                partial = np.where(row.free, 0.0, row.value) if row.free is not None else row.value
                terms = partial * tangents[name]
                value[place] += np.sum(terms)
                scale[place] += np.sum((row.scale + row.condition) * np.abs(tangents[name])) + np.sum(np.abs(terms))
                ends = [e * tangents[name] for e in (row.low, row.high) if e is not None] or [terms, terms]
                low[place] += np.sum(np.minimum(*ends))
                high[place] += np.sum(np.maximum(*ends))
                free[place] |= bool(row.free is not None and row.free.any())
    loose = low != high
    return Exact(
        value.reshape(shape),
        scale.reshape(shape),
        scale.reshape(shape),
        low.reshape(shape) if loose.any() else None,
        high.reshape(shape) if loose.any() else None,
        free.reshape(shape) if free.any() else None,
    )


def hessian_vector(
    operation: Operation,
    inputs: Mapping[str, NDArray[Any]],
    parameters: Mapping[str, Any],
    cotangent: Floats | None,
    gradient: Mapping[str, Exact],
    tangents: Mapping[str, Floats],
) -> dict[str, Exact]:
    """H·v of <cotangent, value> by each input that `tangents` names, where v moves all of them at once.

    The scale is |H·v| + S·max|v|, S the scale of the gradient: an implementation forms H·v of the same rounded
    quantities (σ and 1 - σ, softmax) as the gradient.
    """
    from conformance.oracle import exact

    found = exact.hessian_product(operation.name, inputs, parameters, cotangent=cotangent, tangents=tangents)
    largest = max((float(np.max(np.abs(v), initial=0.0)) for v in tangents.values()), default=0.0)
    answers = {}
    for name, product in found.items():
        size = np.where(np.isfinite(product.high), np.abs(product.high), 0.0)
        slope = gradient[name]
        scale = size + largest * np.where(np.isfinite(slope.scale), slope.scale, 0.0)
        free = product.undefined | product.undecided
        answers[name] = Exact(product.high, scale, size, free=free if free.any() else None)
    return answers
