"""What an operation is, and what the oracle says about one.

An operation is defined by one function from float64 arrays to `Terms`: the value before any reduction, and
the pullback of a cotangent to the inputs. The reductions of the frameworks are parameters (`reduction.py`),
so a loss says nothing about them. Inputs are already rounded to the dtype under test when they arrive here.

Coefficients that belong to an operation (targets, class weights, α, a positive weight) follow 0·∞ = 0: a term
that they switch off is gone. Sample weights are plain factors, and 0·∞ is nan. nan always propagates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
Arrays = Mapping[str, NDArray[Any]]
Grade = Literal["A", "B"]


@dataclass(frozen=True)
class Exact:
    """The right answer, element by element, all arrays of one shape.

    value      the exact result in float64; its class (finite, inf, nan) is part of the answer
    scale      S: what an ordinary stable implementation rounds on the way (CATALOGUE of error scales)
    condition  κ = Σ|xᵢ·∂f/∂xᵢ| over the inputs that enter the element
    low, high  where given, every number in [low, high] is right (the subdifferential at a kink)
    free       where True, no right value exists and every outcome is accepted, and shown
    """

    value: Floats
    scale: Floats
    condition: Floats
    low: Floats | None = None
    high: Floats | None = None
    free: Booleans | None = None

    def times(self, factor: Floats) -> Exact:
        """Every element times a known factor that broadcasts against it."""
        size = np.abs(factor)
        low, high = self.low, self.high
        if low is not None and high is not None:
            ends = low * factor, high * factor
            low, high = np.minimum(*ends), np.maximum(*ends)
        return replace(
            self,
            value=self.value * factor,
            scale=self.scale * size,
            condition=self.condition * size,
            low=low,
            high=high,
        )

    def only(self, kept: Booleans) -> Exact:
        """Zero, exactly, where `kept` is False, whatever stood there."""
        return Exact(
            np.where(kept, self.value, 0.0),
            np.where(kept, self.scale, 0.0),
            np.where(kept, self.condition, 0.0),
            None if self.low is None else np.where(kept, self.low, 0.0),
            None if self.high is None else np.where(kept, self.high, 0.0),
            None if self.free is None else self.free & kept,
        )

    def moved(self, source: int, destination: int) -> Exact:
        """The same with one axis of every array in another place."""

        def move(array: NDArray[Any]) -> NDArray[Any]:
            return np.moveaxis(array, source, destination)

        return Exact(
            move(self.value),
            move(self.scale),
            move(self.condition),
            None if self.low is None else move(self.low),
            None if self.high is None else move(self.high),
            None if self.free is None else move(self.free),
        )

    def gathered(self, shape: tuple[int, ...]) -> Exact:
        """The sum over every axis along which an array of this shape was broadcast."""
        rank = self.value.ndim
        fit = (1,) * (rank - len(shape)) + shape
        axes = tuple(a for a in range(rank) if fit[a] != self.value.shape[a])

        def added(array: NDArray[Any]) -> NDArray[Any]:
            return np.asarray(array.sum(axis=axes, keepdims=True)).reshape(shape)

        return Exact(
            added(self.value),
            added(self.scale),
            added(self.condition),
            None if self.low is None else added(self.low),
            None if self.high is None else added(self.high),
            None if self.free is None else added(self.free) > 0,
        )

    def settled(self) -> Exact:
        """With finite bounds: where an intermediate of `scale` or `condition` overflowed, |value| stands in."""
        if np.isfinite(self.scale).all() and np.isfinite(self.condition).all():
            return self
        size = np.where(np.isfinite(self.value), np.abs(self.value), 0.0)
        return replace(
            self,
            scale=np.where(np.isfinite(self.scale), self.scale, size),
            condition=np.where(np.isfinite(self.condition), self.condition, size),
        )


Pullback = Callable[[Floats], dict[str, Exact]]


@dataclass(frozen=True)
class Terms:
    """An operation's value before the reduction.

    pullback   from a cotangent of the value's shape to the gradient of each differentiable input
               (0, exactly, at ignored entries: the operation knows its axes)
    divisor_weights   shape of the value: what each entry counts in a weighted mean (class weights of the labels)
    kept       shape of the value: False where the entry is ignored: its value is 0 and it does not count
    length     how many numbers are summed into one entry (the classes of a row)
    row_axis   the axis of the inputs that an entry sums up, where it does
    """

    value: Exact
    pullback: Pullback | None = None
    divisor_weights: Floats | None = None
    kept: Booleans | None = None
    length: int = 1
    row_axis: int | None = None


Kind = Literal["real", "probability", "target", "label", "weight"]


@dataclass(frozen=True)
class Input:
    """One array that an operation takes. Labels are integers; everything else has the dtype under test.

    `free` where its shape does not follow from that of the first input: the case then writes it, and the
    oracle raises ValueError for one that does not fit.
    """

    name: str
    kind: Kind
    about: str
    differentiable: bool = False
    optional: bool = False
    free: bool = False


@dataclass(frozen=True)
class Parameter:
    """One plain value that an operation takes: its default and what it means."""

    default: Any
    about: str


@dataclass(frozen=True)
class Operation:
    """A mathematical function with a canonical name.

    contract      oracle parameters that no case sets: clips, caps and conventions that frameworks document
    grade, gradient_grade   what value and gradient must meet: A is relative accuracy, B is the error scale
    single        True where one framework alone offers it, by one call: there is nobody to compare it with
    output        "input": the dtype under test; "float": any float dtype; "any": any dtype (one-hot)
    limits        (low, high) of every unreduced value: rounding must not lead out of it
    broadcasts    inputs that may have fewer axes than the first one, or axes of length 1
    couples       True where one input row yields several outputs, so that a gradient needs a varied cotangent
    """

    name: str
    family: str
    about: str
    inputs: tuple[Input, ...]
    parameters: Mapping[str, Parameter]
    contract: Mapping[str, Parameter]
    define: Callable[..., Terms]
    grade: Grade = "B"
    gradient_grade: Grade = "B"
    output: Literal["input", "float", "any"] = "input"
    broadcasts: tuple[str, ...] = ()
    couples: bool = False
    limits: tuple[float, float] | None = None
    reduces: bool = False
    single: bool = False
    source: str = ""

    @property
    def differentiable(self) -> tuple[str, ...]:
        return tuple(i.name for i in self.inputs if i.differentiable)

    @property
    def asked(self) -> Mapping[str, Parameter]:
        """What a case may set: the parameters, and the ways of calling."""
        return {**self.parameters, **STYLES}

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(i.name for i in self.inputs if not i.optional)

    def input(self, name: str) -> Input:
        return next(i for i in self.inputs if i.name == name)


OPERATIONS: dict[str, Operation] = {}

WEIGHTS = Input("weights", "weight", "weight of each loss; broadcasts against the unreduced one", optional=True)
MASK = Input("mask", "label", "1 where a loss counts, 0 where it is as if it were not there", optional=True)
REDUCTION = Parameter(
    "none",
    "none, sum, mean, mean_last_axis, batch_mean, weighted_mean, nonzero_weight_mean, mean_with_ignored",
)


# Ways of calling that change no right answer. Implementations take them by keyword where they mean something there.
STYLES: Mapping[str, Parameter] = {
    "pieces": Parameter(1, "how many updates the batch is given in, for a metric that keeps a state"),
    "roundtrip": Parameter(False, "whether the object is written as its configuration and made anew before it is used"),
}


def operation(
    name: str,
    *,
    family: str,
    inputs: tuple[Input, ...],
    parameters: Mapping[str, Parameter] | None = None,
    contract: Mapping[str, Parameter] | None = None,
    reduces: bool = False,
    **settings: Any,
) -> Callable[[Callable[..., Terms]], Callable[..., Terms]]:
    """Registers the decorated definition.

    The function takes the inputs by name as float64 (labels: int64) arrays, and every parameter and contract
    parameter by keyword. With `reduces`, `weights`, `mask` and `reduction` are added to what a case may say and
    handled by `reduction.reduce`; the function never sees them. Its docstring is the operation's definition.
    """

    def register(define: Callable[..., Terms]) -> Callable[..., Terms]:
        if name in OPERATIONS:
            raise ValueError(f"operation {name} is defined twice")
        OPERATIONS[name] = Operation(
            name=name,
            family=family,
            about=(define.__doc__ or "").strip(),
            inputs=(*inputs, WEIGHTS, MASK) if reduces else inputs,
            parameters={**(parameters or {}), **({"reduction": REDUCTION} if reduces else {})},
            contract=contract or {},
            define=define,
            reduces=reduces,
            **settings,
        )
        return define

    return register


def elementwise(value: Exact, partials: Mapping[str, Exact], **more: Any) -> Terms:
    """Terms of a function whose value and partial derivatives all have one shape (after broadcasting)."""
    return Terms(value, lambda g: {name: partial.times(g) for name, partial in partials.items()}, **more)


def rowwise(value: Exact, partials: Mapping[str, Exact], axis: int, kept: Booleans | None = None, **more: Any) -> Terms:
    """Terms of a function that removes `axis`; each partial has the shape of its input.

    Rows that are not `kept` have the gradient 0, whatever they hold and whatever the cotangent is there.
    """

    def pullback(cotangent: Floats) -> dict[str, Exact]:
        spread = np.expand_dims(cotangent, axis)
        gradients = {name: partial.times(spread) for name, partial in partials.items()}
        if kept is None:
            return gradients
        rows = np.expand_dims(kept, axis)
        return {name: gradient.only(rows) for name, gradient in gradients.items()}

    return Terms(value, pullback, kept=kept, row_axis=axis, **more)


@dataclass(frozen=True)
class Evaluation:
    """The oracle's answer for one set of inputs and parameters."""

    value: Exact
    pullback: Pullback | None
    reduced_length: int = 1

    def gradient(self, cotangent: Floats) -> dict[str, Exact]:
        """The gradient of ⟨cotangent, value⟩ for each differentiable input."""
        if self.pullback is None:
            raise ValueError("the operation has no gradient")
        return self.pullback(cotangent)


def evaluate(operation: Operation, inputs: Arrays, parameters: Mapping[str, Any]) -> Evaluation:
    """Evaluates an operation in float64 on inputs that are already rounded to the dtype under test.

    `parameters` may hold contract parameters beside the operation's own. Raises KeyError for an unknown one,
    ValueError for shapes, labels or parameters with which the operation is not defined.
    """
    from conformance.oracle import reduction

    arrays: dict[str, NDArray[Any]] = {
        name: np.asarray(array, np.int64 if operation.input(name).kind == "label" else np.float64)
        for name, array in inputs.items()
    }
    known = {**operation.parameters, **operation.contract}
    values = {name: p.default for name, p in known.items()}
    for name, given in parameters.items():
        if name in STYLES:
            continue
        if name not in known:
            raise KeyError(f"{operation.name} has no parameter '{name}'")
        values[name] = given
    weights = arrays.pop("weights", None) if operation.reduces else None
    mask = arrays.pop("mask", None) if operation.reduces else None
    how = values.pop("reduction") if operation.reduces else "none"
    given_shapes = _broadcast(operation, arrays)
    with np.errstate(all="ignore"):
        terms = operation.define(**arrays, **values)
        if operation.reduces:
            reduced = reduction.reduce(reduction.masked(terms, mask), how, weights)
        else:
            reduced = Evaluation(terms.value, terms.pullback, reduced_length=terms.length)
        return replace(reduced, value=reduced.value.settled(), pullback=_quietly(reduced.pullback, given_shapes))


def _broadcast(operation: Operation, arrays: dict[str, NDArray[Any]]) -> dict[str, tuple[int, ...]]:
    """Gives the inputs that broadcast the shape of the first one; the shapes that they had, by name.

    Raises ValueError for a shape that does not broadcast to it.
    """
    first = operation.required[0]
    shape, had = arrays[first].shape, {}
    for name in operation.broadcasts:
        own = arrays[name].shape
        if own == shape:
            continue
        fits = len(own) <= len(shape) and all(a in (1, b) for a, b in zip(own[::-1], shape[::-1], strict=False))
        if not fits:
            raise ValueError(f"{name} have shape {own}, which does not broadcast to the {shape} of {first}")
        had[name], arrays[name] = own, np.broadcast_to(arrays[name], shape)
    return had


def _quietly(pullback: Pullback | None, shapes: Mapping[str, tuple[int, ...]]) -> Pullback | None:
    """The pullback without warnings, and to the shapes that inputs had before they were broadcast."""
    if pullback is None:
        return None

    def quiet(cotangent: Floats) -> dict[str, Exact]:
        with np.errstate(all="ignore"):
            found = pullback(np.asarray(cotangent))
            found.update({name: found[name].gathered(shape) for name, shape in shapes.items() if name in found})
            return {name: gradient.settled() for name, gradient in found.items()}

    return quiet


def cotangent_for(operation: Operation, shape: tuple[int, ...]) -> Floats | None:
    """What a gradient check multiplies the value with: None for a scalar, else numbers exact in every dtype.

    Ones where every output has its own inputs; varied where outputs share inputs (the ones-product of a
    softmax is zero, so ones would see nothing).
    """
    if shape == ():
        return None
    if not operation.couples:
        return np.ones(shape)
    pattern = np.array([1.0, -0.5, 2.0, 0.25, -1.5, 0.75, -2.0])
    return np.resize(pattern, int(np.prod(shape))).reshape(shape) if np.prod(shape) else np.ones(shape)
