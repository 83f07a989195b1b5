"""Frozen dataclasses as objects of JSON, and back; numbers that JSON lacks as "nan", "inf" and "-inf".

`dataclasses.asdict` copies everything deeply and took most of a run's time; what is here copies nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any

_NUMBERS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
_KNOWN: dict[type[Any], tuple[tuple[str, Any], ...]] = {}
_TYPES: dict[type[Any], Mapping[str, str]] = {}


def content(record: Any, *, short: bool = False) -> dict[str, Any]:
    """The fields of a dataclass as JSON has them; with `short`, those that hold their default are left out."""
    found = {}
    for name, default in _fields(type(record)):
        value = getattr(record, name)
        if not (short and value == default):
            found[name] = _plain(value)
    return found


def decoded(cls: type[Any], given: Mapping[str, Any], nested: Mapping[str, type[Any]]) -> Any:
    """The dataclass that an object of JSON holds. `nested` names the fields that hold dataclasses themselves.

    A field that the class does not have is passed over: a newer minor version may say more.
    """
    known = _types(cls)
    values = {}
    for name, value in given.items():
        if name not in known:
            continue
        numeric = "float" in known[name]
        if name in nested and isinstance(value, dict):
            value = decoded(nested[name], value, nested)
        elif isinstance(value, list):
            value = tuple(_NUMBERS.get(v, v) if numeric and isinstance(v, str) else v for v in value)
        elif numeric and isinstance(value, str) and value in _NUMBERS:
            value = _NUMBERS[value]
        values[name] = value
    return cls(**values)


def _fields(cls: type[Any]) -> tuple[tuple[str, Any], ...]:
    """Each field's name and default."""
    if cls not in _KNOWN:
        _KNOWN[cls] = tuple((f.name, _default(f)) for f in fields(cls))
    return _KNOWN[cls]


def _default(of: Field[Any]) -> Any:
    return of.default_factory() if of.default_factory is not MISSING else of.default


def _types(cls: type[Any]) -> Mapping[str, str]:
    if cls not in _TYPES:
        _TYPES[cls] = {f.name: str(f.type) for f in fields(cls)}
    return _TYPES[cls]


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind in (str, int, bool, type(None)):
        return value
    if kind is float:
        return value if math.isfinite(value) else "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    return content(value) if is_dataclass(value) else value
