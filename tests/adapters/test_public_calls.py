"""Every public call of the frameworks is judged, or stands in `adapters/not_judged.yaml` with the reason.

A new release that offers a new loss makes this fail, until someone has decided about it.
"""

import importlib.util
import json
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
import yaml

from conformance.host import adapters_folder

SCRIPT = Path(__file__).parents[1] / "helpers" / "public_calls.py"
KERAS = (
    "keras.losses",
    "keras.metrics",
    "keras.activations",
    "keras.ops=keras.src.ops.nn",
    "keras.ops=keras.src.ops.math",
)
# Of each adapter: the packages that it needs, and the namespaces whose calls are asked for. `namespace=module` asks for
# what was defined in that module. One backend of Keras 3 stands for the three, which share one table.
NAMESPACES = {
    "keras_tensorflow": (("keras", "tensorflow"), KERAS),
    "tf_keras": (("tf_keras",), ("tf_keras.losses", "tf_keras.metrics", "tf_keras.activations")),
    "torch": (
        ("torch",),
        (
            "torch.nn.functional",
            "torch.nn=torch.nn.modules.loss",
            "torch.nn=torch.nn.modules.activation",
            "torch.special",
        ),
    ),
    "jax": (("jax", "optax"), ("jax.nn", "jax.scipy.special", "optax.losses")),
    "tensorflow": (("tensorflow",), ("tf.nn", "tf.compat.v1.losses")),
    "torchmetrics": (
        ("torchmetrics",),
        (
            "torchmetrics.classification",
            "torchmetrics.functional.classification",
            "torchmetrics.regression",
            "torchmetrics.functional.regression",
            "torchmetrics.aggregation",
        ),
    ),
    "flax": (("flax",), ("flax.nnx.metrics",)),
}
THERE = sorted(
    name for name, (needs, _) in NAMESPACES.items() if all(importlib.util.find_spec(package) for package in needs)
)


def not_judged():
    """(pattern, reason) of each call in the list."""
    entries = yaml.safe_load((adapters_folder() / "not_judged.yaml").read_text("utf-8"))
    return [(pattern, entry["reason"]) for entry in entries for pattern in entry["calls"]]


def public_calls(name):
    """{public call: whether an implementation of the adapter makes it}, as a process of its own finds them."""
    command = [sys.executable, str(SCRIPT), f"conformance.adapters.{name}", *NAMESPACES[name][1]]
    found = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert found.returncode == 0, found.stderr[-2000:]
    return json.loads(found.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def found():
    return {name: public_calls(name) for name in THERE}


@pytest.mark.parametrize("name", THERE)
def test_a_public_call_is_judged_or_it_is_said_why_not(found, name):
    patterns = [pattern for pattern, _ in not_judged()]
    forgotten = [
        call
        for call, judged in found[name].items()
        if not judged and not any(fnmatchcase(call, pattern) for pattern in patterns)
    ]
    assert forgotten == []


@pytest.mark.parametrize("name", THERE)
def test_what_is_judged_is_not_said_to_be_left_out(found, name):
    named = {pattern for pattern, _ in not_judged() if not set(pattern) & set("*[?")}
    assert named & {call for call, judged in found[name].items() if judged} == set()


def test_many_calls_of_every_adapter_are_judged(found):
    """The enumeration finds what it is about: an empty namespace would pass everything else."""
    assert {name: sum(calls.values()) >= 3 for name, calls in found.items()} == dict.fromkeys(THERE, True)


@pytest.mark.skipif(set(THERE) != set(NAMESPACES), reason="a pattern may be about a framework that is not installed")
def test_nothing_stands_in_the_list_in_vain(found):
    left_out = [call for calls in found.values() for call, judged in calls.items() if not judged]
    patterns = [pattern for pattern, _ in not_judged()]
    assert [p for p in patterns if not any(fnmatchcase(call, p) for call in left_out)] == []
    assert len(patterns) == len(set(patterns))


def test_every_reason_is_a_sentence():
    assert [reason for _, reason in not_judged() if len(reason.split()) < 4] == []
