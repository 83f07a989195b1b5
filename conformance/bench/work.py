"""The least that a call must do: bytes that have to move, and operations of the textbook formula.

Bytes: every input is read once and every output is written once. A gradient's outputs are the gradients, its inputs
also the cotangent; the value on the way need not be stored. Nothing in between is written, as in a kernel that does all
at once.

Operations: counted by hand from the formula of one entry of the first input; an addition, a product, a division, a
comparison and a transcendental function count as one each, though the last takes a processor ten to forty times as
long. They say how much there is to compute for each byte, and no more: no ceiling of operations is claimed. A gradient
counts its own formula beside that of the value. Operations that are not in the table have none.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from conformance.worker.arrays import Array, storage_dtype

# (forward, gradient) operations for each entry of the first input, reductions over classes and batch included.
PER_ENTRY = {
    "sigmoid": (3, 2),  # 1 / (1 + exp(-x)); p (1 - p)
    "log_sigmoid": (5, 3),  # min(x, 0) - log1p(exp(-|x|))
    "softplus": (5, 3),
    "tanh": (1, 2),
    "relu": (1, 1),
    "silu": (4, 5),  # x sigmoid(x)
    "softmax": (5, 4),  # max, subtract, exp, add, divide; p (g - sum(p g))
    "log_softmax": (5, 4),
    "logsumexp": (4, 2),
    "binary_cross_entropy": (8, 5),  # -(y log p + (1 - y) log(1 - p)), then the mean
    "binary_cross_entropy_with_logits": (9, 5),  # max(x, 0) - x y + log1p(exp(-|x|)), then the mean
    "categorical_cross_entropy": (3, 2),  # y log p, summed
    "sparse_categorical_cross_entropy": (0, 0),  # one logarithm for each row
    "softmax_cross_entropy": (7, 5),
    "sparse_softmax_cross_entropy": (4, 4),
    "sigmoid_focal_loss": (17, 14),  # cross-entropy, p_t, alpha_t, a power, two products
    "binary_focal_cross_entropy": (15, 12),
    "categorical_focal_cross_entropy": (7, 8),
    "softmax_focal_loss": (5, 6),
    "squared_error": (3, 2),
    "half_squared_error": (4, 2),
    "absolute_error": (3, 2),
    "huber": (7, 3),
    "hinge": (4, 3),
}


def least_bytes(inputs: Iterable[Array], outputs: Iterable[tuple[tuple[int, ...], str]]) -> int:
    """Bytes of the inputs and of the outputs, given as (shape, dtype)."""
    read = sum(array.storage.nbytes for array in inputs)
    return read + sum(math.prod(shape) * storage_dtype(dtype).itemsize for shape, dtype in outputs)


def operations(operation: str, order: str, entries: int) -> int | None:
    """Operations of one call over `entries` entries of the first input; None where none are counted."""
    if operation not in PER_ENTRY:
        return None
    forward, gradient = PER_ENTRY[operation]
    return entries * (forward if order == "value" else forward + gradient)
