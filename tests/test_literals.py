"""Numbers written as Python source are read back as the same bits of the dtype."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance import literals
from conformance.oracle.dtypes import FORMATS, round_to

numbers = st.floats(allow_nan=True, allow_infinity=True)


def read(source):
    return eval(source, {"np": np})


@pytest.mark.parametrize("dtype", FORMATS)
@given(value=numbers)
def test_a_number_is_read_back_exactly(dtype, value):
    held = float(round_to(value, dtype))
    again = float(round_to(read(literals.number(held, dtype)), dtype))
    assert np.array_equal(again, held, equal_nan=True)
    assert np.signbit(again) == np.signbit(held) or np.isnan(held)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@given(value=numbers)
def test_a_half_is_written_in_full(dtype, value):
    held = float(round_to(value, dtype))
    assert np.array_equal(float(read(literals.number(held, dtype))), held, equal_nan=True)


def test_float32_is_written_as_short_as_it_can_be():
    assert literals.number(float(np.float32(0.1)), "float32") == "0.1"


@given(st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=1, max_size=30))
def test_an_array_is_read_back_with_its_shape(rows):
    values = np.array(rows)
    again = np.array(read(literals.array(values, "float64")))
    assert np.array_equal(again, values, equal_nan=True)


def test_lines_stay_short():
    source = literals.array(np.linspace(0, 1, 500), "float64")
    assert max(map(len, source.splitlines())) <= literals.WIDTH


def test_an_array_without_elements_keeps_its_shape():
    assert read(literals.array(np.zeros((0, 3)), "float32")).shape == (0, 3)
    assert literals.array(np.zeros((0,)), "float32") == "[]"


def test_labels_are_integers():
    assert literals.array(np.array([0, -100], np.int64), "int64") == "[0, -100]"


@pytest.mark.parametrize(
    ("value", "source"),
    [
        (None, "None"), (True, "True"), (2, "2"), (0.1, "0.1"), ("mean", '"mean"'), ([1.0, 2.0], "[1.0, 2.0]"),
        (float("inf"), 'float("inf")'), ('a"b', '"a\\"b"'),
    ],
)  # fmt: skip
def test_parameters_are_plain_python(value, source):
    assert literals.parameter(value) == source
    assert read(source) == value
