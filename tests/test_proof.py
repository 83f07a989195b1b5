"""What was proven of the oracle is kept for reports, and covers every operation."""

import json

from conformance import proof
from conformance.certify import BOUND, certify, summarise
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


def test_a_proof_of_one_operation_leaves_the_others_as_they_were(tmp_path):
    path = tmp_path / "proof.json"
    path.write_text(json.dumps({"bound": BOUND, "cases": "", "operations": {"other": {"elements": 1}}}))
    chosen = [case for case in CATALOGUE.cases if case.id == "sigmoid/one-element"]
    proof.write(path, summarise(certify(chosen)), "digest")
    written = json.loads(path.read_text())
    assert written["cases"] == "digest"
    assert list(written["operations"]) == ["other", "sigmoid"]
    assert written["operations"]["sigmoid"]["value"] <= BOUND
