"""What an environment holds, and how a user says it: pure values, nothing is looked up or made here."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from conformance.errors import UsageError

# "new.lock" would be a package's name as well; nobody means one.
LISTS = (".txt", ".lock", ".toml", ".in")
ARCHIVES = (".whl", ".tar.gz", ".zip")
INSTALLERS = ("pip", "uv")


@dataclass(frozen=True)
class EnvironmentSpec:
    """What an environment holds. Without packages and prelude it is an interpreter that exists.

    over           requirements that are laid over an existing interpreter's packages, without dependencies
    requirements   requirements of an environment of its own
    files          requirements or lock files of an environment of its own
    python         its interpreter: a version, "3.11", or a path; by default the newest on which it resolves
    prelude        Python that must run before anything else in it, to make an old release import at all
    """

    name: str
    over: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    python: str = ""
    prelude: str = ""
    files: tuple[Path, ...] = ()

    @property
    def own(self) -> bool:
        """Whether it is an environment of its own, not one that exists."""
        return bool(self.requirements or self.files)

    def __str__(self) -> str:
        return " ".join([*self.over, *self.requirements, *map(str, self.files)]) or "the interpreter that is there"


@dataclass(frozen=True)
class Side:
    """What a SPEC says: an interpreter that exists, or requirements and files of them.

    interpreter   its path as the user wrote it, or of the interpreter in the folder that the user named
    """

    requirements: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    interpreter: str = ""

    def __str__(self) -> str:
        return self.interpreter or " ".join([*self.requirements, *map(str, self.files)])


def parse(values: Sequence[str], option: str) -> Side:
    """The values of one option: requirements, files of them, or one interpreter.

    A value is a path that exists, or one requirement, or several that spaces separate. Commas belong to a requirement
    (`jax>=0.4,<0.5`). Raises UsageError.
    """
    requirements: list[str] = []
    files: list[Path] = []
    interpreters: list[str] = []
    for value in values:
        written = value.strip()
        path = Path(written).expanduser()
        if not written:
            raise UsageError(f"{option}: is empty\n  expected a requirement, a requirements file or an interpreter")
        if path.is_dir():
            interpreters.append(_interpreter_in(path, option))
        elif path.is_file() and path.name.endswith(ARCHIVES):
            requirements.append(str(path.resolve()))
        elif path.is_file() and os.access(path, os.X_OK):
            # not resolved: the interpreter of a virtual environment is a link, and what it links to is another one
            interpreters.append(os.path.abspath(path))
        elif path.is_file():
            files.append(path.resolve())
        else:
            requirements += _requirements(written, option)
    if interpreters and (requirements or files or len(interpreters) > 1):
        raise UsageError(
            f"{option}: {interpreters[0]} is an interpreter, which nothing can be added to\n  name it alone"
        )
    return Side(tuple(requirements), tuple(files), interpreters[0] if interpreters else "")


def interpreter_of_folder(folder: Path) -> Path | None:
    """The interpreter of a virtual environment; None where the folder is none."""
    places = (folder / "bin" / "python", folder / "Scripts" / "python.exe", folder / "python.exe")
    return next((place for place in places if place.exists()), None)


def _interpreter_in(folder: Path, option: str) -> str:
    found = interpreter_of_folder(folder)
    if found is None:
        raise UsageError(f"{option}: {folder} is a folder without an interpreter\n  expected bin/python in it")
    return os.path.abspath(found)


def _requirements(written: str, option: str) -> list[str]:
    if "@" not in written and (os.sep in written or written.endswith((*LISTS, *ARCHIVES))):
        raise UsageError(f"{option}: {written}: no such file")
    if _valid(written):
        return [written]
    parts = written.split()
    wrong = next((part for part in parts if not _valid(part)), None)
    if wrong is None:
        return parts
    meant = re.sub(r"(?<![=!<>~])=(?!=)", "==", wrong)
    hint = f"\n  did you mean '{meant}'?" if meant != wrong and _valid(meant) else ""
    raise UsageError(
        f"{option}: '{wrong}' is no requirement, and no such file is there{hint}"
        "\n  expected say 'keras==3.15.1', a requirements file, or the path of an interpreter"
    )


def _valid(written: str) -> bool:
    try:
        Requirement(written)
    except InvalidRequirement:
        return False
    return True


def process_environment() -> Mapping[str, str]:
    """The variables that an installer sees: nothing that points it at another environment or keeps bytecode away."""
    hidden = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "CONDA_PREFIX")
    return {name: value for name, value in os.environ.items() if name not in hidden}
