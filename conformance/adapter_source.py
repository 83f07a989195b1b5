"""Reads an adapter's table module as text, and takes out of it what one function needs to stand alone.

Nothing is imported: the host does not have the frameworks. A table module says how the framework is called in
functions of its own, their helpers and constants, and in the dictionary `SCRIPT`; a module may take its table from
others in its own package (`from conformance.adapters.tables.torch import table`), which are then read too. What its
mechanics say in a `SCRIPT` of theirs holds where its own says nothing else.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.errors import UsageError
from conformance.host import adapters_folder

ENGINE = "conformance"
MECHANICS = "conformance.adapters.mechanics."
# What the worker's package gives to table modules, as a script says it.
PROVIDED = {
    "Unsupported": 'class Unsupported(Exception):\n    """The framework has no such argument or reduction."""',
}


@dataclass(frozen=True)
class Definition:
    """A statement of a module that gives names a meaning."""

    node: ast.stmt
    source: str
    order: int

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
class Module:
    """One module of an adapter's table, as text.

    names     what each name of the module means
    beside    names that come from another module of the adapter: that module's dotted name, and the name there
    engine    names that come from the suite and that no script can have
    """

    names: dict[str, Definition] = field(default_factory=dict)
    beside: dict[str, tuple[str, str]] = field(default_factory=dict)
    engine: set[str] = field(default_factory=set)


@dataclass
class Source:
    """The module of one adapter, with the modules that it takes its table from.

    script    the adapter's own SCRIPT
    modules   by dotted name; one that another imports comes before it
    """

    file: Path
    script: dict[str, Any]
    modules: dict[str, Module] = field(default_factory=dict)

    def module_of(self, function: str, module: str | None) -> str:
        """Where a function stands: in the module named, else in the first that defines it. Raises UsageError."""
        homes = [module] if module in self.modules else list(self.modules)
        found = next((home for home in homes if home and function in self.modules[home].names), None)
        if found is None:
            raise UsageError(f"{self.file.name} defines no function {function}; is the run file of another version?")
        return found


def read_source(file: Path, module: str) -> Source:
    """Reads the module of an adapter, of which `module` is the dotted name, and what it imports from its own package.

    Raises UsageError where a module is not readable or the adapter's has no literal SCRIPT.
    """
    source = Source(file, _script(file))
    _read_into(source, module, file, _Package(module.rpartition(".")[0], file.parent))
    return source


@dataclass(frozen=True)
class _Package:
    """The package that an adapter's module stands in: what lies in its folder belongs to the adapter."""

    name: str
    folder: Path

    def file_of(self, dotted: str) -> Path | None:
        """The source of a module of the package, or None: mechanics belong to the suite."""
        parts = dotted.split(".")
        own = self.name.split(".") if self.name else []
        if parts[: len(own)] != own or len(parts) == len(own) or parts[len(own)] == "mechanics":
            return None
        path = self.folder.joinpath(*parts[len(own) :])
        return next((p for p in (path.with_suffix(".py"), path / "__init__.py") if p.exists()), None)


def _read_into(source: Source, dotted: str, file: Path, package: _Package) -> None:
    text, tree = _parsed(file)
    module = Module()
    inside = dotted if file.name == "__init__.py" else dotted.rpartition(".")[0]
    waiting: dict[str, Path] = {}
    for number, node in enumerate(_statements(tree.body)):
        if isinstance(node, ast.ImportFrom):
            origin = _origin(node, inside)
            for alias in node.names:
                whole = f"{origin}.{alias.name}"
                for name in (origin, whole):
                    path = package.file_of(name)
                    if path is not None and path != file:
                        waiting[name] = path
                if package.file_of(origin) is not None and package.file_of(whole) is None:
                    module.beside[alias.asname or alias.name] = origin, alias.name
        if _of_engine(node):
            module.engine.update(set(_bound(node)) - set(module.beside))
            continue
        for name in _bound(node):
            if name not in module.beside:
                module.names[name] = Definition(node, text, number)
    source.modules[dotted] = module  # known before its imports are read, so that a circle ends
    for name, path in waiting.items():
        if name not in source.modules:
            _read_into(source, name, path, package)
    source.modules[dotted] = source.modules.pop(dotted)


def _origin(node: ast.ImportFrom, inside: str) -> str:
    """The dotted name of the module that is imported from."""
    if not node.level:
        return node.module or ""
    base = inside.split(".")[: len(inside.split(".")) - (node.level - 1)]
    return ".".join([*base, *([node.module] if node.module else [])])


def standalone(source: Source, function: str, module: str | None = None) -> tuple[list[str], list[str], str]:
    """(imports, definitions of helpers and constants in the order of the source, the function) as text.

    `module` is the dotted name of the module that defines the function; by default the first that does. Imports that
    SCRIPT gives are left out. Raises UsageError where the function is not in the source, or uses something of the
    suite's, or needs two things of one name.
    """
    home = source.module_of(function, module)
    given = _bound_anywhere(ast.parse(source.script["imports"]))
    wanted, provided = [(home, function)], list[str]()
    found: dict[tuple[str, str], Definition] = {}
    while wanted:
        place, name = wanted.pop()
        here = source.modules[place]
        if (place, name) in found or name in given:
            continue
        if name in here.names:
            found[place, name] = here.names[name]
            wanted += [(place, needed) for needed in sorted(here.names[name].needs())]
        elif name in here.beside:
            wanted.append(here.beside[name])
        elif name in PROVIDED and name in here.engine and PROVIDED[name] not in provided:
            provided.append(PROVIDED[name])
        elif name in here.engine and name not in PROVIDED:
            raise UsageError(f"{source.file.name}: {function} uses {name} of the suite; no script can stand alone")
    main = found.pop((home, function))
    order = list(source.modules)
    ordered = sorted({(order.index(place), d.order): d for (place, _), d in found.items()}.items())
    definitions = [d for _, d in ordered]
    names = [name for d in definitions if not d.is_import for name in _bound(d.node)]
    twice = next((name for name in names if names.count(name) > 1 or name == function), None)
    if twice:
        raise UsageError(f"{source.file.name}: {function} needs two different things called {twice}")
    imports = list(dict.fromkeys(d.text for d in definitions if d.is_import))
    return imports, [*provided, *(d.text for d in definitions if not d.is_import)], main.text


def _parsed(path: Path) -> tuple[str, ast.Module]:
    try:
        text = path.read_text("utf-8")
        return text, ast.parse(text)
    except (OSError, SyntaxError) as error:
        raise UsageError(f"{path.name}: the adapter's source cannot be read: {error}") from None


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


def _script(file: Path) -> dict[str, Any]:
    """The SCRIPT of an adapter's module, over that of the mechanics that it imports. Raises UsageError without one."""
    _, tree = _parsed(file)
    script: dict[str, Any] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(MECHANICS):
            mechanics = adapters_folder().joinpath(*f"{node.module}.py".split(".")[2:-1]).with_suffix(".py")
            if mechanics.exists():
                script.update(_literal_script(_parsed(mechanics)[1], mechanics) or {})
    own = _literal_script(tree, file)
    if own is None:
        raise UsageError(f"{file.name}: has no SCRIPT, so no script can be written for this adapter")
    return {**script, **own}


def _literal_script(tree: ast.Module, file: Path) -> dict[str, Any] | None:
    for node in tree.body:
        if isinstance(node, ast.Assign) and [t.id for t in node.targets if isinstance(t, ast.Name)] == ["SCRIPT"]:
            try:
                return dict(ast.literal_eval(node.value))
            except ValueError:
                raise UsageError(f"{file.name}:{node.lineno}: SCRIPT is no literal dictionary") from None
    return None


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
