"""What a second definition is: a textbook formula for one entry, or for one row of classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from conformance.oracle.exact.number import Number

# "real": any float, differentiable      "probability": in [0, 1] or a simplex, differentiable
# "fixed": a float that is not varied    "label": a class index
# "classes": one vector of constants for all rows (class weights)
Kind = Literal["real", "probability", "fixed", "label", "classes"]


@dataclass(frozen=True)
class Definition:
    """The second definition of an operation.

    formula    takes the inputs by name and the parameters by keyword, and returns one Number or a list of them; an
               int is a constant, None says that there is no value. An elementwise operation gets one Number for
               each input, a rowwise one a list of Numbers for each input that has a class axis. Labels are ints.
               Parameters that are floats are Numbers.
    rows       True where the formula takes a row along the parameter `axis` (the last axis where it has none)
    several    True where one row yields one value for each class
    outputs    given where a row yields several values, but not one for each class: from its length to their number
    entries    given where every entry of the value depends on whole inputs (all embeddings of a batch, all frames
               of a sequence): from the shapes of the inputs and the parameters to the shape of the value. The
               formula then gets every input flattened, as a list, labels as a tuple of ints, with two keywords more:
               `place`, the place of the entry in the flattened value, and `shapes` of the inputs by name
    columns    parameters that may be a list, one value for each position of the last axis
    divisor_weight   what an entry counts in a weighted mean, of the inputs that are not varied, by name
    """

    name: str
    inputs: Mapping[str, Kind]
    parameters: Mapping[str, Any]
    formula: Callable[..., Any]
    rows: bool = False
    several: bool = False
    outputs: Callable[[int], int] | None = None
    reduces: bool = False
    entries: Callable[[Mapping[str, tuple[int, ...]], Mapping[str, Any]], tuple[int, ...]] | None = None
    columns: tuple[str, ...] = ()
    divisor_weight: Callable[..., Number | int | None] | None = None

    @cached_property
    def differentiable(self) -> tuple[str, ...]:
        return tuple(name for name, kind in self.inputs.items() if kind in ("real", "probability"))


DEFINITIONS: dict[str, Definition] = {}


def define(
    name: str, inputs: Mapping[str, Kind], parameters: Mapping[str, Any] | None = None, **settings: Any
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Registers the decorated formula. Raises ValueError where the operation already has one."""

    def register(formula: Callable[..., Any]) -> Callable[..., Any]:
        if name in DEFINITIONS:
            raise ValueError(f"operation {name} has two second definitions")
        DEFINITIONS[name] = Definition(name, inputs, parameters or {}, formula, **settings)
        return formula

    return register
