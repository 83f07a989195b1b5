"""Arrays and numbers as a case file writes them, for people who read a run file without the case files.

What is written here reads back as the same array; only what is longer than `LONGEST` is cut, and ends in `…`.
"""

from __future__ import annotations

import math
from typing import Any

from conformance.inputs import GENERATORS, ArraySpec, Shape

LONGEST = 600


def array(spec: ArraySpec) -> str:
    """An array as YAML in one line: `[[0.3], [0.8]]`, or `{linspace: [-200, 200, 4001]}`."""
    if spec.generator == "grid":
        position = spec.arguments["position"]
        return f"every combination of {_whole(spec.arguments['arrays'][position])}"
    whole = _whole(spec)
    return whole if len(whole) <= LONGEST else f"{whole[:LONGEST].rpartition(',')[0]}, …"


def number(value: Any) -> str:
    """A number, text or truth value as YAML 1.1 and YAML 1.2 both read it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not math.isfinite(value):
            return {"nan": ".nan", "inf": ".inf", "-inf": "-.inf"}[repr(value)]
        if value == int(value) and abs(value) < 1e6 and math.copysign(1, value) * value >= 0:
            return repr(value) if value == 0 and math.copysign(1, value) < 0 else str(int(value))
        mantissa, e, exponent = repr(value).partition("e")
        return f"{mantissa}{'' if '.' in mantissa else '.0'}e{exponent}" if e else mantissa
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(number(entry) for entry in value) + "]"
    return str(value)


def _whole(spec: ArraySpec) -> str:
    if spec.generator == "literal":
        return number(spec.arguments)
    generator = GENERATORS[spec.generator]
    known = generator.arguments
    needed = [name for name, argument in known.items() if argument.required and name != "seed"]
    first = needed[:1] if generator.listed else needed
    if first:
        head = [_argument(spec.arguments[name]) for name in first]
        parts = [f"{spec.generator}: {head[0] if len(head) == 1 else '[' + ', '.join(head) + ']'}"]
    else:
        first = [name for name in known if name != "seed"]
        parts = [f"{spec.generator}: {{" + ", ".join(f"{n}: {_argument(spec.arguments[n])}" for n in first) + "}"]
    for name in known:
        if name not in first and spec.arguments[name] != known[name].default:
            parts.append(f"{name}: {_argument(spec.arguments[name])}")
    shape = _shape(spec)
    return "{" + ", ".join(parts + [f"shape: {number(shape)}"] * (shape is not None)) + "}"


def _shape(spec: ArraySpec) -> Shape | None:
    """The shape as written, None where it follows from the generator; that of `one_hot` is that of its labels."""
    if spec.shape is None or spec.shape == GENERATORS[spec.generator].natural(spec.arguments):
        return None
    if spec.generator == "one_hot":
        return None if spec.arguments["labels"] is not None else spec.shape[:-1]
    return spec.shape


def _argument(value: Any) -> str:
    if isinstance(value, ArraySpec):
        return _whole(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_argument(entry) for entry in value) + "]"
    return number(value)
