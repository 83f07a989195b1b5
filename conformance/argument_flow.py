"""Follows what an adapter's function is given into the public call that it makes, through helpers and local names.

Nothing runs: the texts of the adapter's modules are read with `ast`. Statements are taken in the order written, both
branches of a condition included, so that what is passed only in one of them is found too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.adapter_source import Module, Source
from conformance.errors import UsageError

# What a user calls an object with once it is made: the first that says what it takes.
USED_AS = ("__call__", "forward", "call", "update_state", "update")
DEEPEST = 6
# What is asked of an array and says nothing of its numbers.
TRAITS = ("dtype", "shape", "ndim", "device")


@dataclass(frozen=True)
class Passed:
    """Something that the public call, or the object that it makes, is given.

    theirs   the argument's name, or its place from 0
    ours     the inputs and parameters that it is made of
    direct   whether it is one of them as it is
    text     the expression, as the adapter writes it
    """

    theirs: str | int
    ours: frozenset[str]
    direct: bool
    text: str


@dataclass(frozen=True)
class _Value:
    """What is known of an expression.

    dotted     its dotted name, where it is something of a framework
    helper     (module, function) where it is a function of the adapter
    made       whether it is an object that the public call made; `method` names what was taken of that
    settings   what `**` of it gives
    text       how it was written where a local name was given it
    """

    ours: frozenset[str] = frozenset()
    direct: bool = False
    dotted: str = ""
    helper: tuple[str, str] | None = None
    made: bool = False
    method: str = ""
    settings: Mapping[str, _Value] = field(default_factory=dict)
    text: str = field(default="", compare=False)


_UNKNOWN = _Value()


def passed(source: Source, row: Mapping[str, Any]) -> list[Passed]:
    """All that the public call of an implementation is given; nothing where its function is not in the source."""
    try:
        home = source.module_of(row["function"], row.get("module"))
    except UsageError:
        return []
    function = source.modules[home].names[row["function"]].node
    if not isinstance(function, ast.FunctionDef):
        return []
    flow = _Flow(source, row, home)
    arguments = [*function.args.args, *function.args.kwonlyargs]
    flow.run(function, home, {a.arg: _Value(frozenset([a.arg]), direct=True) for a in arguments}, 0)
    return flow.found


def _joined(values: Iterable[_Value]) -> _Value:
    """What is known where it may be any of several."""
    several = list(values)
    if not several:
        return _UNKNOWN
    first = several[0]
    if all(value == first for value in several):
        return first
    known = next((v for v in several if v.dotted or v.helper), _UNKNOWN)
    return replace(
        known,
        ours=frozenset().union(*(v.ours for v in several)),
        direct=False,
        made=any(v.made for v in several),
        settings={name: value for v in several for name, value in v.settings.items()},
    )


def _made_of(values: Iterable[_Value]) -> _Value:
    """The result of something that is done with values."""
    return _Value(frozenset().union(*(value.ours for value in values)))


class _Flow:
    """One reading of one implementation's function."""

    def __init__(self, source: Source, row: Mapping[str, Any], home: str) -> None:
        self.found: list[Passed] = []
        self._source = source
        self._public: Mapping[str, Any] = row.get("public") or {}
        self._methods: Mapping[str, Mapping[str, Any]] = self._public.get("methods") or {}
        call = str(row["call"])
        self._calls = {call, _whole(call, source.modules[home])}

    def run(self, function: ast.FunctionDef, home: str, values: dict[str, _Value], depth: int) -> _Value:
        """What the function returns, given the values of its parameters."""
        returned: list[_Value] = []
        self._body(function.body, _Frame(home, values, depth), returned)
        return _joined(returned)

    def _body(self, body: Sequence[ast.stmt], frame: _Frame, returned: list[_Value]) -> None:
        for node in body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Raise)):
                continue
            if isinstance(node, ast.Return):
                returned.append(self._value(node.value, frame) if node.value else _UNKNOWN)
            elif isinstance(node, ast.Assign):
                self._assign(node, frame)
            else:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self._value(child, frame)
                for inner in ("body", "orelse", "finalbody"):
                    self._body(getattr(node, inner, []), frame, returned)

    def _assign(self, node: ast.Assign, frame: _Frame) -> None:
        value = self._value(node.value, frame)
        for target in node.targets:
            if isinstance(target, ast.Name):
                frame.values[target.id] = replace(value, text=value.text or ast.unparse(node.value))
            elif isinstance(target, (ast.Tuple, ast.List)):
                parts = target.elts
                given = node.value.elts if isinstance(node.value, (ast.Tuple, ast.List)) else []
                for place, part in enumerate(parts):
                    if isinstance(part, ast.Name):
                        alone = len(given) == len(parts)
                        frame.values[part.id] = self._value(given[place], frame) if alone else _made_of([value])

    def _value(self, node: ast.expr, frame: _Frame) -> _Value:
        if isinstance(node, ast.Name):
            return frame.values.get(node.id) or self._global(node.id, frame.home)
        if isinstance(node, ast.Attribute):
            base = self._value(node.value, frame)
            if base.dotted:
                return _Value(dotted=f"{base.dotted}.{node.attr}")
            if node.attr in TRAITS:
                return _UNKNOWN
            return _Value(base.ours, made=base.made, method=node.attr if base.made else "")
        if isinstance(node, ast.Call):
            return self._call(node, frame)
        if isinstance(node, ast.IfExp):
            self._value(node.test, frame)
            return _joined([self._value(node.body, frame), self._value(node.orelse, frame)])
        if isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            return _Value(frozenset().union(*(
                frame.values[n.id].ours for n in ast.walk(node) if isinstance(n, ast.Name) and n.id in frame.values
            )))  # fmt: skip
        return _made_of(
            [self._value(child, frame) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        )

    def _global(self, name: str, home: str) -> _Value:
        """What a name of a module stands for."""
        module = self._source.modules[home]
        if name in module.beside:
            other, there = module.beside[name]
            if other not in self._source.modules:
                return _UNKNOWN
            return self._global(there, other)
        definition = module.names.get(name)
        if definition is None:
            return _UNKNOWN
        if definition.is_import:
            return _Value(dotted=_imported(name, definition.node))
        return _Value(helper=(home, name)) if isinstance(definition.node, ast.FunctionDef) else _UNKNOWN

    def _call(self, node: ast.Call, frame: _Frame) -> _Value:
        called = self._value(node.func, frame)
        texts: dict[str | int, str] = {}
        positional: list[_Value] = []
        for place, argument in enumerate(node.args):
            value = self._value(argument, frame)
            if isinstance(argument, ast.Starred):
                return self._result(called, [*positional, value])  # where they go is not known
            positional.append(value)
            texts[place] = ast.unparse(argument)
        named: dict[str, _Value] = {}
        for keyword in node.keywords:
            value = self._value(keyword.value, frame)
            if keyword.arg is None:
                named.update(value.settings)
                texts.update({name: name for name in value.settings})
            else:
                named[keyword.arg] = value
                texts[keyword.arg] = ast.unparse(keyword.value)
        takes = self._takes(called)
        if takes is not None:
            for place, value in enumerate(positional):
                self._note(takes[place] if place < len(takes) else place, value, texts[place])
            for name, value in named.items():
                self._note(name, value, texts[name])
        elif called.helper is not None and frame.depth < DEEPEST:
            return self._inline(called.helper, positional, named, frame.depth + 1)
        return self._result(called, [*positional, *named.values()])

    def _result(self, called: _Value, given: Sequence[_Value]) -> _Value:
        made = called.dotted in self._calls and bool(self._methods)
        return replace(_made_of([called, *given]), made=made)

    def _note(self, theirs: str | int, value: _Value, text: str) -> None:
        written = value.text if text.isidentifier() and value.text else text
        self.found.append(Passed(theirs, value.ours, value.direct, written))

    def _takes(self, called: _Value) -> list[str] | None:
        """The positional parameters of what is called; None where it is not the public call or what that makes."""
        if called.dotted in self._calls:
            return list(self._public.get("takes", ()))
        if not called.made:
            return None
        names = [called.method] if called.method else [name for name in USED_AS if name in self._methods]
        return list(self._methods[names[0]]["takes"]) if names and names[0] in self._methods else None

    def _inline(
        self, helper: tuple[str, str], positional: Sequence[_Value], named: Mapping[str, _Value], depth: int
    ) -> _Value:
        """What a helper returns; what it passes on is noted."""
        home, name = helper
        function = self._source.modules[home].names[name].node
        assert isinstance(function, ast.FunctionDef)
        parameters = [a.arg for a in function.args.args]
        known = {*parameters, *(a.arg for a in function.args.kwonlyargs)}
        values: dict[str, _Value] = dict(zip(parameters, positional, strict=False))
        values |= {name: value for name, value in named.items() if name in known}
        if function.args.kwarg is not None:
            rest = {name: value for name, value in named.items() if name not in known}
            values[function.args.kwarg.arg] = replace(_made_of(rest.values()), settings=rest)
        return self.run(function, home, values, depth)


@dataclass
class _Frame:
    """One function that is being read: its module, what its names stand for, and how deep it is called."""

    home: str
    values: dict[str, _Value]
    depth: int


def _whole(call: str, module: Module) -> str:
    """A dotted name with its first part as the module imports it: `tf.nn.relu` is `tensorflow.nn.relu`."""
    first, _, rest = call.partition(".")
    definition = module.names.get(first)
    if definition is None or not definition.is_import:
        return call
    return f"{_imported(first, definition.node)}.{rest}"


def _imported(name: str, statement: ast.stmt) -> str:
    """What a name that an import binds stands for: `F` may be `torch.nn.functional`."""
    for node in ast.walk(statement):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return f"{node.module}.{alias.name}" if isinstance(node, ast.ImportFrom) else alias.name
    return name
