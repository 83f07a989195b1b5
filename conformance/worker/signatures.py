"""What a public call takes, as its framework says: read off the callable, or off the first line of its docstring.

Nothing is guessed: what cannot be read is left out. Standard library only; Python 3.7 or newer.
"""

from __future__ import annotations

import ast
import inspect
import sys
from typing import Any, Dict, List, Optional, Tuple

# How an object is used once it is made: what a user writes after the constructor's call.
METHODS = ("__call__", "forward", "call", "update", "update_state")
LONGEST_DEFAULT = 40
Read = Tuple[str, List[str]]


def describe(call: str, names: Dict[str, Any]) -> Dict[str, Any]:
    """What can be said of the callable of a dotted name; JSON. `names` are those of the module that writes it.

    signature   as a user reads it: "torch.nn.BCELoss(weight=None, reduction='mean')"
    takes       the names of its positional parameters, in order
    methods     of a class: {method: {"signature", "takes"}} for those of METHODS that say what they take
    """
    found = _resolved(call, names)
    if found is None:
        return {}
    read = _read(found, call, bound=inspect.isclass(found))
    said: Dict[str, Any] = {} if read is None else {"signature": read[0], "takes": read[1]}
    if inspect.isclass(found):
        methods = {name: _read(getattr(found, name, None), name, bound=True) for name in METHODS}
        said["methods"] = {n: {"signature": r[0], "takes": r[1]} for n, r in methods.items() if r is not None}
    return said


def _resolved(call: str, given: Dict[str, Any]) -> Any:
    names = call.split(".")
    found = given.get(names[0], sys.modules.get(names[0]))
    for name in names[1:]:
        try:
            found = getattr(found, name)
        except Exception:  # a lazy module can raise anything
            return None
    return found if callable(found) else None


def _read(function: Any, name: str, bound: bool) -> Optional[Read]:
    """(signature, positional parameters); None where it is not known or takes anything (*args)."""
    if function is None:
        return None
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (ValueError, TypeError):
        return _of_docstring(function, name)
    is_method = bound and not inspect.isclass(function)
    if is_method and parameters and parameters[0].name == "self":
        parameters = parameters[1:]
    plain = [p.replace(annotation=p.empty, default=_shown(p)) for p in parameters]
    takes = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if any(p.kind == p.VAR_POSITIONAL for p in parameters) and (not takes or is_method):
        if is_method:
            return None  # it takes anything, and passes it on
        found = _of_docstring(function, name)
        if found is not None:
            return found
    return name + str(inspect.Signature(plain)), takes


class _Default(object):
    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _shown(parameter: inspect.Parameter) -> Any:
    """The default as people read it: no addresses, nothing long."""
    if parameter.default is parameter.empty:
        return parameter.empty
    text = repr(parameter.default)
    if " at 0x" in text or len(text) > LONGEST_DEFAULT:
        text = getattr(parameter.default, "__name__", "...")
    return _Default(text)


def _of_docstring(function: Any, name: str) -> Optional[Read]:
    """From a first line such as `softplus(input, beta=1, threshold=20) -> Tensor`, as built-in functions have it."""
    lines = [line.strip() for line in (getattr(function, "__doc__", None) or "").splitlines() if line.strip()]
    short = name.rpartition(".")[2]
    if not lines or not lines[0].startswith(short + "("):
        return None
    inside = lines[0].partition("->")[0].strip()[len(short) + 1 :]
    if not inside.endswith(")"):
        return None
    try:
        parsed = ast.parse("def f({}: pass".format(inside)).body[0]
    except SyntaxError:
        return None
    assert isinstance(parsed, ast.FunctionDef)
    return "{}({}".format(name, inside), [argument.arg for argument in parsed.args.args]
