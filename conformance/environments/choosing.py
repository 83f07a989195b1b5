"""Which Python an environment gets, where the user names none: the newest installed one on which it resolves.

Several environments that are to be compared get the same Python where one fits all, so that a difference is the
packages' and not Python's; else each gets its newest. What needs building is tried only where ready-made wheels
resolve nowhere: an old source package on a new Python takes minutes to fail.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from conformance.environments.installers import Installer, Resolution, Unresolvable, Wanted
from conformance.environments.interpreters import Interpreter, installed, named
from conformance.environments.spec import EnvironmentSpec
from conformance.errors import IncompleteError

Chosen = tuple[Interpreter, Resolution]


def choose(specs: Sequence[EnvironmentSpec], tool: Installer, cache: Path, say: Callable[[str], None]) -> list[Chosen]:
    """An interpreter and a resolution for each. Raises Unresolvable with the tool's own words."""
    if not specs:
        return []
    attempts = _Attempts(tool, say)
    there = installed(cache) if any(not spec.python for spec in specs) else []
    candidates = [[named(spec.python, cache)] if spec.python else there for spec in specs]
    if any(not pythons for pythons in candidates):
        raise IncompleteError("no Python from 3.7 on is found on the PATH, of pyenv or of uv\n  install one")
    for build in (False, True):
        for python in candidates[0]:
            everywhere = all(any(python == other for other in pythons) for pythons in candidates)
            if everywhere and all(attempts.resolve(spec, python, build) for spec in specs):
                return [(python, attempts.found[spec.name, python]) for spec in specs]
        newest = [
            next((python for python in pythons if attempts.resolve(spec, python, build)), None)
            for spec, pythons in zip(specs, candidates, strict=True)
        ]
        if None not in newest:
            return [
                (python, attempts.found[spec.name, python])
                for spec, python in zip(specs, newest, strict=True)
                if python is not None
            ]
    faulty = next(spec for spec, python in zip(specs, newest, strict=True) if python is None)
    raise attempts.why(faulty)


class _Attempts:
    """What was tried: each resolution once."""

    def __init__(self, tool: Installer, say: Callable[[str], None]) -> None:
        self.found: dict[tuple[str, Interpreter], Resolution] = {}
        self._failed: dict[tuple[str, Interpreter, bool], Unresolvable] = {}
        self._tool = tool
        self._say = say

    def resolve(self, spec: EnvironmentSpec, python: Interpreter, build: bool) -> bool:
        if (spec.name, python) in self.found:
            return True
        if (spec.name, python, build) in self._failed:
            return False
        self._say(f"{spec.name}: resolving {spec} on {python}" + (", building allowed" if build else ""))
        try:
            self.found[spec.name, python] = self._tool.resolve(
                Wanted(spec.requirements, spec.files), python, build=build
            )
        except Unresolvable as error:
            self._failed[spec.name, python, build] = error
            return False
        return True

    def why(self, spec: EnvironmentSpec) -> Unresolvable:
        """The most telling failure: of the newest Python that has the packages at all, else of the newest."""
        failed = [
            (python, error) for (name, python, build), error in self._failed.items() if name == spec.name and build
        ]
        python, error = next(((p, e) for p, e in failed if not e.absent), failed[0])
        others = [one.minor for one, _ in failed if one != python]
        tried = f"\n  tried on {python}" + (f", and on {', '.join(others)}" if others else "")
        return Unresolvable(f"{spec.name} cannot be resolved\n  {error}{tried}")
