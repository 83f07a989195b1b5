"""A run file holds the script of one check for each cause and each record, and each script runs alone."""

import math
import subprocess
import sys
from dataclasses import replace

import pytest

from conformance import run_file
from conformance.case import Case
from conformance.examples import Examples
from conformance.host import adapters
from conformance.inputs import ArraySpec
from conformance.judge.divergence import Records
from conformance.loading import load
from conformance.run import Settings, execute
from conformance.run_file import Check, Header, Run
from conformance.selection import Selection

CHECK = Check(
    "a/b:x/f:float32:eager:cpu:value", "a/b", "a/b", "A case.", "sigmoid", "x", "f", "float32", "eager", "cpu",
    "value", "diverges", "unexpected",
)  # fmt: skip


def case_of(numbers):
    return Case("a/b", "A case.", "sigmoid", {"x": ArraySpec("full", {"value": 0.0}, (numbers,))}, {}, "a.yaml", 1)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A run of an adapter that needs NumPy alone; one of its records explains a divergence."""
    path = tmp_path_factory.mktemp("run") / "run.jsonl"
    selection = Selection(adapters=("published",), operations=("softmax_cross_entropy",), dtypes=("float64",))
    with open(path, "w") as file:
        execute(file, load(), [adapters()["published"]], selection, Settings(), Records.shipped)
    return path


def test_a_record_that_explained_something_has_the_script_of_a_check_that_it_explained(recorded):
    run = run_file.read(recorded)
    checks = {check.id: check for check in run.checks}
    scripts = {script.record: script for script in run.scripts.values()}
    assert set(scripts) == {record.id for record in run.records if record.matched}
    for record, script in scripts.items():
        assert script.because == "expected"
        assert checks[script.check].record == record
        assert next(r for r in run.records if r.id == record).upstream in script.text.replace("\n#  ", "")


def test_a_script_of_a_run_file_runs_as_it_stands(recorded):
    run = run_file.read(recorded)
    script = next(s for s in run.scripts.values() if s.record == "published/argmax-over-axis-0")
    found = subprocess.run([sys.executable, "-c", script.text], capture_output=True, text=True, timeout=60)
    assert found.returncode == 0, found.stderr
    assert found.stdout.strip()


def test_the_example_of_a_record_is_the_one_with_the_fewest_numbers(recorded):
    run = run_file.read(recorded)
    script = next(s for s in run.scripts.values() if s.record == "published/argmax-over-axis-0")

    def numbers(check):
        return sum(math.prod(shape) for shape in run.cases[check.case].shapes.values())

    explained = [check for check in run.checks if check.record == script.record]
    shown = next(check for check in explained if check.id == script.check)
    assert numbers(shown) == min(map(numbers, explained))


def test_what_is_expected_without_a_record_needs_no_example():
    examples = Examples()
    examples.look(replace(CHECK, expectation="expected", verdict="conforms"), case_of(1))
    assert list(examples.scripts(Run("", Header("", "", "", {}, {})), [])) == []


def test_an_adapter_that_is_not_there_or_has_no_script_is_left_out(misbehaving):
    examples = Examples()
    examples.look(replace(CHECK, adapter="misbehaving"), case_of(1))
    examples.look(CHECK, case_of(1))
    assert list(examples.scripts(Run("", Header("", "", "", {}, {})), [misbehaving])) == []
