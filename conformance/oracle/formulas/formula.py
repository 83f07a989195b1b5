"""A formula as a person reads it. No value is computed from it: the oracle's two definitions are code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.oracle.formulas.work import Work


@dataclass(frozen=True)
class Formula:
    r"""What an operation is, in LaTeX.

    value       one element, or one sample, before any reduction; natural logarithms
    symbols     LaTeX -> name of the input or parameter that it stands for, else what it stands for in words
    gradients   input -> its partial derivative, where it is short
    references  where the operation is defined: author, title, year, place, arXiv or DOI
    work        how many operations it takes: no formula is without that

    What LaTeX may be used is what `latex2mathml` converts: a test holds every formula to that.
    """

    value: str
    symbols: Mapping[str, str] = field(default_factory=dict)
    gradients: Mapping[str, str] = field(default_factory=dict)
    references: tuple[str, ...] = ()
    work: Work = field(kw_only=True)
