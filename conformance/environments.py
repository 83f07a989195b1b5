"""Makes Python environments outside the checkout, in the user's cache, and says where their interpreter is.

Two kinds. An environment of its own is a virtual environment with the requirements and what they depend on. An
overlay is a folder with the requirements alone, without their dependencies, that a small script puts first on
PYTHONPATH before it starts an interpreter that exists: 15 MB and seconds where another environment would take 2 GB and
minutes, for a package that is pure Python and whose dependencies are those of the newest release.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from conformance.errors import IncompleteError

READY = ".ready"


@dataclass(frozen=True)
class EnvironmentSpec:
    """What an environment holds. Without requirements it is the interpreter that exists.

    over           requirements that are laid over the existing interpreter's packages, without dependencies
    requirements   requirements of an environment of its own
    python         the version of its own interpreter, "3.11"; the running one by default
    prelude        Python that must run before anything else in it, to make an old release import at all
    """

    name: str
    over: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    python: str = ""
    prelude: str = ""

    @property
    def written(self) -> str:
        """All that makes the environment what it is; one that was made from something else is made anew."""
        return "\n".join(["over", *self.over, "requirements", *self.requirements, self.python, self.prelude]) + "\n"


def cache_folder() -> Path:
    """Where environments are kept: `conformance/environments` in the user's cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "conformance" / "environments"


def interpreter_of(spec: EnvironmentSpec, base: str = sys.executable, cache: Path | None = None) -> str:
    """The path of the environment's interpreter, after making the environment where it is not there yet.

    `base` is the interpreter that overlays are laid over, and whose environment one without requirements is.
    Raises IncompleteError with the installer's last lines where it cannot be made.
    """
    if not spec.over and not spec.requirements and not spec.prelude:
        return base
    folder = (cache_folder() if cache is None else cache) / spec.name
    program = folder / ("python" if not spec.requirements or spec.prelude else "bin/python")
    ready = folder / READY
    if ready.is_file() and ready.read_text("utf-8") == spec.written and program.exists():
        return str(program)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    packages = folder / "packages"
    if spec.requirements:
        _run(spec, [_python(spec), "-m", "venv", str(folder)])
        base = str(folder / "bin" / "python")
        _run(spec, [base, "-m", "pip", "install", "--quiet", *spec.requirements])
    if spec.over:
        target = ["--no-deps", "--target", str(packages)]
        _run(spec, [base, "-m", "pip", "install", "--quiet", *target, *spec.over])
    if spec.over or spec.prelude:
        packages.mkdir(exist_ok=True)
        if spec.prelude:
            (packages / "sitecustomize.py").write_text(spec.prelude + "\n", "utf-8")
        _write_program(program, base, packages)
    ready.write_text(spec.written, "utf-8")
    return str(program)


def _write_program(program: Path, base: str, packages: Path) -> None:
    """A script that starts `base` with a folder of packages before its own."""
    lines = [
        "#!/bin/sh",
        f'PYTHONPATH="{packages}${{PYTHONPATH:+:$PYTHONPATH}}"',
        "export PYTHONPATH",
        f'exec "{base}" "$@"',
    ]
    program.write_text("\n".join(lines) + "\n", "utf-8")
    program.chmod(0o755)


def _python(spec: EnvironmentSpec) -> str:
    if not spec.python or spec.python == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    found = shutil.which(f"python{spec.python}")
    if found is None:
        raise IncompleteError(f"{spec.name}: needs python{spec.python}, which is not on the PATH")
    return found


def _run(spec: EnvironmentSpec, command: list[str]) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        last = "\n  ".join(done.stdout.strip().splitlines()[-5:])
        raise IncompleteError(f"{spec.name}: cannot be made\n  {last}")
