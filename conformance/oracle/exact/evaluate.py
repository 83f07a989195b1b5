"""Second definitions applied to arrays: entries and rows, sample weights, reductions, cotangents.

Everything stays a ball until the very end, so that the sum of a thousand losses is as exact as one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from flint import arb, ctx
from numpy.typing import NDArray

from conformance.oracle.exact import extended, reduction
from conformance.oracle.exact.definition import DEFINITIONS, Definition
from conformance.oracle.exact.layout import Rows, gathered, lay_out, spread
from conformance.oracle.exact.limits import Missing, Outcome, Question, Settled, settle
from conformance.oracle.exact.number import ONE, ZERO, Tape
from conformance.oracle.operation import STYLES

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
# high + low keeps 106 bits. Entries are asked for a little more, and for much more where their sum cancels.
WANTED_BITS = 104
ATTEMPTS = (112, 256, 1024, 4096)
CACHED_ROWS = 100_000
# Parameters that are whole numbers by nature.
COUNTS = ("axis", "classes", "ignore_index", "blank", "k", "bins")


@dataclass(frozen=True)
class ExactArray:
    """high + low is the exact result to about 2⁻¹⁰⁰ of itself; high is the float64 nearest to it.

    undefined   True where no right value exists: no limit, or a kink. high is nan there
    undecided   True where the last precision did not decide. high is nan there
    scale       of a value: κ = Σ|xᵢ·∂f/∂xᵢ| (nan where one row yields several values); of a gradient: the sum of
                the absolute values of the terms that it is the sum of. Only where asked for
    """

    high: Floats
    low: Floats
    undefined: Mask
    undecided: Mask
    scale: Floats | None = None


@dataclass(frozen=True)
class Exactly:
    """The exact value, and the exact gradient for each input that was asked for."""

    value: ExactArray
    gradients: Mapping[str, ExactArray] = field(default_factory=dict)


def evaluate(
    operation: str,
    inputs: Mapping[str, NDArray[Any]],
    parameters: Mapping[str, Any],
    *,
    cotangent: Floats | None = None,
    wrt: Sequence[str] | None = None,
    scales: bool = False,
) -> Exactly:
    """The exact value of an operation, and its gradient by automatic differentiation.

    inputs       float64 (labels: int64) arrays, already rounded to the dtype under test
    parameters   as for `conformance.oracle.operation.evaluate`, contract parameters included
    cotangent    shape of the value; ones where None
    wrt          inputs to differentiate by; no gradient where None
    scales       also give the scales that conditioned results are judged on

    Raises KeyError for an unknown operation or parameter, ValueError for an unknown reduction.
    """
    asked = ask(DEFINITIONS[operation], inputs, parameters, cotangent, tuple(wrt or ()), scales)
    previous = ctx.prec
    try:
        for bits in ATTEMPTS:
            ctx.prec = bits + 96
            value, gradients = attempt(asked, bits)
            # A loose sum of tight entries has cancelled: only more bits in the entries help.
            if all(extended.is_tight(o, WANTED_BITS) for r in (value, *gradients.values()) for o in r.outcomes):
                break
    finally:
        ctx.prec = previous
    return Exactly(value.array(), {name: gradient.array() for name, gradient in gradients.items()})


@dataclass(frozen=True)
class Asked:
    """One call of `evaluate`. `cotangent` is flat, with the class axis last; `seeded` where a gradient is needed."""

    definition: Definition
    parameters: Mapping[str, Any]
    rows: Rows
    axis: int | tuple[int, ...]
    kept: Sequence[bool]
    weights: Sequence[arb]
    how: str
    cotangent: Floats | None
    wrt: tuple[str, ...]
    scales: bool
    tangents: Mapping[str, Floats] = field(default_factory=dict)
    step: tuple[int, int] = (0, 0)  # how far the inputs are moved along the tangents: n·2ᵉ


@dataclass(frozen=True)
class Result:
    """Outcomes in the order of a flattened array of `shape`, whose last axis then moves to `axis`.

    Where `axis` is several axes, the last one is split into them; `lengths` are theirs.
    """

    outcomes: list[Outcome]
    shape: tuple[int, ...]
    scale: list[float] | None
    axis: int | tuple[int, ...] = -1
    lengths: tuple[int, ...] = ()

    def array(self) -> ExactArray:
        tight = [o if extended.is_tight(o, WANTED_BITS) else Missing.UNDECIDED for o in self.outcomes]
        pairs = [extended.pair(o) for o in tight]
        return ExactArray(
            self._shaped([high for high, _ in pairs]),
            self._shaped([low for _, low in pairs]),
            self._shaped([o is Missing.UNDEFINED for o in tight], bool),
            self._shaped([o is Missing.UNDECIDED for o in tight], bool),
            None if self.scale is None else self._shaped(self.scale),
        )

    def _shaped(self, flat: list[Any], dtype: Any = np.float64) -> NDArray[Any]:
        return spread(np.array(flat, dtype).reshape(self.shape), self.axis, self.lengths)


def ask(
    definition: Definition,
    inputs: Mapping[str, NDArray[Any]],
    parameters: Mapping[str, Any],
    cotangent: Floats | None,
    wrt: tuple[str, ...],
    scales: bool,
) -> Asked:
    arrays = {name: np.asarray(array) for name, array in inputs.items()}
    parameters = {name: value for name, value in parameters.items() if name not in STYLES}
    weights = arrays.pop("weights", None) if definition.reduces else None
    mask = arrays.pop("mask", None) if definition.reduces else None
    values = {**definition.parameters, **({"reduction": "none"} if definition.reduces else {})}
    for name, value in parameters.items():
        if name not in values:
            raise KeyError(f"{definition.name} has no parameter '{name}'")
        # Whole numbers become floats, or Python would divide them inexactly.
        values[name] = float(value) if type(value) is int and name not in COUNTS else value
    # A formula that gets whole inputs leaves out what is ignored by itself.
    ignored = values.pop("ignore_index", None) if definition.entries is None else None
    how, axis = values.pop("reduction", "none"), values.pop("axis", -1)
    if how not in reduction.NAMES:
        raise ValueError(f"unknown reduction '{how}'; expected one of: {', '.join(reduction.NAMES)}")
    for name in definition.columns:
        if isinstance(values[name], (list, tuple)):
            arrays[name] = np.asarray(values.pop(name), np.float64)
    rows = lay_out(definition, arrays, axis, values)
    spread = np.ones(rows.shape) if weights is None else np.broadcast_to(weights, rows.shape)
    kept = [True] * rows.count
    if ignored is not None:
        kept = [bool(label != ignored) for label in np.broadcast_to(arrays["labels"], rows.shape).ravel()]
    if mask is not None:
        here = np.broadcast_to(mask, rows.shape).ravel().tolist()
        kept = [keeps and bool(m) for keeps, m in zip(kept, here, strict=True)]
    if cotangent is not None:
        cotangent = np.asarray(cotangent, np.float64)
        cotangent = (gathered(cotangent, axis) if definition.several else cotangent).ravel()
    return Asked(
        definition,
        values,
        rows,
        axis,
        kept,
        [arb(w) for w in spread.ravel().tolist()],
        how,
        cotangent,
        wrt,
        scales,
    )


def attempt(asked: Asked, bits: int) -> tuple[Result, dict[str, Result]]:
    """Value and gradients, from entries that are tight to `bits`."""
    solved = [_solve(asked, place, bits) if kept else None for place, kept in enumerate(asked.kept)]
    if asked.definition.several:
        outputs = asked.parameters.get("classes") or _outputs(
            asked.definition, next(iter(asked.rows.take.values())).shape[1]
        )
        value = [outcome for s in solved if s for outcome in s.values]
        shape = next(iter(asked.rows.shapes.values()))
        lengths = () if isinstance(asked.axis, int) else tuple(shape[a] for a in asked.axis)
        scale = [math.nan] * len(value) if asked.scales else None
        return (
            Result(value, (*asked.rows.shape, outputs), scale, asked.axis, lengths),
            {name: _gradient(asked, name, solved, [ONE] * len(solved)) for name in asked.wrt},
        )
    counts = [_divisor_weight(asked, place) for place in range(asked.rows.count)] if "weight" in asked.how else []
    divisor = reduction.divisor(asked.how, asked.rows.shape, asked.kept, asked.weights, counts)
    shape, length = reduction.groups(asked.how, asked.rows.shape)
    size = math.prod(shape)
    factors = [w if divisor.is_zero() else w / divisor for w in asked.weights]
    entries = [extended.product(s.values[0], f) if s else ZERO for s, f in zip(solved, factors, strict=True)]
    sums = [extended.total(entries[i * length : (i + 1) * length]) for i in range(size)]
    scales = None
    if asked.scales:
        conditions = [
            _condition(asked, p, s) * abs(float(f)) for p, (s, f) in enumerate(zip(solved, factors, strict=True))
        ]
        scales = [sum(conditions[i * length : (i + 1) * length]) for i in range(size)]
    cotangent = [1.0] * size if asked.cotangent is None else asked.cotangent.tolist()
    spread = [f * arb(cotangent[place // length]) for place, f in enumerate(factors)]
    gradients = {name: _gradient(asked, name, solved, spread) for name in asked.wrt}
    if divisor.is_zero():
        sums = [Missing.UNDEFINED] * size
        gradients = {n: Result([Missing.UNDEFINED] * len(g.outcomes), g.shape, g.scale) for n, g in gradients.items()}
    return Result(sums, shape, scales), gradients


def _gradient(asked: Asked, name: str, solved: Sequence[Settled | None], factors: Sequence[arb]) -> Result:
    """Each row's derivatives times its factor, added up where rows share an entry."""
    shape, take = asked.rows.shapes[name], asked.rows.take[name]
    terms: list[list[Outcome]] = [[] for _ in range(math.prod(shape))]
    sizes = [0.0] * len(terms)
    for place, (row, factor) in enumerate(zip(solved, factors, strict=True)):
        if row is None:
            continue
        size = abs(float(factor))
        for entry, slope, magnitude in zip(take[place].tolist(), row.gradient[name], row.magnitude[name], strict=True):
            terms[entry].append(extended.product(slope, factor))
            sizes[entry] += magnitude * size
    return Result([extended.total(t) for t in terms], shape, sizes if asked.scales else None)


def _condition(asked: Asked, place: int, row: Settled | None) -> float:
    """Σ|xᵢ·∂f/∂xᵢ| over the finite terms of one row."""
    if row is None:
        return 0.0
    inputs = asked.rows.row(place)
    products = (
        abs(x * extended.pair(slope)[0])
        for name, slopes in row.gradient.items()
        for x, slope in zip(inputs[name].tolist(), slopes, strict=True)
    )
    return float(sum(p for p in products if math.isfinite(p)))


def _divisor_weight(asked: Asked, place: int) -> Outcome:
    weigh = asked.definition.divisor_weight
    if weigh is None:
        return ONE
    tape = Tape()
    row = {
        name: int(value[0]) if asked.definition.inputs[name] == "label" else [tape.constant(x) for x in value.tolist()]
        for name, value in asked.rows.row(place).items()
        if asked.definition.inputs[name] in ("fixed", "classes", "label")
    }
    value: arb = tape.lift(weigh(**row)).value
    return Missing.UNDEFINED if tape.valueless else value


def _outputs(definition: Definition, length: int) -> int:
    """How many values a row of this length yields."""
    return length if definition.outputs is None else definition.outputs(length)


_CACHE: dict[tuple[Any, ...], Settled] = {}


def _solve(asked: Asked, place: int, bits: int) -> Settled:
    """One row, settled; rows that come again (another reduction, another weight) are remembered."""
    definition = asked.definition
    row = asked.rows.row(place)
    seeds: tuple[float, ...] | None = None
    if definition.differentiable and (asked.wrt or asked.scales):
        seeds = (1.0,)
        if definition.several:
            outputs = _outputs(definition, row[next(iter(row))].size)
            seeds = (1.0,) * outputs
            if asked.cotangent is not None:
                seeds = tuple(asked.cotangent[place * outputs : (place + 1) * outputs].tolist())
    whole: dict[str, Any] = {} if definition.entries is None else {"place": place, "shapes": asked.rows.shapes}
    given = repr(sorted({**asked.parameters, **whole}.items()))
    offset = {name: tuple(v.ravel()[asked.rows.take[name][place]].tolist()) for name, v in asked.tangents.items()}
    key = (
        definition.name, given, seeds, bits, asked.scales, repr(offset), repr(asked.step),
        *(value.tobytes() for value in row.values()),
    )  # fmt: skip
    known = _CACHE.get(key)
    if known is None:
        inputs = {
            name: _labels(value, definition)
            if definition.inputs.get(name) == "label"
            else value.astype(np.float64).tolist()
            for name, value in row.items()
        }
        if len(_CACHE) >= CACHED_ROWS:
            _CACHE.clear()
        known = _CACHE[key] = settle(
            Question(definition, inputs, {**asked.parameters, **whole}, seeds, bits, asked.scales, offset, asked.step)
        )
    return known


def _labels(value: NDArray[Any], definition: Definition) -> int | tuple[int, ...]:
    return int(value[0]) if definition.entries is None else tuple(map(int, value.tolist()))
