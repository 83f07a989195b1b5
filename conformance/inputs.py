"""Arrays of cases: literal or generated, the same bits on every platform.

    [-20.0, 1.5]                                    literal, nested lists of one depth
    {linspace: [-200, 200, 4001]}                   equally spaced, both ends included
    {logspace: [-10, 2, 25], mirrored: true}        powers of ten; mirrored: the negative ones first
    {normal: {mean: 0, std: 3}, shape: [8, 4], seed: 1}
    {uniform: [0, 1], shape: [100], seed: 1}
    {choice: [0, 1], seed: 7}                       one of the values, again and again
    {integers: [0, 9], shape: [8], seed: 1}         from low to high, both included
    {one_hot: {classes: 4}, shape: [8], seed: 1}    rows with a single 1; the shape is that of the labels
    {one_hot: {classes: 3, labels: [0, 2]}}
    {simplex: {bits: 8}, shape: [8, 4], seed: 1}    rows of probabilities, multiples of 2^-bits: each sums to exactly 1
    {special: [zero, -zero, largest, -inf, nan]}    numbers of the dtype under test; `special: all` for all of them
    {every: float16, low: 0, high: 1}               every value of float16 or bfloat16; `nonfinite: true` for all
    {full: 0.5, shape: [3, 4]}                      one value
    {repeat: [...], times: 3}, {tile: [...], times: 3}      each entry, or all of them, several times (first axis)
    {concatenate: [[...], {...}]}                   one after the other (first axis)

A list after a generator's name holds its arguments in order, a mapping holds them by name, and all of them may stand
beside the name. Every generator takes `shape` (or `like: INPUT`, the shape of another input). What is drawn
(normal, uniform, choice, integers, one_hot, simplex) needs a `seed`; without a shape it takes the one that fits the
other inputs of the case. For labels only integers will do: a literal, choice, integers, full and their combinations.

A case may have a `grid` beside `inputs`: one array for each input, of which every combination of entries (along the
first axis) is made, the last written varying fastest.

    grid: {logits: {linspace: [-20, 20, 41]}, targets: [0, 0.5, 1]}     123 logits and 123 targets
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conformance import generators

Shape = tuple[int, ...]
MOST_ELEMENTS = 10_000_000


@dataclass(frozen=True)
class ArraySpec:
    """How an array is written in a case: a literal, or a generator with its arguments.

    arguments   a literal's nested lists, else the generator's arguments by name
    shape       of the array; None only where the array itself has to be made to know it
    integer     int64 where True, float64 where False; None: as the numbers of a literal are written
    """

    generator: str
    arguments: Any
    shape: Shape | None = None
    integer: bool | None = None

    def make(self, dtype: str = "float64") -> NDArray[Any]:
        """The array, a new one: float64, or int64 for labels. Only `special` depends on the dtype under test.

        Values are not rounded to the dtype here. Raises KeyError for an unknown generator.
        """
        if self.generator == "literal":
            kind = {True: np.int64, False: np.float64, None: None}[self.integer]
            array = np.array(self.arguments, kind)
            if array.dtype.kind not in "iu":
                array = array.astype(np.float64, copy=False)
        else:
            generator = GENERATORS[self.generator]
            size = 0 if self.shape is None else math.prod(self.shape)
            array = np.array(generator.make(self.arguments, size, self.shape or (), dtype))
        if self.integer is not None:
            array = array.astype(np.int64 if self.integer else np.float64, copy=False)
        return array if self.shape is None else array.reshape(self.shape)


@dataclass(frozen=True)
class Argument:
    """One argument of a generator. `kind` says what is read: see `array_nodes`."""

    kind: str
    default: Any = None
    required: bool = False


Make = Callable[[Mapping[str, Any], int, Shape, str], Any]
Natural = Callable[[Mapping[str, Any]], "Shape | None"]


@dataclass(frozen=True)
class Generator:
    """A way to make an array.

    make       (arguments, number of elements, shape, dtype) -> the array, in any shape of that many elements
    natural    the shape without a `shape`; None where the generator takes any
    listed     the first argument is itself a list
    labels     makes integers where its values are integers
    """

    make: Make
    arguments: Mapping[str, Argument]
    natural: Natural
    listed: bool = False
    labels: bool = False

    @property
    def seeded(self) -> bool:
        return "seed" in self.arguments


def _needed(kind: str) -> Argument:
    return Argument(kind, required=True)


def _any_shape(_: Mapping[str, Any]) -> Shape | None:
    return None


def _made(spec: ArraySpec, dtype: str) -> NDArray[Any]:
    array = spec.make(dtype)
    return array.reshape(1) if array.ndim == 0 else array


def shape_of(spec: ArraySpec) -> Shape:
    """The shape as lists of entries have it: a single number is a list of one."""
    return (spec.shape or (1,)) if spec.shape is not None else np.shape(spec.arguments)


def _count(a: Mapping[str, Any]) -> Shape | None:
    return (a["count"] * (2 if a.get("mirrored") else 1),)


def _linspace(a: Mapping[str, Any], size: int, shape: Shape, dtype: str) -> Any:
    return generators.linspace(a["start"], a["stop"], a["count"])


def _logspace(a: Mapping[str, Any], size: int, shape: Shape, dtype: str) -> Any:
    powers = generators.logspace(a["start"], a["stop"], a["count"])
    return np.concatenate([-powers[::-1], powers]) if a["mirrored"] else powers


def _normal(a: Mapping[str, Any], size: int, shape: Shape, dtype: str) -> Any:
    return a["mean"] + a["std"] * generators.normal(size, a["seed"], "normal")


def _uniform(a: Mapping[str, Any], size: int, shape: Shape, dtype: str) -> Any:
    return a["low"] + (a["high"] - a["low"]) * generators.unit_interval(size, a["seed"], "uniform")


def _choice(a: Mapping[str, Any], size: int, shape: Shape, dtype: str) -> Any:
    values = np.array(a["values"])
    return values[generators.below(len(values), size, a["seed"], "choice")]


def _integers(a: Mapping[str, Any], size: int, shape: Shape, dtype: str) -> Any:
    return a["low"] + generators.below(a["high"] - a["low"] + 1, size, a["seed"], "integers")


def _one_hot(a: Mapping[str, Any], size: int, shape: Shape, dtype: str) -> Any:
    classes = a["classes"]
    if a["labels"] is not None:
        labels = a["labels"].make(dtype).ravel()
    else:
        labels = generators.below(classes, size // classes, a["seed"], "one_hot")
    return (labels[:, None] == np.arange(classes)).astype(np.float64)


def _simplex(a: Mapping[str, Any], size: int, shape: Shape, dtype: str) -> Any:
    classes = shape[-1]
    return generators.simplex(size // classes if classes else 0, classes, a["seed"], "simplex", a["bits"])


def _special(a: Mapping[str, Any], size: int, shape: Shape, dtype: str) -> Any:
    return [generators.special(v, dtype) if isinstance(v, str) else v for v in a["values"]]


def _every(a: Mapping[str, Any], size: int, shape: Shape, dtype: str) -> Any:
    return generators.every(a["dtype"], a["low"], a["high"], a["nonfinite"])


def _every_shape(a: Mapping[str, Any]) -> Shape | None:
    return (len(_every(a, 0, (), "float64")),)


def _full(a: Mapping[str, Any], size: int, shape: Shape, dtype: str) -> Any:
    return np.full(shape, a["value"])


def _repeat(a: Mapping[str, Any], size: int, shape: Shape, dtype: str) -> Any:
    return np.repeat(_made(a["array"], dtype), a["times"], axis=0)


def _tile(a: Mapping[str, Any], size: int, shape: Shape, dtype: str) -> Any:
    return np.concatenate([_made(a["array"], dtype)] * a["times"])


def _times_shape(a: Mapping[str, Any]) -> Shape | None:
    shape = shape_of(a["array"])
    return (shape[0] * a["times"], *shape[1:])


def _concatenate(a: Mapping[str, Any], size: int, shape: Shape, dtype: str) -> Any:
    return np.concatenate([_made(spec, dtype) for spec in a["arrays"]])


def _concatenate_shape(a: Mapping[str, Any]) -> Shape | None:
    shapes = [shape_of(spec) for spec in a["arrays"]]
    return (sum(shape[0] for shape in shapes), *shapes[0][1:])


def _grid(a: Mapping[str, Any], size: int, shape: Shape, dtype: str) -> Any:
    specs: Sequence[ArraySpec] = a["arrays"]
    index = generators.grid_index([shape_of(spec)[0] for spec in specs], a["position"])
    return _made(specs[a["position"]], dtype)[index]


def _grid_shape(a: Mapping[str, Any]) -> Shape | None:
    shapes = [shape_of(spec) for spec in a["arrays"]]
    return (math.prod(shape[0] for shape in shapes), *shapes[a["position"]][1:])


_SEED = _needed("seed")
_ENDS = {"start": _needed("finite"), "stop": _needed("finite"), "count": _needed("count")}
_TIMES = {"array": _needed("array"), "times": _needed("count")}

GENERATORS: dict[str, Generator] = {
    "linspace": Generator(_linspace, _ENDS, _count),
    "logspace": Generator(_logspace, {**_ENDS, "mirrored": Argument("boolean", False)}, _count),
    "normal": Generator(
        _normal, {"mean": Argument("finite", 0.0), "std": Argument("finite", 1.0), "seed": _SEED}, _any_shape
    ),
    "uniform": Generator(
        _uniform, {"low": Argument("finite", 0.0), "high": Argument("finite", 1.0), "seed": _SEED}, _any_shape
    ),
    "choice": Generator(_choice, {"values": _needed("numbers"), "seed": _SEED}, _any_shape, listed=True, labels=True),
    "integers": Generator(
        _integers, {"low": _needed("integer"), "high": _needed("integer"), "seed": _SEED}, _any_shape, labels=True
    ),
    "one_hot": Generator(
        _one_hot, {"classes": _needed("count"), "labels": Argument("labels"), "seed": Argument("seed")}, _any_shape
    ),
    "simplex": Generator(_simplex, {"bits": Argument("bits", 52), "seed": _SEED}, _any_shape),
    "special": Generator(_special, {"values": _needed("special")}, lambda a: (len(a["values"]),), listed=True),
    "every": Generator(
        _every,
        {
            "dtype": _needed("small dtype"),
            "low": Argument("number"),
            "high": Argument("number"),
            "nonfinite": Argument("boolean", False),
        },
        _every_shape,
    ),
    "full": Generator(_full, {"value": _needed("number")}, _any_shape, labels=True),
    "repeat": Generator(_repeat, _TIMES, _times_shape, listed=True, labels=True),
    "tile": Generator(_tile, _TIMES, _times_shape, listed=True, labels=True),
    "concatenate": Generator(_concatenate, {"arrays": _needed("arrays")}, _concatenate_shape, listed=True, labels=True),
}
# Made of a case's `grid`, never written as a generator.
WRITTEN = tuple(GENERATORS)
GENERATORS["grid"] = Generator(
    _grid, {"arrays": _needed("arrays"), "position": _needed("integer")}, _grid_shape, labels=True
)
