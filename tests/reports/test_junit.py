"""The JUnit report parses, counts rightly, and says why."""

import pytest
from conformance.reports import junit
from junitparser import Error, Failure, JUnitXml, Skipped


def parsed(*runs):
    return JUnitXml.fromstring(junit.render(runs).encode())


def cases(document):
    return {case.name: case for suite in document for case in suite}


def test_each_adapter_is_a_suite_with_its_checks(run):
    document = parsed(run)
    suites = {suite.name: suite for suite in document}
    assert set(suites) == {"jax", "keras-tensorflow", "tf-keras", "torch", "divergence records"}
    assert suites["torch"].tests == sum(check.adapter == "torch" for check in run.checks)
    case = cases(document)[run.checks[0].id]
    assert case.classname == run.checks[0].operation


def test_totals_are_those_of_the_run(run):
    document = parsed(run)
    needing = sum(check.expectation != "expected" for check in run.checks)
    skipped = sum(check.verdict in ("unsupported", "unjudged") for check in run.checks)
    assert (document.tests, document.failures, document.skipped, document.errors) == (
        len(run.checks) + 1,
        needing + 1,
        skipped,
        0,
    )


@pytest.mark.parametrize("expectation", ["unexpected", "changed", "fixed"])
def test_what_needs_a_person_fails_with_its_message(make, expectation):
    check = make.tail(expectation=expectation, record="torch/r")
    (result,) = cases(parsed(make.run_of([check])))[check.id].result
    assert isinstance(result, Failure)
    said = "0 where 2.0611536e-09 is right, at logits = -20.0, targets = 0.0"
    if expectation == "fixed":
        said = "conforms now; record torch/r says that it deviates"
    assert result.message == f"diverges, {expectation}: {said}"
    assert "logits = -20.0 (0xc1a00000)" in result.text


@pytest.mark.parametrize("verdict", ["unsupported", "unjudged"])
def test_what_could_not_be_judged_is_skipped_with_the_reason(make, verdict):
    check = make.tail(verdict=verdict, expectation="expected", message="no such dtype")
    (result,) = cases(parsed(make.run_of([check])))[check.id].result
    assert isinstance(result, Skipped)
    assert result.message == f"{verdict}: no such dtype"


def test_a_deviation_that_a_record_covers_passes_and_says_why(make):
    check = make.tail(expectation="expected", record="torch/r")
    record = make.record("torch/r", "torch", "diverges", "Wrong tail.", "o/r#1", "", 1, True)
    case = cases(parsed(make.run_of([check], records=[record])))[check.id]
    assert case.result == []
    assert case.system_out == "diverges, covered by torch/r: Wrong tail. Upstream: o/r#1"


def test_an_environment_that_did_not_start_is_an_error(make):
    document = parsed(make.run_of([make.tail()], environments=[make.environment("torch"), make.failed]))
    (result,) = cases(document)["environment"].result
    assert isinstance(result, Error)
    assert "No module named" in result.message
    assert document.errors == 1


def test_a_run_that_was_stopped_is_an_error(make):
    document = parsed(make.run_of([make.tail()], complete=False))
    assert document.errors == 1
    assert "run 1 is complete" in cases(document)


def test_an_unused_record_is_a_failure(make):
    record = make.record("torch/old", "torch", "rejects", "An old refusal.", "none found", "", 0, False)
    document = parsed(make.run_of([make.tail(expectation="expected")], records=[record]))
    assert document.failures == 1
    assert cases(document)["torch/old"].result[0].type == "unused"


def test_two_versions_of_one_adapter_are_two_suites(make):
    runs = [
        make.run_of([make.tail()], environments=[make.environment("torch", version=version)])
        for version in ("2.13.0", "2.14.0")
    ]
    assert [suite.name for suite in parsed(*runs)] == ["torch 2.13.0", "torch 2.14.0"]


def test_hostile_text_and_control_characters_leave_the_xml_well_formed(make):
    hostile = "</failure><script>\x00\x1b]]>&\ud800"
    check = make.check(hostile, hostile, "torch", hostile, verdict="rejects", expectation="unexpected", message=hostile)
    (case,) = [case for suite in parsed(make.run_of([check])) for case in suite]
    assert "</failure><script>\\x00\\x1b]]>&" in case.result[0].message
