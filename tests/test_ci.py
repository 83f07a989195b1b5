"""The CI files in docs/ are valid, and the steps of their gate do what they say on a real run."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml
from junitparser import JUnitXml

from conformance import run_file, schemas

DOCS = Path(__file__).parents[1] / "docs" / "ci"
SELECT = "-a published -O binary_cross_entropy_with_logits --profile smoke"


@pytest.mark.parametrize(
    ("file", "schema", "more"),
    [
        ("github-actions.yml", "vendor.github-workflows", []),
        ("gitlab-ci.yml", "vendor.gitlab-ci", ["--data-transform", "gitlab-ci"]),
    ],
)
def test_a_ci_file_is_as_its_public_schema_has_it(file, schema, more):
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *more, DOCS / file]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """A scratch checkout after the steps that install and ask; this interpreter is that of the project."""
    folder = tmp_path_factory.mktemp("project")
    verb = "from conformance.commands import main; main()"
    programs = {
        ".project/bin/python": f'#!/bin/sh\nexec "{sys.executable}" "$@"\n',
        ".suite/bin/conformance": f'#!/bin/sh\nexec "{sys.executable}" -c "{verb}" "$@"\n',
    }
    for name, content in programs.items():
        path = folder / name
        path.parent.mkdir(parents=True)
        path.write_text(content)
        path.chmod(0o755)
    done = bash(steps()["Ask"], folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def project(asked, tmp_path):
    """A copy of it, with the run as the committed baseline."""
    shutil.copytree(asked, tmp_path, dirs_exist_ok=True)
    shutil.copy(tmp_path / "out" / "run.jsonl", tmp_path / "conformance-baseline.jsonl")
    return tmp_path


def bash(script, project, **environment):
    """Runs a script as both systems do: it ends at the first command that fails."""
    path = os.pathsep.join([str(project / ".suite" / "bin"), os.environ["PATH"]])
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=project, capture_output=True, text=True, env={**os.environ, "PATH": path, "SELECT": SELECT, **environment},
    )  # fmt: skip


def plant(path):
    """Makes a check of a run wrong that was right; gives its case."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    check = next(line for line in lines if line["kind"] == "check" and line["verdict"] == "conforms")
    check.update(verdict="diverges", expectation="unexpected", outcome="7", digest="f" * 16)
    check.pop("bits", None)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return check["case"]


def steps():
    """Name -> script of the steps of the GitHub job, in order."""
    job = yaml.safe_load((DOCS / "github-actions.yml").read_text())["jobs"]["gate"]
    return {step["name"]: step["run"] for step in job["steps"] if "run" in step}


def test_the_github_job_finds_no_change_between_two_equal_runs(project):
    summary = project / "summary.md"
    scripts = steps()
    assert list(scripts) == ["Install", "Ask", "Find the baseline", "Gate", "Report"]
    for name in ("Find the baseline", "Gate", "Report"):
        done = bash(scripts[name], project, GITHUB_STEP_SUMMARY=str(summary))
        assert done.returncode == 0, done.stderr
    assert summary.read_text().startswith("# The gate is open")
    assert (project / "out" / "index.html").exists()
    assert run_file.read(project / "out" / "run.jsonl").header.repeat == 2


def test_the_github_job_fails_for_a_regression_and_says_where(project):
    scripts, summary = steps(), project / "summary.md"
    case = plant(project / "out" / "run.jsonl")
    assert bash(scripts["Find the baseline"], project).returncode == 0
    done = bash(scripts["Gate"], project, GITHUB_STEP_SUMMARY=str(summary))
    assert done.returncode == 1
    place = run_file.read(project / "out" / "run.jsonl").cases[case]
    assert done.stdout.startswith(
        f"::error file={place.file},line={place.line},title=broken%3A binary_cross_entropy_with_logits::"
    )
    assert summary.read_text().startswith("# The gate is closed")
    assert JUnitXml.fromfile(str(project / "out" / "gate.xml")).failures == 1
    jsonschema.validate(json.loads((project / "out" / "gate.json").read_text()), schemas.schema("gate"))


def test_the_github_job_says_that_there_is_no_baseline_and_shows_the_run(project):
    scripts, summary = steps(), project / "summary.md"
    done = bash(scripts["Gate"], project, GITHUB_STEP_SUMMARY=str(summary))
    assert done.returncode == 0
    assert "::notice title=no baseline::" in done.stdout
    assert summary.read_text().startswith("# Conformance")


def test_the_gitlab_job_fails_for_a_regression_and_leaves_its_reports(project):
    job = yaml.safe_load((DOCS / "gitlab-ci.yml").read_text())["conformance"]
    ask, report, baseline, gate = [line for line in job["script"] if "pip install" not in line and "venv" not in line]
    for script in (ask, report):
        assert bash(script, project).returncode == 0
    plant(project / "out" / "run.jsonl")
    assert bash(baseline, project).returncode == 0
    assert bash(gate, project).returncode == 1
    assert JUnitXml.fromfile(str(project / "out" / "gate.xml")).failures == 1
    (issue,) = json.loads((project / "out" / "code-quality.json").read_text())
    assert issue["location"]["path"].startswith("cases/")


def test_an_interpreter_that_does_not_start_fails_the_step_that_asks(project):
    (project / ".project" / "bin" / "python").unlink()
    done = bash(steps()["Ask"], project)
    assert done.returncode != 0
    assert "NOT RUN" in done.stdout
