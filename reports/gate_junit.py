"""The JUnit report of a gate: a test suite for each adapter, a test case for each cause.

    refused by the policy                       failure, with examples
    accepted, or let pass by the policy         passes; why stands in system-out
    fixed, newly supported, added, drifted      passes
    a call that became slower than its limit    failure, in the suite `timing`
    an entry of the policy that is unused       failure
    what makes the comparison incomplete        error

A cause is one test case and not each of its checks: one change of a framework may move thousands of checks, and a page
of thousands of failures is not read. What is the same is one test case with the number of checks, so that a gate where
nothing changed is no empty report. Names hold no values: a CI system can follow a cause over several runs by its name.
"""

from __future__ import annotations

from collections import Counter

from conformance.reports.decided import example, standing
from conformance.reports.junit import finished
from conformance.reports.words import clean, counted
from junitparser import Error, Failure, JUnitXml, TestCase, TestSuite

from conformance.causes import explained
from conformance.gate import SAME
from conformance.gate_summary import calls_of, conclusion
from conformance.gate_timings import counted_timings, timing_standing, told
from conformance.policy import Decision, Decisions

EXAMPLES = 10


def render(decisions: Decisions) -> str:
    """The XML text."""
    document = JUnitXml("conformance gate")
    suites: dict[str, TestSuite] = {}
    for adapter, same in _same(decisions).items():
        _suite(document, suites, decisions, adapter).add_testcase(_passed("unchanged", "conformance", same))
    names: Counter[str] = Counter()
    for decision in decisions.each:
        adapter = decision.cause.first.check.adapter
        case = _case(decisions, decision)
        names[f"{adapter} {case.classname} {case.name}"] += 1
        again = names[f"{adapter} {case.classname} {case.name}"]
        if again > 1:
            case.name += f" ({again})"
        _suite(document, suites, decisions, adapter).add_testcase(case)
    timings = _timings(decisions)
    if len(timings):
        document.add_testsuite(timings)
    policy = _policy(decisions)
    if len(policy):
        document.add_testsuite(policy)
    incomplete = TestSuite("complete")
    for number, problem in enumerate(decisions.comparison.problems, 1):
        incomplete.add_testcase(
            _failed(f"problem {number}", "conformance", Error(clean(problem), "incomplete"), problem)
        )
    if len(incomplete):
        document.add_testsuite(incomplete)
    return finished(document)


def _same(decisions: Decisions) -> dict[str, str]:
    """What is said of the checks that did not change, for each adapter that was compared."""
    compared = Counter(pair.check.adapter for pair in decisions.comparison.pairs)
    same = Counter(pair.check.adapter for pair in decisions.comparison.pairs if pair.transition == SAME)
    return {
        adapter: f"{counted(same[adapter], 'check')} of {count:,} are the same" for adapter, count in compared.items()
    }


def _suite(document: JUnitXml, suites: dict[str, TestSuite], decisions: Decisions, adapter: str) -> TestSuite:
    if adapter not in suites:
        suite = suites[adapter] = TestSuite(clean(adapter))
        for difference in decisions.comparison.differences:
            if difference.adapter.endswith(adapter):
                suite.add_property(clean(difference.name), clean(f"{difference.old} -> {difference.new}"))
        document.add_testsuite(suite)
    return suites[adapter]


def _case(decisions: Decisions, decision: Decision) -> TestCase:
    cause = decision.cause
    name = clean(f"{cause.transition}: {calls_of(cause)} {cause.subject}".strip())
    operations = ", ".join(cause.operations)
    if not decision.refused:
        return _passed(name, operations, "\n".join(filter(None, [cause.words, cause.spread(), standing(decision)])))
    refused = {id(pair) for pair in decision.refused}
    shown = [example(pair) for pair in cause.examples() if id(pair) in refused] or [example(decision.refused[0])]
    lines = [cause.words, f"{calls_of(cause)}: {cause.spread()}", explained(decisions.comparison, cause)]
    lines = [*filter(None, [*lines, standing(decision)]), "", *shown[:EXAMPLES]]
    lines += [f"and {len(shown) - EXAMPLES} more examples"] * (len(shown) > EXAMPLES)
    return _failed(name, operations, Failure(clean(cause.words), cause.transition.replace(" ", "-")), "\n".join(lines))


def _timings(decisions: Decisions) -> TestSuite:
    """A test case for each call that both runs timed: one that is slower than the policy lets pass fails."""
    suite = TestSuite("timing")
    for decision in decisions.timings:
        transition = decision.transition
        if transition.old is None or transition.new is None:
            continue
        operation, said = transition.timing.operation, told(transition)
        if decision.refused:
            failure = Failure(clean(said), transition.change.replace(" ", "-"))
            suite.add_testcase(_failed(transition.id, operation, failure, said))
        else:
            passes = "\n".join(filter(None, [said, timing_standing(decision)]))
            suite.add_testcase(_passed(transition.id, operation, passes))
    if len(suite):
        suite.add_property("compared", counted_timings(decisions))
    return suite


def _policy(decisions: Decisions) -> TestSuite:
    suite = TestSuite("policy")
    for entry in decisions.unused:
        failure = Failure(clean(f"unused, nothing changed in this way: {entry.reason}"), "unused")
        suite.add_testcase(_failed(entry.place, "policy", failure, f"{entry}\nremove the entry"))
    for entry in decisions.expired:
        said = f"expired on {entry.expires}, accepts nothing more: {entry}"
        suite.add_testcase(_passed(entry.place, "policy", said))
    if len(suite):
        suite.add_property("conclusion", conclusion(decisions))
    return suite


def _passed(name: str, classname: str, said: str) -> TestCase:
    case = TestCase(clean(name), classname=clean(classname), time=0)
    case.system_out = clean(said)
    return case


def _failed(name: str, classname: str, result: Failure | Error, text: str) -> TestCase:
    case = TestCase(clean(name), classname=clean(classname), time=0)
    result.text = clean(text)
    case.result = [result]
    return case
