"""Words, numbers and links."""

import pytest
from conformance.reports import words

from conformance.judge.verdict import VERDICTS


def test_every_verdict_of_the_judge_has_a_word():
    assert set(words.VERDICTS) == set(VERDICTS)


def test_symbols_tell_verdicts_apart_without_colour():
    symbols = [word.symbol for word in words.VERDICTS.values()]
    assert len(set(symbols)) == len(symbols)


def test_a_reference_to_github_becomes_a_link():
    pieces = words.linked("see pytorch/pytorch#195529, fixed")
    assert [(p.text, p.href) for p in pieces] == [
        ("see ", ""),
        ("pytorch/pytorch#195529", "https://github.com/pytorch/pytorch/issues/195529"),
        (", fixed", ""),
    ]


def test_only_https_addresses_become_links():
    assert all(not piece.href for piece in words.linked("javascript:alert(1) http://example.org data:text/html,x"))
    assert [p.href for p in words.linked("at https://example.org/a.") if p.href] == ["https://example.org/a"]


@pytest.mark.parametrize(
    ("raw", "shown"), [("a\x00b", "a\\x00b"), ("\x1b[31m", "\\x1b[31m"), ("x\u202ey", "x\\x202ey")]
)
def test_control_characters_are_made_visible(raw, shown):
    assert words.clean(raw) == shown


def test_nan_and_infinity_are_written_as_words():
    assert [words.number(x) for x in (float("nan"), float("inf"), -float("inf"), 1.7e7)] == [
        "nan",
        "inf",
        "-inf",
        "1.7e+07",
    ]
