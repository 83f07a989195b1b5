"""Cases: what is asked of every framework.

A case holds inputs and parameters for one operation; a variant is a case with one choice of each parameter in
`each`. Loading YAML into cases is `loading.py`; making arrays of specifications is `inputs.py`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from conformance.inputs import ArraySpec

DTYPES = ("float64", "float32", "float16", "bfloat16")
# What a framework may do where no right value exists: how an outcome of `one_of` is written.
CHOICES = ("zero", "nan", "inf", "empty", "raises")


@dataclass(frozen=True)
class Flag:
    """Why a case exists: the harm it guards against, explained once."""

    name: str
    why: str
    effect: str
    references: tuple[str, ...] = ()


@dataclass(frozen=True)
class Choice:
    """One outcome that is accepted where no right value exists, and why."""

    outcome: str
    because: str


@dataclass(frozen=True)
class Published:
    """Digits as a publication prints them.

    under   contract parameters of the oracle (a clip, say) under which the publication's number holds; empty
            where it is the mathematics
    dtype   the dtype in which the publication computed
    """

    digits: str
    source: str
    dtype: str = "float32"
    under: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Case:
    """Inputs and parameters for one operation. `id` never changes and is never used again.

    outcome   "value": the oracle says what is right; "raises": the input is invalid and must be refused;
              "one_of": no right value exists, `choices` says what is accepted
    """

    id: str
    says: str
    operation: str
    inputs: Mapping[str, ArraySpec]
    parameters: Mapping[str, Any]
    file: str
    line: int
    flags: tuple[str, ...] = ()
    each: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    dtypes: tuple[str, ...] = DTYPES
    orders: tuple[int, ...] = (0, 1)
    outcome: str = "value"
    choices: tuple[Choice, ...] = ()
    published: Published | None = None
    source: str | None = None
    because: str | None = None
    relations: tuple[str, ...] = ()

    def variants(self) -> Iterator[Variant]:
        """The product of `each`, in the order written."""
        for combination in itertools.product(*self.each.values()):
            yield Variant(self, dict(zip(self.each, combination, strict=True)))


@dataclass(frozen=True)
class Variant:
    """A case with one value for each parameter that varies."""

    case: Case
    chosen: Mapping[str, Any]

    @cached_property
    def id(self) -> str:
        if not self.chosen:
            return self.case.id
        return f"{self.case.id}[{','.join(f'{name}={written(value)}' for name, value in self.chosen.items())}]"

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """What the operation is asked with. A parameter that is null is left out: the default."""
        merged = {**self.case.parameters, **self.chosen}
        return {name: value for name, value in merged.items() if value is not None}


def written(value: Any) -> str:
    """A parameter value as it stands in an id."""
    if isinstance(value, (list, tuple)):
        return "(" + " ".join(written(v) for v in value) + ")"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
