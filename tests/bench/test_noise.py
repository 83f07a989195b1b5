"""What samples say: intervals hold what they promise, and a band holds what the same code differs by."""

import math

import numpy as np
import pytest

from conformance.bench import noise


@pytest.mark.parametrize("count", [6, 9, 25, 120])
def test_the_interval_holds_the_true_median_as_often_as_it_says(count):
    """Of 4,000 skewed batches with median 1; the count is binomial, so three standard deviations of it are allowed."""
    generator = np.random.default_rng(count)
    batches = generator.lognormal(0.0, 0.5, (4000, count))
    held = np.mean([(s := noise.summary(batch)).low <= 1.0 <= s.high for batch in batches])
    assert held >= noise.CONFIDENCE - 3 * math.sqrt(0.05 * 0.95 / 4000)


def test_the_interval_of_six_samples_is_all_of_them():
    found = noise.summary([3.0, 1.0, 2.0, 6.0, 5.0, 4.0])
    assert (found.low, found.median, found.high) == (1.0, 3.5, 6.0)


def test_the_interval_leaves_out_as_many_as_a_table_of_order_statistics_says():
    """For 25 samples the 95 % interval of the median runs from the 8th to the 18th: tables of the sign test say so."""
    found = noise.summary(list(range(1, 26)))
    assert (found.low, found.high) == (8, 18)


def test_the_band_holds_the_difference_that_was_seen():
    first = np.random.default_rng(1).normal(100, 1, 40)
    assert noise.ratio(first, first * 1.2) == pytest.approx(1.2)
    assert noise.band(first, first * 1.2) > 0.2


def test_the_band_of_quiet_samples_is_small_and_of_wild_ones_large():
    generator = np.random.default_rng(2)
    quiet = [generator.normal(100, 0.1, 40) for _ in range(2)]
    wild = [generator.lognormal(0, 1, 40) for _ in range(2)]
    assert noise.band(*quiet) == noise.LEAST_BAND
    assert noise.band(*wild) > 0.5
