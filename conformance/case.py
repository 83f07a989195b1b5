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
from conformance.oracle.operation import STYLES
from conformance.relations import RELATIONS

DTYPES = ("float64", "float32", "float16", "bfloat16")
# What can be asked of a call, and what each number in a case's `orders` stands for.
ORDERS = ("value", "gradient", "jvp", "hvp", "hvp-reverse")
ORDERS_OF_NUMBER = (("value",), ("gradient",), ("jvp", "hvp", "hvp-reverse"))
# What a framework may do where not one thing alone is right: how an outcome of `one_of` is written. "value" is what the
# oracle says, where it may be refused as well.
CHOICES = ("zero", "nan", "inf", "empty", "raises", "value")


@dataclass(frozen=True)
class Flag:
    """Why a case exists: the harm it guards against, explained once."""

    name: str
    why: str
    effect: str
    references: tuple[str, ...] = ()


@dataclass(frozen=True)
class Choice:
    """One outcome that is accepted where not one thing alone is right, and why."""

    outcome: str
    because: str


@dataclass(frozen=True)
class Published:
    """Digits as a publication prints them.

    under   contract parameters of the oracle (a clip, say) under which the publication's number holds; empty
            where it is the mathematics
    dtype   the dtype in which the publication computed
    units   how many roundoffs of that dtype its last digits may be off, beyond what printing rounds or cuts off
    """

    digits: str
    source: str
    dtype: str = "float32"
    units: int = 0
    under: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Case:
    """Inputs and parameters for one operation. `id` never changes and is never used again.

    cast      inputs that have another dtype than the one under test: {targets: float32, labels: int8}
    layout    inputs that do not lie one entry after the other in memory: {logits: strided}
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
    cast: Mapping[str, str] = field(default_factory=dict)
    layout: Mapping[str, str] = field(default_factory=dict)

    def variants(self) -> Iterator[Variant]:
        """The product of `each`, in the order written; each is followed by what its relations make of it."""
        for combination in itertools.product(*self.each.values()):
            plain = Variant(self, dict(zip(self.each, combination, strict=True)))
            yield plain
            for relation in self.relations:
                yield Variant(self, plain.chosen, relation)


@dataclass(frozen=True)
class Variant:
    """A case with one value for each parameter that varies.

    relation   the metamorphic relation by which the inputs are changed, see `relations`; None for the case as written
    """

    case: Case
    chosen: Mapping[str, Any]
    relation: str | None = None

    @cached_property
    def id(self) -> str:
        changed = f"~{self.relation}" if self.relation else ""
        if not self.chosen:
            return f"{self.case.id}{changed}"
        chosen = ",".join(f"{name}={written(value)}" for name, value in self.chosen.items())
        return f"{self.case.id}[{chosen}]{changed}"

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """What the operation is asked with. A parameter that is null is left out: the default."""
        merged = {**self.case.parameters, **self.chosen}
        given = {name: value for name, value in merged.items() if value is not None}
        return {**given, **self._changed(given)}

    def _changed(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """The parameters that the relation sets."""
        return RELATIONS[self.relation].parameters(self.case.operation, given) if self.relation else {}

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The names of the inputs that it is asked with."""
        return tuple(RELATIONS[self.relation].inputs(self.case.inputs) if self.relation else self.case.inputs)

    @cached_property
    def styles(self) -> set[str]:
        """Ways of calling that the relation is about: it says nothing of implementations that do not have them."""
        return set(self._changed(self.parameters)) & set(STYLES)


def written(value: Any) -> str:
    """A parameter value as it stands in an id."""
    if isinstance(value, (list, tuple)):
        return "(" + " ".join(written(v) for v in value) + ")"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
