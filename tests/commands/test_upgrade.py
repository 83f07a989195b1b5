"""`conformance upgrade` from the outside: real environments, real runs, and what is left of them."""

import importlib.util
import json
import subprocess
import sys

import pytest

from conformance import run_file

needs_jax = pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in ("jax", "optax")), reason="JAX or Optax is not installed"
)


def upgrade(*arguments, **more):
    command = [sys.executable, "-m", "conformance", "upgrade", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **more)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """An empty cache of the user's."""
    import os

    return {**os.environ, "XDG_CACHE_HOME": str(tmp_path_factory.mktemp("cache"))}


def test_a_requirement_that_cannot_be_resolved_is_status_3_with_the_installers_words(tmp_path, cache):
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    done = upgrade("--from", "six==99", "--to", "six==1.16.0", "--python", here, "-o", tmp_path, env=cache)
    assert done.returncode == 3
    assert "No matching distribution found for six==99" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("*.jsonl"))


def test_an_environment_without_a_framework_is_status_3_and_no_result(tmp_path, cache):
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    done = upgrade("--from", "numpy", "--to", "numpy", "--python", here, "-O", "softmax", "-o", tmp_path, env=cache)
    assert done.returncode == 3
    assert "no adapter can be compared" in done.stderr
    assert "old side: holds no framework that is judged" in done.stderr


def test_an_interpreter_that_cannot_start_is_status_3(tmp_path):
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\nexit 7\n")
    program.chmod(0o755)
    done = upgrade("--from", program, "--to", sys.executable, "-a", "torch", "-O", "softmax", "-o", tmp_path / "out")
    assert done.returncode == 3
    assert "the process ended with status 7" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "keras=3.4", "--to", "keras==3.5"], "did you mean 'keras==3.4'?"),
        (["--from", "/nowhere/bin/python", "--to", "keras==3.5"], "no such file"),
        (["--from", "keras==3.4", "--to", sys.executable, "--over", "running"], "only requirements can be laid over"),
        (["--from", "a", "--to", "b", "--map", "torch"], "expected OLD=NEW"),
        (["--from", "a", "--to", "b", "-a", "troch"], "did you mean 'torch'?"),
    ],
)
def test_bad_usage_is_status_2_before_anything_is_made(arguments, said, tmp_path):
    done = upgrade(*arguments, "-o", tmp_path / "out")
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert not (tmp_path / "out").exists()


@needs_jax
def test_an_overlay_of_optax_shows_what_0_2_6_fixed(tmp_path, cache):
    check = "sigmoid-focal/confident-and-right[gamma=1.0]:jax/optax.sigmoid_focal_loss:float32:eager:cpu:value"
    done = upgrade(
        "--from", "optax==0.2.5 chex==0.1.91 toolz==1.1.0", "--to", "optax==0.2.6 chex==0.1.91 toolz==1.1.0",
        "--over", "running", "-a", "jax", "-k", check, "-o", tmp_path, env=cache,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "jax: optax 0.2.5 became 0.2.6" in done.stdout
    assert "fixed: 1 check" in done.stdout
    assert "The gate is open." in done.stdout
    assert "environments" in done.stdout.splitlines()[-2]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "environments.json", "index.html", "new.jsonl", "old.jsonl", "summary.md",
    ]  # fmt: skip
    assert run_file.read(tmp_path / "old.jsonl").complete
    assert "- packages that differ: optax 0.2.5 became 0.2.6" in (tmp_path / "summary.md").read_text()
    again = upgrade(
        "--from", "optax==0.2.5 chex==0.1.91 toolz==1.1.0", "--to", "optax==0.2.6 chex==0.1.91 toolz==1.1.0",
        "--over", "running", "-a", "jax", "-k", check, "-o", tmp_path, "--resume", "--json", env=cache,
    )  # fmt: skip
    assert "old: finished before, kept" in again.stderr
    assert json.loads(again.stdout)["counts"]["fixed"] == 1


@needs_jax
def test_the_same_environment_on_both_sides_shows_no_transition_in_eager_and_compiled_modes(tmp_path):
    done = upgrade(
        "--from", sys.executable, "--to", sys.executable, "-a", "jax", "-a", "torch", "--profile", "smoke", "--json",
        "-O", "binary_cross_entropy_with_logits", "--mode", "eager", "--mode", "jit", "-o", tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)["counts"]
    assert counts.pop("same") > 50
    assert not any(counts.values())
    modes = {check.mode for check in run_file.read(tmp_path / "new.jsonl").checks}
    assert modes == {"eager", "jit"}


@needs_jax
def test_a_folder_of_another_environment_is_not_gone_on_with(tmp_path):
    (tmp_path / "environments.json").write_text(json.dumps({"old": {"program": "other", "packages": []}}))
    done = upgrade("--from", sys.executable, "--to", sys.executable, "-a", "jax", "-o", tmp_path, "--resume")
    assert done.returncode == 2
    assert "its old side was another environment" in done.stderr
