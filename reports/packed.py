"""How data stands in the page: JSON, deflated and in base64, which browsers unpack by themselves (DecompressionStream).

Data of many checks is laid out by column, as that compresses best, and texts that repeat are numbers into a list.
"""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Hashable, Iterable
from typing import Any, Generic, TypeVar

from conformance.reports.words import clean

T = TypeVar("T", bound=Hashable)


def packed(content: Any) -> str:
    """The content as one line of base64. The same content gives the same text."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(zlib.compress(text.encode("utf-8", "backslashreplace"), 9)).decode("ascii")


class Codes(Generic[T]):
    """Numbers for values: each distinct value once, in the order in which they came."""

    def __init__(self, first: Iterable[T] = ()) -> None:
        self._numbers: dict[T, int] = {value: number for number, value in enumerate(first)}

    def __call__(self, value: T) -> int:
        return self._numbers.setdefault(value, len(self._numbers))

    def values(self) -> list[T]:
        """The values, each at its number."""
        return list(self._numbers)


class Texts(Codes[str]):
    """Numbers for texts, cleaned; 0 stands for the empty text."""

    def __init__(self) -> None:
        super().__init__([""])

    def __call__(self, value: str | None) -> int:
        return super().__call__(clean(value)) if value else 0


def sparse(values: Iterable[Any]) -> dict[str, list[Any]]:
    """{"at": places, "value": values}: only of those values that hold something."""
    found = [(at, value) for at, value in enumerate(values) if value]
    return {"at": [at for at, _ in found], "value": [value for _, value in found]}


def figure(value: float | None, digits: int = 3) -> float | int | str | None:
    """A number of few digits as JSON has it; nan and the infinities as words."""
    if value is None:
        return None
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    short = float(f"{value:.{digits}g}")
    return int(short) if short.is_integer() and abs(short) < 1e6 else short
