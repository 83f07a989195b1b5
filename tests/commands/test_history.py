"""`conformance history` shows a line for each version, in the terminal, as JSON and as Markdown."""

import json
from dataclasses import replace

import jsonschema
import pytest
from click.testing import CliRunner

from conformance import schemas
from conformance.commands import cli
from conformance.errors import ConformanceError
from conformance.run_file import Agreement, Check, End, Environment, Header, Run, write_all

CHECK = Check(
    id="focal/tail:jax/optax.focal:float32:eager:cpu:value", case="focal/tail", variant="focal/tail",
    says="A confident example keeps its tiny loss.", operation="sigmoid_focal_loss", adapter="jax",
    implementation="optax.focal", dtype="float32", mode="eager", device="cpu", order="value", verdict="conforms",
    expectation="expected", outcome="3.27e-23", right="3.27e-23", digest="b", shape=(),
    agreement=Agreement("A", 0.9, 0.9, 0.9, 0.0, 0.0, 1.0),
)  # fmt: skip
WRONG = replace(
    CHECK, verdict="diverges", outcome="1.13e-22", digest="a",
    agreement=Agreement("C", 475000.0, 475000.0, 475000.0, 0.0, 0.0, float("inf")),
)  # fmt: skip
ROW = {"name": "optax.focal", "operation": "sigmoid_focal_loss"}


@pytest.fixture
def paths(tmp_path):
    """Three releases; the second one mended the check."""
    found = []
    for version, check in (("0.2.6", CHECK), ("0.2.5", WRONG), ("0.2.8", CHECK)):
        environment = Environment("jax", "cpu", True, "jax", "0.10.2", {"optax": version}, implementations=(ROW,))
        other = replace(CHECK, id=CHECK.id.replace("tail", "x"), case="focal/x", variant="focal/x")
        path = tmp_path / f"{version}.jsonl"
        header = Header("0.1.0", "c0ffee", "2026-01-01T00:00:00Z", {}, {})
        write_all(path, Run(str(path), header, [environment], [check, other], end=End("", 1.0, 2, {}, {}, True)))
        found.append(str(path))
    return found


def invoke(*arguments):
    result = CliRunner().invoke(cli, ["history", *arguments])
    if isinstance(result.exception, ConformanceError):
        return result.exception.status, str(result.exception)
    return result.exit_code, result.output


def test_each_version_has_a_line_with_what_changed_since_the_one_before(paths):
    status, output = invoke(*paths)
    assert status == 0
    lines = [line.split() for line in output.splitlines()]
    assert ["optax", "0.2.5", "1", "0", "1", "0", "0.9"] in lines
    assert ["optax", "0.2.6", "2", "0", "0", "0", "0.9", "1", "fixed"] in lines


def test_a_check_that_moved_shows_verdict_value_and_distance(paths):
    _, output = invoke(*paths, "-k", "tail")
    lines = [line.split() for line in output.splitlines()]
    assert ["optax", "0.2.5", "diverges", "1.13e-22", "3.27e-23", "4.75e+05", "inf"] in lines
    assert ["optax", "0.2.6", "conforms", "3.27e-23", "3.27e-23", "0.9", "1", "fixed"] in lines


def test_one_check_is_shown_whether_it_moved_or_not(paths):
    _, output = invoke(*paths, "-k", "focal/x")
    assert "focal/x:jax/optax.focal:float32:eager:cpu:value" in output
    assert "fixed" not in output


def test_json_has_its_published_shape_and_the_order_of_versions(paths):
    status, output = invoke(*paths, "--json")
    assert status == 0
    said = json.loads(output)
    jsonschema.validate(said, schemas.schema("history"))
    (history,) = said["histories"]
    assert [version["label"] for version in history["versions"]] == ["optax 0.2.5", "optax 0.2.6", "optax 0.2.8"]
    steps = history["implementations"][0]["checks"][0]["steps"]
    assert [(step["transition"], step["ulp"]) for step in steps] == [(None, "inf"), ("fixed", 1.0), ("same", 1.0)]


def test_markdown_goes_to_a_file(paths, tmp_path):
    assert invoke(*paths, "--format", "markdown", "-o", str(tmp_path / "out" / "history.md"))[0] == 0
    text = (tmp_path / "out" / "history.md").read_text()
    assert "| optax 0.2.6 | conforms | `3.27e-23` | `3.27e-23` | 0.9 | 1 | **fixed** |" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--format", "pdf"], "unknown history format 'pdf'"),
        (["-O", "sigmoid_focal_los"], "did you mean 'sigmoid_focal_loss'?"),
        (["-k", "nothing-of-the-kind"], "nothing is selected"),
        (["--map", "jax"], "expected OLD=NEW"),
    ],
)
def test_bad_usage_names_the_fault_and_ends_with_2(paths, arguments, message):
    status, output = invoke(*paths, *arguments)
    assert status == 2
    assert message in output


def test_one_run_alone_has_no_history(paths):
    assert invoke(paths[0]) == (2, f"one run has no history: {paths[0]}\n  expected several run files of one adapter")
