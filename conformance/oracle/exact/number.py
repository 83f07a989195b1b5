"""Numbers that carry a rigorous enclosure and remember how they were made.

A `Number` holds a ball (python-flint's `arb`: a midpoint and a radius that surely contain the true value) and its
place on a tape. A definition written in Numbers is therefore a value and, by the tape read backwards, a gradient:
reverse accumulation (Griewank & Walther, "Evaluating Derivatives", 3.2). No derivative of an operation is ever
written by hand, only those of +, ·, /, exp, log and powers.

Points at which a formula has no value (log 0, 1/0) give a nan ball and set `Tape.singular`: whether a limit exists
there is for `limits.py` to find out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flint import arb

ZERO = arb(0)
ONE = arb(1)
NAN = arb.nan()


class Imprecise(Exception):
    """A comparison that the present precision cannot decide."""


class Tape:
    """What happened in one evaluation.

    inside     which one-sided derivative is taken at the bound of a clip: that of the inner side, or that of the outer
    singular   True once a logarithm of zero or a division by zero was met
    kinked     True once an argument lay exactly on the bound of a clip
    valueless  True once there was no value: a logarithm of a negative number, a label that names no class
    """

    def __init__(self, *, inside: bool = True) -> None:
        self.inside = inside
        self.singular = False
        self.kinked = False
        self.valueless = False
        self._edges: list[tuple[tuple[int, arb], ...]] = []

    def variable(self, value: arb) -> Number:
        """A number with respect to which gradients are taken."""
        self._edges.append(())
        return Number(value, self, len(self._edges) - 1)

    def constant(self, value: arb | float | int) -> Number:
        """A number that does not vary. Floats are taken exactly."""
        return Number(value if isinstance(value, arb) else arb(value), self, -1)

    def lift(self, result: Number | int | None) -> Number:
        """What a formula returned, as a number. None says that there is no value."""
        if isinstance(result, Number):
            return result
        if result is None:
            self.valueless = True
            return Number(NAN, self, -1)
        return self.constant(result)

    def number(self, value: arb, *parents: tuple[Number, arb]) -> Number:
        """A number made of `parents`, each with the partial derivative with respect to it."""
        edges = tuple([(parent.place, slope) for parent, slope in parents if parent.place >= 0])
        if not edges:
            return Number(value, self, -1)
        self._edges.append(edges)
        return Number(value, self, len(self._edges) - 1)

    def gradient(self, results: Sequence[Number], seeds: Sequence[arb]) -> list[arb]:
        """The gradient of Σ seedᵢ·resultᵢ by each number on the tape, in the order of their places."""
        return self._accumulate(results, seeds, lambda ball: ball)

    def magnitude(self, results: Sequence[Number], seeds: Sequence[arb]) -> list[arb]:
        """The sums of the absolute values of the terms that make up each derivative.

        This is what a cancelling gradient is judged on: for softmax minus target it is softmax plus target.
        """
        return self._accumulate(results, seeds, abs)

    def _accumulate(self, results: Sequence[Number], seeds: Sequence[arb], size: Callable[[arb], arb]) -> list[arb]:
        adjoints = [ZERO] * len(self._edges)
        for result, seed in zip(results, seeds, strict=True):
            if result.place >= 0:
                adjoints[result.place] += size(seed)
        for place in range(len(adjoints) - 1, -1, -1):
            adjoint = adjoints[place]
            for parent, slope in self._edges[place]:
                adjoints[parent] += adjoint * size(slope)
        return adjoints


class Number:
    """A ball and its place on a tape; `place` is -1 for a constant."""

    __slots__ = ("place", "tape", "value")

    def __init__(self, value: arb, tape: Tape, place: int) -> None:
        self.value = value
        self.tape = tape
        self.place = place

    def _lift(self, other: Number | float | int) -> Number:
        return other if isinstance(other, Number) else self.tape.constant(other)

    def still(self) -> Number:
        """The same number, as a constant."""
        return self.tape.constant(self.value)

    def __add__(self, other: Number | float | int) -> Number:
        b = self._lift(other)
        return self.tape.number(self.value + b.value, (self, ONE), (b, ONE))

    __radd__ = __add__

    def __neg__(self) -> Number:
        return self.tape.number(-self.value, (self, -ONE))

    def __sub__(self, other: Number | float | int) -> Number:
        b = self._lift(other)
        return self.tape.number(self.value - b.value, (self, ONE), (b, -ONE))

    def __rsub__(self, other: float | int) -> Number:
        return self._lift(other) - self

    def __mul__(self, other: Number | float | int) -> Number:
        b = self._lift(other)
        return self.tape.number(self.value * b.value, (self, b.value), (b, self.value))

    __rmul__ = __mul__

    def __truediv__(self, other: Number | float | int) -> Number:
        b = self._lift(other)
        if b.value.is_zero():
            self.tape.singular = True
        quotient = self.value / b.value
        if self.place < 0 and b.place < 0:
            return Number(quotient, self.tape, -1)
        return self.tape.number(quotient, (self, ONE / b.value), (b, -quotient / b.value))

    def __rtruediv__(self, other: float | int) -> Number:
        return self._lift(other) / self


def exp(x: Number) -> Number:
    """eˣ."""
    value = x.value.exp()
    return x.tape.number(value, (x, value))


def log(x: Number) -> Number:
    """ln x; singular at 0, without a value below."""
    if x.value.is_zero():
        x.tape.singular = True
    elif x.value < 0:
        x.tape.valueless = True
    if x.place < 0:
        return Number(x.value.log(), x.tape, -1)
    return x.tape.number(x.value.log(), (x, ONE / x.value))


def power(base: Number, exponent: Number | float | int) -> Number:
    """base to a constant exponent ≥ 0; base⁰ is the constant 1, also at 0."""
    e = base._lift(exponent).value
    if e.is_zero():
        return base.tape.constant(1)
    if not base.value.is_zero():
        if base.value < 0 and not e.is_integer():
            base.tape.valueless = True
        return base.tape.number(base.value**e, (base, e * base.value ** (e - 1)))
    if e >= 1:
        return base.tape.number(ZERO, (base, ONE if e == 1 else ZERO))
    base.tape.singular = True
    return base.tape.number(ZERO, (base, NAN))


def total(terms: Sequence[Number]) -> Number:
    """The sum of at least one term."""
    value, tape = ZERO, terms[0].tape
    for term in terms:
        value += term.value
    return tape.number(value, *((term, ONE) for term in terms))


def clipped(x: Number, bounds: tuple[Number, Number] | None) -> Number:
    """x between two constants. On a bound the derivative is one-sided, see `Tape.inside`."""
    if bounds is None:
        return x
    low, high = bounds
    return at_most(at_least(x, low), high)


def at_least(x: Number, bound: Number) -> Number:
    """max(x, bound), the bound a constant."""
    return _limited(x, bound, x.value > bound.value, x.value < bound.value)


def at_most(x: Number, bound: Number) -> Number:
    """min(x, bound), the bound a constant."""
    return _limited(x, bound, x.value < bound.value, x.value > bound.value)


def _limited(x: Number, bound: Number, within: bool, beyond: bool) -> Number:
    if within or not x.value.is_finite():
        return x
    if beyond:
        return bound.tape.constant(bound.value)
    if x.value != bound.value:
        raise Imprecise
    x.tape.kinked = True
    return x if x.tape.inside else x.tape.constant(bound.value)


def maximum(a: Number, b: Number) -> Number:
    """The larger of two numbers. Where they are equal the derivative is one-sided, see `Tape.inside`."""
    if a.value > b.value or a.value.is_nan():
        return a
    if b.value > a.value or b.value.is_nan():
        return b
    if a.value != b.value:
        raise Imprecise
    a.tape.kinked = True
    return a if a.tape.inside else b


def minimum(a: Number, b: Number) -> Number:
    """The smaller of two numbers; as `maximum`."""
    return -maximum(-a, -b)


def absolute(x: Number) -> Number:
    """|x|, with a kink at 0."""
    return maximum(x, -x)


def sqrt(x: Number) -> Number:
    """√x; singular at 0 (its slope), without a value below."""
    if x.value.is_zero():
        x.tape.singular = True
    elif x.value < 0:
        x.tape.valueless = True
    root = x.value.sqrt()
    return x.tape.number(root, (x, ONE / (2 * root)))


def tanh(x: Number) -> Number:
    """tanh x."""
    return x.tape.number(x.value.tanh(), (x, 1 / x.value.cosh() ** 2))


def erf(x: Number) -> Number:
    """The error function, 2/√π·∫₀ˣ exp(-t²)dt."""
    return x.tape.number(x.value.erf(), (x, 2 / arb.pi().sqrt() * (-x.value * x.value).exp()))


def log_gamma(x: Number) -> Number:
    """ln Γ(x) for x > 0."""
    return x.tape.number(x.value.lgamma(), (x, x.value.digamma()))


def exceeds(x: Number, bound: Number) -> bool:
    """x > bound, decided. Raises Imprecise where the balls overlap; nan exceeds nothing."""
    if x.value > bound.value:
        return True
    if x.value <= bound.value or not x.value.is_finite():
        return False
    raise Imprecise


def with_slope(value: Number, x: Number, slope: Number) -> Number:
    """`value`, whose derivative by x is by definition `slope`: for contracts that define their own backward."""
    return x.tape.number(value.value, (x, slope.value))


def with_gradient_of(value: Number, other: Number) -> Number:
    """`value`, whose gradient is by definition that of `other`: for contracts that define their own backward."""
    return value.tape.number(value.value, (other, ONE))
