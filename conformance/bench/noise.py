"""What samples say, and how far the same code may differ from itself.

A row is timed in two laps, in two processes. Their difference is the A/A comparison: nothing was changed, so what it
shows is noise: where the memory of a process came to lie, which core it runs on, what else the machine does now. The
band of a row is the 99.9 % quantile of |log(median of one / median of the other)| under resampling of both, so it holds
the difference that was seen and the spread of the samples; never less than `LEAST_BAND`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95
LEAST_BAND = 0.01
# Of fewer samples no interval reaches the confidence.
FEWEST = 6
RESAMPLES = 2000
QUANTILE = 0.999
SEED = 20240229


@dataclass(frozen=True)
class Summary:
    """Median with its confidence interval, and quantiles, in the unit of the samples."""

    median: float
    low: float
    high: float
    q1: float
    q3: float
    p95: float

    @property
    def precision(self) -> float:
        """Half the width of the interval as a fraction of the median."""
        return (self.high - self.low) / 2 / self.median if self.median else math.inf


def summary(samples: Sequence[float]) -> Summary:
    """Of at least one sample."""
    ordered = np.sort(np.asarray(samples, np.float64))
    q1, median, q3, p95 = np.quantile(ordered, [0.25, 0.5, 0.75, 0.95])
    rank = _rank(len(ordered))
    return Summary(
        float(median), float(ordered[rank]), float(ordered[len(ordered) - 1 - rank]), float(q1), float(q3), float(p95)
    )


def _rank(count: int) -> int:
    """How many samples lie outside at each end of the interval: the largest rank that keeps the confidence.

    The number of samples below the true median is binomial with 1/2, whatever they are distributed like. With fewer
    than six samples no interval reaches 95 %; then it is all of them.
    """
    below, allowed = 0.0, (1 - CONFIDENCE) / 2
    for rank in range(count):
        below += math.comb(count, rank) / 2**count
        if below > allowed:
            return max(0, rank - 1)
    return 0


def ratio(first: Sequence[float], second: Sequence[float]) -> float:
    """Median of the second over that of the first."""
    return float(np.median(second) / np.median(first))


def band(first: Sequence[float], second: Sequence[float]) -> float:
    """How far two processes of the same code may be apart, as a fraction: 0.05 stands for 5 %."""
    generator = np.random.default_rng(SEED)
    medians = [_resampled(np.asarray(samples, np.float64), generator) for samples in (first, second)]
    apart = np.abs(np.log(medians[1]) - np.log(medians[0]))
    return max(LEAST_BAND, float(np.expm1(np.quantile(apart, QUANTILE))))


def _resampled(samples: NDArray[np.float64], generator: np.random.Generator) -> NDArray[np.float64]:
    chosen = generator.integers(0, len(samples), (RESAMPLES, len(samples)))
    medians: NDArray[np.float64] = np.median(samples[chosen], axis=1)
    return medians
