"""Whether the inputs of a case fit together, and the shapes of those that were left open.

The first required input is the reference. Class axes: labels have its shape without them, class weights their length.
Where a case says that its input is invalid (`outcome: raises`), nothing needs to fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from conformance.array_nodes import Unshaped, label_values, shaped
from conformance.array_nodes import written as written_shape
from conformance.inputs import ArraySpec, Shape
from conformance.node_fields import Wrong, expected_one_of
from conformance.oracle.operation import Input, Operation
from conformance.yaml_nodes import Node

# Inputs that broadcast against the unreduced loss.
SPREAD = ("weights", "mask")


@dataclass(frozen=True)
class Settings:
    """What a case says beside its arrays. `places` maps an input or parameter to its node, "" to the case."""

    operation: Operation
    parameters: Mapping[str, Any]
    each: Mapping[str, tuple[Any, ...]]
    outcome: str
    places: Mapping[str, Node]

    def values(self, name: str) -> tuple[Any, ...]:
        """Every value that the parameter takes in the case."""
        default = self.operation.parameters[name].default if name in self.operation.parameters else None
        given = self.each.get(name, (self.parameters.get(name),))
        return tuple(default if value is None else value for value in given)

    @cached_property
    def first(self) -> str:
        """The input that the others must fit."""
        return self.operation.required[0]

    @cached_property
    def by_class(self) -> bool:
        """Whether the operation turns a row of classes into one entry."""
        of = self.operation
        return (
            "axis" in of.parameters
            or "categorical" in of.name
            or any(i.kind == "label" and not i.free and i.name != "mask" for i in of.inputs)
            or any(i.name == "class_weights" for i in of.inputs)
        )


def resolve(found: Mapping[str, ArraySpec | Unshaped], settings: Settings) -> dict[str, ArraySpec]:
    """The arrays, all with their shapes. Raises Wrong where they do not fit together."""
    known = {name: spec for name, spec in found.items() if isinstance(spec, ArraySpec)}
    for name, spec in found.items():
        if isinstance(spec, Unshaped) and spec.like is not None:
            known[name] = shaped(spec.spec, _like(name, spec, known, found), spec.node)
    first = settings.first
    for name in [first, *found]:
        spec = found[name]
        if name not in known and isinstance(spec, Unshaped):
            known[name] = shaped(spec.spec, _left_open(name, spec, known, settings), spec.node)
    resolved = {name: known[name] for name in found}
    if settings.outcome != "raises":
        for name, spec in resolved.items():
            _check(settings.operation.input(name), spec, resolved[first], settings)
    return resolved


def _like(name: str, spec: Unshaped, known: Mapping[str, ArraySpec], found: Mapping[str, Any]) -> Shape:
    like = str(spec.like)
    if like in known and known[like].shape is not None:
        return known[like].shape or ()
    others = [other for other in found if other != name]
    if like in others:
        raise Wrong(spec.node, f"'{like}' has no shape of its own", "write one: shape: [8]")
    raise Wrong(spec.node, f"'like' names no other input: '{like}'", *expected_one_of(others, like))


def _left_open(name: str, spec: Unshaped, known: Mapping[str, ArraySpec], settings: Settings) -> Shape:
    operation = settings.operation
    first = settings.first
    reference = known.get(first)
    if reference is None:
        peers = [known[i.name] for i in operation.inputs if i.kind in ("target", "real") and i.name in known]
        reference = peers[0] if peers else None
        if name != first or reference is None:
            raise Wrong(spec.node, f"'{name}' has no shape, and no other input gives it one", "write one: shape: [8]")
        return reference.shape or ()
    if operation.input(name).free:
        raise Wrong(spec.node, f"the shape of '{name}' does not follow from {first}", "write one: shape: [8]")
    shapes = {_wanted(operation.input(name), reference.shape or (), axis, settings) for axis in _axes(settings)}
    if len(shapes) > 1:
        raise Wrong(spec.node, f"the shape of '{name}' depends on the axis", "write one: shape: [8]")
    return shapes.pop()


def _axes(settings: Settings) -> tuple[Any, ...]:
    """Every axis that a case names, those of a list one by one."""
    if "axis" not in settings.operation.parameters:
        return (-1,)
    return tuple(a for value in settings.values("axis") for a in (value if isinstance(value, tuple) else (value,)))


def _wanted(of: Input, reference: Shape, axis: int, settings: Settings) -> Shape:
    """The shape that an input has beside a reference of this shape."""
    if of.name == "mask":
        of = settings.operation.input("weights")
    if of.name == settings.first or not settings.by_class:
        return reference
    if of.kind in ("label", "weight"):
        if not -len(reference) <= axis < len(reference):
            place = settings.places.get("axis", settings.places[""])
            raise Wrong(place, f"the axis {axis} is none of the shape {written_shape(reference)}")
        if of.name == "class_weights":
            return (reference[axis],)
        at = axis % len(reference)
        return reference[:at] + reference[at + 1 :]
    return reference


def _check(of: Input, spec: ArraySpec, reference: ArraySpec, settings: Settings) -> None:
    """Raises Wrong where an input does not fit the reference."""
    if of.free:
        return
    place = settings.places[of.name]
    of_reference = reference.shape or ()
    for axis in _axes(settings):
        if settings.by_class and reference.integer is not True and not -len(of_reference) <= axis < len(of_reference):
            at = settings.places.get("axis", place)
            raise Wrong(at, f"the axis {axis} is none of the shape {written_shape(of_reference)}")
        wanted = _wanted(of, of_reference, axis, settings)
        shape = spec.shape or ()
        spreads = of.name in SPREAD or of.name in settings.operation.broadcasts
        fits = _broadcasts(shape, wanted) if spreads else shape == wanted
        if not fits:
            relation = "broadcast against" if spreads else "have"
            raise Wrong(
                place, f"'{of.name}' has the shape {written_shape(shape)}",
                f"expected it to {relation} {written_shape(wanted)}, as {settings.first} asks",
            )  # fmt: skip
        if of.kind == "label" and of.name != "mask" and settings.outcome == "value" and reference is not spec:
            _check_labels(spec, of_reference[axis], settings, place)
    _check_lists(of, of_reference, settings)


def _broadcasts(shape: Shape, to: Shape) -> bool:
    if len(shape) > len(to):
        return False
    return all(a in (1, b) for a, b in zip(reversed(shape), reversed(to), strict=False))


def _check_labels(spec: ArraySpec, classes: int, settings: Settings, place: Node) -> None:
    ignored = set(settings.values("ignore_index")) if "ignore_index" in settings.operation.parameters else set()
    values, span = label_values(spec)
    if 0 in (spec.shape or ()):
        return
    outside = sorted(v for v in values if not 0 <= v < classes and v not in ignored)
    if span is not None and not (span[0] >= 0 and span[1] < classes):
        outside.append(span[0] if span[0] < 0 else span[1])
    if outside:
        raise Wrong(
            place, f"the label {outside[0]} is none of {classes} classes",
            f"expected 0 to {classes - 1} or the ignore_index; write outcome: raises where invalid labels are meant",
        )  # fmt: skip


def _check_lists(of: Input, reference: Shape, settings: Settings) -> None:
    """Parameters that are lists have one number for each entry of the last axis."""
    if of.name != settings.first:
        return
    for name in settings.operation.parameters:
        for value in settings.values(name):
            if (
                name != "axis"
                and isinstance(value, tuple)
                and isinstance(settings.operation.parameters[name].default, (int, float))
            ):
                length = reference[-1] if reference else 1
                if len(value) != length:
                    place = settings.places.get(name, settings.places[""])
                    help = f"expected {length}, one for each entry of the last axis"
                    raise Wrong(place, f"'{name}' has {len(value)} numbers", help)
