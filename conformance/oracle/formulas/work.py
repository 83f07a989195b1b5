"""How much arithmetic a formula is: operations counted by hand, as functions of what a call is given.

What counts: an addition, a subtraction, a product, a division, a comparison (a maximum is one) and a transcendental
function, a root or a power are one each, though the last take a processor ten to forty times as long. A change of sign
is nothing, and so is what a parameter does whose default switches it off (a smoothing of 0, a power that is 1), unless
the count looks at it. What is computed twice in a formula counts once. A sum of n numbers is n.

What is counted: the formula as it is written here, not the form that a stable implementation gives it, which takes up
to twice as much (the maximum of a softmax is taken and subtracted). A loss is averaged over the batch, and the sum is
part of the count. A gradient is by all inputs that have one, with the product with the cotangent; the count says what
it takes beyond the value, whose intermediates are there. What is done once for a whole batch is left out.

Where the work depends on the numbers themselves, labels above all, the count says what it assumes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Call:
    """What a count may depend on: the shapes of the inputs, the first one first, and every parameter."""

    shapes: Mapping[str, tuple[int, ...]]
    parameters: Mapping[str, Any]

    @property
    def first(self) -> tuple[int, ...]:
        """The shape of the first input."""
        return next(iter(self.shapes.values()))

    @property
    def entries(self) -> int:
        """Of the first input."""
        return math.prod(self.first)

    @property
    def classes(self) -> int:
        """The length of a row: of the parameter `axis`, else of the last axis; 1 for a scalar."""
        axis = self.parameters.get("axis", -1)
        return self.first[axis] if self.first else 1

    @property
    def rows(self) -> float:
        return self.entries / self.classes if self.classes else 0


Count = Callable[[Call], float]


@dataclass(frozen=True)
class Per:
    """A count of so many operations for each entry of the first input, and for each row of it.

    `weighted` are those that each entry takes beyond that where the call has weights.
    """

    entry: float
    row: float = 0
    weighted: float = 0

    def __call__(self, call: Call) -> float:
        entry = self.entry + (self.weighted if "weights" in call.shapes else 0)
        return entry * call.entries + self.row * call.rows


@dataclass(frozen=True)
class Work:
    """The operations of a formula's value, and what its gradients take beyond it; None where there are none."""

    value: Count
    gradient: Count | None = None

    def operations(self, call: Call, order: str) -> int:
        """Of one call: "value" is forward, "gradient" forward and backward. ValueError where there is no gradient."""
        if order == "value":
            return round(self.value(call))
        if self.gradient is None:
            raise ValueError("an operation without a gradient has no count of one")
        return round(self.value(call) + self.gradient(call))
