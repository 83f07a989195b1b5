"""Arrays and parameters as Python source whose numbers are exactly those of the dtype."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDTH = 96


def number(value: float, dtype: str) -> str:
    """A number that `dtype` holds, as source.

    float32 is written in its shortest decimal where reading that as a float64 and rounding it gives the same
    number; float16 and bfloat16 in full, so that a rounding by way of float32 changes nothing.

    >>> number(0.10000000149011612, "float32"), number(0.0999755859375, "float16"), number(float("-inf"), "float64")
    ('0.1', '0.0999755859375', 'float("-inf")')
    """
    value = float(value)
    if not math.isfinite(value):
        return f'float("{value}")'
    if dtype == "float32":
        short = repr(float(str(np.float32(value))))
        if float(np.float32(float(short))) == value:
            return short
    return repr(value)


def array(values: NDArray[Any], dtype: str) -> str:
    """Nested lists; lines are at most about `WIDTH` characters. An array without elements keeps its shape."""
    values = np.asarray(values)
    if values.size == 0 and values.ndim > 1:
        return f"np.zeros({values.shape})"
    if values.ndim == 0:
        return _entry(values[()], dtype)
    return _nested(values, dtype, 0)


def parameter(value: Any) -> str:
    """A plain parameter value as source."""
    if isinstance(value, float):
        return number(value, "float64")
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(parameter(entry) for entry in value) + "]"
    return repr(value)


def _entry(value: Any, dtype: str) -> str:
    return str(int(value)) if isinstance(value, (np.integer, np.bool_)) else number(float(value), dtype)


def _nested(values: NDArray[Any], dtype: str, depth: int) -> str:
    indent = "    " * (depth + 1)
    if values.ndim == 1:
        parts = [_entry(value, dtype) for value in values]
    else:
        parts = [_nested(row, dtype, depth + 1) for row in values]
    line = "[" + ", ".join(parts) + "]"
    if "\n" not in line and len(line) + len(indent) <= WIDTH:
        return line
    if values.ndim > 1:
        return "[\n" + "".join(f"{indent}{part},\n" for part in parts) + "    " * depth + "]"
    return (
        "[\n" + "".join(f"{indent}{packed}\n" for packed in _packed(parts, WIDTH - len(indent))) + "    " * depth + "]"
    )


def _packed(parts: list[str], width: int) -> list[str]:
    """Entries with their commas, as many on a line as fit."""
    lines = [""]
    for part in parts:
        if lines[-1] and len(lines[-1]) + len(part) + 2 > width:
            lines.append("")
        lines[-1] += f"{' ' if lines[-1] else ''}{part},"
    return lines
