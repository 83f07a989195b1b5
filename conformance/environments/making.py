"""Makes environments in the user's cache, once for what they resolve to, and says where their interpreter is.

Two kinds. An environment of its own is a virtual environment with the requirements and what they depend on. An
overlay is a folder with the requirements alone, without their dependencies, that a small script puts first on
PYTHONPATH before it starts an interpreter that exists: 15 MB and seconds where another environment would take 2 GB and
minutes, for a package that is pure Python and whose dependencies are those of the newest release.

Requirements are resolved first, each time. What they resolve to, with the interpreter and the installer, is the
environment's key: the same resolution is made once, another one is made anew. A lock keeps two processes from making
one environment at the same time, and a file that is written last tells a whole environment from a half-made one.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock

from conformance.environments.choosing import choose
from conformance.environments.installers import Installer, Resolution, Wanted, create, installer
from conformance.environments.interpreters import Interpreter, behind
from conformance.environments.overlays import unmet, write_program
from conformance.environments.spec import EnvironmentSpec, interpreter_of_folder, process_environment
from conformance.errors import IncompleteError

READY = "made.json"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Made:
    """An environment that is there.

    program    its interpreter, or a script that starts it
    key        digest of all that makes it what it is; empty for an interpreter that was there before
    packages   "name==version" of what was installed
    fresh      whether it was made just now
    """

    program: str
    key: str = ""
    python: str = ""
    packages: tuple[str, ...] = ()
    fresh: bool = False


def cache_folder() -> Path:
    """Where environments are kept: `conformance/environments` in the user's cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "conformance" / "environments"


def interpreter_of(spec: EnvironmentSpec, base: str = sys.executable, cache: Path | None = None) -> str:
    """The path of the environment's interpreter, after making the environment where it is not there yet."""
    return make([spec], base, cache=cache)[0].program


def make(
    specs: Sequence[EnvironmentSpec],
    base: str = sys.executable,
    *,
    installer_name: str = "pip",
    cache: Path | None = None,
    say: Say = lambda _: None,
) -> list[Made]:
    """The environments, made where they are not there yet; those of their own on one Python where one fits all.

    `base` is the interpreter that overlays are laid over, and whose environment a spec without packages is.
    Raises IncompleteError with the tool's own last lines where one cannot be resolved or made.
    """
    cache = cache_folder() if cache is None else cache
    cache.mkdir(parents=True, exist_ok=True)
    tool = installer(installer_name, cache)
    own = [spec for spec in specs if spec.own]
    chosen = dict(zip(own, choose(own, tool, cache, say), strict=True))
    return [_make(spec, base, tool, cache, say, chosen.get(spec)) for spec in specs]


def _make(
    spec: EnvironmentSpec,
    base: str,
    tool: Installer,
    cache: Path,
    say: Say,
    chosen: tuple[Interpreter, Resolution] | None,
) -> Made:
    if chosen is not None:
        python, resolution = chosen
        wanted = Wanted(spec.requirements, spec.files)
        made = _Making(spec.name, tool, cache, say, python, resolution, wanted).own()
        if not spec.over and not spec.prelude:
            return made
        upper = _make(replace(spec, requirements=(), files=()), made.program, tool, cache, say, None)
        return replace(upper, packages=tuple(sorted({*made.packages, *upper.packages})))
    if not spec.over and not spec.prelude:
        return Made(base)
    python = behind(base)
    wanted = Wanted(spec.over, alone=True)
    resolution = tool.resolve(wanted, python) if spec.over else Resolution(())
    return _Making(spec.name, tool, cache, say, python, resolution, wanted).over(base, spec.prelude)


@dataclass(frozen=True)
class _Making:
    """One environment to be made of one resolution."""

    name: str
    tool: Installer
    cache: Path
    say: Say
    python: Interpreter
    resolution: Resolution
    wanted: Wanted

    def own(self) -> Made:
        """A virtual environment with the packages and what they depend on."""

        def fill(folder: Path) -> None:
            create(self.python, folder)
            program = interpreter_of_folder(folder)
            assert program is not None
            self._install(program, None)
            _compile(program, folder)

        return self._once(self._key("own"), fill, interpreter_of_folder)

    def over(self, base: str, prelude: str) -> Made:
        """A folder of packages and a script that starts `base` with it."""

        def fill(folder: Path) -> None:
            packages = folder / "packages"
            packages.mkdir(parents=True)
            if self.wanted.requirements:
                self._install(Path(base), packages)
            lacking = unmet(packages, base, self.python)
            if lacking:
                raise IncompleteError(
                    f"{self.name}: what is laid over an environment comes without what it depends on, and "
                    f"{lacking[0]} is not there\n  add it to the requirements: {', '.join(lacking)}"
                )
            if prelude:
                (packages / "sitecustomize.py").write_text(prelude + "\n", "utf-8")
            write_program(folder / "python", base, packages)
            _compile(Path(base), packages)

        return self._once(self._key("over", base, prelude), fill, lambda folder: folder / "python")

    def _install(self, program: Path, target: Path | None) -> None:
        got = self.tool.install(self.wanted, self.python, program, target)
        if got is not None and got != self.resolution:
            other = ", ".join(sorted(set(got.lines) ^ set(self.resolution.lines)))
            raise IncompleteError(f"{self.name}: the index changed meanwhile: {other}\n  try again")

    def _key(self, *parts: str) -> str:
        written = [
            *parts, self.tool.name, self.python.path, str(self.python), platform.machine(), *self.resolution.lines,
        ]  # fmt: skip
        return hashlib.sha256("\n".join(written).encode()).hexdigest()[:16]

    def _once(self, key: str, fill: Callable[[Path], None], program: Callable[[Path], Path | None]) -> Made:
        """The environment of a key, filled where it is not whole. Nothing is known of the folder without the lock."""
        folder = self.cache / key
        with FileLock(f"{folder}.lock"):
            there = program(folder)
            fresh = not (folder / READY).is_file() or there is None or not there.exists()
            if fresh:
                self.say(f"{self.name}: making it, {len(self.resolution.packages)} packages on {self.python}")
                began = time.monotonic()
                shutil.rmtree(folder, ignore_errors=True)
                fill(folder)
                written = {"name": self.name, "python": str(self.python), "installer": self.tool.name}
                text = json.dumps({**written, "packages": self.resolution.lines}, indent=1)
                (folder / READY).write_text(text + "\n", "utf-8")
                self.say(f"{self.name}: made in {time.monotonic() - began:.0f} s")
            return Made(str(program(folder)), key, str(self.python), tuple(self.resolution.lines), fresh)


def _compile(program: Path, folder: Path) -> None:
    """Bytecode for every module: without it TensorFlow is imported in 15 s, with it in 5, and a shell may forbid
    Python to write it later. What does not compile (templates, syntax of other versions) is left."""
    subprocess.run(
        [str(program), "-m", "compileall", "-q", "-j", "0", str(folder)],
        capture_output=True, check=False, env=dict(process_environment()),
    )  # fmt: skip
