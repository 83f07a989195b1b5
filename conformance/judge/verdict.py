"""Verdicts: what a check shows.

conforms      meets the grade that the operation demands
documented    differs from the mathematics, meets the grade against the declared contract
diverges      a finite value outside the bound of both
unstable      nan or inf where the right answer is finite, or the reverse, or the wrong sign
misshapen     wrong shape or dtype
rejects       raised where a value was right
accepts       returned where the case says that the input is invalid
crashes       the process died
hangs         the time ran out
unsupported   the framework has no such call, dtype or mode
unjudged      no honest judgement is possible
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from conformance.case import Case
from conformance.oracle.operation import Floats

VERDICTS = (
    "conforms", "documented", "diverges", "unstable", "misshapen", "rejects", "accepts", "crashes", "hangs",
    "unsupported", "unjudged",
)  # fmt: skip
# What a divergence record must explain.
DEVIATIONS = frozenset(VERDICTS[2:9])


@dataclass(frozen=True)
class Observation:
    """What the framework did with one check.

    outputs   name -> (array as float64 or integers, dtype name, device that it was on)
    error, bases   the exception's class name and its base classes' names
    """

    kind: Literal["returned", "raised", "unsupported", "crashed", "hung"]
    outputs: dict[str, tuple[Any, str, str]]
    error: str = ""
    bases: tuple[str, ...] = ()
    message: str = ""
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()
    digest: str = ""
    bits: str | None = None


@dataclass(frozen=True)
class Judgement:
    """A verdict with what must be said about it."""

    verdict: str
    message: str = ""
    choice: str | None = None


def without_numbers(case: Case, observation: Observation) -> Judgement | None:
    """The verdict where no number needs to be compared, else None."""
    if observation.kind == "unsupported":
        return Judgement("unsupported", observation.message)
    if observation.kind == "crashed":
        return Judgement("crashes", observation.message)
    if observation.kind == "hung":
        return Judgement("hangs", observation.message)
    accepted = {choice.outcome for choice in case.choices}
    if observation.kind == "raised":
        said = f"{observation.error}: {observation.message}"
        if case.outcome == "raises":
            return Judgement("conforms", said)
        if "raises" in accepted:
            return Judgement("conforms", said, choice="raises")
        return Judgement("rejects", said)
    if case.outcome == "raises":
        return Judgement("accepts", "returned a value for an input that is invalid")
    return None


def chosen(case: Case, outputs: Sequence[Floats]) -> Judgement:
    """The verdict where no right value exists: which of the accepted outcomes the framework chose."""
    outcome = _outcome_word(outputs)
    accepted = [choice.outcome for choice in case.choices]
    if outcome in accepted:
        return Judgement("conforms", choice=outcome)
    verdict = "unstable" if outcome in ("nan", "inf") else "diverges"
    return Judgement(verdict, f"{outcome} is none of what is accepted here: {', '.join(accepted)}", choice=outcome)


def _outcome_word(outputs: Sequence[Floats]) -> str:
    flat = np.concatenate([np.ravel(o).astype(np.float64) for o in outputs]) if outputs else np.zeros(0)
    if not flat.size:
        return "empty"
    if np.all(flat == 0):
        return "zero"
    if np.any(np.isnan(flat)):
        return "nan"
    if np.any(np.isinf(flat)):
        return "inf"
    return "a number"
