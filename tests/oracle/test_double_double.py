"""Twice the precision of float64: what it keeps that float64 loses."""

import math
from fractions import Fraction

import numpy as np

from conformance.oracle.double_double import DoubleDouble, exp, log


def exactly(number):
    return Fraction(float(number.high)) + Fraction(float(number.low))


def test_a_sum_keeps_what_float64_rounds_away():
    assert exactly(DoubleDouble(1.0) + 2.0**-80) == 1 + Fraction(1, 2**80)


def test_a_product_and_its_quotient_are_exact_to_a_hundred_bits():
    third = DoubleDouble(1.0) / 3.0
    assert abs(exactly(third) - Fraction(1, 3)) < Fraction(1, 2**104)
    assert abs(exactly(third * 3.0) - 1) < Fraction(1, 2**103)


def test_a_long_sum_loses_nothing():
    numbers = np.array([[1.0, 2.0**-70, -1.0], [2.0**60, 1.0, -(2.0**60)]])
    assert DoubleDouble(numbers).sum(-1).high.tolist() == [2.0**-70, 1.0]


def test_the_logarithm_undoes_the_exponential():
    x = np.array([-30.0, -0.5, 0.0, 1e-9, 2.5, 300.0])
    back = log(exp(DoubleDouble(x))) - x
    assert np.abs(back.high).max() < 2.0**-94


def test_infinities_and_nan_are_those_of_float64():
    with np.errstate(all="ignore"):
        assert exp(DoubleDouble(np.array([-np.inf, np.inf, -800.0]))).high.tolist() == [0.0, np.inf, 0.0]
        assert log(DoubleDouble(np.array([0.0, np.inf]))).high.tolist() == [-np.inf, np.inf]
        assert math.isnan(log(DoubleDouble(np.array([np.nan]))).high[0])
