"""Counts the operations of the second definitions: they are run once, on numbers that remember how they were made.

A `Counted` stands where a definition has a ball. Every operation makes a node; the same operation of the same operands
is one node, so what is computed twice counts once. The operations of a result are the nodes that lead to it, and the
comparisons that decided, those of labels too, and those of Python's own `sorted`. A change of sign is free, and so are
x + 0, x·1 and everything of constants alone: a parameter that does nothing counts nothing. The gradient is that of the
tape, read backwards, which knows the derivatives of +, ·, /, exp and log and no others, and simplifies nothing.
"""

import builtins
import math
from contextlib import contextmanager

from conformance.oracle.exact import counts, curves, metrics
from conformance.oracle.exact.definition import DEFINITIONS
from conformance.oracle.exact.evaluate import ask
from conformance.oracle.exact.number import Number, Tape


class Trace:
    """The nodes of one run, and the comparisons, which lead to no number but decide."""

    def __init__(self):
        self.nodes = {}
        self.compared = {}
        self.by_python = 0
        self.made = 0

    def number(self):
        """The place of the next node."""
        self.made += 1
        return self.made

    def node(self, kind, value, *operands):
        key = (kind, *(operand.place for operand in operands))
        if key not in self.nodes:
            constant = bool(operands) and all(operand.constant for operand in operands)
            self.nodes[key] = Counted(self, float(value), kind, operands, constant)
        return self.nodes[key]

    def leaf(self, value):
        """A number that an input holds."""
        return Counted(self, float(value), "leaf", (), False)

    def constant(self, value):
        """A number that is known before the call. Equal ones are one."""
        if isinstance(value, Counted):
            return value
        key = ("constant", float(value))
        if key not in self.nodes:
            self.nodes[key] = Counted(self, float(value), "constant", (), True)
        return self.nodes[key]

    def compare(self, a, b):
        if not (a.constant and b.constant):
            self.compared[frozenset((a.place, b.place))] = (a, b)

    def compare_label(self, label, other):
        self.compared[frozenset((label.place, f"label {int(other)}"))] = ()

    def operations(self, results):
        """How many lead to the results, and to what was compared."""
        waiting = [r for r in results if isinstance(r, Counted)]
        waiting += [number for pair in self.compared.values() for number in pair]
        seen, count = set(), len(self.compared) + self.by_python
        while waiting:
            node = waiting.pop()
            if node.place in seen or node.constant:
                continue
            seen.add(node.place)
            count += node.kind not in ("leaf", "negative")
            waiting += node.operands
        return count


class Counted:
    """A float64 number in a trace, with as much of the interface of a ball as the definitions use."""

    __slots__ = ("constant", "kind", "operands", "place", "trace", "x")
    __hash__ = object.__hash__

    def __init__(self, trace, x, kind, operands, constant):
        self.trace, self.x, self.kind, self.operands, self.constant = trace, x, kind, operands, constant
        self.place = trace.number()

    def _is(self, value):
        return self.constant and self.x == value

    def __float__(self):
        return self.x

    def __neg__(self):
        return self.operands[0] if self.kind == "negative" else self.trace.node("negative", -self.x, self)

    def __add__(self, other):
        a, b = self, self.trace.constant(other)
        if a._is(0) or b._is(0):
            return b if a._is(0) else a
        if b.kind == "negative":
            return a - b.operands[0]
        if a.kind == "negative":
            return b - a.operands[0]
        return self.trace.node("+", a.x + b.x, *sorted((a, b), key=_place))

    __radd__ = __add__

    def __sub__(self, other):
        a, b = self, self.trace.constant(other)
        if b._is(0):
            return a
        if a._is(0):
            return -b
        if b.kind == "negative":
            return a + b.operands[0]
        if a.place > b.place:
            return -self.trace.node("-", b.x - a.x, b, a)
        return self.trace.node("-", a.x - b.x, a, b)

    def __rsub__(self, other):
        return self.trace.constant(other) - self

    def __mul__(self, other):
        a, b = self, self.trace.constant(other)
        for one, another in ((a, b), (b, a)):
            if one._is(1):
                return another
            if one._is(-1):
                return -another
            if one._is(0):
                return one
            if one.kind == "negative":
                return -(one.operands[0] * another)
            if one.kind == "/" and one.operands[0]._is(1):
                return another / one.operands[1]
        return self.trace.node("*", a.x * b.x, *sorted((a, b), key=_place))

    __rmul__ = __mul__

    def __truediv__(self, other):
        a, b = self, self.trace.constant(other)
        if b._is(1) or a._is(0):
            return a
        for sign in (a, b):
            if sign.kind == "negative":
                return -(a.operands[0] / b if sign is a else a / b.operands[0])
        return self.trace.node("/", a.x / b.x if b.x else math.nan, a, b)

    def __rtruediv__(self, other):
        return self.trace.constant(other) / self

    def __pow__(self, other):
        b = self.trace.constant(other)
        if b._is(0):
            return self.trace.constant(1)
        return self if b._is(1) else self.trace.node("**", abs(self.x) ** b.x if self.x else 0.0, self, b)

    def __rpow__(self, other):
        return self.trace.constant(other) ** self

    def _of(self, kind, function):
        return self.trace.node(kind, function(self.x), self)

    def exp(self):
        return self._of("exp", math.exp)

    def log(self):
        return self._of("log", lambda x: math.log(x) if x > 0 else math.nan)

    def sqrt(self):
        return self._of("sqrt", lambda x: math.sqrt(max(x, 0)))

    def tanh(self):
        return self._of("tanh", math.tanh)

    def cosh(self):
        return self._of("cosh", math.cosh)

    def erf(self):
        return self._of("erf", math.erf)

    def mid(self):
        return self

    def is_zero(self):
        return self.x == 0

    def is_nan(self):
        return math.isnan(self.x)

    def is_finite(self):
        return math.isfinite(self.x)

    def is_integer(self):
        return self.x.is_integer()

    def _compared(self, other):
        b = self.trace.constant(other)
        self.trace.compare(self, b)
        return b.x

    def __gt__(self, other):
        return self.x > self._compared(other)

    def __ge__(self, other):
        return self.x >= self._compared(other)

    def __le__(self, other):
        return self.x <= self._compared(other)

    def __eq__(self, other):
        return self.x == self._compared(other)

    def __ne__(self, other):
        return self.x != self._compared(other)

    def __lt__(self, other):
        if type(other) is int:  # whether a logarithm or a root exists
            return self.x < other
        return self.x < self._compared(other)


class CountedTape(Tape):
    """A tape whose constants are counted numbers."""

    def __init__(self, trace):
        super().__init__()
        self.trace = trace

    def constant(self, value):
        return Number(self.trace.constant(value), self, -1)


class CountedLabel(int):
    """A class index whose comparisons for equality are counted."""

    __hash__ = int.__hash__

    def __new__(cls, trace, value):
        label = super().__new__(cls, value)
        label.trace, label.place = trace, f"label at {trace.number()}"
        return label

    def __eq__(self, other):
        self.trace.compare_label(self, other)
        return int(self) == int(other)

    def __ne__(self, other):
        return not self == other


class CountedKey:
    """What is sorted: every comparison is counted."""

    def __init__(self, trace, value):
        self.trace, self.value = trace, value

    def __lt__(self, other):
        self.trace.by_python += 1
        return self.value < other.value


@contextmanager
def counted_by(trace):
    """Python's `sorted`, and its `sum` of what was true, where the definitions use them, counted."""

    def counted_sorted(items):
        return [key.value for key in builtins.sorted(CountedKey(trace, item) for item in items)]

    def counted_sum(items, *start):
        items = list(items)
        trace.by_python += builtins.sum(type(item) is bool for item in items)
        return builtins.sum(items, *start)

    places = [(curves, "sorted", counted_sorted)] + [(m, "sum", counted_sum) for m in (counts, metrics)]
    for module, name, function in places:
        setattr(module, name, function)
    try:
        yield
    finally:
        for module, name, _ in places:
            delattr(module, name)


def operations(name, inputs, parameters):
    """(operations of the value, operations of value and gradients), counted; None in place of what has no gradient.

    A loss is averaged over the batch. The cotangent is one number for a loss, else one for each entry of the value.
    """
    definition = DEFINITIONS[name]
    asked = ask(definition, inputs, parameters, None, (), False)
    trace = Trace()
    tape = CountedTape(trace)
    numbers = {}
    for given, flat in asked.rows.flat.items():
        kind = definition.inputs[given]
        if kind == "label":
            continue
        leaves = [trace.leaf(x) for x in flat.tolist()]
        vary = kind in ("real", "probability")
        numbers[given] = [tape.variable(x) if vary else tape.constant(x) for x in leaves]
    labels = {
        given: [CountedLabel(trace, label) for label in flat.tolist()]
        for given, flat in asked.rows.flat.items()
        if definition.inputs[given] == "label"
    }
    constants = {p: _constant(tape, value) for p, value in asked.parameters.items()}
    results = []
    for place in range(asked.rows.count):
        arguments = {
            given: _argument(definition, given, flat.size, asked.rows.take.get(given), place, numbers | labels)
            for given, flat in asked.rows.flat.items()
        }
        whole = {} if definition.entries is None else {"place": place, "shapes": asked.rows.shapes}
        with counted_by(trace):
            returned = definition.formula(**arguments, **constants, **whole)
        for result in returned if isinstance(returned, list) else [returned]:
            # A whole number is what a decision gave, and no constant.
            results.append(tape.lift(trace.leaf(result) if type(result) is int else result))
    if definition.reduces:
        mean = results[0]
        for result in results[1:]:
            mean = mean + result
        outcome = [(mean / len(results)).value]
        cotangents = [trace.leaf(1)] * len(results)
    else:
        outcome = [result.value for result in results]
        cotangents = [trace.leaf(1) for _ in results]
    value = trace.operations(outcome)
    varied = [n.place for each in numbers.values() for n in each if n.place >= 0]
    if not varied:
        return value, None
    slopes = tape.gradient(results, cotangents)
    return value, trace.operations([*outcome, *(slopes[place] for place in varied)])


def _constant(tape, value):
    if isinstance(value, float):
        return tape.constant(value)
    if isinstance(value, (list, tuple)):
        return type(value)(tape.constant(float(v)) for v in value)
    return value


def _argument(definition, name, size, take, place, numbers):
    found = [numbers[name][i] for i in (range(size) if take is None else take[place].tolist())]
    if definition.inputs[name] == "label":
        return found[0] if definition.entries is None else tuple(found)
    return found if definition.rows or definition.inputs[name] == "classes" else found[0]


def _place(number):
    return number.place
