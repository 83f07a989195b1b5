r"""Evaluates the LaTeX of formulas with NumPy: as much of it as the formulas of rows and of single numbers use.

An index is the last axis of an array: `t_c` and `t_j` are the same array, `\sum_j` and `\max_c` reduce that axis and
keep it, `x_k` is the entry at the label, `[c = k]` the one-hot row. `1 - y'` means what later parts define: a formula
is `left = right, \qquad y' = right, ...`. Raises `Unreadable` for anything else.
"""

import re
from math import erf, sqrt

import numpy as np

TOKEN = re.compile(r"\\[a-zA-Z]+|\\[,;! ]|\\\\|[0-9]+(?:\.[0-9]+)?|[a-zA-Z]'?|\S")
SPACE = {r"\,", r"\;", r"\ ", r"\!", r"\left", r"\right", r"\quad", r"\qquad"}
RELATIONS = {"<": np.less, ">": np.greater, r"\le": np.less_equal, r"\ge": np.greater_equal, "=": np.equal,
             r"\ne": np.not_equal}  # fmt: skip


FUNCTIONS = {
    r"\ln": np.log,
    r"\tanh": np.tanh,
    r"\cosh": np.cosh,
    "softplus": lambda x: np.logaddexp(0, x),
    "sign": np.sign,
    r"\sigma": lambda x: 1 / (1 + np.exp(-x)),
    r"\Phi": lambda x: 0.5 * (1 + np.vectorize(erf)(x / sqrt(2))),
    r"\varphi": lambda x: np.exp(-x * x / 2) / sqrt(2 * np.pi),
}


class Unreadable(Exception):
    pass


def parts(formula):
    """(left side, right sides) of each equation."""
    split = re.split(r",\\qquad\s*", formula)
    for equation in split:
        sides = _outside_braces(equation, "=")
        yield sides[0].strip(), [side for side in sides[1:] if r"\partial" not in side]


def _outside_braces(text, mark):
    """Split at a mark that is in no braces, brackets, environment or index."""
    found, depth, start = [], 0, 0
    place = 0
    while place < len(text):
        if text.startswith((r"\begin", "{", "[", "(") if text[place] in "\\{[(" else "\0", place):
            depth += 1
        if text.startswith((r"\end", "}", "]", ")") if text[place] in "\\}])" else "\0", place):
            depth -= 1
        if text[place] == mark and depth == 0:
            found.append(text[start:place])
            start = place + 1
        place += 1
    return [*found, text[start:]]


class Evaluator:
    """`values` are arrays by symbol; `label` is the class of each row, or None."""

    def __init__(self, values, definitions=(), label=None):
        self.values = dict(values)
        self.definitions = {name: text for name, text in definitions if name not in self.values}
        self.label = label

    def evaluate(self, text):
        self.tokens = [t for t in TOKEN.findall(text.replace("[F]", r"\full ")) if t not in SPACE]
        self.at = 0
        value = self._sum()
        if self.at < len(self.tokens):
            raise Unreadable(f"{self.tokens[self.at]} in {text}")
        return value

    def _peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _next(self, expected=None):
        token = self._peek()
        if expected is not None and token != expected:
            raise Unreadable(f"{token}, not {expected}")
        self.at += 1
        return token

    def _sum(self):
        sign = -1 if self._peek() == "-" else 1
        if self._peek() in ("-", "+"):
            self._next()
        value = sign * self._product()
        while self._peek() in ("+", "-"):
            sign = -1 if self._next() == "-" else 1
            value = value + sign * self._product()
        return value

    def _product(self):
        value = None
        while self._starts():
            factor = self._power()
            value = factor if value is None else value * factor
        if self._peek() == "/":
            self._next()
            value = value / self._power()
        if value is None:
            raise Unreadable(f"nothing before {self._peek()!r}")
        return value

    def _starts(self):
        token = self._peek()
        if token in ("", "+", "-", ")", "}", "]", ",", "&", r"\\", r"\end", "/", r"\text", ":") or token in RELATIONS:
            return False
        return token != "|" or self.open_bars == 0

    open_bars = 0

    def _power(self):
        value = self._atom()
        if self._peek() == "^":
            self._next()
            value = value ** self._group()
        return value

    def _group(self):
        if self._peek() != "{":
            return self._atom()
        self._next("{")
        bars, self.open_bars = self.open_bars, 0
        value = self._sum()
        self.open_bars = bars
        self._next("}")
        return value

    def _atom(self):
        token = self._next()
        if token == r"\operatorname":
            self._next("{")
            token = ""
            while self._peek() != "}":
                token += self._next()
            self._next("}")
        if re.fullmatch(r"[0-9.]+", token):
            return float(token)
        if token in (r"\frac", r"\tfrac"):
            above = self._group()
            return above / self._group()
        if token == r"\sqrt":
            return np.sqrt(self._group())
        if token in (r"\pi", r"\infty"):
            return np.pi if token == r"\pi" else np.inf
        if token == "(":
            bars, self.open_bars = self.open_bars, 0
            value = self._sum()
            self.open_bars = bars
            self._next(")")
            return value
        if token == "|":
            self.open_bars += 1
            value = self._sum()
            self.open_bars -= 1
            self._next("|")
            return np.abs(value)
        if token in (r"\max", r"\min", r"\sum"):
            return self._reduction(token)
        if token == r"\begin":
            return self._cases()
        if token == "[":
            return self._bracket()
        if token in FUNCTIONS and not (token == r"\sigma" and self._peek() not in ("(", "^")):
            return self._function(FUNCTIONS[token])
        if token == "e" and self._peek() == "^":
            self._next()
            return np.exp(self._group())
        return self._symbol(token)

    def _function(self, function):
        power = None
        if self._peek() == "^":
            self._next()
            power = self._group()
        value = function(self._power())
        return value if power is None else value**power

    def _reduction(self, token):
        if self._peek() == "_":
            index = self._index()
            if ":" in index or r"\in" in index or "<" in index:
                raise Unreadable(index)
            if r"\ne" in index:
                body = np.where(self._onehot(), 0.0 if token == r"\sum" else -np.inf, self._product())
            else:
                body = self._product()
            return (np.sum if token == r"\sum" else np.max)(np.atleast_1d(body), axis=-1, keepdims=True)
        self._next("(")
        first = self._sum()
        self._next(",")
        second = self._sum()
        self._next(")")
        return (np.maximum if token == r"\max" else np.minimum)(first, second)

    def _onehot(self):
        wide = max((np.shape(v)[-1] for v in self.values.values() if np.ndim(v) > 1), default=1)
        return np.arange(wide) == self.label[:, None]

    def _index(self):
        self._next("_")
        if self._peek() != "{":
            return self._next()
        self._next("{")
        text = ""
        while self._peek() != "}":
            text += self._next()
        self._next("}")
        return text

    def _bracket(self):
        """[c = k] and its like."""
        inside = []
        while self._peek() != "]":
            inside.append(self._next())
        self._next("]")
        if inside in (["c", "=", "k"], ["c", r"\ne", "k"]):
            hot = self._onehot()
            return (hot if inside[1] == "=" else ~hot).astype(float)
        raise Unreadable("".join(inside))

    def _cases(self):
        for token in ("{", "c", "a", "s", "e", "s", "}"):
            self._next(token)
        rows = []
        while True:
            value = self._sum()
            self._next("&")
            rows.append((value, self._condition()))
            if self._peek() == r"\\":
                self._next()
                continue
            self._next(r"\end")
            for token in ("{", "c", "a", "s", "e", "s", "}"):
                self._next(token)
            break
        values, holds = [np.asarray(v, float) for v, _ in rows], [h for _, h in rows]
        shapes = np.broadcast_shapes(*(np.shape(x) for x in [*values, *holds]))
        return np.select(
            [np.broadcast_to(h, shapes) for h in holds], [np.broadcast_to(v, shapes) for v in values], np.nan
        )

    def _condition(self):
        if self._peek() == r"\text":  # otherwise
            while self._peek() not in (r"\\", r"\end"):
                self._next()
            return np.asarray(True)
        if self._peek() == "c":  # c = k, c \ne k
            self._next()
            equal = self._next() == "="
            self._next("k")
            return self._onehot() if equal else ~self._onehot()
        holds, left = True, self._sum()
        while self._peek() in RELATIONS:
            relation = RELATIONS[self._next()]
            right = self._sum()
            holds, left = holds & relation(left, right), right
        if self._peek() == ",":
            self._next()
            return holds & self._condition()
        if self._peek() == r"\text":
            for token in (r"\text", "{", "o", "r", "}"):
                self._next(token)
            return holds | self._condition()
        return holds

    def _symbol(self, token):
        name = token
        if token in (r"\mathrm", r"\bar", r"\hat"):
            self._next("{")
            inside = ""
            while self._peek() != "}":
                inside += self._next()
            self._next("}")
            name = f"{token}{{{inside}}}"
        if self._peek() == "(" and ")" in self.tokens[self.at :]:
            end = self.tokens.index(")", self.at)
            applied = name + "".join(self.tokens[self.at : end + 1]).replace(",", ", ")
            if applied in self.definitions:
                self.at = end + 1
                return self._defined(applied)
        index = self._index() if self._peek() == "_" else ""
        if index and (f"{name}_{index}" in self.values or f"{name}_{index}" in self.definitions):
            return self._value(f"{name}_{index}")
        value = self._value(name, index)
        if index == "k":
            rows = np.broadcast_to(value, (len(self.label), np.shape(value)[-1]))
            return np.take_along_axis(rows, self.label[:, None], axis=-1)
        return value

    def _value(self, name, index=""):
        if name in self.values:
            return self.values[name]
        for indexed in (name, f"{name}_c", f"{name}_i", f"{name}_{index}"):
            if indexed in self.definitions:
                return self._defined(indexed)
        raise Unreadable(name)

    def _defined(self, name):
        text = self.definitions[name]
        value = Evaluator(self.values, [d for d in self.definitions.items() if d[0] != name], self.label).evaluate(text)
        self.values[name] = value
        return value
