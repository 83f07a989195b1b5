"""Arrays of cases: literal or generated, the same bits on every platform.

TO BE COMPLETED: see ArraySpec.make.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray


@dataclass(frozen=True)
class ArraySpec:
    """How an array is written in a case: a literal, or a generator with its arguments."""

    generator: str
    arguments: Any

    def make(self) -> NDArray[Any]:
        raise NotImplementedError
