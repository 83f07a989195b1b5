"""What was proven of the oracle is kept for reports, and covers every operation."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from conformance import proof
from conformance.certify import BOUND, certify, summarise
from conformance.commands import cli
from conformance.errors import UsageError
from conformance.loading import load
from conformance.oracle.operation import OPERATIONS

CATALOGUE = load()


def test_every_operation_was_proven_within_the_bound():
    proven = proof.proven()
    assert set(proven) == set(OPERATIONS)
    for name, errors in proven.items():
        assert errors["elements"] > 0, name
        assert errors["value"] <= BOUND, name
        assert (errors["gradient"] is not None) or not OPERATIONS[name].differentiable, name
        assert (errors["gradient"] or 0.0) <= BOUND, name


def test_what_was_proven_is_todays_cases():
    stale = [name for name, cases in proof.digests(CATALOGUE.cases).items() if proof.proven_on()[name] != cases]
    again = " ".join(f"-O {name}" for name in stale)
    assert not stale, f"conformance certify {again} --write conformance/oracle/proof.json"


def test_a_changed_case_asks_for_another_proof():
    [case] = [case for case in CATALOGUE.cases if case.id == "sigmoid/one-element"]
    other = replace(case, dtypes=case.dtypes[:1])
    assert proof.digests([case]) != proof.digests([other])
    assert proof.digests([case]) == proof.digests([replace(case, line=case.line + 1)])


def test_a_proof_of_one_operation_leaves_the_others_as_they_were(tmp_path):
    path = tmp_path / "proof.json"
    path.write_text(json.dumps({"bound": BOUND, "operations": {"other": {"elements": 1}}}))
    chosen = [case for case in CATALOGUE.cases if case.id == "sigmoid/one-element"]
    proof.write(path, summarise(certify(chosen)), chosen)
    written = json.loads(path.read_text())["operations"]
    assert list(written) == ["other", "sigmoid"]
    assert written["other"] == {"elements": 1}
    assert written["sigmoid"]["cases"] == proof.digests(chosen)["sigmoid"]
    assert written["sigmoid"]["value"] <= BOUND


@pytest.mark.parametrize("part", [["-k", "one-element"], ["cases/activations"]])
def test_a_part_of_an_operation_is_not_kept_as_its_proof(part, tmp_path):
    result = CliRunner().invoke(cli, ["certify", "-O", "sigmoid", *part, "--write", str(tmp_path / "proof.json")])
    assert isinstance(result.exception, UsageError)
    assert "a part of one" in str(result.exception)
    assert not (tmp_path / "proof.json").exists()
