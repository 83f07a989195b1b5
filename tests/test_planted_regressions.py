"""Regressions planted into a copy of a framework's package: `upgrade` names each of them, with the right status.

The old side is the environment that runs the tests, the new side the same with a changed copy of Keras before it. Keras
on PyTorch, because its calls are quick and nothing is compiled.
"""

import importlib.util
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from conformance.environments.overlays import write_program

pytestmark = [
    pytest.mark.framework("keras"),
    pytest.mark.framework("torch"),
    pytest.mark.skipif(
        not all(importlib.util.find_spec(name) for name in ("keras", "torch")),
        reason="Keras or PyTorch is not installed",
    ),
]
NN = "src/backend/torch/nn.py"


@dataclass(frozen=True)
class Plant:
    """One change of one line, and the check that must tell of it.

    words   what the cause must say, in this order
    """

    file: str
    text: str
    planted: str
    check: str
    transition: str
    words: tuple[str, ...]


PLANTS = {
    "a changed clip": Plant(
        NN,
        "output = torch.clip(output, backend.epsilon(), 1.0 - backend.epsilon())\n"
        "        return tnn.binary_cross_entropy(output, target",
        "output = torch.clip(output, 1e-3, 1.0 - 1e-3)\n        return tnn.binary_cross_entropy(output, target",
        "bce/certain-and-wrong:keras-torch/ops.binary_crossentropy:float32:eager:cpu:value",
        "broken",
        ("of saturated probabilities", "was documented, is unstable"),
    ),
    "a lost axis argument": Plant(
        NN,
        "output = tnn.log_softmax(x, dim=axis)",
        "output = tnn.log_softmax(x, dim=-1)",
        "log-softmax/axis[axis=0]:keras-torch/ops.log_softmax:float32:eager:cpu:value",
        "broken",
        ("log_softmax", "was conforming, is diverging"),
    ),
    "another class of exception": Plant(
        NN,
        "return tnn.glu(x, dim=axis)",
        "if x.shape[axis] % 2:\n        raise TypeError('odd')\n    return tnn.glu(x, dim=axis)",
        "glu/odd-length:keras-torch/ops.glu:float32:eager:cpu:value",
        "changed",
        ("glu", "raises RuntimeError", "became raises TypeError"),
    ),
    "a function removed": Plant(
        "losses/__init__.py",
        "from keras.src.losses.losses import log_cosh as log_cosh\n",
        "",
        "log-cosh/near-zero:keras-torch/losses.log_cosh:float32:eager:cpu:value",
        "removed",
        ("log_cosh", "has no losses.log_cosh"),
    ),
    "a hang": Plant(
        NN,
        "return tnn.softsign(x)",
        "while True:\n        pass",
        "softsign/random-matrix:keras-torch/activations.softsign:float32:eager:cpu:value",
        "broken",
        ("softsign", "was conforming, is hanging"),
    ),
    "a crash": Plant(
        NN,
        "return tnn.silu(x)",
        "import os\n\n    os.abort()",
        "silu/random-matrix:keras-torch/ops.silu:float32:eager:cpu:value",
        "broken",
        ("silu", "was conforming, is crashing"),
    ),
}
CRASH_AT_IMPORT = Plant("__init__.py", '"""DO NOT EDIT.', 'import os\n\nos.abort()\n"""DO NOT EDIT.', "", "", ())
# Of each planted function one check more, which must stay as it is.
UNTOUCHED = (
    "log-softmax/axis[axis=2]:keras-torch/ops.log_softmax:float32:eager:cpu:value",
    "glu/random-matrix:keras-torch/ops.glu:float32:eager:cpu:value",
    "log-cosh/near-zero:keras-torch/losses.LogCosh:float32:eager:cpu:value",
)


def planted(folder, plants):
    """A script that starts this interpreter with a changed copy of Keras. Fails where a text is not there once."""
    package = Path(importlib.util.find_spec("keras").submodule_search_locations[0])
    copy = folder / "packages" / "keras"
    shutil.copytree(package, copy)
    for plant in plants:
        path = copy / plant.file
        text = path.read_text("utf-8")
        assert text.count(plant.text) == 1, (
            f"{plant.file} of this Keras holds {plant.text!r} {text.count(plant.text)} times"
        )
        path.write_text(text.replace(plant.text, plant.planted), "utf-8")
    write_program(folder / "python", sys.executable, folder / "packages")
    return folder / "python"


def upgraded(folder, new, *options):
    """(exit status, what --json prints, standard error) of an upgrade from this environment."""
    wanted = " or ".join([*(plant.check for plant in PLANTS.values()), *UNTOUCHED])
    done = subprocess.run(
        [
            sys.executable, "-m", "conformance", "upgrade", "--from", sys.executable, "--to", str(new), "--json",
            "-a", "keras-torch", "-k", wanted, "-o", str(folder), "--deadline", "15", *options,
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout) if done.stdout else {}, done.stderr


@pytest.fixture(scope="module")
def unplanted(tmp_path_factory):
    """The upgrade to a copy of Keras in which nothing is planted: (folder, status, what it said)."""
    folder = tmp_path_factory.mktemp("unplanted")
    status, said, error = upgraded(folder / "out", planted(folder, ()))
    assert said, error
    return folder / "out", status, said


@pytest.fixture(scope="module")
def with_plants(unplanted, tmp_path_factory):
    """The upgrade to a copy with every plant but the one that keeps it from starting; the old side is not run again."""
    folder = tmp_path_factory.mktemp("planted")
    return again(unplanted, folder, PLANTS.values())


def again(unplanted, folder, plants):
    (folder / "out").mkdir()
    shutil.copy(unplanted[0] / "old.jsonl", folder / "out" / "old.jsonl")
    return upgraded(folder / "out", planted(folder, plants), "--resume")


def test_a_copy_in_which_nothing_is_planted_changes_nothing(unplanted):
    _, status, said = unplanted
    assert status == 0
    assert {kind for kind, count in said["counts"].items() if count} == {"same"}
    assert said["counts"]["same"] == len(PLANTS) + len(UNTOUCHED)


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_regression_is_named(with_plants, name):
    plant = PLANTS[name]
    status, said, error = with_plants
    assert status == 1, error
    causes = [cause for cause in said["causes"] if plant.check in [check["id"] for check in cause["checks"]]]
    assert len(causes) == 1, f"{name} is no cause"
    assert causes[0]["transition"] == plant.transition
    for words in plant.words:
        assert words in causes[0]["words"]


def test_what_nothing_was_planted_into_is_the_same(with_plants):
    _, said, _ = with_plants
    changed = {check["id"] for cause in said["causes"] for check in cause["checks"]}
    assert changed == {plant.check for plant in PLANTS.values()}
    assert said["counts"]["same"] == len(UNTOUCHED)


def test_a_framework_that_crashes_at_import_is_no_result(unplanted, tmp_path):
    status, said, error = again(unplanted, tmp_path, (CRASH_AT_IMPORT,))
    assert status == 3, error
    assert said["causes"] == []
    (problem,) = said["problems"]
    assert problem.startswith("candidate: keras-torch on cpu did not start: the process died of signal SIGABRT")
