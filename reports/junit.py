"""The JUnit report: a test suite for each column (adapter and version), a test case for each check.

    unexpected, changed, fixed      failure, with the message
    unsupported, unjudged           skipped, with the reason
    covered by a divergence record  passes; the record's reason stands in system-out
    an environment that did not start, a run that was stopped     error
    a record that matched nothing   failure

A test case's class name is the operation, its name the id of the check.
"""

from __future__ import annotations

from collections.abc import Sequence

from conformance.reports.facts import facts
from conformance.reports.groups import happened, needs_person
from conformance.reports.observed import Observations, Observed, observe
from conformance.reports.records import Footnote, footnotes
from conformance.reports.words import EXPECTATIONS, clean
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from conformance.run_file import Run

_SKIPPED = frozenset({"unsupported", "unjudged"})


def render(runs: Sequence[Run]) -> str:
    """The XML text of one run or several."""
    seen = observe(runs)
    notes = footnotes(runs)
    document = JUnitXml("conformance")
    by_column: dict[str, list[Observed]] = {column.key: [] for column in seen.columns}
    for each in seen.checks:
        by_column[each.column.key].append(each)
    versions = [column.adapter for column in seen.columns]
    for column in seen.columns:
        suite = _suite(column.adapter if versions.count(column.adapter) == 1 else column.name)
        suite.add_property("version", clean(column.version))
        suite.add_property("device", clean(column.device))
        suite.add_testcases([_case(each, notes) for each in by_column[column.key]])
        document.append(suite)
    for failure in seen.failures:
        suite = _suite(failure.environment.adapter)
        suite.add_testcase(_error("environment", "did not start", failure.environment.reason))
        document.append(suite)
    for suite in (_incomplete(seen), _unused(notes)):
        if len(suite):
            document.append(suite)
    return finished(document)


def finished(document: JUnitXml) -> str:
    """The text, with its statistics, as Jenkins's schema has it: no `skipped` of all suites, times in milliseconds."""
    document.update_statistics()
    root = document._elem
    root.attrib.pop("skipped", None)
    for suite in [root, *root.iter("testsuite")]:
        suite.set("time", f"{float(suite.get('time') or 0):.3f}")
    return str(document.tostring().decode("utf-8"))


def _suite(name: str) -> TestSuite:
    return TestSuite(clean(name))


def _case(seen: Observed, notes: dict[str, Footnote]) -> TestCase:
    check = seen.check
    case = TestCase(clean(check.id), classname=clean(check.operation), time=check.seconds)
    if needs_person(check):
        word = EXPECTATIONS.get(check.expectation)
        said = f"{check.verdict}, {check.expectation}: {happened(check)}"
        result = Failure(clean(said), clean(check.verdict))
        result.text = "\n".join([word.meaning if word else "", *(f"{label}: {value}" for label, value in facts(seen))])
        case.result = [result]
    elif check.verdict in _SKIPPED:
        case.result = [Skipped(clean(f"{check.verdict}: {check.message or 'no reason given'}"))]
    elif check.record:
        note = notes.get(check.record)
        why = (
            f"{note.record.why} Upstream: {note.record.upstream}" if note else "the run file does not hold this record"
        )
        case.system_out = clean(f"{check.verdict}, covered by {check.record}: {why}")
    return case


def _error(name: str, message: str, reason: str) -> TestCase:
    case = TestCase(name, classname="conformance")
    error = Error(clean(f"{message}: {reason}"), message.replace(" ", "-"))
    error.text = clean(reason)
    case.result = [error]
    return case


def _incomplete(seen: Observations) -> TestSuite:
    suite = _suite("complete")
    for number, run in seen.incomplete:
        reason = f"{run.path} ended after {len(run.checks)} checks"
        suite.add_testcase(_error(f"run {number} is complete", "incomplete", reason))
    return suite


def _unused(notes: dict[str, Footnote]) -> TestSuite:
    """Only what matched nothing: a record in use says so with its checks."""
    suite = _suite("divergence records")
    for note in notes.values():
        if note.unused:
            case = TestCase(clean(note.record.id), classname="divergence record")
            case.result = [Failure(clean(f"unused: it matched nothing. {note.record.why}"), "unused")]
            suite.add_testcase(case)
    return suite
