"""What a check keeps of a distance: its numbers to six digits, and how many elements err by how many ULP."""

from __future__ import annotations

from conformance.judge.compare import Distance
from conformance.run_file import Agreement

# Of fewer elements than this no histogram is kept.
FEW = 8


def agreement(found: tuple[str, Distance] | None) -> Agreement | None:
    """The numbers of the worst output."""
    if found is None:
        return None
    _, d = found
    return Agreement(
        grade=d.grade, k=_short(d.k), k_relative=_short(d.k_relative), k_scale=_short(d.k_scale),
        abs=_short(d.abs), rel=_short(d.rel), ulp=_short(d.ulp),
    )  # fmt: skip


def histogram(found: tuple[str, Distance] | None) -> tuple[int, ...] | None:
    """The buckets up to the last that is filled; None where elements are few or all in one."""
    counts = found[1].ulps if found else ()
    if sum(counts) < FEW or sum(count > 0 for count in counts) < 2:
        return None
    last = max(bucket for bucket, count in enumerate(counts) if count)
    return counts[: last + 1]


def _short(number: float) -> float:
    return float(f"{number:.6g}")
