"""Whether two outcomes of one check are the same bits, the same value, or two values.

A run file holds the output bits where they are few, else their digest and the worst element; each question
is answered from the most precise of these that both sides have.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conformance.oracle.dtypes import FORMATS, unit_roundoff
from conformance.run_file import Check


def identical(old: Check, new: Check) -> bool:
    """The same outcome bit for bit, but for the payload of a nan."""
    if old.shape != new.shape or raised(old) != raised(new):
        return False
    if old.digest or new.digest:
        if old.digest == new.digest:
            return True
        if old.outcome == new.outcome == "nan" and old.shape in ((), None):
            return True
        values = numbers(old), numbers(new)
        if values[0] is None or values[1] is None or values[0].shape != values[1].shape:
            return False
        equal = (values[0] == values[1]) & (np.signbit(values[0]) == np.signbit(values[1]))
        return bool(np.all(equal | (np.isnan(values[0]) & np.isnan(values[1]))))
    return raised(old) is not None or old.outcome == new.outcome


def raised(check: Check) -> str | None:
    """The class of the exception that a check ended with, by its outcome; None where it returned."""
    match = re.match(r"raise[sd] ([\w.]+)", check.outcome)
    return match[1] if match else None


def another_value(old: Check, new: Check, *, strict: bool = False) -> bool:
    """Whether two outcomes with different bits are two values, and not one value computed in two ways.

    The measure is twice the bound of the worst element (both sides may err by it), and, unless `strict`, at
    least √u of the largest number: the bound of one element says nothing about another of larger scale.
    """
    bound = 2 * max(_bound(old), _bound(new))
    relative = 0.0 if strict else math.sqrt(unit_roundoff(old.dtype))
    pair = numbers(old), numbers(new)
    if pair[0] is not None and pair[1] is not None and pair[0].shape == pair[1].shape:
        return _apart(pair[0], pair[1], bound, relative)
    if old.worst and new.worst and (old.worst.output, old.worst.index) == (new.worst.output, new.worst.index):
        got = _number(old.worst.got), _number(new.worst.got)
        if got[0] is not None and got[1] is not None:
            first, second = np.array([got[0]]), np.array([got[1]])
            return _apart(first, second, bound, relative)
    if strict:
        return True
    if old.verdict in ("conforms", "documented"):
        return False
    if old.agreement and new.agreement:
        errors = sorted((old.agreement.abs, new.agreement.abs))
        return not errors[1] <= 2 * errors[0]
    return old.outcome != new.outcome


def numbers(check: Check) -> NDArray[np.float64] | None:
    """The output as float64, flat, where the run file holds its bits and they have the dtype under test."""
    storage = _raw(check)
    if storage is None:
        return None
    with np.errstate(all="ignore"):
        if check.dtype == "bfloat16":
            return (storage.astype(np.uint32) << np.uint32(16)).view(np.float32).astype(np.float64)
        return storage.astype(np.float64)


def _raw(check: Check) -> NDArray[Any] | None:
    """The output as it was kept; bfloat16 as uint16."""
    if check.bits is None or check.dtype not in FORMATS:
        return None
    dtype = np.dtype(np.uint16 if check.dtype == "bfloat16" else check.dtype)
    try:
        raw = base64.b64decode(check.bits, validate=True)
    except (binascii.Error, ValueError):
        return None
    size = len(raw) if check.shape is None else int(np.prod(check.shape)) * dtype.itemsize
    if len(raw) % dtype.itemsize or (check.order == "value" and len(raw) != size):
        return None
    return np.frombuffer(raw, dtype)


def _apart(first: NDArray[np.float64], second: NDArray[np.float64], bound: float, relative: float) -> bool:
    finite = np.isfinite(first) & np.isfinite(second)
    with np.errstate(all="ignore"):
        classes = (first == second) | (np.isnan(first) & np.isnan(second))
        if not np.all(finite | classes):
            return True
        largest = max(np.abs(first[finite]).max(initial=0.0), np.abs(second[finite]).max(initial=0.0))
        return bool(np.any(np.abs(first[finite] - second[finite]) > max(bound, relative * largest)))


def _bound(check: Check) -> float:
    bound = _number(check.worst.bound) if check.worst else None
    return bound if bound is not None and math.isfinite(bound) else 0.0


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def value(check: Check | None) -> str:
    """The outcome of one side as people read it; a choice is named with it."""
    if check is None:
        return ""
    if check.choice and check.choice not in check.outcome:
        return f"{check.outcome} ({check.choice})" if check.outcome else check.choice
    return check.outcome or check.verdict


def ulps_apart(old: Check, new: Check) -> float | None:
    """The largest difference of two outcomes in units in the last place of their largest number.

    Small numbers beside large ones are noise in most outputs, and many of their own units apart. None where the bits
    are not kept; 0 where only the signs of zeros differ.
    """
    first, second = numbers(old), numbers(new)
    if first is None or second is None or first.shape != second.shape:
        return None
    finite = np.isfinite(first) & np.isfinite(second)
    first, second = first[finite], second[finite]
    if not first.size:
        return None
    largest = max(np.abs(first).max(), np.abs(second).max())
    smallest = FORMATS[old.dtype].smallest_subnormal
    unit = max(math.ldexp(unit_roundoff(old.dtype), math.frexp(largest)[1]), smallest)
    return float(np.abs(first - second).max() / unit)
