"""`conformance run` from the outside: its statuses, its messages, and what it leaves behind."""

import json
import math
import subprocess
import sys

import pytest

from conformance import run_file

CASE = """
about: The document's focal loss.
operation: sigmoid_focal_loss
cases:
  - id: test/focal
    says: A positive and a negative.
    inputs: {logits: [0.5, -0.5], targets: [1.0, 0.0]}
    parameters: {alpha: 0.25}
    dtypes: [float64]
    orders: [0]
"""


def conformance(*arguments, **more):
    return subprocess.run(
        [sys.executable, "-c", "from conformance.commands import main; main()", *map(str, arguments)],
        capture_output=True,
        text=True,
        **more,
    )


@pytest.fixture
def case(tmp_path):
    path = tmp_path / "focal.yaml"
    path.write_text(CASE)
    return path


def test_everything_as_expected_is_status_0_and_leaves_a_complete_run(tmp_path):
    out = tmp_path / "run.jsonl"
    done = conformance("run", "-a", "published", "-O", "categorical_accuracy", "-O", "softmax_focal_loss", "-o", out)
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stdout + done.stderr
    run = run_file.read(out)
    assert run.complete
    assert run.end.checks == len(run.checks) > 0
    assert {check.expectation for check in run.checks} == {"expected"}


def test_json_holds_the_counts(tmp_path, case):
    done = conformance("run", "-a", "published", case, "-o", tmp_path / "run.jsonl", "--json")
    said = json.loads(done.stdout)
    assert said["checks"] == sum(said["verdicts"].values()) == sum(said["expectations"].values())


def test_the_published_focal_loss_is_found_and_said_to_be_off_by_gamma(tmp_path):
    out = tmp_path / "run.jsonl"
    asked = "documents/binary-multiclass-loss/focal-sigmoid: and focal_loss_sigmoid and float64"
    done = conformance("run", "-a", "published", "-k", asked, "-o", out)
    assert done.returncode == 0, done.stdout
    run = run_file.read(out)
    (found,) = [check for check in run.checks if check.verdict == "diverges"]
    logit = float(found.worst.inputs["logits"].split()[0])
    probability = 1 / (1 + math.exp(-logit))
    assert float(found.worst.inputs["targets"].split()[0]) == 1
    assert float(found.worst.got) / float(found.worst.exact) == pytest.approx(2 / (1 - probability), rel=1e-12)
    (record,) = [record for record in run.records if record.id == found.record]
    assert "2/(1 - p)" in record.why


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "-a", "troch"], "did you mean 'torch'?"),
        (["run", "-O", "sigmiod"], "did you mean 'sigmoid'?"),
        (["run", "-k", "a and"], "a word is missing"),
        (["run", "no-such-file.yaml"], "no-such-file.yaml"),
        (["rnu"], "did you mean 'run'?"),
        (["run", "--dtype", "float8"], "float8"),
    ],
)
def test_bad_usage_is_status_2_with_the_way_out(tmp_path, arguments, said):
    done = conformance(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "reports").exists()


def test_a_faulty_case_file_is_status_2_and_nothing_runs(tmp_path, case):
    case.write_text(CASE.replace("alpha", "alhpa"))
    done = conformance("run", "-a", "published", case, "-o", tmp_path / "run.jsonl")
    assert done.returncode == 2
    assert "focal.yaml:8:18: unknown parameter 'alhpa'" in done.stderr
    assert "did you mean 'alpha'?" in done.stderr
    assert not (tmp_path / "run.jsonl").exists()


def test_an_environment_that_was_named_and_does_not_start_is_status_3(tmp_path, case):
    done = conformance("run", "-a", "published", case, "--python", "/no/such/python", "-o", tmp_path / "run.jsonl")
    assert done.returncode == 3
    assert "NOT RUN  published" in done.stdout
    assert "/no/such/python" in done.stdout


def test_one_adapter_may_have_an_interpreter_of_its_own(tmp_path, case):
    out = tmp_path / "run.jsonl"
    done = conformance("run", "-a", "published", case, "--python", f"published={sys.executable}", "-o", out)
    assert run_file.read(out).complete, done.stderr


def test_a_run_that_selects_nothing_says_so(tmp_path, case):
    done = conformance("run", "-a", "published", case, "-k", "nothing-of-the-kind", "-o", tmp_path / "run.jsonl")
    assert done.returncode == 2
    assert "nothing is selected" in done.stderr


def test_a_complete_run_is_not_resumed(tmp_path, case):
    out = tmp_path / "run.jsonl"
    conformance("run", "-a", "published", case, "-o", out)
    done = conformance("run", "-a", "published", case, "--resume", out)
    assert done.returncode == 2
    assert "is complete" in done.stderr


def stop(path):
    """Takes the last check and the end away, as a kill does."""
    lines = path.read_text().splitlines(keepends=True)
    last = max(i for i, line in enumerate(lines) if '"kind":"check"' in line)
    path.write_text("".join(line for i, line in enumerate(lines) if i != last and '"kind":"end"' not in line))


def test_a_run_goes_on_with_what_it_was_begun_with(tmp_path, case):
    case.write_text(CASE.replace("[float64]", "[float64, float32]"))
    out = tmp_path / "run.jsonl"
    asked = "-a", "published", "--profile", "full", "-k", "value", "--repeat", 2
    begun = conformance("run", *asked, case, "-o", out)
    whole = run_file.read(out)
    stop(out)
    done = conformance("run", "--resume", out)
    assert done.returncode == begun.returncode, done.stderr
    assert ", 1 checks" in done.stderr  # what is left, of what the adapter answers
    resumed = run_file.read(out)
    assert resumed.complete
    assert resumed.header == whole.header
    assert [check.id for check in resumed.checks] == [check.id for check in whole.checks]


def test_a_run_is_not_resumed_with_other_options(tmp_path, case):
    out = tmp_path / "run.jsonl"
    conformance("run", "-a", "published", case, "-o", out)
    stop(out)
    done = conformance("run", "-a", "published", case, "--profile", "full", "--resume", out)
    assert done.returncode == 2
    assert "cannot be resumed: its selection was" in done.stderr
    assert "give the options that it began with, or start a new run" in done.stderr


def test_a_run_is_only_resumed_as_often_asked_as_it_began(tmp_path, case):
    out = tmp_path / "run.jsonl"
    conformance("run", "-a", "published", case, "--repeat", 2, "-o", out)
    out.write_text("".join(line for line in out.read_text().splitlines(keepends=True) if '"kind":"end"' not in line))
    done = conformance("run", "-a", "published", case, "--repeat", 3, "--resume", out)
    assert done.returncode == 2
    assert "its repeat was 2, now it is 3" in done.stderr


def test_a_run_that_asks_several_times_says_that_nothing_varied(tmp_path, case):
    done = conformance("run", "-a", "published", case, "--repeat", 2, "-o", tmp_path / "run.jsonl")
    assert "nothing varied: every check gave the same bits 2 times" in done.stdout


def test_an_engine_without_any_framework_imports_none():
    names = ("torch", "jax", "tensorflow", "keras")
    code = f"import sys, conformance.run, conformance.certify; print([m for m in {names} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
