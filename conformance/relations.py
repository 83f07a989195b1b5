"""Metamorphic relations: how the answer must change when the inputs are changed in a known way.

A case names the relations that hold for it; each makes a second variant, whose id ends in `~` and the relation's name.
The inputs are changed before they are rounded to the dtype, and the check is judged by the oracle like any other; what
is more, the result is held against that of the unchanged case: where both are right the relation holds, and where one
of them is not, the check says which relation broke. The oracle itself keeps every relation that a case names: a test
proves it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conformance.oracle.operation import OPERATIONS, Operation

Arrays = dict[str, NDArray[Any]]
Parameters = Mapping[str, Any]
Shape = tuple[int, ...]
SHIFT = 3.0
SCALE = 4.0
PIECES = 3
LOGITS = ("logits", "x", "scores")


class DoesNotApply(ValueError):
    """A case names a relation that says nothing about it."""


def _same_values(operation: Operation, values: Arrays, parameters: Parameters) -> Arrays:
    return values


def _same_parameters(operation: str, parameters: Parameters) -> Parameters:
    return {}


def _identity(output: NDArray[Any], shape: Shape, parameters: Parameters) -> NDArray[Any]:
    return output


@dataclass(frozen=True)
class Relation:
    """One relation.

    about        what must hold, in a sentence
    change       the inputs, changed; raises DoesNotApply
    parameters   the parameters that change
    answer       what the output of the unchanged case becomes, from the shape of its first input; None where it is
                 multiplied by a known factor, which the ratio of the two right answers gives
    adds, drops  inputs that the changed case has more, or does not have any more
    other        where the answer is that of another operation: from (operation, values, parameters) to the same
    """

    about: str
    change: Callable[[Operation, Arrays, Parameters], Arrays] = _same_values
    parameters: Callable[[str, Parameters], Parameters] = _same_parameters
    answer: Callable[[NDArray[Any], Shape, Parameters], NDArray[Any]] | None = _identity
    other: Callable[[str, Arrays, Parameters], tuple[str, Arrays, Parameters]] | None = None
    adds: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()

    def inputs(self, names: Iterable[str]) -> list[str]:
        """The names of the inputs of the changed case."""
        return [name for name in dict.fromkeys([*names, *self.adds]) if name not in self.drops]


def _first(operation: Operation, values: Arrays) -> NDArray[Any]:
    return values[operation.required[0]]


def _axis(operation: Operation, parameters: Parameters) -> int:
    axis = parameters.get("axis", operation.parameters["axis"].default if "axis" in operation.parameters else -1)
    return int(axis) if not isinstance(axis, (list, tuple)) else int(axis[0])


def _reversed_samples(operation: Operation, values: Arrays, parameters: Parameters) -> Arrays:
    reference = _first(operation, values)
    if reference.ndim == 0:
        raise DoesNotApply("a single number has no samples")
    count = reference.shape[0]
    shared = {i.name for i in operation.inputs if i.name == "class_weights"}
    return {
        name: np.ascontiguousarray(array[::-1])
        if array.ndim and array.shape[0] == count and name not in shared
        else array
        for name, array in values.items()
    }


def _reversed_first(output: NDArray[Any], shape: Shape, parameters: Parameters) -> NDArray[Any]:
    return output[::-1] if output.ndim and output.shape[0] == shape[0] else output


def _reversed_classes(operation: Operation, values: Arrays, parameters: Parameters) -> Arrays:
    reference = _first(operation, values)
    axis = _axis(operation, parameters)
    classes = reference.shape[axis]
    ignored = parameters.get("ignore_index")
    changed = {}
    for name, array in values.items():
        kind = operation.input(name).kind
        if kind == "label" and name != "mask":
            changed[name] = (
                np.where(array == ignored, array, classes - 1 - array) if ignored is not None else (classes - 1 - array)
            )
        elif name == "class_weights":
            changed[name] = np.ascontiguousarray(array[::-1])
        elif array.shape == reference.shape:
            changed[name] = np.ascontiguousarray(np.flip(array, axis))
        else:
            changed[name] = array
    return changed


def _reversed_lists(operation: str, parameters: Parameters) -> Parameters:
    return {name: tuple(reversed(value)) for name, value in parameters.items() if isinstance(value, (list, tuple))}


def _reversed_axis(output: NDArray[Any], shape: Shape, parameters: Parameters) -> NDArray[Any]:
    return np.flip(output, parameters.get("axis", -1)) if output.shape == shape and shape else output


def _shifted(operation: Operation, values: Arrays, parameters: Parameters) -> Arrays:
    name = operation.required[0]
    if name not in LOGITS:
        raise DoesNotApply(f"{operation.name} takes no logits")
    return {**values, name: values[name] + SHIFT}


def _swapped_labels(operation: Operation, values: Arrays, parameters: Parameters) -> Arrays:
    name = operation.required[0]
    if "targets" not in values:
        raise DoesNotApply(f"{operation.name} takes no binary targets")
    swapped = -values[name] if name in LOGITS else 1 - values[name]
    return {**values, name: swapped, "targets": 1 - values["targets"]}


def _swapped_alpha(operation: str, parameters: Parameters) -> Parameters:
    alpha = parameters.get("alpha")
    return {} if alpha is None else {"alpha": 1 - alpha}


def _real(operation: Operation, values: Arrays) -> list[str]:
    return [i.name for i in operation.inputs if i.name in values and i.kind not in ("label", "weight")]


def _scaled(operation: Operation, values: Arrays, parameters: Parameters) -> Arrays:
    return {**values, **{name: values[name] * SCALE for name in _real(operation, values)}}


def _swapped_inputs(operation: Operation, values: Arrays, parameters: Parameters) -> Arrays:
    first, second = operation.required[:2]
    return {**values, first: values[second], second: values[first]}


def _negated(operation: Operation, values: Arrays, parameters: Parameters) -> Arrays:
    return {**values, **{name: -values[name] for name in _real(operation, values)}}


def _with_unit_weights(operation: Operation, values: Arrays, parameters: Parameters) -> Arrays:
    if "weights" in values:
        raise DoesNotApply("the case has weights")
    from conformance.oracle.operation import evaluate

    losses = evaluate(operation, values, {**parameters, "reduction": "none"}).value.value
    return {**values, "weights": np.ones(losses.shape)}


def _filtered(operation: Operation, values: Arrays, parameters: Parameters) -> Arrays:
    ignored = parameters.get("ignore_index")
    if "mask" in values:
        kept = values["mask"] != 0
    elif ignored is not None:
        kept = values["labels"] != ignored
    elif "weights" in values:
        kept = values["weights"] != 0
    else:
        raise DoesNotApply("nothing is ignored, masked or weighted")
    count = _first(operation, values).shape[0]
    if kept.ndim == 0 or kept.shape[0] != count:
        raise DoesNotApply("the mask is not one of samples")
    rows = kept.reshape(count, -1)
    if not (rows.all(axis=1) | ~rows.any(axis=1)).all():
        raise DoesNotApply("a sample is ignored in part")
    shared = {"class_weights"}
    chosen = {n: a if n in shared or not a.ndim or a.shape[0] != count else a[rows[:, 0]] for n, a in values.items()}
    chosen.pop("mask", None)
    return chosen


_DENSE = {
    "sparse_softmax_cross_entropy": "softmax_cross_entropy",
    "sparse_categorical_cross_entropy": "categorical_cross_entropy",
    "sparse_categorical_accuracy": "categorical_accuracy",
}


def _one_hot(operation: str, values: Arrays, parameters: Parameters) -> tuple[str, Arrays, Parameters]:
    if operation not in _DENSE:
        raise DoesNotApply(f"{operation} has no dense counterpart")
    axis = _axis(OPERATIONS[operation], parameters)
    name = OPERATIONS[operation].required[0]
    targets = np.moveaxis(np.eye(values[name].shape[axis])[values["labels"]], -1, axis)
    changed = {n: a for n, a in values.items() if n != "labels"}
    return _DENSE[operation], {name: changed.pop(name), "targets": targets, **changed}, parameters


_PLAIN = {
    "sigmoid_focal_loss": "binary_cross_entropy_with_logits",
    "binary_focal_cross_entropy": "binary_cross_entropy",
    "categorical_focal_cross_entropy": "categorical_cross_entropy",
    "softmax_focal_loss": "sparse_softmax_cross_entropy",
}


def _unfocused(operation: str, values: Arrays, parameters: Parameters) -> tuple[str, Arrays, Parameters]:
    if operation not in _PLAIN:
        raise DoesNotApply(f"{operation} has no gamma")
    known = OPERATIONS[_PLAIN[operation]].parameters
    return _PLAIN[operation], values, {name: value for name, value in parameters.items() if name in known}


RELATIONS: dict[str, Relation] = {
    "permute-samples": Relation(
        "The order of the samples changes no loss of a sample.", _reversed_samples, answer=_reversed_first
    ),
    "permute-classes": Relation(
        "The order of the classes changes no loss.", _reversed_classes, _reversed_lists, _reversed_axis
    ),
    "shift": Relation("A number added to all logits of a row changes no probability.", _shifted, answer=None),
    "label-swap": Relation("The two classes of a binary loss are alike.", _swapped_labels, _swapped_alpha),
    "scale": Relation("Inputs four times as large change the answer by a known factor.", _scaled, answer=None),
    "symmetric": Relation("The first two inputs may change places.", _swapped_inputs),
    "negate": Relation("An even function keeps its value, an odd one its size.", _negated, answer=None),
    "unit-weights": Relation("Weights of 1 are no weights.", _with_unit_weights, adds=("weights",)),
    "mask-is-filter": Relation("What is ignored may as well not be there.", _filtered, answer=None, drops=("mask",)),
    "one-hot-is-sparse": Relation("A label is the one-hot row of its class.", other=_one_hot),
    "gamma-zero": Relation(
        "Without focus a focal loss is the cross-entropy.",
        parameters=lambda *_: {"gamma": 0.0},
        answer=None,
        other=_unfocused,
    ),
    "serialise": Relation(
        "An object that is written and made anew computes the same.", parameters=lambda *_: {"roundtrip": True}
    ),
    "split": Relation("Several updates are one.", parameters=lambda *_: {"pieces": PIECES}),
}
