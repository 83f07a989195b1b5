"""How data stands in the page."""

import base64
import json
import math
import zlib

import pytest
from conformance.reports.packed import Codes, Texts, figure, packed, sparse


def test_what_is_packed_unpacks_to_the_same():
    content = {"text": "∞ ü", "numbers": [1, 2.5, None]}
    assert json.loads(zlib.decompress(base64.b64decode(packed(content)))) == content


def test_half_of_a_surrogate_pair_cannot_break_a_page():
    assert json.loads(zlib.decompress(base64.b64decode(packed(["\udcff"])))) == ["\udcff"]


def test_a_number_that_json_lacks_is_refused_and_never_written_as_something_else():
    with pytest.raises(ValueError, match="not JSON compliant"):
        packed([math.nan])


def test_equal_values_have_one_number_in_the_order_in_which_they_came():
    codes = Codes()
    assert [codes(value) for value in ("b", "a", "b")] == [0, 1, 0]
    assert codes.values() == ["b", "a"]


def test_the_empty_text_and_none_are_number_0():
    texts = Texts()
    assert [texts(value) for value in ("", None, "a")] == [0, 0, 1]


def test_a_sparse_column_holds_what_holds_something():
    assert sparse([None, "a", "", [], [1]]) == {"at": [1, 4], "value": ["a", [1]]}


@pytest.mark.parametrize(
    ("value", "written"),
    [(None, None), (math.nan, "nan"), (-math.inf, "-inf"), (0.123456, 0.123), (3.0, 3), (1.5e300, 1.5e300)],
)
def test_a_figure_has_three_digits_and_words_for_what_is_no_number(value, written):
    assert figure(value) == written
