"""The gate says which divergence records an upgrade puts out of date."""

from dataclasses import replace

import pytest

from conformance.errors import UsageError
from conformance.gate import compare
from conformance.gate_records import record_findings, refuse_unfinished
from conformance.run_file import Check, End, Environment, Header, Record, Run

HEADER = Header(suite="0.1.0", cases="c0ffee", started="2026-01-01T00:00:00Z", selection={}, machine={})
END = End(ended="2026-01-01T00:01:00Z", seconds=60.0, checks=1, verdicts={}, expectations={}, complete=True)
KNOWN = Check(
    id="bce/tail:torch/nn.BCELoss:float32:eager:cpu:value", case="bce/tail", variant="bce/tail", says="A tail.",
    operation="binary_cross_entropy", adapter="torch", implementation="nn.BCELoss", dtype="float32", mode="eager",
    device="cpu", order="value", verdict="diverges", expectation="expected", record="torch/tail", digest="a",
)  # fmt: skip
RIGHT = replace(KNOWN, verdict="conforms", expectation="fixed", digest="b")
RECORD = Record("torch/tail", "torch", "diverges", "The tail is lost.", "pytorch/pytorch#1", "", 1, True)


def run(*checks, records=(RECORD,)):
    return Run("run.jsonl", HEADER, [Environment("torch", "cpu", True)], list(checks), list(records), end=END)


def test_a_record_that_no_longer_holds_is_named_with_its_reference():
    (finding,) = record_findings(compare(run(KNOWN), run(RIGHT)))
    assert (finding.kind, finding.checks, finding.new) == ("fixed", 1, True)
    assert str(finding) == (
        "record torch/tail (pytorch/pytorch#1) no longer deviates: end its versions, or remove it, 1 check"
    )


def test_one_that_did_not_hold_before_is_no_news():
    (finding,) = record_findings(compare(run(RIGHT), run(RIGHT)))
    assert not finding.new


def test_a_deviation_of_another_look_and_an_unused_record_are_named():
    other = replace(KNOWN, verdict="unstable", expectation="changed", digest="c")
    idle = replace(RECORD, id="torch/idle", used=False, matched=0)
    findings = record_findings(compare(run(KNOWN), run(other, records=(RECORD, idle))))
    assert [(f.record, f.kind) for f in findings] == [("torch/tail", "changed"), ("torch/idle", "unused")]


def test_records_of_what_is_not_compared_are_left_out():
    idle = replace(RECORD, id="jax/idle", adapter="jax", used=False)
    assert record_findings(compare(run(KNOWN), run(KNOWN, records=(RECORD, idle)))) == ()


@pytest.mark.parametrize("field", ["why", "upstream"])
def test_a_run_that_was_judged_by_an_unwritten_record_is_refused(field):
    with pytest.raises(UsageError, match=r"run.jsonl: the record 'torch/tail' is still to be written"):
        refuse_unfinished(run(KNOWN, records=(replace(RECORD, **{field: "TODO: look"}),)))
    refuse_unfinished(run(KNOWN))
