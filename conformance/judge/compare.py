"""The measured distance between what a framework returned and what is right.

    K = max(0, |got - exact| - η) / (u · scale · L(n))

u is the unit roundoff of the output dtype; η its smallest normal number where subnormals are flushed, else its
smallest subnormal; L(n) = 1 + log2(n)/16 for a result that sums n entries. With scale = |exact| + κ, K ≤ 16 is grade A
(relative accuracy); with scale = S it is grade B. Classes (nan, infinities) are compared before any arithmetic.

Many results are compared in one pass: their elements are laid end to end, and each result is a segment. A result of
millions of entries is compared in pieces that a cache holds, one after the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conformance.oracle import dtypes
from conformance.oracle.operation import Exact, Floats, Grade
from conformance.run_facts import ULP_BOUNDS

BOUND = 16.0
# Entries: a dozen float64 arrays of them stay in a cache of some MiB.
PIECE = 1 << 15
_BUCKETS = len(ULP_BOUNDS) + 2
_ENDS = np.array(ULP_BOUNDS)


@dataclass(frozen=True)
class Question:
    """One output array of a framework, and what is right. `got` has the shape of `exact.value`.

    dtype     of the output: its unit roundoff is the unit of K
    flushes   whether results below the smallest normal number may be 0
    length    how many entries are summed into one result
    amplified how much larger than the smallest number a flushed one can have grown: cotangent and weights
    low       what `exact.value` lacks of the exact result, where a more precise oracle was asked
    traced    whether the error of every element is wanted
    """

    got: Floats
    exact: Exact
    dtype: str
    grade: Grade
    flushes: bool = False
    length: int = 1
    low: Floats | None = None
    amplified: float = 1.0
    traced: bool = False


@dataclass(frozen=True)
class Distance:
    """How far one output is from right. Figures are those of the worst element; `worst` is its flat index.

    classes   whether every element is finite, infinite or nan as it should be
    meets     whether the demanded grade is met, classes included
    ulps      how many elements lie in each bucket of ULP error: see `run_file.Check`; those that are free do not count
    errors    (ULP, K) of every element, flat, where they were asked for
    """

    meets: bool
    classes: bool
    grade: str
    k: float
    k_relative: float
    k_scale: float
    abs: float
    rel: float
    ulp: float
    worst: int
    ulps: tuple[int, ...] = ()
    errors: tuple[Floats, Floats] | None = field(default=None, compare=False)

    @property
    def near_the_bound(self) -> bool:
        """Whether the float64 oracle's own error (at most 4 ULP, 8 units of roundoff) could turn the judgement."""
        return self.classes and BOUND - 8 < self.k < BOUND + 8


_NOTHING = Distance(True, True, "A", 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0)


def compare(questions: Sequence[Question]) -> list[Distance]:
    """The distance of each question, in order. An empty array is at distance 0."""
    together = [q for q in questions if 0 < q.got.size <= PIECE]
    found = iter(_segments(together)) if together else iter(())
    return [next(found) if 0 < q.got.size <= PIECE else _in_pieces(q) for q in questions]


def _in_pieces(question: Question) -> Distance:
    """The distance of one output of any size."""
    distances = [_segments([piece])[0] for piece in _pieces(question)]
    if not distances:
        return _NOTHING
    at = max(range(len(distances)), key=lambda i: distances[i].k)  # the first of the largest
    traces = [d.errors for d in distances if d.errors is not None]
    return replace(
        distances[at],
        meets=all(d.meets for d in distances),
        classes=all(d.classes for d in distances),
        grade=max(d.grade for d in distances),
        worst=at * PIECE + distances[at].worst,
        ulps=tuple(map(sum, zip(*(d.ulps for d in distances), strict=True))),
        errors=(np.concatenate([t[0] for t in traces]), np.concatenate([t[1] for t in traces])) if traces else None,
    )


def _pieces(question: Question) -> Iterator[Question]:
    for start in range(0, question.got.size, PIECE):
        part = slice(start, start + PIECE)
        exact = question.exact
        given = {f.name: getattr(exact, f.name) for f in fields(exact)}
        cut: dict[str, Any] = {n: None if array is None else np.ravel(array)[part] for n, array in given.items()}
        low = None if question.low is None else np.ravel(question.low)[part]
        yield replace(question, got=np.ravel(question.got)[part], exact=Exact(**cut), low=low)


def _segments(asked: Sequence[Question]) -> list[Distance]:
    sizes = np.array([q.got.size for q in asked])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])

    def along(values: Sequence[float]) -> Floats:
        return np.repeat(np.asarray(values, np.float64), sizes)

    def lay(arrays: Sequence[Any]) -> NDArray[Any]:
        return np.concatenate([np.ravel(a) for a in arrays])

    u = along([dtypes.unit_roundoff(q.dtype) for q in asked])
    largest = along([dtypes.largest(q.dtype) for q in asked])
    smallest = [dtypes.smallest_normal if q.flushes else dtypes.smallest_subnormal for q in asked]
    floor = along([find(q.dtype) * q.amplified for find, q in zip(smallest, asked, strict=True)])
    growth = along([1 + np.log2(max(q.length, 1)) / 16 for q in asked])
    got = lay([q.got for q in asked])
    exact = lay([q.exact.value for q in asked])
    free = lay([np.zeros(q.got.shape, bool) if q.exact.free is None else q.exact.free for q in asked])

    with np.errstate(all="ignore"):
        error = _error(asked, got, exact, lay)
        size = np.abs(exact)
        relative = size + _bounded(lay([q.exact.condition for q in asked]))
        scale = np.maximum(_bounded(lay([q.exact.scale for q in asked])), 0)
        excess = np.maximum(error - floor, 0)
        k_relative = _ratio(excess, u * relative * growth)
        k_scale = _ratio(excess, u * scale * growth)

        # Where the exact value, or the bound around it, lies beyond the largest number, infinity is right.
        reach = size + BOUND * u * np.maximum(relative, scale) * growth
        overflow = np.isinf(got) & np.isfinite(exact) & (np.sign(got) == np.sign(exact)) & (reach >= largest)
        inside = _inside_interval(asked, got, exact, lay)
        same = inside | (np.isnan(got) & np.isnan(exact)) | (np.isinf(exact) & (got == exact)) | overflow
        wrong = ~same & ~free & (~np.isfinite(got) | ~np.isfinite(exact))
        fine = same | free
        ulp = _ratio(error, _spacing(size, asked, along))
        rel = _ratio(error, size)
        for figure in (error, k_relative, k_scale, ulp, rel):
            figure[fine] = 0
            figure[wrong] = np.inf

    demanded = np.where(along([q.grade == "A" for q in asked]) > 0, k_relative, np.minimum(k_relative, k_scale))
    worst = _first_maximum(demanded, starts, sizes)
    top_relative = np.maximum.reduceat(k_relative, starts)
    top_scale = np.maximum.reduceat(np.minimum(k_relative, k_scale), starts)
    any_wrong = np.logical_or.reduceat(wrong, starts)
    histograms = _histograms(ulp, wrong, free, sizes)
    distances = []
    for i, at in enumerate(worst):
        k = float(demanded[at])
        distances.append(
            Distance(
                meets=k <= BOUND,
                classes=not any_wrong[i],
                grade="A" if top_relative[i] <= BOUND else "B" if top_scale[i] <= BOUND else "C",
                k=k,
                k_relative=float(k_relative[at]),
                k_scale=float(k_scale[at]),
                abs=float(error[at]),
                rel=float(rel[at]),
                ulp=float(ulp[at]),
                worst=int(at - starts[i]),
                ulps=histograms[i],
                errors=(ulp[starts[i] :][: sizes[i]], demanded[starts[i] :][: sizes[i]]) if asked[i].traced else None,
            )
        )
    return distances


def _histograms(
    ulp: Floats, wrong: NDArray[np.bool_], free: NDArray[np.bool_], sizes: NDArray[Any]
) -> list[tuple[int, ...]]:
    """For each segment how many elements are wrong in class, and how many lie in each bucket of `ULP_BOUNDS`."""
    bucket = np.searchsorted(_ENDS, ulp) + 1
    bucket[wrong] = 0
    place = np.repeat(np.arange(len(sizes)) * _BUCKETS, sizes) + bucket
    counts = np.bincount(place[~free], minlength=_BUCKETS * len(sizes))
    return [tuple(row) for row in counts.reshape(len(sizes), _BUCKETS).tolist()]


def _inside_interval(asked: Sequence[Question], got: Floats, exact: Floats, lay: Any) -> NDArray[np.bool_]:
    """Where every number of an interval is right and `got` is one of them; the ends may be infinite."""
    if all(q.exact.low is None for q in asked):
        return np.zeros(got.shape, bool)
    lowest = lay([q.exact.value if q.exact.low is None else q.exact.low for q in asked])
    highest = lay([q.exact.value if q.exact.high is None else q.exact.high for q in asked])
    return np.asarray((lowest != highest) & (lowest <= got) & (got <= highest) & ~np.isnan(exact))


def _error(asked: Sequence[Question], got: Floats, exact: Floats, lay: Any) -> Floats:
    error = np.abs(got - exact)
    if any(q.low is not None for q in asked):
        low = lay([np.zeros(q.got.shape) if q.low is None else q.low for q in asked])
        error = np.abs((got - exact) - low)
    if any(q.exact.low is not None for q in asked):
        lowest = lay([q.exact.value if q.exact.low is None else q.exact.low for q in asked])
        highest = lay([q.exact.value if q.exact.high is None else q.exact.high for q in asked])
        outside = np.maximum(np.maximum(lowest - got, got - highest), 0)
        error = np.where(np.isfinite(outside) & (lowest != highest), outside, error)
    return np.asarray(error)


def _bounded(scale: Floats) -> Floats:
    """A scale that is not finite bounds nothing: it counts as 0, so that a bound is never nan and never endless."""
    return np.where(np.isfinite(scale), np.abs(scale), 0.0)


def _ratio(part: Floats, whole: Floats) -> Floats:
    """part/whole, with 0/0 = 0 and x/0 = inf."""
    return np.where(part == 0, 0.0, np.where(whole == 0, np.inf, part / np.where(whole == 0, 1.0, whole)))


def _spacing(size: Floats, asked: Sequence[Question], along: Any) -> Floats:
    """One unit in the last place of each exact value in the output's dtype."""
    u = along([dtypes.unit_roundoff(q.dtype) for q in asked])
    least = along([dtypes.smallest_subnormal(q.dtype) for q in asked])
    _, exponent = np.frexp(np.where(np.isfinite(size), size, 1.0))
    return np.asarray(np.maximum(np.ldexp(u, exponent), least))


def _first_maximum(values: Floats, starts: NDArray[Any], sizes: NDArray[Any]) -> list[int]:
    top = np.repeat(np.maximum.reduceat(values, starts), sizes)
    at = np.flatnonzero(values == top)
    segment = np.searchsorted(starts, at, side="right") - 1
    _, first = np.unique(segment, return_index=True)
    return [int(i) for i in at[first]]
