"""Overlays: a folder of packages before those of an interpreter that exists, and a script that starts the two."""

from __future__ import annotations

import json
import subprocess
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from conformance.environments.interpreters import Interpreter
from conformance.environments.spec import process_environment

# Every Python can answer it: the names of the folders that hold a package's metadata, wherever modules are looked for.
_QUESTION = """
import glob, json, os, sys
folders = [f for entry in sys.path[1:] for f in glob.glob(os.path.join(entry, "*-info"))]
print(json.dumps([os.path.basename(f).split("-")[0] for f in folders]))
"""


def write_program(program: Path, base: str, packages: Path) -> None:
    """A script that starts `base` with a folder of packages before its own."""
    lines = [
        "#!/bin/sh",
        f'PYTHONPATH="{packages}${{PYTHONPATH:+:$PYTHONPATH}}"',
        "export PYTHONPATH",
        f'exec "{base}" "$@"',
    ]
    program.write_text("\n".join(lines) + "\n", "utf-8")
    program.chmod(0o755)


def unmet(packages: Path, base: str, python: Interpreter) -> list[str]:
    """What the packages of an overlay depend on and neither they nor the environment beneath have.

    Without it an import fails, or what is judged quietly lacks a part. Versions are not held against each other: an
    overlay exists to put together what an index would not.
    """
    done = subprocess.run(
        [base, "-c", _QUESTION], capture_output=True, text=True, check=True, env=dict(process_environment())
    )
    there = {canonicalize_name(name) for name in json.loads(done.stdout.splitlines()[-1])}
    own = list(metadata.distributions(path=[str(packages)]))
    there |= {canonicalize_name(distribution.metadata["Name"]) for distribution in own}
    needed = [Requirement(text) for distribution in own for text in distribution.requires or ()]
    version = {"python_version": python.minor, "python_full_version": str(python).split()[-1], "extra": ""}
    found = [need for need in needed if need.marker is None or need.marker.evaluate(version)]
    return sorted({f"{need.name}{need.specifier}" for need in found if canonicalize_name(need.name) not in there})
