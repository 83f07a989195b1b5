"""Worker-side code runs on Python 3.7 with NumPy 1.21: a production environment is judged without touching it."""

import io
import subprocess
import sys
from pathlib import Path
from shutil import which

import numpy as np
import pytest

from conformance.bench.processes import Settings
from conformance.bench.session import Bench, execute
from conformance.host import Worker, adapters
from conformance.loading import load
from conformance.selection import Selection
from conformance.smoke import smoke
from conformance.worker.arrays import Array

OLD, NUMPY = "3.7", "numpy==1.21.6"


def interpreters():
    """Python 3.7 where one is installed: on the path, or under pyenv."""
    candidates = [which(f"python{OLD}"), *map(str, Path.home().glob(f".pyenv/versions/{OLD}.*/bin/python"))]
    for candidate in filter(None, candidates):
        said = subprocess.run(
            [candidate, "-c", "import sys; print(*sys.version_info[:2], sep='.')"], capture_output=True
        )
        if said.stdout.decode().strip() == OLD:
            return [candidate]
    return []


@pytest.fixture(scope="module", params=interpreters())
def old_python(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("old")
    subprocess.run([request.param, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", NUMPY], check=True, capture_output=True)
    return str(python)


def test_an_adapter_is_in_order_on_the_oldest_python(old_python):
    findings = list(smoke(adapters()["published"], python=old_python, device="cpu"))
    assert [finding for finding in findings if not finding.holds] == []


def test_a_worker_on_the_oldest_python_gives_the_bits_of_this_one(old_python):
    request = {
        "id": 0, "operation": "binary_cross_entropy", "implementation": "tensorflow_losses.manual_binary_crossentropy",
        "inputs": {"probabilities": 0, "targets": 1}, "parameters": {"reduction": "mean"}, "mode": "eager",
        "order": "value",
    }  # fmt: skip
    arrays = [Array("float32", np.array([[0.3], [0.8]], "f4")), Array("float32", np.array([[0.0], [1.0]], "f4"))]
    bits = []
    for python in (old_python, sys.executable):
        with Worker(adapters()["published"], python=python) as worker:
            hello = worker.start()
            names = [r["name"] for r in hello["implementations"] if r["operation"] == "binary_cross_entropy"]
            request["implementation"] = next(name for name in names if "tensorflow_losses" in name)
            (answer,) = worker.ask([request], arrays)
            assert answer.kind == "returned", answer.head
            bits.append(answer.arrays[0].storage.tobytes())
    assert bits[0] == bits[1]
    assert round(float(np.frombuffer(bits[0], np.float32)[0]), 4) == 0.2899


def test_a_call_is_timed_on_the_oldest_python(old_python):
    settings = Settings(
        pythons={"": old_python}, warm_up=100_000, sample=50_000, rounds=6, most_rounds=6, seconds=0.1, most_sets=2
    )
    selection = Selection(operations=("softmax_cross_entropy",), orders=("gradient",), profile="quick")
    with Bench(selection, settings, (1000,)) as bench:
        found = execute(io.StringIO(), load(None), [adapters()["published"]], bench)
    assert [t.implementation for t in found if t.timed] == ["cross_entropy_and_focal_loss.softmax_cross_entropy"]
