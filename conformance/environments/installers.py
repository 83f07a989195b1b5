"""The tools that resolve requirements and install them, behind one small interface.

pip is the default. It is the tool of which a framework's documentation speaks, it honours the user's pip configuration
(an index of CPU builds, constraints), and for every Python there is a version of it. It stands in a helper environment,
one for each Python ("seed"), where virtualenv puts it, or the standard library for a Python that virtualenv has no pip
for; the environments under test hold none. uv resolves and installs in a fraction of the time, with its own
configuration; it must be installed.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from filelock import FileLock

from conformance.environments.interpreters import Interpreter
from conformance.environments.spec import process_environment
from conformance.errors import IncompleteError, UsageError

TOLD = 6
# virtualenv brings a pip for these.
SEEDED = (3, 9)


@dataclass(frozen=True)
class Wanted:
    """What is asked of an installer: requirements and files of them; with `alone`, without what they depend on."""

    requirements: tuple[str, ...]
    files: tuple[Path, ...] = ()
    alone: bool = False

    @property
    def arguments(self) -> list[str]:
        """As pip and uv both read them."""
        files = [part for file in self.files for part in ("-r", str(file))]
        return [*(["--no-deps"] if self.alone else []), *self.requirements, *files]

    def __str__(self) -> str:
        return " ".join([*self.requirements, *(file.name for file in self.files)])


@dataclass(frozen=True)
class Resolution:
    """What requirements come to on one interpreter: (name, version, where from if from no index), by name."""

    packages: tuple[tuple[str, str, str], ...]

    @property
    def lines(self) -> list[str]:
        return [f"{name}=={version}" + (f" @ {origin}" if origin else "") for name, version, origin in self.packages]


class Unresolvable(IncompleteError):
    """Requirements that resolve to nothing. `absent` where a package simply has no release for this Python."""

    def __init__(self, message: str, *, absent: bool = False) -> None:
        super().__init__(message)
        self.absent = absent


class Installer(Protocol):
    """A tool that resolves and installs."""

    @property
    def name(self) -> str:
        """As `--installer` takes it."""

    def resolve(self, wanted: Wanted, python: Interpreter, *, build: bool = True) -> Resolution:
        """What would be installed; without `build`, of what needs no building. Raises Unresolvable."""

    def install(self, wanted: Wanted, python: Interpreter, program: Path, target: Path | None) -> Resolution | None:
        """Installs into the environment of `program`, or into the folder `target`; says what, where the tool tells."""


def installer(name: str, cache: Path) -> Installer:
    """The installer of a name. Raises UsageError where it is not there."""
    if name == "uv":
        return Uv(_uv())
    return Pip(cache)


@dataclass(frozen=True)
class Pip:
    """pip, of the helper environment of each Python."""

    cache: Path
    name: str = "pip"

    def resolve(self, wanted: Wanted, python: Interpreter, *, build: bool = True) -> Resolution:
        options = ["--dry-run", "--ignore-installed", "--quiet", "--prefer-binary"]
        options += [] if build else ["--only-binary", ":all:"]
        return self._report(wanted, [str(self._seed(python)), "-m", "pip", "install"], options)

    def install(self, wanted: Wanted, python: Interpreter, program: Path, target: Path | None) -> Resolution | None:
        pip = [str(self._seed(python)), "-m", "pip"]
        where = ["--target", str(target), "--ignore-installed"] if target else []
        command = [*pip, *([] if target else ["--python", str(program)]), "install"]
        return self._report(wanted, command, ["--quiet", "--prefer-binary", *where])

    def _report(self, wanted: Wanted, command: Sequence[str], options: Sequence[str]) -> Resolution:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "report.json"
            _run([*command, *options, "--report", str(file), *wanted.arguments], str(wanted))
            return _of_report(json.loads(file.read_text("utf-8")))

    def _seed(self, python: Interpreter) -> Path:
        """The interpreter of the helper environment, which is made where it is not there."""
        place = hashlib.sha256(f"{python.path} {python}".encode()).hexdigest()[:8]
        folder = self.cache / "seeds" / f"{python.minor}-{place}"
        program, ready = folder / "bin" / "python", folder / ".ready"
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if not ready.exists():
                shutil.rmtree(folder, ignore_errors=True)
                if python.version >= SEEDED:
                    create(python, folder, "--no-setuptools")
                else:
                    _run([python.path, "-m", "venv", str(folder)], str(python))
                    _run([str(program), "-m", "pip", "install", "--quiet", "--upgrade", "pip"], str(python))
                ready.touch()
        return program


@dataclass(frozen=True)
class Uv:
    """uv, one program for every Python."""

    program: str
    name: str = "uv"

    def resolve(self, wanted: Wanted, python: Interpreter, *, build: bool = True) -> Resolution:
        options = ["--quiet", "--no-header", "--no-annotate", "--python", python.path]
        options += [] if build else ["--only-binary", ":all:"]
        with tempfile.TemporaryDirectory() as folder:
            written = Path(folder) / "requirements.in"
            written.write_text("\n".join(wanted.requirements) + "\n", "utf-8")
            alone = ["--no-deps"] if wanted.alone else []
            command = [self.program, "pip", "compile", *options, *alone, str(written), *map(str, wanted.files)]
            return _of_lines(_run(command, str(wanted)))

    def install(self, wanted: Wanted, python: Interpreter, program: Path, target: Path | None) -> Resolution | None:
        where = ["--target", str(target)] if target else []
        where = ["--python", python.path if target else str(program), *where]
        _run([self.program, "pip", "install", "--quiet", *where, *wanted.arguments], str(wanted))
        return None


def create(python: Interpreter, folder: Path, *options: str) -> None:
    """Makes a virtual environment, without any package unless the options say otherwise. Raises IncompleteError."""
    seed = options or ("--no-seed",)
    _run([sys.executable, "-m", "virtualenv", "--quiet", "--python", python.path, *seed, str(folder)], str(python))


def _of_report(report: object) -> Resolution:
    assert isinstance(report, dict)
    found = []
    for item in report["install"]:
        info = item.get("download_info", {})
        origin = info.get("url", "") if item.get("is_direct") else ""
        if origin and "archive_info" in info:
            origin += "#" + str(info["archive_info"].get("hash", ""))
        found.append((_canonical(item["metadata"]["name"]), item["metadata"]["version"], origin))
    return Resolution(tuple(sorted(found)))


def _of_lines(text: str) -> Resolution:
    found = []
    for line in text.splitlines():
        line = re.sub(r"\s*(;|--hash|\\).*$", "", line).strip()
        pinned = re.fullmatch(r"([\w.\[\],-]+)\s*(?:==\s*(\S+)|@\s*(\S+))", line)
        if pinned and not line.startswith("#"):
            found.append((_canonical(pinned[1].partition("[")[0]), pinned[2] or "", pinned[3] or ""))
    return Resolution(tuple(sorted(found)))


def _canonical(name: str) -> str:
    from packaging.utils import canonicalize_name

    return canonicalize_name(name)


def _run(command: Sequence[str], what: str) -> str:
    """Runs a tool and returns its standard output. Raises Unresolvable with its last telling lines."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
            env=dict(process_environment()),
        )  # fmt: skip
    except OSError as error:
        raise IncompleteError(f"{command[0]}: {error.strerror}") from None
    if done.returncode:
        said = telling(f"{done.stdout}\n{done.stderr}")
        absent = "No matching distribution found" in said or "there is no version of" in said
        raise Unresolvable(f"{what}: {said}", absent=absent)
    return done.stdout


def telling(output: str) -> str:
    """The last lines that say why: from the first that names an error on, without warnings and progress."""
    lines = [line.rstrip() for line in output.splitlines() if line.strip()]
    lines = [line for line in lines if not re.match(r"\s*(WARNING|DEPRECATION|\[notice\]|Looking in|hint: See)", line)]
    first = next((n for n, line in enumerate(lines) if re.match(r"\s*(ERROR|error|×|RuntimeError)", line)), None)
    kept = lines[first:][:TOLD] if first is not None else lines[-TOLD:]
    return "\n  ".join(line.strip()[:600] for line in kept) or "failed and said nothing"


def _uv() -> str:
    try:
        from uv import find_uv_bin  # type: ignore[import-not-found, unused-ignore]

        return str(find_uv_bin())
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv")
    if found is None:
        raise UsageError("--installer uv: uv is not installed\n  get it: pip install uv; or use --installer pip")
    return found
