"""The badge says how the last run stands; what did not run is never green."""

import xml.etree.ElementTree as ET

from conformance.reports import badge


def test_a_run_as_expected_is_green_and_says_how_much_was_checked(make):
    checks = list(make.ordinary_checks(["torch"], 1))
    text = badge.render([make.run_of(checks)])
    assert f"conformance: {len(checks)} as expected" in text
    assert badge.GREEN in text


def test_what_nothing_explains_is_counted_in_red(make):
    text = badge.render([make.run_of([make.tail(), make.tail(dtype="float16")])])
    assert "conformance: 2 unexpected" in text
    assert badge.RED in text


def test_an_environment_that_did_not_start_is_never_green(make):
    run = make.run_of(make.ordinary_checks(["torch"], 1), environments=[make.environment("torch"), make.failed])
    assert badge.standing([run]) == ("incomplete", badge.GREY)


def test_a_run_without_checks_is_never_green(make):
    assert badge.standing([make.run_of([])])[0] == "incomplete"


def test_the_last_run_counts(make):
    good = make.run_of(make.ordinary_checks(["torch"], 1))
    assert badge.standing([make.run_of([make.tail()]), good])[1] == badge.GREEN


def test_a_badge_is_an_image_with_a_title(make):
    root = ET.fromstring(badge.render([make.run_of([make.tail()])]))
    assert root.tag.endswith("svg")
    assert root.attrib["role"] == "img"
    assert root[0].text == "conformance: 1 unexpected"
