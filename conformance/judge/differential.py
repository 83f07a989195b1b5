"""Results held against each other: a compiled mode against eager, a case changed by a relation against the case.

Two results that are both right differ by no more than both bounds together; so do these. A result that stands against
one that is wrong, or under a contract, differs where it lies outside of them. This changes no verdict, which is between
a result and what is right: it says what a verdict alone does not, that two ways of asking give two answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conformance.judge.compare import Question, compare
from conformance.judge.text import outcome
from conformance.judge.verdict import Observation
from conformance.oracle.operation import Exact
from conformance.plan import PlannedCheck
from conformance.relations import RELATIONS

Change = Callable[[NDArray[Any]], NDArray[Any]]


@dataclass(frozen=True)
class Answered:
    """What an implementation did when it was asked in eager mode, and for the case as it is written."""

    observation: Observation
    truth: Mapping[str, Exact] | None
    conforms: bool

    @property
    def certain(self) -> bool:
        """Whether it is right where one value alone is: at a kink two right results may differ by more than bounds."""
        return self.conforms and self.truth is not None and all(e.low is None for e in self.truth.values())


class Differential:
    """Remembers the answers of the variants that are being asked, and compares the others with them.

    The plan asks eager mode first, and a case before what its relations make of it.
    """

    def __init__(self) -> None:
        self._eager: dict[tuple[str, ...], Answered] = {}
        self._plain: dict[tuple[str, ...], Answered] = {}
        self._case = ""

    def look(
        self,
        check: PlannedCheck,
        observation: Observation,
        truth: Mapping[str, Exact] | None,
        unit: str,
        *,
        conforms: bool,
    ) -> tuple[str, str]:
        """(how it differs from eager mode, how it breaks its relation), both "" where it does not.

        `unit` is the dtype whose unit roundoff measures the results; `conforms` is the verdict on this one.
        """
        variant = check.variant
        if self._case != variant.case.id:
            self._case = variant.case.id
            self._eager.clear()
            self._plain.clear()
        row = check.operation.name, str(check.implementation["name"]), check.dtype, check.order
        if observation.kind not in ("returned", "raised"):
            return "", ""
        answered = Answered(observation, truth, conforms)
        modes = relation = ""
        if check.mode == "eager":
            self._eager[(variant.id, *row)] = answered
        elif (variant.id, *row) in self._eager:
            eager = self._eager[(variant.id, *row)]
            modes = _difference(answered, eager, unit, lambda array: array, "eager mode")
        chosen = tuple(f"{name}={value}" for name, value in variant.chosen.items())
        if variant.relation is None:
            if variant.case.relations and check.order == "value":
                self._plain[(*chosen, check.mode, *row)] = answered
        elif (*chosen, check.mode, *row) in self._plain:
            plain = self._plain[(*chosen, check.mode, *row)]
            relation = _broken(answered, plain, check, unit)
        return modes, relation


def _broken(changed: Answered, plain: Answered, check: PlannedCheck, unit: str) -> str:
    answer = RELATIONS[check.variant.relation or ""].answer
    if answer is not None:
        shape = check.variant.case.inputs[check.operation.required[0]].shape or ()
        parameters = check.variant.parameters
        return _difference(changed, plain, unit, lambda array: answer(array, shape, parameters), "the case itself")
    if changed.truth is None or plain.truth is None:
        return ""
    before, after = plain.truth["value"].value, changed.truth["value"].value
    if before.shape != after.shape:
        return ""
    with np.errstate(all="ignore"):
        factor = np.where(before == after, 1.0, after / before)
    return _difference(changed, plain, unit, lambda array: array * factor, "the case itself")


def _difference(ours: Answered, theirs: Answered, unit: str, change: Change, whose: str) -> str:
    if ours.observation.kind != theirs.observation.kind:
        return f"{outcome(ours.observation)}, but {outcome(theirs.observation)} in {whose}"
    if ours.truth is None or theirs.truth is None or ours.observation.kind == "raised":
        return ""
    if ours.certain and theirs.certain:
        return ""
    questions = []
    for name, (value, _, _) in ours.observation.outputs.items():
        if name not in ours.truth or name not in theirs.observation.outputs:
            return f"returned {name}, which {whose} did not"
        answer = np.asarray(theirs.observation.outputs[name][0], np.float64)
        asked = theirs.truth[name].value.shape if name in theirs.truth else None
        if answer.shape != asked:  # what a relation does to a right answer cannot be done to it
            alike = asked == ours.truth[name].value.shape and answer.shape != value.shape
            return f"has shape {value.shape}, but {answer.shape} in {whose}" if alike else ""
        other = change(answer)
        exact = ours.truth[name]
        if other.shape != value.shape or exact.value.shape != value.shape:
            return f"has shape {value.shape}, but {other.shape} in {whose}" if other.shape != value.shape else ""
        # Each may be a bound away from what is right, on its own side.
        both = replace(exact, value=other, scale=2 * exact.scale, condition=2 * exact.condition + np.abs(exact.value))
        both = replace(both, low=None, high=None, free=exact.free)
        questions.append(Question(np.asarray(value, np.float64), both, unit, "B", flushes=True))
    distances = compare(questions)
    if all(distance.meets for distance in distances):
        return ""
    return f"{outcome(ours.observation)}, but {outcome(theirs.observation)} in {whose}"
