"""The Python interpreters that are installed: those on the PATH, of uv, of pyenv, and of Windows' launcher.

`python-discovery`, which virtualenv uses, finds and questions them; what it learnt is kept in the user's cache, because
each question starts a process. Of pyenv it sees only the active versions, so the folder of all of them is added.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from python_discovery import DiskCache, PythonInfo, get_interpreter, iter_interpreters

from conformance.environments.spec import process_environment
from conformance.errors import IncompleteError

# Workers run on nothing older.
OLDEST = (3, 7)
_QUESTION = "import json, sys; print(json.dumps([list(sys.version_info[:3]), getattr(sys, '_base_executable', '')]))"


@dataclass(frozen=True)
class Interpreter:
    """A Python that environments can be made of. `path` is never inside a virtual environment."""

    path: str
    version: tuple[int, ...]

    @property
    def minor(self) -> str:
        """ "3.11": what wheels are built for."""
        return f"{self.version[0]}.{self.version[1]}"

    def __str__(self) -> str:
        return "Python " + ".".join(map(str, self.version))


def installed(cache: Path) -> list[Interpreter]:
    """One CPython of each minor version that workers run on, the newest first. Pre-releases are left out."""
    found: dict[str, Interpreter] = {}
    for info in iter_interpreters(cache=_cache(cache), env=_variables()):
        if info.implementation == "CPython" and info.version_info.releaselevel == "final" and not _free_threaded(info):
            one = _interpreter(info)
            if one.version >= OLDEST and (one.minor not in found or found[one.minor].version < one.version):
                found[one.minor] = one
    return sorted(found.values(), key=lambda one: one.version, reverse=True)


def named(wanted: str, cache: Path) -> Interpreter:
    """The interpreter of a version, "3.9" or ">=3.9", or at a path. Raises IncompleteError where there is none."""
    try:
        info = get_interpreter(wanted, cache=_cache(cache), env=_variables())
    except (RuntimeError, ValueError, OSError) as error:
        raise IncompleteError(f"--python {wanted}: {error}") from None
    if info is None:
        there = ", ".join(one.minor for one in installed(cache)) or "none"
        raise IncompleteError(
            f"Python {wanted} is not installed\n  found: {there}; others: pyenv install, uv python install"
        )
    return _interpreter(info)


def behind(program: str) -> Interpreter:
    """The interpreter that an environment was made of. Raises IncompleteError where `program` is none."""
    try:
        done = subprocess.run(
            [program, "-c", _QUESTION], capture_output=True, text=True, check=True, env=dict(process_environment())
        )
        version, base = json.loads(done.stdout.splitlines()[-1])
    except OSError as error:
        raise IncompleteError(f"{program}: cannot be started: {error.strerror}") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip().splitlines()[-3:]
        raise IncompleteError(
            f"{program}: is no interpreter: status {error.returncode}\n  " + "\n  ".join(said)
        ) from None
    except (ValueError, IndexError):
        raise IncompleteError(f"{program}: is no interpreter: it does not answer as Python does") from None
    return Interpreter(base or program, tuple(version))


def _interpreter(info: PythonInfo) -> Interpreter:
    return Interpreter(str(info.system_executable or info.executable), tuple(info.version_info[:3]))


def _free_threaded(info: PythonInfo) -> bool:
    return bool(getattr(info, "free_threaded", False))


def _cache(folder: Path) -> DiskCache:
    return DiskCache(folder / "interpreters")


def _variables() -> dict[str, str]:
    """The user's variables, with pyenv's versions on the PATH in place of its shims, which show the active ones."""
    variables = dict(os.environ)
    root = Path(variables.get("PYENV_ROOT") or Path.home() / ".pyenv")
    entries = [entry for entry in variables.get("PATH", "").split(os.pathsep) if Path(entry) != root / "shims"]
    variables["PATH"] = os.pathsep.join([*entries, *_pyenv_folders(root)])
    return variables


def _pyenv_folders(root: Path) -> Iterator[str]:
    for folder in sorted((root / "versions").glob("3.*"), reverse=True):
        if (folder / "bin").is_dir() and not folder.is_symlink():
            yield str(folder / "bin")
