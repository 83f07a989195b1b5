"""Rounding goes to the nearest number of the dtype in one step, and bits survive the way out and back."""

from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.oracle import dtypes

NAMES = ("float64", "float32", "float16", "bfloat16")
NUMPY = {
    "float64": np.dtype(np.float64),
    "float32": np.dtype(np.float32),
    "float16": np.dtype(np.float16),
    "bfloat16": np.dtype(ml_dtypes.bfloat16),
}


def nearest(value: float, dtype: str) -> float:
    """The nearest number by exact rational arithmetic, ties to even."""
    form = dtypes.FORMATS[dtype]
    size = Fraction(abs(value))
    exponent = form.smallest_exponent
    while size >= Fraction(2) ** (exponent + 1):
        exponent += 1
    unit = Fraction(2) ** (exponent - form.precision + 1)
    rounded = round(size / unit) * unit
    if rounded > Fraction(form.largest):
        return float(np.copysign(np.inf, value))
    return float(np.copysign(float(rounded), value))


def every(dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """All bit patterns of a 16-bit dtype and their values; signalling nan raises a flag that says nothing here."""
    bits = np.arange(2**16, dtype=np.uint16)
    with np.errstate(invalid="ignore"):
        return bits, bits.view(NUMPY[dtype]).astype(np.float64)


@pytest.mark.parametrize("dtype", NAMES)
def test_units_are_those_of_the_dtype(dtype):
    about = ml_dtypes.finfo(NUMPY[dtype])
    assert dtypes.unit_roundoff(dtype) == float(about.eps) / 2
    assert dtypes.smallest_normal(dtype) == float(about.smallest_normal)
    assert dtypes.smallest_subnormal(dtype) == float(about.smallest_subnormal)
    assert dtypes.largest(dtype) == float(about.max)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@given(value=st.floats(allow_nan=False, allow_infinity=False, width=64), scale=st.integers(-140, 130))
def test_rounding_is_that_of_exact_rationals(dtype, value, scale):
    near = float(np.ldexp(np.frexp(value)[0], scale))
    for number in (value, near):
        got = float(dtypes.round_to(number, dtype))
        right = nearest(number, dtype)
        assert got == right
        assert np.signbit(got) == np.signbit(right)


def test_a_tie_made_by_float32_does_not_mislead_bfloat16():
    """1 + 2^-8 + 2^-40 lies above the tie; float32 rounds it to the tie, which then goes to even."""
    value = 1 + 2.0**-8 + 2.0**-40
    assert dtypes.round_to(value, "bfloat16") == 1 + 2.0**-7
    assert float(np.float32(value).astype(ml_dtypes.bfloat16)) == 1.0


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_every_number_of_a_half_dtype_is_its_own_rounding(dtype):
    _, values = every(dtype)
    np.testing.assert_array_equal(dtypes.round_to(values, dtype), values)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_half_a_unit_above_the_largest_number_is_infinite(dtype):
    largest = dtypes.largest(dtype)
    half = largest * dtypes.unit_roundoff(dtype) / (2 - 2 * dtypes.unit_roundoff(dtype))
    assert dtypes.round_to(largest + half, dtype) == np.inf
    assert dtypes.round_to(np.nextafter(largest + half, 0), dtype) == largest
    assert dtypes.round_to(-np.inf, dtype) == -np.inf


@pytest.mark.parametrize("dtype", NAMES)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 1), (2, 2)])
def test_storage_keeps_shape_and_values(dtype, shape):
    values = dtypes.round_to(np.resize([0.1, -0.0, np.inf, np.nan], shape), dtype)
    stored = dtypes.to_storage(values, dtype)
    assert stored.dtype == dtype
    assert stored.shape == shape
    back = dtypes.from_storage(stored)
    assert back.dtype == np.float64
    np.testing.assert_array_equal(back, values)
    np.testing.assert_array_equal(np.signbit(back[back == 0]), np.signbit(values[values == 0]))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_stored_bits_are_those_of_ml_dtypes(dtype):
    bits, values = every(dtype)
    stored = dtypes.to_storage(values, dtype).storage.view(np.uint16)
    known = ~np.isnan(values)
    np.testing.assert_array_equal(stored[known], bits[known])
    assert np.isnan(stored.view(NUMPY[dtype])[~known].astype(np.float64)).all()


def test_labels_keep_every_bit():
    labels = np.array([-1, 2**53 + 1, 255])
    stored = dtypes.to_storage(labels, "int64")
    np.testing.assert_array_equal(dtypes.from_storage(stored), labels)


def test_a_label_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="member of uint8"):
        dtypes.to_storage(np.array([256]), "uint8")
