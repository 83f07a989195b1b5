"""What a gate decided, as Markdown, JUnit, annotations of GitHub and code quality of GitLab."""

import datetime
import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import jsonschema
import pytest
from conformance.reports import annotations, gate_json, gate_junit, gate_markdown, junit
from junitparser import Error, Failure, JUnitXml

from conformance import schemas
from conformance.causes import causes
from conformance.gate import compare
from conformance.policy import Acceptance, Policy, Where, decide
from conformance.run_facts import WrittenCase

HOSTILE = "a|b <script>x</script> `c` ::error::d\r\n## e % [f](g) \x1b"
TODAY = datetime.date(2026, 7, 3)


def decided(baseline, candidate, policy=None):
    """What the gate decides of two runs on a fixed day."""
    comparison = compare(baseline, candidate)
    return decide(comparison, causes(comparison), policy or Policy(), TODAY)


def accepting(transition, operation, reason="Our thresholds moved with it.", expires=datetime.date(2026, 12, 31)):
    """A policy with one entry."""
    where = Where(operations=(operation,))
    entry = Acceptance(where, transition, reason, expires, place="conformance.toml:4")
    return Policy(accepted=(entry,), file="conformance.toml")


def placed(run):
    """The run with a place for each of its cases: line 10 of a file of the operation, 20 for the next of its cases."""
    lines = {}
    for check in run.checks:
        places = lines.setdefault(check.operation, {})
        places.setdefault(check.case, 10 * (len(places) + 1))
    run.cases = {
        case: WrittenCase(case, "", operation, f"cases/{operation}.yaml", line)
        for operation, places in lines.items()
        for case, line in places.items()
    }
    return run


def pair_of_runs(make, *checks):
    """(baseline in which all conform, candidate) for checks of the candidate."""
    right = [
        replace(c, verdict="conforms", expectation="expected", outcome=c.right, worst=None, digest="0", bits=None)
        for c in checks
    ]
    return placed(make.run_of(right)), placed(make.run_of(checks))


@pytest.fixture
def broken(make):
    """One regression: the tail of the logits form."""
    return decided(*pair_of_runs(make, make.tail()))


@pytest.fixture
def many(make):
    """A regression in each of forty operations' case files."""
    checks = [
        make.check(f"op{n}/case", f"op{n}", "torch", f"call{n}", verdict="rejects", outcome="raises ValueError",
                   message=f"ValueError: no {'x' * n}", right="1")
        for n in range(40)
    ]  # fmt: skip
    return decided(*pair_of_runs(make, *checks))


def junit_cases(decisions):
    document = JUnitXml.fromstring(gate_junit.render(decisions).encode())
    return document, {case.name: case for suite in document for case in suite}


# Markdown


def test_markdown_says_first_whether_the_gate_is_open(make, broken):
    assert gate_markdown.render(broken).startswith("# The gate is closed\n\n> [!CAUTION]\n")
    run = make.run_of([make.tail()])
    assert gate_markdown.render(decided(run, run)).startswith("# The gate is open\n\n> [!TIP]\n")


def test_markdown_shows_old_new_and_right_with_the_line_of_the_case(broken):
    text = gate_markdown.render(broken)
    assert "`cases/binary_cross_entropy_with_logits.yaml:10`" in text
    (row,) = [line for line in text.splitlines() if "bce-logits/saturated-negative:torch" in line]
    assert row.startswith("| `2.06e-09` | `0` | `2.06e-09` |")


def test_markdown_puts_what_closes_the_gate_before_what_is_fixed(make):
    tail = make.tail()
    baseline, candidate = pair_of_runs(make, tail, replace(tail, id="x" + tail.id, variant="x", operation="softmax"))
    baseline.checks[1], candidate.checks[1] = candidate.checks[1], baseline.checks[1]
    text = gate_markdown.render(decided(baseline, candidate))
    assert text.index("## Closes the gate") < text.index("**broken**") < text.index("## Fixed or new")
    assert text.index("## Fixed or new") < text.index("**fixed**")


def test_markdown_names_numeric_switches_before_versions(make):
    baseline, candidate = pair_of_runs(make, make.tail())
    environment = candidate.environments[0]
    candidate.environments[0] = replace(
        environment, version="2.14.0", versions={**environment.versions, "torch": "2.14.0"}, switches={"TF32": True}
    )
    text = gate_markdown.render(decided(baseline, candidate))
    assert text.index("| torch | **TF32** | `False` | `True` |") < text.index("| torch | torch | `2.13.0` | `2.14.0` |")


def test_markdown_of_very_many_causes_stays_under_the_bound_and_says_what_is_missing(make):
    checks = [
        make.check(f"op{n}/case", f"op{n}", "torch", f"call{n}", verdict="rejects", outcome="raises ValueError",
                   message=f"ValueError: no {chr(97 + n % 26)}{chr(97 + n // 26)} {'y' * 300}", right="1")
        for n in range(676)
    ]  # fmt: skip
    decisions = decided(*pair_of_runs(make, *checks))
    assert len(decisions.each) > 600
    text = "\n".join(gate_markdown.lines(decisions))
    assert len(text.encode()) > 300_000
    cut = gate_markdown.render(decisions, limit=200_000)
    assert len(cut.encode()) < 200_000
    assert "**Cut here:**" in cut
    assert cut.count("<details>") == cut.count("</details>")
    assert "## Runs" in text


def test_markdown_keeps_hostile_text_in_its_cell(make):
    check = make.check(
        HOSTILE, HOSTILE, "torch", HOSTILE, verdict="rejects", message=HOSTILE, outcome=HOSTILE, right="1"
    )
    text = gate_markdown.render(decided(*pair_of_runs(make, check)))
    assert "\n## e" not in text
    assert "\x1b" not in text
    outside_of_code = re.sub(r"(`+) ?.*?\1", "", text)
    assert "<script>" not in outside_of_code
    columns = {
        len(re.sub(r"\\\||(`+).*?\1", "", line).split("|")) for line in text.splitlines() if line.startswith("| ✖")
    }
    assert columns == {6}


def test_an_accepted_change_is_said_with_its_reason_and_last_day(make):
    policy = accepting("broken", "binary_cross_entropy_with_logits")
    text = gate_markdown.render(decided(*pair_of_runs(make, make.tail()), policy))
    assert text.startswith("# The gate is open")
    assert "accepted until 2026-12-31: 1 check, Our thresholds moved with it." in text


def test_a_record_that_the_upgrade_puts_out_of_date_is_said(make):
    tail = make.tail(record="torch/bce-logits-tail", expectation="expected")
    record = make.record("torch/bce-logits-tail", "torch", "diverges", "Wrong tail.", "o/r#12", "", 1, True)
    mended = replace(
        tail, verdict="conforms", expectation="fixed", outcome=tail.right, worst=None, digest="0", bits=None
    )
    runs = [make.run_of([check], records=[record]) for check in (tail, mended)]
    text = gate_markdown.render(decided(*runs))
    assert "## Divergence records that are out of date" in text
    assert "[o/r\\#12](https://github.com/o/r/issues/12)" in text


# JUnit


def test_junit_has_one_case_for_a_cause_and_fails_only_what_is_refused(make, broken):
    document, cases = junit_cases(broken)
    assert (document.tests, document.failures, document.errors) == (2, 1, 0)
    (failed,) = [case for case in cases.values() if case.result]
    assert failed.classname == "binary_cross_entropy_with_logits"
    assert isinstance(failed.result[0], Failure)
    assert "bce-logits/saturated-negative:torch/" in failed.result[0].text
    policy = accepting("broken", "binary_cross_entropy_with_logits")
    document, cases = junit_cases(decided(*pair_of_runs(make, make.tail()), policy))
    assert (document.tests, document.failures) == (2, 0)
    assert any("accepted until 2026-12-31" in (case.system_out or "") for case in cases.values())


def test_junit_names_hold_no_values_so_that_a_cause_can_be_followed(broken):
    _, cases = junit_cases(broken)
    assert not any("2.06e-09" in name for name in cases)


def test_junit_of_a_gate_where_nothing_changed_is_not_empty(make):
    run = make.run_of([make.tail()])
    document, cases = junit_cases(decided(run, run))
    assert document.tests == 1
    assert cases["unchanged"].system_out == "1 check of 1 are the same"


def test_junit_calls_what_makes_it_incomplete_an_error(make):
    baseline, candidate = pair_of_runs(make, make.tail())
    candidate.end = None
    document, cases = junit_cases(decided(baseline, candidate))
    assert document.errors == 1
    assert isinstance(cases["problem 1"].result[0], Error)


def test_an_unused_entry_of_the_policy_fails(make):
    run = make.run_of([make.tail()])
    document, cases = junit_cases(decided(run, run, accepting("changed", "binary_cross_entropy_with_logits")))
    assert document.failures == 1
    assert cases["conformance.toml:4"].result[0].type == "unused"


# What the XML Schema that Jenkins checks reports with lets stand where: attributes, those that must be, children.
SCHEMA = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, set(), {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "time", "skipped", "timestamp", "hostname", "id", "package", "file"},
        {"name", "tests", "failures", "errors"},
        {"properties", "testcase", "system-out", "system-err"},
    ),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, {"name", "value"}, set()),
    "testcase": (
        {"name", "classname", "time", "group"}, {"name"}, {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "failure": ({"type", "message"}, set(), set()),
    "error": ({"type", "message"}, set(), set()),
    "skipped": ({"type", "message"}, set(), set()),
    "system-out": (set(), set(), set()),
}  # fmt: skip


@pytest.mark.parametrize("which", ["gate", "run"])
def test_junit_is_as_the_schema_of_jenkins_has_it(make, run, broken, which):
    root = ElementTree.fromstring(gate_junit.render(broken) if which == "gate" else junit.render([run]))
    for element in root.iter():
        allowed, required, children = SCHEMA[element.tag]
        assert required <= set(element.attrib) <= allowed, element.tag
        assert {child.tag for child in element} <= children
        if element.tag.startswith("testsuite"):
            assert re.fullmatch(r"\d*(\.\d{0,3})?", element.get("time", ""))


# Annotations


def test_an_annotation_points_to_the_line_of_the_case(broken):
    (line,) = annotations.github(broken).splitlines()
    assert line.startswith(
        "::error file=cases/binary_cross_entropy_with_logits.yaml,line=10,"
        "title=broken%3A binary_cross_entropy_with_logits::"
    )
    assert "2.06e-09 became 0" in line


def test_a_run_of_an_older_version_has_no_lines_and_its_annotations_no_places(make):
    baseline, candidate = pair_of_runs(make, make.tail())
    baseline.cases, candidate.cases = {}, {}
    assert annotations.github(decided(baseline, candidate)).startswith("::error title=broken")


def test_there_are_never_more_than_ten_of_a_kind_and_none_is_lost(many):
    lines = annotations.github(many).splitlines()
    assert len(lines) == 10
    assert not [n for n in range(40) if f"op{n} in op{n}/case" not in "".join(lines)]
    assert "and 31 more in other case files" in lines[-1]


def test_causes_of_one_file_are_gathered_at_the_first(make):
    checks = [
        make.check(f"case{n}", "softmax", "torch", f"call{n}", verdict="rejects", outcome="raises ValueError",
                   message=f"ValueError: {'y' * n}", right="1")
        for n in range(12)
    ]  # fmt: skip
    (line,) = annotations.github(decided(*pair_of_runs(make, *checks))).splitlines()
    assert line.startswith("::error file=cases/softmax.yaml,line=")
    assert re.search(r"and \d+ causes more", line)
    assert "(cases/softmax.yaml:120)" in line


def test_hostile_text_is_one_command_on_one_line(make):
    check = make.check(
        HOSTILE, HOSTILE, "torch", HOSTILE, verdict="rejects", message=HOSTILE, outcome=HOSTILE, right="1"
    )
    text = annotations.github(decided(*pair_of_runs(make, check)))
    (line,) = text.splitlines()
    properties = line.removeprefix("::error ").partition("::")[0]
    assert [part.partition("=")[0] for part in properties.split(",")] == ["file", "line", "title"]
    assert "%25" in line


def test_entries_of_the_policy_are_marked_where_they_are_written(make):
    run = make.run_of([make.tail()])
    unused = decided(run, run, accepting("changed", "binary_cross_entropy_with_logits"))
    assert annotations.github(unused).startswith("::error file=conformance.toml,line=4,title=unused entry")
    past = accepting("broken", "binary_cross_entropy_with_logits", expires=datetime.date(2026, 1, 1))
    lines = annotations.github(decided(*pair_of_runs(make, make.tail()), past)).splitlines()
    assert [line.split()[0] for line in lines] == ["::error", "::warning"]
    assert lines[1].startswith("::warning file=conformance.toml,line=4,title=expired entry")


def test_a_gate_where_nothing_changed_prints_no_command(make):
    run = make.run_of([make.tail()])
    assert annotations.github(decided(run, run)) == ""
    assert json.loads(annotations.gitlab(decided(run, run))) == []


# What GitLab reads of a code quality report, by its documentation.
ISSUE = {
    "type": "object",
    "required": ["description", "check_name", "fingerprint", "severity", "location"],
    "properties": {
        "description": {"type": "string", "minLength": 1},
        "check_name": {"type": "string"},
        "fingerprint": {"type": "string", "pattern": "^[0-9a-f]+$"},
        "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
        "location": {
            "type": "object",
            "required": ["path", "lines"],
            "properties": {
                "path": {"type": "string", "pattern": "^[^./]"},
                "lines": {"type": "object", "required": ["begin"], "properties": {"begin": {"type": "integer"}}},
            },
        },
    },
}


def test_the_code_quality_report_has_every_cause_with_a_fingerprint_of_its_own(many):
    issues = json.loads(annotations.gitlab(many))
    jsonschema.validate(issues, {"type": "array", "items": ISSUE})
    assert len(issues) == len({issue["fingerprint"] for issue in issues}) == 40
    assert {issue["severity"] for issue in issues} == {"critical"}


def test_a_fingerprint_stays_when_the_value_moves(make):
    """GitLab compares the reports of two branches by it."""
    found = []
    for outcome in ("0", "0.1"):
        decisions = decided(*pair_of_runs(make, replace(make.tail(), outcome=outcome, worst=None)))
        found.append([issue["fingerprint"] for issue in json.loads(annotations.gitlab(decisions))])
    assert found[0] == found[1]


# JSON


def test_the_json_of_every_kind_of_gate_has_its_published_shape(make, broken, many):
    run = make.run_of([make.tail()])
    unused = decided(run, run, accepting("changed", "binary_cross_entropy_with_logits"))
    for decisions in (broken, many, unused):
        jsonschema.validate(json.loads(gate_json.render(decisions)), schemas.schema("gate"))
