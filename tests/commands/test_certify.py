"""`conformance certify` prints the worst error for each operation and says whether the oracle is proven."""

import json

import pytest
from click.testing import CliRunner

from conformance.commands import cli

CASES = """\
about: Two small cases.
operation: {operation}
cases:
  - id: small/{id}
    says: A small case.
    inputs: {inputs}
"""


@pytest.fixture
def cases(tmp_path):
    def write(operation, inputs):
        path = tmp_path / f"{operation}.yaml"
        path.write_text(CASES.format(operation=operation, id=operation.replace("_", "-"), inputs=inputs), "utf-8")
        return str(path)

    return [
        write("binary_cross_entropy_with_logits", "{logits: [-20.0, 1.5], targets: [0.0, 1.0]}"),
        write("logsumexp", "{x: [[-0.6931471805599453, -0.6931471805599453], [1.0, 2.0]]}"),
    ]


def test_a_proven_oracle_has_status_0_and_names_the_worst(cases):
    result = CliRunner().invoke(cli, ["certify", *cases])
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0].split() == ["operation", "elements", "value", "gradient", "worst", "case"]
    assert lines[1].startswith("binary_cross_entropy_with_logits")
    assert "logsumexp is judged on its condition" in result.output
    assert lines[-1].startswith("worst: ")
    assert lines[-1].endswith("(proven)")


def test_selection(cases):
    result = CliRunner().invoke(cli, ["certify", *cases, "-O", "logsumexp", "--json"])
    assert result.exit_code == 0
    found = json.loads(result.output)
    assert {c["operation"] for c in found} == {"logsumexp"}
    assert {c["dtype"] for c in found} == {"float64", "float32", "float16", "bfloat16"}
    assert all(c["passed"] for c in found)


def test_what_is_not_proven_has_status_1(cases, monkeypatch):
    monkeypatch.setattr("conformance.certify.BOUND", 0.0)
    result = CliRunner().invoke(cli, ["certify", cases[0], "-k", "small"])
    assert result.exit_code == 1
    assert "certificates failed" in result.output
    assert "exact " in result.output


def test_an_unknown_operation_and_an_empty_selection_are_bad_usage(cases):
    runner = CliRunner()
    assert "did you mean 'logsumexp'?" in str(runner.invoke(cli, ["certify", "-O", "logsumexpp"]).exception)
    assert "no case is selected" in str(runner.invoke(cli, ["certify", *cases, "-k", "nothing"]).exception)
