"""From a formula to a settled answer: raise the precision until it is tight; find limits where there is no value.

Where a formula meets log 0, 1/0 or an infinite input, its value is its limit, if there is one. The limit is not
written down for each operation but looked for: the singular inputs go to their places along several paths, each in
steps that double (p = 2⁻ᵀ, 1 - 2⁻ᵀ, x = ±T), and the sequence must converge to 100 bits, vanish geometrically, or
grow without bound. Paths that disagree (two infinite logits: which one wins?) mean that no limit exists.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from flint import arb, ctx

from conformance.oracle.exact.definition import Definition
from conformance.oracle.exact.number import NAN, ZERO, Imprecise, Tape

FIRST_PRECISION = 192
LAST_PRECISION = 1 << 15
# A ball below 2^-1200 is zero in every float dtype, and so is its product with any float.
NOTHING = arb((1, -1200))
CONVERGED = arb((1, -100))
ROUGHLY = arb((1, -50))
# p = 2^-T starts below every float; x = T starts 2^60 times over every other input.
PROBABILITY_STEP = 1500
REAL_STEP = 1 << 60
FEWEST_STEPS, MOST_STEPS = 3, 5
INFINITY = arb.pos_inf()


class Missing(Enum):
    """Why there is no number."""

    UNDEFINED = "no limit exists, or each side has another"
    UNDECIDED = "the last precision did not decide it"


Outcome = arb | Missing
Labels = int | tuple[int, ...]


@dataclass(frozen=True)
class Question:
    """One row of inputs with its parameters.

    inputs   by name: lists of floats, or an int (a label), or a tuple of ints (all labels)
    seeds    cotangent of each output, or None where no gradient is wanted
    bits     wanted relative accuracy
    sized    whether the magnitude of each derivative is wanted too
    offset   by name: a direction in which the inputs are moved by `step`, (n, e) for n·2ᵉ
    """

    definition: Definition
    inputs: Mapping[str, list[float] | Labels]
    parameters: Mapping[str, Any]
    seeds: tuple[float, ...] | None
    bits: int
    sized: bool = True
    offset: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    step: tuple[int, int] = (0, 0)

    @property
    def varied(self) -> list[tuple[str, list[float]]]:
        """The inputs with a gradient, and their values."""
        names = self.definition.differentiable
        return [(name, value) for name, value in self.inputs.items() if name in names and isinstance(value, list)]

    @property
    def has_nan(self) -> bool:
        return any(math.isnan(x) for value in self.inputs.values() if isinstance(value, list) for x in value)


@dataclass(frozen=True)
class Settled:
    """Values and gradient of one row. A finite ball is tight; nan and ±inf are exact.

    magnitude  for each derivative: the sum of the absolute values of the terms that it is the sum of
    """

    values: list[Outcome]
    gradient: Mapping[str, list[Outcome]]
    magnitude: Mapping[str, list[float]]


@dataclass(frozen=True)
class _Trial:
    """One evaluation: the outputs, then the derivatives; None where the formula has no value. `open` says why."""

    outcomes: list[Outcome | None]
    outputs: int
    magnitude: list[float]
    open: Outcome
    singular: bool


def settle(question: Question) -> Settled:
    """The answer, as tight as asked. Always ends: what the last precision leaves open is `Missing.UNDECIDED`."""
    previous = ctx.prec
    try:
        places = _singular_places(question)
        trial = _sure(question, _balls(question)) if not _infinite(places) else None
        if trial is None or (trial.singular and None in trial.outcomes and places):
            limits = _limits(question, places)
            known = limits.outcomes if trial is None else trial.outcomes
            outcomes = [b if a is None else a for a, b in zip(known, limits.outcomes, strict=True)]
            trial = limits
        else:
            outcomes = list(trial.outcomes)
    except Imprecise:
        return _undecided(question)
    finally:
        ctx.prec = previous
    final = [trial.open if outcome is None else outcome for outcome in outcomes]
    if final[: trial.outputs] == [Missing.UNDEFINED]:
        # Where the value has no limit, a derivative that grows without bound says nothing.
        final = [o if isinstance(o, Missing) or o.is_finite() else Missing.UNDEFINED for o in final]
    place = trial.outputs
    gradient, magnitude = {}, {}
    if question.seeds is not None:
        for name, value in question.varied:
            gradient[name] = final[place : place + len(value)]
            magnitude[name] = trial.magnitude[place - trial.outputs :][: len(value)]
            place += len(value)
    return Settled(final[: trial.outputs], gradient, magnitude)


def _undecided(question: Question) -> Settled:
    open_: Outcome = Missing.UNDECIDED
    return Settled(
        [open_] * len(question.seeds or (1,)),
        {name: [open_] * len(value) for name, value in question.varied},
        {name: [0.0] * len(value) for name, value in question.varied},
    )


def _balls(question: Question) -> dict[str, list[arb] | Labels]:
    """The inputs, exactly; moved, where the question says so."""
    balls: dict[str, list[arb] | Labels] = {
        name: [arb(x) for x in value] if isinstance(value, list) else value for name, value in question.inputs.items()
    }
    if not question.step[0]:
        return balls
    previous, ctx.prec = ctx.prec, LAST_PRECISION
    for name, direction in question.offset.items():
        there = balls[name]
        assert isinstance(there, list)
        balls[name] = [x + arb(question.step) * arb(v) for x, v in zip(there, direction, strict=True)]
    ctx.prec = previous
    return balls


def _singular_places(question: Question) -> list[tuple[str, int, float]]:
    """(input, place, value) of the entries that a limit may have to approach."""
    return [
        (name, place, x)
        for name, value in question.varied
        for place, x in enumerate(value)
        if math.isinf(x) or (question.definition.inputs[name] == "probability" and x in (0.0, 1.0))
    ]


def _infinite(places: Sequence[tuple[str, int, float]]) -> bool:
    return any(math.isinf(x) for _, _, x in places)


def _sure(question: Question, inputs: Mapping[str, list[arb] | Labels]) -> _Trial:
    """A tight trial. At a kink the derivative has no value unless both sides agree."""
    trial, kinked = _tight(question, inputs, inside=True)
    if not kinked:
        return trial
    other, _ = _tight(question, inputs, inside=False)
    outcomes = [
        None if a is None or b is None else _agreed([a, b]) for a, b in zip(trial.outcomes, other.outcomes, strict=True)
    ]
    return _Trial(outcomes, trial.outputs, trial.magnitude, trial.open, trial.singular)


def _tight(question: Question, inputs: Mapping[str, list[arb] | Labels], *, inside: bool) -> tuple[_Trial, bool]:
    """Doubles the precision until every ball is tight; a nan ball that no singularity explains counts as loose."""
    nan = question.has_nan
    balls: list[arb] = []
    ctx.prec = FIRST_PRECISION
    while True:
        tape = Tape(inside=inside)
        last = ctx.prec >= LAST_PRECISION
        try:
            balls, outputs, magnitude = _evaluate(question, inputs, tape)
        except Imprecise:
            if last:
                raise
        else:
            explained = tape.singular or tape.valueless or (nan and ctx.prec >= 1 << 11)
            if last or all(
                _is_tight(b, question.bits) if b.is_finite() else explained or _is_infinity(b) for b in balls
            ):
                break
        ctx.prec *= 2
    open_: Outcome = Missing.UNDECIDED
    if tape.valueless:
        open_ = Missing.UNDEFINED
    elif nan:
        open_ = NAN
    elif tape.singular:
        open_ = Missing.UNDEFINED
    outcomes = [_outcome(ball, question.bits) for ball in balls]
    return _Trial(outcomes, outputs, magnitude, open_, tape.singular and not tape.valueless), tape.kinked


def _is_tight(ball: arb, bits: int) -> bool:
    return ball.rel_accuracy_bits() >= bits or abs(ball) < NOTHING


def _is_infinity(ball: arb) -> bool:
    """Whether a formula said that the value is infinite: no arithmetic gives an infinity without a radius."""
    return bool(ball == INFINITY or -ball == INFINITY)


def _outcome(ball: arb, bits: int) -> Outcome | None:
    if not ball.is_finite():
        return ball if _is_infinity(ball) else None
    if abs(ball) < NOTHING:
        return ZERO
    return ball if ball.rel_accuracy_bits() >= bits else Missing.UNDECIDED


def _evaluate(
    question: Question, inputs: Mapping[str, list[arb] | Labels], tape: Tape
) -> tuple[list[arb], int, list[float]]:
    """Balls of the outputs and then of the derivatives, the number of outputs, the magnitude of each derivative."""
    definition = question.definition
    arguments: dict[str, Any] = {}
    places: list[int] = []
    for name, balls in inputs.items():
        if not isinstance(balls, list):
            arguments[name] = balls
            continue
        kind = definition.inputs.get(name, "fixed")  # a parameter given by column
        if kind in ("real", "probability") and question.seeds is not None:
            numbers = [tape.variable(ball) for ball in balls]
            places += [number.place for number in numbers]
        else:
            numbers = [tape.constant(ball) for ball in balls]
        arguments[name] = numbers if definition.rows or kind == "classes" else numbers[0]
    parameters = {name: _constant(tape, value) for name, value in question.parameters.items()}
    returned = definition.formula(**arguments, **parameters)
    results = [tape.lift(r) for r in (returned if isinstance(returned, list) else [returned])]
    values = [r.value for r in results]
    if question.seeds is None:
        return values, len(values), []
    seeds = [arb(seed) for seed in question.seeds]
    slopes = tape.gradient(results, seeds)
    sizes = tape.magnitude(results, seeds) if question.sized else slopes
    return values + [slopes[p] for p in places], len(values), [float(sizes[p].mid()) for p in places]


def _constant(tape: Tape, value: Any) -> Any:
    if isinstance(value, float):
        return tape.constant(value)
    if isinstance(value, (list, tuple)):
        return type(value)(_constant(tape, float(v)) for v in value)
    return value


def _limits(question: Question, places: Sequence[tuple[str, int, float]]) -> _Trial:
    """The limit of every output and derivative, where all paths agree on one."""
    trials = [_limit_along(question, places, path) for path in range(3 if len(places) > 1 else 1)]
    outcomes: list[Outcome | None] = [
        _agreed([trials[0].open if o is None else o for o in along])
        for along in zip(*(t.outcomes for t in trials), strict=True)
    ]
    return _Trial(outcomes, trials[0].outputs, trials[0].magnitude, trials[0].open, False)


def _limit_along(question: Question, places: Sequence[tuple[str, int, float]], path: int) -> _Trial:
    steps: list[_Trial] = []
    outcomes: list[Outcome | None] = []
    while len(steps) < MOST_STEPS:
        steps.append(_sure(question, _approached(question, places, path, len(steps))))
        if len(steps) < FEWEST_STEPS:
            continue
        outcomes = [
            _limit([s.open if o is None else o for s, o in zip(steps, along, strict=True)])
            for along in zip(*(s.outcomes for s in steps), strict=True)
        ]
        if Missing.UNDECIDED not in outcomes:
            break
    last = steps[-1]
    return _Trial(outcomes, last.outputs, last.magnitude, last.open, False)


def _approached(
    question: Question, places: Sequence[tuple[str, int, float]], path: int, step: int
) -> dict[str, list[arb] | Labels]:
    """The inputs with every singular one on its way. On paths 1 and 2 each goes at a speed of its own."""
    inputs = _balls(question)
    largest = max((abs(x) for _, value in question.varied for x in value if math.isfinite(x)), default=1.0)
    ctx.prec = 1 << 18
    for number, (name, place, x) in enumerate(places):
        speed = 4 if path == 0 else 4 + number % 13 if path == 1 else 16 - number % 13
        balls = inputs[name]
        assert isinstance(balls, list)
        if math.isinf(x):
            far = arb(max(1.0, largest)) * REAL_STEP * 2**step * speed
            balls[place] = far if x > 0 else -far
        else:
            near = arb((1, -PROBABILITY_STEP * 2**step * speed // 4))
            balls[place] = near if x == 0 else 1 - near
    return inputs


def _limit(steps: Sequence[Outcome]) -> Outcome:
    """The limit of a sequence whose argument doubles with each step, judged by its last three members."""
    for missing in (Missing.UNDEFINED, Missing.UNDECIDED):
        if missing in steps:
            return missing
    ctx.prec = FIRST_PRECISION
    a, b, c = (ball for ball in steps[-3:] if isinstance(ball, arb))
    if c.is_nan():
        return NAN
    if b.is_zero() and c.is_zero():
        return ZERO
    if _is_infinity(c):
        return c if b == c else Missing.UNDECIDED
    first, second = b - a, c - b
    if abs(second) <= abs(c) * CONVERGED:
        return c
    if abs(b) * 4 <= abs(a) and abs(c) * abs(a) <= b * b * (1 + CONVERGED):
        return ZERO
    if abs(second) * 2 >= abs(first) * 3 and first * second > 0 and c * second > 0:
        return INFINITY if c > 0 else -INFINITY
    return _algebraic(a, b, c)


def _algebraic(a: arb, b: arb, c: arb) -> Outcome:
    """The limit of a sequence that approaches it as a power of its argument does: 1/(1 + x), x/(1 + x)."""
    for order in (1, 2, 3):
        ratio = 2**order
        if abs(b * ratio - a) <= abs(a) * ROUGHLY and abs(c * ratio - b) <= abs(b) * ROUGHLY:
            return ZERO
        first, second = b - a, c - b
        if abs(second * ratio - first) <= abs(first) * ROUGHLY:
            return c + second / (ratio - 1)
    return Missing.UNDECIDED


def _agreed(outcomes: Sequence[Outcome]) -> Outcome:
    """The one limit of all paths."""
    for missing in (Missing.UNDECIDED, Missing.UNDEFINED):
        if missing in outcomes:
            return missing
    ctx.prec = FIRST_PRECISION
    first, *rest = (ball for ball in outcomes if isinstance(ball, arb))
    if all(_same(first, other) for other in rest):
        return first
    return Missing.UNDEFINED


def _same(a: arb, b: arb) -> bool:
    if not (a.is_finite() and b.is_finite()):
        return bool(a == b) or bool(a.is_nan() and b.is_nan())
    return bool(abs(a - b) <= (abs(a) + abs(b)) * CONVERGED)
