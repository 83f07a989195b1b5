"""The worker process: reads requests, asks the adapter, answers. Run as a script by the host.

    python serve.py ENGINE ADAPTERS MODULE FILE DEVICE

ENGINE and ADAPTERS are the folders of the packages `conformance` and `conformance.adapters`; MODULE and FILE are the
dotted name and the path of the adapter's module. Nothing of the suite needs to be installed in the interpreter: both
packages are laid in `sys.modules` by path, and no `__init__` of the engine runs.

Standard output belongs to the protocol: it is moved to a private descriptor before anything else is
imported, and what a framework prints goes to standard error.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.worker.adapter import Adapter


def main() -> None:
    engine, adapters, module_name, file, device = sys.argv[1:6]
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    requests = os.fdopen(os.dup(0), "rb")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    _lay_packages(engine, adapters)

    from conformance.worker.protocol import write_frame

    try:
        adapter = _module(module_name, file).adapter
        adapter.device = device
        hello = _describe(adapter)
    except BaseException as error:  # an import can raise anything, SystemExit included
        missing = getattr(error, "name", None) if isinstance(error, ModuleNotFoundError) else None
        write_frame(
            answers,
            {"kind": "no start", "error": type(error).__name__, "message": str(error)[:4000], "missing": missing},
        )
        raise
    write_frame(answers, hello)

    from conformance.worker.checks import answer_forever

    answer_forever(adapter, requests, answers)


def _lay_packages(engine: str, adapters: str) -> None:
    import types

    sys.path[:] = [entry for entry in sys.path if os.path.realpath(entry or ".") != os.path.join(engine, "worker")]
    for name, folder in (("conformance", engine), ("conformance.adapters", adapters)):
        package = types.ModuleType(name)
        package.__path__ = [folder]
        sys.modules[name] = package


def _module(name: str, file: str) -> Any:
    """The adapter's module: by name where it is ours, by path where a third party brought it."""
    import importlib
    import importlib.util

    if name.startswith("conformance.adapters."):
        return importlib.import_module(name)
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _describe(adapter: Adapter) -> dict[str, Any]:
    import platform

    import numpy

    environment = adapter.environment()
    environment["versions"] = dict(
        environment.get("versions", {}), python=platform.python_version(), numpy=numpy.__version__
    )
    return {
        "kind": "ready",
        "adapter": adapter.name,
        "device": adapter.device,
        "environment": environment,
        "dtypes": list(adapter.dtypes),
        "modes": list(adapter.modes),
        "quick_modes": list(adapter.quick_modes),
        "quick_dtypes": list(adapter.quick_dtypes),
        "orders": list(adapter.orders),
        "flushes_subnormals": list(adapter.flushes_subnormals),
        "implementations": [row.describe(adapter) for row in adapter.table.rows.values()],
        "successor": adapter.successor,
        "pid": os.getpid(),
    }


if __name__ == "__main__":
    main()
