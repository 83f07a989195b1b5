"""Reads an array of a case: YAML nodes to `ArraySpec`. Sizes are known and bounded before anything is allocated."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from conformance import generators
from conformance.inputs import GENERATORS, MOST_ELEMENTS, WRITTEN, ArraySpec, Generator, Shape, shape_of
from conformance.node_fields import (
    Reader,
    Wrong,
    boolean,
    described,
    expected_one_of,
    finite,
    integer,
    items,
    number,
    one_of,
)
from conformance.yaml_nodes import Fields, Items, Node, Scalar

SHAPING = ("shape", "like")
MOST_POWERS = 100_000


@dataclass(frozen=True)
class Unshaped:
    """An array whose shape is that of other inputs. `like` names one of them, else what fits is taken."""

    spec: ArraySpec
    node: Node
    like: str | None = None


def array(node: Node, labels: bool, reader: Reader) -> ArraySpec | Unshaped:
    """An array written as `node`. Raises Wrong."""
    if isinstance(node, Fields):
        return _generated(node, labels, reader)
    return literal(node, labels)


def literal(node: Node, labels: bool) -> ArraySpec:
    """Nested lists of numbers, all of one depth and length. Raises Wrong where ragged or no number."""
    shape: list[int] = []
    inner = node
    while isinstance(inner, Items):
        shape.append(len(inner.items))
        if not inner.items:
            break
        inner = inner.items[0]
    read = _label if labels else _float
    return ArraySpec("literal", _nested(node, tuple(shape), read), tuple(shape), labels)


def _nested(node: Node, shape: Shape, read: Callable[[Node], Any]) -> Any:
    if not shape:
        if isinstance(node, Items):
            raise Wrong(node, "the array is ragged", "expected a number here, as in the first entry")
        return read(node)
    if not isinstance(node, Items):
        raise Wrong(node, "the array is ragged", f"expected a list of {shape[0]} here, as in the first entry")
    if len(node.items) != shape[0]:
        message = f"the array is ragged: {len(node.items)} entries"
        raise Wrong(node, message, f"expected {shape[0]}, as in the first entry")
    if len(shape) == 1:
        return [read(item) for item in node.items]
    return [_nested(item, shape[1:], read) for item in node.items]


def _float(node: Node) -> float:
    if type(node) is Scalar and type(node.value) is float:
        return node.value
    return float(number(node, "an entry of the array"))


def _label(node: Node) -> int:
    return integer(node, "a label")


def shaped(spec: ArraySpec, shape: Shape, node: Node) -> ArraySpec:
    """The array in a shape that it can take. Raises Wrong where it cannot, or where it would be too large."""
    size = _bounded(shape, node)
    generator = GENERATORS.get(spec.generator)
    natural = spec.shape if generator is None else generator.natural(spec.arguments)
    if natural is not None and math.prod(natural) != size:
        message = f"the shape {written(shape)} has {size} elements"
        raise Wrong(node, message, f"expected {math.prod(natural)}: {written(natural)}")
    if spec.generator == "one_hot":
        _fits_one_hot(spec.arguments, shape, node)
    if spec.generator == "simplex" and (not shape or shape[-1] == 0):
        message = f"rows of probabilities need a class, the shape is {written(shape)}"
        raise Wrong(node, message, "expected a shape such as [8, 4]")
    return ArraySpec(spec.generator, spec.arguments, shape, spec.integer)


def _fits_one_hot(arguments: Mapping[str, Any], shape: Shape, node: Node) -> None:
    classes, labels = arguments["classes"], arguments["labels"]
    if not shape or shape[-1] != classes:
        raise Wrong(node, f"one_hot of {classes} classes does not have the shape {written(shape)}")
    if labels is not None and math.prod(shape_of(labels)) * classes != math.prod(shape):
        raise Wrong(node, f"labels of shape {written(shape_of(labels))} do not make the shape {written(shape)}")


def written(shape: Shape) -> str:
    return f"[{', '.join(map(str, shape))}]"


def _bounded(shape: Shape, node: Node) -> int:
    size = math.prod(shape)
    if size > MOST_ELEMENTS:
        raise Wrong(node, f"an array of {size:,} elements", f"expected at most {MOST_ELEMENTS:,}")
    return size


def _generated(node: Fields, labels: bool, reader: Reader) -> ArraySpec | Unshaped:
    names = [name for name in node.values if name in WRITTEN]
    if len(names) != 1:
        known = {name for g in GENERATORS.values() for name in g.arguments} | set(SHAPING)
        strange = next((name for name in node.values if name not in known | set(WRITTEN)), None)
        if strange is not None and not names:
            raise Wrong(node.keys[strange], f"unknown generator '{strange}'", *expected_one_of(WRITTEN, strange))
        found = f"{' and '.join(names)} at once" if names else "no generator"
        raise Wrong(node, f"{found} in an array", f"expected one of: {', '.join(sorted(WRITTEN))}")
    name = names[0]
    generator = GENERATORS[name]
    if labels and not generator.labels:
        raise Wrong(node.keys[name], f"{name} makes no labels", f"expected a literal or one of: {_label_makers()}")
    given = _given(node, name, generator)
    shape = _shape(given.pop("shape")) if "shape" in given else None
    like = _like(given.pop("like")) if "like" in given else None
    if shape is not None and like is not None:
        raise Wrong(node, "'shape' and 'like' at once", "expected one of them")
    spec = ArraySpec(name, _arguments(node, name, generator, given, labels, reader), None, labels)
    return _with_shape(spec, generator, shape, like, node)


def _with_shape(
    spec: ArraySpec, generator: Generator, shape: Shape | None, like: str | None, node: Fields
) -> ArraySpec | Unshaped:
    if like is not None:
        return Unshaped(spec, node, like)
    classes = spec.arguments.get("classes")
    if spec.generator == "one_hot" and shape is None and spec.arguments["labels"] is not None:
        shape = spec.arguments["labels"].shape
    natural = generator.natural(spec.arguments)
    if shape is None and natural is None:
        return Unshaped(spec, node)
    if shape is not None and spec.generator == "one_hot":
        shape = (*shape, classes)
    if shape is None:
        assert natural is not None
        shape = natural
    return shaped(spec, shape, node)


def _label_makers() -> str:
    return ", ".join(sorted(name for name in WRITTEN if GENERATORS[name].labels))


def _given(node: Fields, name: str, generator: Generator) -> dict[str, Node]:
    """The nodes of the arguments by name, wherever they are written."""
    value = node.values[name]
    takes = tuple(generator.arguments)
    keys: dict[str, Scalar] = {}
    given: dict[str, Node] = {}
    if generator.listed or isinstance(value, Scalar):
        given[takes[0]] = value
    elif isinstance(value, Fields):
        given.update(value.values)
        keys.update(value.keys)
    else:
        if len(value.items) > len(takes):
            message = f"{name} takes {len(takes)} arguments, here are {len(value.items)}"
            raise Wrong(value, message, f"expected: {', '.join(takes)}")
        given.update(zip(takes, value.items, strict=False))
    for other, at in node.values.items():
        if other == name:
            continue
        if other in given:
            raise Wrong(node.keys[other], f"'{other}' of {name} is written twice")
        given[other] = at
        keys[other] = node.keys[other]
    for other, key in keys.items():
        if other not in takes and other not in SHAPING:
            raise Wrong(key, f"unknown argument '{other}' of {name}", *expected_one_of([*takes, *SHAPING], other))
    return given


def _arguments(
    node: Fields, name: str, generator: Generator, given: Mapping[str, Node], labels: bool, reader: Reader
) -> dict[str, Any]:
    values = {}
    for key, argument in generator.arguments.items():
        if key in given:
            values[key] = _READERS[argument.kind](given[key], f"'{key}' of {name}", labels, reader)
        elif argument.required:
            raise Wrong(node, f"{name} lacks '{key}'", f"expected: {', '.join(generator.arguments)}")
        else:
            values[key] = argument.default
    fault = _together(name, values)
    if fault:
        raise Wrong(node, f"{name}: {fault}")
    return values


def _together(name: str, values: Mapping[str, Any]) -> str | None:
    """What is wrong with arguments that are right one by one."""
    if name in ("uniform", "integers") and values["low"] > values["high"]:
        return f"low {values['low']} is above high {values['high']}"
    if name == "integers" and values["high"] - values["low"] >= 2**32:
        return "low and high are 2^32 or more apart"
    if name == "uniform" and not math.isfinite(values["high"] - values["low"]):
        return "low and high are too far apart for float64"
    if name == "normal" and values["std"] < 0:
        return f"std {values['std']} is negative"
    if name in ("linspace", "logspace"):
        ends = values["start"], values["stop"]
        if not math.isfinite((abs(ends[0]) + abs(ends[1])) * values["count"]):
            return "the ends are too large for float64"
        if name == "logspace" and not all(-323 <= end <= 308 for end in ends):
            return "the ends are powers of ten from -323 to 308"
        if name == "logspace" and values["count"] > MOST_POWERS:
            return f"at most {MOST_POWERS:,} powers"
    if name == "one_hot" and values["labels"] is None and values["seed"] is None:
        return "expected labels, or a seed"
    if name == "every" and values["nonfinite"] and (values["low"] is not None or values["high"] is not None):
        return "nonfinite and a range at once"
    if name == "concatenate" and len({shape_of(spec)[1:] for spec in values["arrays"]}) > 1:
        return f"the shapes {', '.join(written(shape_of(spec)) for spec in values['arrays'])} do not fit together"
    return None


def _shape(node: Node) -> Shape:
    if isinstance(node, Scalar):
        raise Wrong(node, f"the shape is {described(node)}", "expected a list of lengths: [8, 4]")
    lengths = tuple(integer(item, "a length of the shape", 0, 2**31) for item in items(node, "the shape"))
    _bounded(lengths, node)
    return lengths


def _like(node: Node) -> str:
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        raise Wrong(node, f"'like' is {described(node)}", "expected the name of another input")
    return node.value


def _numbers(node: Node, what: str, labels: bool, reader: Reader) -> list[int | float]:
    values = [_label(item) if labels else _float(item) for item in items(node, what)]
    if not values:
        raise Wrong(node, f"{what} is empty", "expected at least one number")
    return values


def _inner(node: Node, what: str, labels: bool, reader: Reader) -> ArraySpec:
    spec = array(node, labels, reader)
    if isinstance(spec, Unshaped):
        raise Wrong(node, f"{what} has no shape", "write one: shape: [8]")
    if spec.shape == ():
        raise Wrong(node, f"{what} is a single number", "expected a list")
    return spec


def _arrays(node: Node, what: str, labels: bool, reader: Reader) -> tuple[ArraySpec, ...]:
    arrays = tuple(_inner(item, f"an array of {what}", labels, reader) for item in items(node, what))
    if not arrays:
        raise Wrong(node, f"{what} is empty", "expected at least one array")
    return arrays


def _special(node: Node, what: str, labels: bool, reader: Reader) -> tuple[str | float, ...]:
    known = generators.special_names()
    if isinstance(node, Scalar) and node.text == "all":
        return tuple(known)
    values: list[str | float] = []
    for item in items(node, what):
        named = isinstance(item, Scalar) and isinstance(item.value, str)
        values.append(one_of(item, "special value", known) if named else _float(item))
    return tuple(values)


_Read = Callable[[Node, str, bool, Reader], Any]
_READERS: dict[str, _Read] = {
    "finite": lambda node, what, labels, reader: finite(node, what),
    "number": lambda node, what, labels, reader: _label(node) if labels else float(number(node, what)),
    "integer": lambda node, what, labels, reader: integer(node, what, -(2**62), 2**62),
    "count": lambda node, what, labels, reader: integer(node, what, 1, MOST_ELEMENTS),
    "bits": lambda node, what, labels, reader: integer(node, what, 1, 52),
    "seed": lambda node, what, labels, reader: integer(node, what, 0, 2**63 - 1),
    "boolean": lambda node, what, labels, reader: boolean(node, what),
    "numbers": _numbers,
    "special": _special,
    "small dtype": lambda node, what, labels, reader: one_of(node, "16-bit dtype", ("float16", "bfloat16")),
    "array": _inner,
    "arrays": _arrays,
    "labels": lambda node, what, labels, reader: _inner(node, what, True, reader),
}


def grid(specs: Mapping[str, ArraySpec], nodes: Mapping[str, Node]) -> dict[str, ArraySpec]:
    """One array for each name: every combination of entries, the last name varying fastest. Raises Wrong."""
    arrays = tuple(specs.values())
    combined = {}
    for position, (name, spec) in enumerate(specs.items()):
        arguments = {"arrays": arrays, "position": position}
        shape = GENERATORS["grid"].natural(arguments)
        assert shape is not None
        _bounded(shape, nodes[name])
        combined[name] = ArraySpec("grid", arguments, shape, spec.integer)
    return combined


def label_values(spec: ArraySpec) -> tuple[set[int], tuple[int, int] | None]:
    """(labels that are written out, range of those that are drawn) of an integer array."""
    a = spec.arguments
    if spec.generator == "literal":
        return _leaves(a), None
    if spec.generator == "choice":
        return set(a["values"]), None
    if spec.generator == "full":
        return {a["value"]}, None
    if spec.generator == "integers":
        return set(), (a["low"], a["high"])
    if spec.generator == "grid":
        return label_values(a["arrays"][a["position"]])
    values: set[int] = set()
    drawn: list[tuple[int, int]] = []
    for part in a["arrays"] if spec.generator == "concatenate" else [a["array"]]:
        some, span = label_values(part)
        values |= some
        drawn += [span] if span else []
    return values, (min(low for low, _ in drawn), max(high for _, high in drawn)) if drawn else None


def _leaves(nested: Any) -> set[int]:
    if not isinstance(nested, list):
        return {nested}
    if nested and not isinstance(nested[0], list):
        return set(nested)
    return {leaf for part in nested for leaf in _leaves(part)}
