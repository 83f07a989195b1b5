"""Reads an adapter's table module as text, and takes out of it what one function needs to stand alone.

Nothing is imported: the host does not have the frameworks. A table module says how the framework is called in
functions of its own, their helpers and constants, and in the dictionary `SCRIPT`; a module may take its table from
another one beside it (`from conformance.adapters.keras import table`), which is then read too.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.errors import UsageError

ENGINE = "conformance"
# What the worker's package gives to table modules, as a script says it.
PROVIDED = {
    "Unsupported": 'class Unsupported(Exception):\n    """The framework has no such argument or reduction."""',
}


@dataclass(frozen=True)
class Definition:
    """A statement of a module that gives names a meaning."""

    node: ast.stmt
    source: str
    order: tuple[int, int]

    @property
    def text(self) -> str:
        """As written, without decorators; of an import that may fail, the import alone."""
        node = self.node
        if isinstance(node, ast.Try):
            node = node.body[0]
        return textwrap.dedent("\n".join(self.source.splitlines()[node.lineno - 1 : node.end_lineno]))

    @property
    def is_import(self) -> bool:
        return isinstance(self.node, (ast.Import, ast.ImportFrom, ast.Try))

    def needs(self) -> set[str]:
        """The names that it uses, decorators left out."""
        parts: list[ast.AST] = [self.node]
        if isinstance(self.node, ast.FunctionDef):
            parts = [self.node.args, *self.node.body]
        return {n.id for part in parts for n in ast.walk(part) if isinstance(n, ast.Name)}


@dataclass
class Source:
    """The table module of one adapter, with the modules beside it that it takes its table from.

    script    the module's own SCRIPT
    names     what each name of the modules means; of two meanings, the first module's
    engine    names that come from the suite and that no script can have
    """

    file: Path
    script: dict[str, Any]
    names: dict[str, Definition] = field(default_factory=dict)
    engine: set[str] = field(default_factory=set)


def read_source(file: Path, module: str) -> Source:
    """Reads the module of an adapter, of which `module` is the dotted name.

    Raises UsageError where the module is not readable or has no literal SCRIPT.
    """
    trees = list(_modules(file, module))
    source = Source(file, _script(trees[0][1], file))
    for depth, (text, tree) in enumerate(trees):
        for number, node in enumerate(_statements(tree.body)):
            if _of_engine(node):
                source.engine.update(_bound(node))
                continue
            for name in _bound(node):
                source.names.setdefault(name, Definition(node, text, (-depth, number)))
    return source


def standalone(source: Source, function: str) -> tuple[list[str], list[str], str]:
    """(imports, definitions of helpers and constants in the order of the source, the function) as text.

    Imports that SCRIPT gives are left out. Raises UsageError where the function is not in the source, or uses
    something of the suite's.
    """
    if function not in source.names:
        raise UsageError(f"{source.file.name} defines no function {function}; is the run file of another version?")
    given = _bound_anywhere(ast.parse(source.script["imports"]))
    wanted, found, provided = [function], dict[str, Definition](), list[str]()
    while wanted:
        name = wanted.pop()
        if name in found or name in given:
            continue
        if name in source.names:
            found[name] = source.names[name]
            wanted += sorted(found[name].needs())
        elif name in PROVIDED and name in source.engine and PROVIDED[name] not in provided:
            provided.append(PROVIDED[name])
        elif name in source.engine and name not in PROVIDED:
            raise UsageError(f"{source.file.name}: {function} uses {name} of the suite; no script can stand alone")
    main = found.pop(function)
    ordered = sorted({d.order: d for d in found.values()}.values(), key=lambda d: d.order)
    imports = [d.text for d in ordered if d.is_import]
    return imports, [*provided, *(d.text for d in ordered if not d.is_import)], main.text


def _modules(file: Path, module: str) -> Iterator[tuple[str, ast.Module]]:
    package = module.rpartition(".")[0]
    waiting, seen = [file], set[Path]()
    while waiting:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        try:
            text = path.read_text("utf-8")
            tree = ast.parse(text)
        except (OSError, SyntaxError) as error:
            raise UsageError(f"{path.name}: the adapter's source cannot be read: {error}") from None
        yield text, tree
        for node in _statements(tree.body):
            if isinstance(node, ast.ImportFrom):
                waiting += _beside(node, package, file.parent)


def _beside(node: ast.ImportFrom, package: str, folder: Path) -> list[Path]:
    """The files in the adapter's own folder that an import names; packages below it are mechanics."""
    name = node.module or ""
    if node.level == 1:
        stems = [name] if name else [alias.name for alias in node.names]
    elif node.level == 0 and name == package:
        stems = [alias.name for alias in node.names]
    elif node.level == 0 and name.startswith(f"{package}."):
        stems = [name[len(package) + 1 :]]
    else:
        stems = []
    files = [folder / f"{stem}.py" for stem in stems if stem and "." not in stem]
    return [path for path in files if path.exists()]


def literal(file: Path, name: str) -> str:
    """The text that a module assigns to `name` at its top level, without importing it; "" where it assigns none."""
    try:
        tree = ast.parse(file.read_text("utf-8"))
    except (OSError, SyntaxError):
        return ""
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            return str(ast.literal_eval(node.value))
    return ""


def _script(tree: ast.Module, file: Path) -> dict[str, Any]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and [t.id for t in node.targets if isinstance(t, ast.Name)] == ["SCRIPT"]:
            try:
                return dict(ast.literal_eval(node.value))
            except ValueError:
                raise UsageError(f"{file.name}:{node.lineno}: SCRIPT is no literal dictionary") from None
    raise UsageError(f"{file.name}: has no SCRIPT, so no script can be written for this adapter")


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements of a module; an `if` is looked into, a `try` around an import is one statement."""
    for node in body:
        if isinstance(node, ast.If):
            yield from _statements([*node.body, *node.orelse])
        elif isinstance(node, ast.Try) and not isinstance(node.body[0], (ast.Import, ast.ImportFrom)):
            yield from _statements(node.body)
        else:
            yield node


def _of_engine(node: ast.stmt) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.level > 0 or (node.module or "").partition(".")[0] == ENGINE
    if isinstance(node, ast.Import):
        return any(alias.name.partition(".")[0] == ENGINE for alias in node.names)
    return False


def _bound(node: ast.stmt) -> list[str]:
    """The names that a statement of a module gives a meaning."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [alias.asname or alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.Try):
        return _bound(node.body[0])
    if isinstance(node, ast.Assign):
        return [n.id for target in node.targets for n in ast.walk(target) if isinstance(n, ast.Name)]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return []


def _bound_anywhere(tree: ast.Module) -> set[str]:
    return {name for node in ast.walk(tree) if isinstance(node, ast.stmt) for name in _bound(node)}
