"""What verbs print with --json keeps its published shape: nothing is missing, and nothing is undocumented."""

import json
import subprocess
import sys

import jsonschema
import pytest
from click.testing import CliRunner

from conformance import schemas
from conformance.commands import cli
from conformance.errors import UsageError


def closed(node):
    """The schema without room for fields that it does not describe."""
    if isinstance(node, list):
        return [closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    inner = {key: closed(value) for key, value in node.items()}
    return {**inner, "additionalProperties": False} if "properties" in node and node.get("type") == "object" else inner


def printed(*arguments):
    result = CliRunner().invoke(cli, [*arguments, "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return json.loads(result.stdout)


@pytest.mark.parametrize("name", schemas.names())
def test_a_schema_is_valid_and_carries_its_name_and_version(name):
    content = schemas.schema(name)
    jsonschema.Draft202012Validator.check_schema(content)
    assert content["$id"] == f"urn:conformance:schema:{name}:1"


@pytest.mark.parametrize("kind", ["operations", "cases", "flags"])
def test_list(kind):
    jsonschema.validate(printed("list", kind), closed(schemas.schema("list")))


def test_list_implementations():
    jsonschema.validate(printed("list", "implementations", "-a", "published"), closed(schemas.schema("list")))


def test_run_and_gate(tmp_path):
    out = tmp_path / "run.jsonl"
    said = printed("run", "-a", "published", "-O", "sigmoid_focal_loss", "--repeat", "2", "-o", str(out))
    jsonschema.validate(said, closed(schemas.schema("run")))
    jsonschema.validate(printed("gate", str(out), str(out)), closed(schemas.schema("gate")))


def test_run_with_an_environment_that_does_not_start(tmp_path):
    out = str(tmp_path / "run.jsonl")
    said = printed("run", "-a", "published", "-O", "sigmoid_focal_loss", "--python", "/no/such/python", "-o", out)
    jsonschema.validate(said, closed(schemas.schema("run")))
    assert said["not_started"]


def test_a_field_that_is_missing_or_misspelt_is_no_valid_gate(tmp_path):
    out = str(tmp_path / "run.jsonl")
    printed("run", "-a", "published", "-O", "sigmoid_focal_loss", "-o", out)
    said = printed("gate", out, out)
    said["statos"] = said.pop("status")
    with pytest.raises(jsonschema.ValidationError, match="'status' is a required property"):
        jsonschema.validate(said, schemas.schema("gate"))


def test_schema_prints_one_and_names_all():
    result = CliRunner().invoke(cli, ["schema", "gate"])
    assert json.loads(result.output) == schemas.schema("gate")
    listed = CliRunner().invoke(cli, ["schema"]).output
    assert [line.split()[0] for line in listed.splitlines()] == schemas.names()
    result = CliRunner().invoke(cli, ["schema", "gait"])
    assert isinstance(result.exception, UsageError)
    assert "did you mean 'gate'?" in str(result.exception)


def test_schemas_are_read_without_numpy():
    """Another program's CI may want them without anything else."""
    code = "import sys, conformance.schemas as s; s.schema('gate'); print('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
