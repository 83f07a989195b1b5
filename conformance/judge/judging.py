"""From observations to judged checks, many at a time.

The order of questions: did it answer at all; is there a right value; shape and dtype; the mathematics; the declared
contract; and, for float64 results that lie so near the bound that the oracle's own error could matter, the
mathematics again in arbitrary precision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from conformance.judge import curves, kept, text
from conformance.judge.compare import Distance, Question, compare
from conformance.judge.differential import Differential
from conformance.judge.divergence import Divergence, Records
from conformance.judge.published import published_digits
from conformance.judge.verdict import DEVIATIONS, Judgement, Observation, chosen, without_numbers
from conformance.oracle import dtypes
from conformance.oracle.operation import Exact
from conformance.plan import PlannedCheck
from conformance.reference import Reference, References
from conformance.run_facts import Curve
from conformance.run_file import Check

Refine = Callable[[Reference, str], Mapping[str, tuple[Any, Any, Any]]]
ORACLE_FAILED = "the oracle failed on this case"


@dataclass(frozen=True)
class Asked:
    """A check and what the framework did with it; `others` are different results, where it was asked several times."""

    check: PlannedCheck
    observation: Observation
    others: tuple[Observation, ...] = ()


@dataclass
class _Open:
    """A check on its way to a verdict."""

    asked: Asked
    judgement: Judgement | None = None
    reference: Reference | None = None
    truth: Mapping[str, Exact] | None = None
    truth_distance: tuple[str, Distance] | None = None
    contract_distance: tuple[str, Distance] | None = None
    traced: str | None = None
    trace: Distance | None = None


class Judge:
    """Judges the checks of one adapter. Holds which choice each implementation made, to see it change.

    matched   how many checks each record explained, by its id
    covered   the ids of the records that are about some check
    traced    the variants of which the error along an input is kept: see `curves`
    """

    def __init__(
        self,
        references: References,
        records: Records,
        hello: Mapping[str, Any],
        refine: Refine | None = None,
        traced: Mapping[str, str] | None = None,
    ) -> None:
        self._traced = traced or {}
        self._curves: list[Curve] = []
        self._references = references
        self._records = records
        self._version = str(hello["environment"]["version"])
        self._versions = dict(hello["environment"].get("versions", {}))
        self._flushed = frozenset(hello["flushes_subnormals"])
        self._refine = refine
        self._differential = Differential()
        self._choices: dict[tuple[str, str, str], tuple[str, str]] = {}
        self.matched: dict[str, int] = {}
        self.covered: set[str] = set()

    def judge(self, batch: Sequence[Asked]) -> list[Check]:
        """The judged checks of a batch, in order."""
        opened = [self._open(asked) for asked in batch]
        self._measure(opened)
        return [self._close(one) for one in opened]

    def take_curves(self) -> list[Curve]:
        """The curves of what was judged since this was last asked."""
        taken, self._curves = self._curves, []
        return taken

    def _open(self, asked: Asked) -> _Open:
        one = _Open(asked, traced=curves.output_of(asked.check, self._traced.get(asked.check.variant.id)))
        case = asked.check.variant.case
        one.judgement = without_numbers(case, asked.observation)
        if one.judgement is not None and asked.observation.kind != "raised":
            return one
        if case.outcome == "raises":
            return one
        try:
            one.reference = self._references.of(asked.check.variant, asked.check.dtype)
            one.truth = one.reference.answers(asked.check.order, constants=asked.check.constants)
        except Exception as error:  # a fault of ours: said loudly, never taken for the framework's
            one.judgement = Judgement("unjudged", f"{ORACLE_FAILED}: {type(error).__name__}: {error}")
            return one
        if one.judgement is None:
            one.judgement = self._before_numbers(asked, one.truth)
        return one

    def _before_numbers(self, asked: Asked, truth: Mapping[str, Exact]) -> Judgement | None:
        case = asked.check.variant.case
        outputs = asked.observation.outputs
        free = all(e.free is not None and bool(np.all(e.free)) for e in truth.values())
        if case.outcome == "one_of" and free:
            return chosen(case, [value for value, _, _ in outputs.values()])
        for name, exact in truth.items():
            if name not in outputs:
                return Judgement("misshapen", f"returned no gradient for {name}")
            value, dtype, _ = outputs[name]
            if value.shape != exact.value.shape:
                return Judgement("misshapen", f"{name} has shape {value.shape}; {exact.value.shape} is right")
            fault = _dtype_fault(asked.check, name, dtype)
            if fault:
                return Judgement("misshapen", fault)
        if free and case.outcome == "value" and any(e.value.size for e in truth.values()):
            return Judgement("unjudged", "no right value exists here, and the case does not say what it accepts")
        return None

    def _measure(self, opened: Sequence[_Open]) -> None:
        measured = [one for one in opened if one.judgement is None]
        for one, distance in zip(measured, self._distances(measured, None), strict=True):
            one.truth_distance = distance
        for one in measured:
            if one.truth_distance is not None and one.truth_distance[1].near_the_bound:
                self._look_closer(one)
        under = [one for one in measured if self._fails(one) and one.asked.check.contract]
        for one, distance in zip(under, self._distances(under, "contract"), strict=True):
            one.contract_distance = distance

    @staticmethod
    def _fails(one: _Open) -> bool:
        return one.truth_distance is not None and not one.truth_distance[1].meets

    def _distances(self, opened: Sequence[_Open], under: str | None) -> list[tuple[str, Distance]]:
        """The worst output of each, by name."""
        questions: list[Question] = []
        names: list[list[str]] = []
        for one in opened:
            assert one.reference is not None
            assert one.truth is not None
            check = one.asked.check
            answers = one.truth
            length = one.reference.truth.reduced_length
            if under:
                answers = one.reference.answers(check.order, check.contract, check.constants)
            names.append(list(answers))
            asked = [self._question(one, name, exact, length) for name, exact in answers.items()]
            if one.traced and not under:
                asked = [replace(q, traced=name == one.traced) for name, q in zip(answers, asked, strict=True)]
            questions += asked
        found = iter(compare(questions))
        return [
            self._worst(one, [(name, next(found)) for name in outputs])
            for one, outputs in zip(opened, names, strict=True)
        ]

    @staticmethod
    def _worst(one: _Open, distances: Sequence[tuple[str, Distance]]) -> tuple[str, Distance]:
        """The worst output, with the histogram of all of them."""
        for name, distance in distances:
            if name == one.traced and distance.errors is not None:
                one.trace = distance
        worst, distance = max(distances, key=lambda pair: pair[1].k)
        if len(distances) > 1:
            counts = [d.ulps for _, d in distances if d.ulps]
            distance = replace(distance, ulps=tuple(map(sum, zip(*counts, strict=True))))
        return worst, distance

    def _question(self, one: _Open, name: str, exact: Exact, length: int) -> Question:
        check = one.asked.check
        value, dtype, _ = one.asked.observation.outputs[name]
        unit = dtype if dtype in dtypes.FORMATS else check.dtype
        if check.variant.case.cast:
            # A result of mixed dtypes is as accurate as the coarsest of them.
            unit = dtypes.coarsest(unit, check.dtype, *check.variant.case.cast.values())
        return Question(
            got=np.asarray(value, np.float64),
            exact=exact,
            dtype=unit,
            grade=check.grade,
            flushes=unit in self._flushed,
            length=length if check.order in ("value", "jvp") else 1,
            amplified=one.reference.amplification(check.order) if one.reference else 1.0,
        )

    def _look_closer(self, one: _Open) -> None:
        """Judges a float64 result against arbitrary precision; unjudged where that is not to be had."""
        check = one.asked.check
        if check.dtype != "float64" or self._refine is None or check.order not in ("value", "gradient"):
            return  # Jacobian-vector products are sums of answers; Hessian-vector products are exact already
        assert one.reference is not None
        assert one.truth is not None
        try:
            finer = self._refine(one.reference, check.order)
        except Exception as error:
            one.judgement = Judgement(
                "unjudged",
                f"too near the bound for the float64 oracle, and no finer one: {type(error).__name__}: {error}",
            )
            return
        length = one.reference.truth.reduced_length
        questions, names = [], []
        for name, exact in one.truth.items():
            high, low, undefined = finer[name]
            usable = ~undefined & np.isfinite(high) & np.isfinite(exact.value)
            closer = replace(exact, value=np.where(usable, high, exact.value))
            question = self._question(one, name, closer, length)
            questions.append(replace(question, low=np.where(usable, low, 0.0), traced=name == one.traced))
            names.append(name)
        one.truth_distance = self._worst(one, list(zip(names, compare(questions), strict=True)))

    def _close(self, one: _Open) -> Check:
        check, observation = one.asked.check, one.asked.observation
        judgement = one.judgement or self._verdict(one)
        judgement = self._consistent(check, judgement)
        outcome, right = text.outcome(observation), text.right(check, one.truth)
        expectation, record = self._expectation(one, judgement, outcome)
        deviates = judgement.verdict in DEVIATIONS or judgement.verdict == "documented"
        distance = one.truth_distance
        unit = dtypes.coarsest(check.dtype, *(d for _, d, _ in observation.outputs.values()))
        conforms = judgement.verdict == "conforms"
        self._trace(one)
        differs, broken = self._differential.look(check, observation, one.truth, unit, conforms=conforms)
        return Check(
            id=check.id,
            case=check.variant.case.id,
            variant=check.variant.id,
            says=check.variant.case.says,
            operation=check.operation.name,
            adapter=check.adapter,
            implementation=check.implementation["name"],
            dtype=check.dtype,
            mode=check.mode,
            device=_device(observation, check.device),
            order=check.order,
            verdict=judgement.verdict,
            expectation=expectation,
            flags=check.variant.case.flags,
            record=record.id if record else None,
            outcome=outcome,
            right=right,
            choice=judgement.choice,
            agreement=kept.agreement(distance),
            contract_agreement=kept.agreement(one.contract_distance),
            worst=text.worst(one.asked, one.reference, one.truth, distance) if deviates and distance else None,
            published=published_digits(check, observation),
            inputs_digest=one.reference.digest if one.reference else "",
            digest=observation.digest,
            bits=observation.bits,
            shape=text.shape(observation),
            seconds=round(observation.seconds, 6),
            warnings=observation.warnings,
            message=judgement.message,
            relation=check.variant.relation or "",
            broken=broken,
            mode_difference=differs,
            ulps=kept.histogram(distance),
            varying=bool(one.asked.others),
            distinct=1 + len(one.asked.others),
            varying_verdicts=self._varying_verdicts(one, judgement),
        )

    def _varying_verdicts(self, one: _Open, first: Judgement) -> tuple[str, ...]:
        """The verdicts that all results have, where they vary."""
        if not one.asked.others:
            return ()
        opened = [self._open(Asked(one.asked.check, other)) for other in one.asked.others]
        self._measure(opened)
        return tuple(sorted({first.verdict, *((each.judgement or self._verdict(each)).verdict for each in opened)}))

    def _trace(self, one: _Open) -> None:
        if one.trace is None or one.traced is None or one.reference is None:
            return
        along = self._traced[one.asked.check.variant.id]
        found = curves.curve(one.asked.check, along, one.traced, one.reference.values[along], one.trace)
        if found is not None:
            self._curves.append(found)

    def _verdict(self, one: _Open) -> Judgement:
        assert one.truth_distance is not None
        _, distance = one.truth_distance
        if distance.meets:
            beyond = self._beyond_its_range(one)
            return Judgement("diverges", beyond) if beyond else Judgement("conforms", choice=_answered(one))
        if one.contract_distance is not None and one.contract_distance[1].meets:
            said = str(one.asked.check.implementation["documented"])
            return Judgement("documented", said, choice=_answered(one))
        if not distance.classes:
            return Judgement("unstable", text.class_fault(one.asked, one.truth, one.truth_distance))
        return Judgement("diverges")

    @staticmethod
    def _beyond_its_range(one: _Open) -> str:
        """What is wrong with a value that is near enough, but where none can lie: a cosine above 1; else nothing.

        Only for single losses: a sum, a weighted one or a gradient has other limits.
        """
        check = one.asked.check
        limits = check.operation.limits
        plain = check.variant.parameters.get("reduction", "none") == "none" and "weights" not in check.variant.inputs
        if limits is None or check.order != "value" or not plain:
            return ""
        (low, high), (value, _, _) = limits, one.asked.observation.outputs["value"]
        outside = [v for v in np.ravel(np.asarray(value, np.float64)).tolist() if v < low or v > high]
        return f"{outside[0]!r} lies outside [{low:g}, {high:g}], where every value lies" if outside else ""

    def _consistent(self, check: PlannedCheck, judgement: Judgement) -> Judgement:
        """A choice that depends on dtype, mode or device is unstable."""
        if judgement.choice is None or judgement.verdict != "conforms":
            return judgement
        key = check.variant.id, check.implementation["name"], check.order
        where = f"{check.dtype}, {check.mode}, {check.device}"
        choice, first = self._choices.setdefault(key, (judgement.choice, where))
        if choice == judgement.choice:
            return judgement
        return Judgement("unstable", f"chose {judgement.choice} here, but {choice} in {first}", choice=judgement.choice)

    def _expectation(self, one: _Open, judgement: Judgement, outcome: str) -> tuple[str, Divergence | None]:
        check = one.asked.check
        distance = one.truth_distance[1] if one.truth_distance else None
        grade, k = (distance.grade, distance.k) if distance else ("C", np.inf)
        covering = self._records.covering(
            adapter=check.adapter,
            operation=check.operation.name,
            implementation=check.implementation["name"],
            variant=check.variant.id,
            dtype=check.dtype,
            mode=check.mode,
            device=check.device,
            order=check.order,
            version=self._version,
            versions=self._versions,
        )
        self.covered.update(record.id for record in covering)
        if judgement.verdict in DEVIATIONS:
            said = outcome if judgement.verdict != "rejects" else f"raises {judgement.message}"
            for record in covering:
                if record.looks_like(judgement.verdict, said, grade, k):
                    self.matched[record.id] = self.matched.get(record.id, 0) + 1
                    return "expected", record
            return ("changed", covering[0]) if covering else ("unexpected", None)
        if judgement.message.startswith(ORACLE_FAILED):
            return "unexpected", None
        if judgement.verdict in ("conforms", "documented"):
            fixed = next((record for record in covering if record.always), None)
            if fixed is not None:
                return "fixed", fixed
        return "expected", None


def _dtype_fault(check: PlannedCheck, name: str, dtype: str) -> str | None:
    wanted = check.operation.output
    if wanted == "input" and any(cast in dtypes.FORMATS for cast in check.variant.case.cast.values()):
        wanted = "float"  # how dtypes are promoted is each framework's own
    if wanted == "any" or (wanted == "float" and dtype in dtypes.FORMATS) or dtype == check.dtype:
        return None
    return f"{name} has dtype {dtype}; {check.dtype if wanted == 'input' else 'a float dtype'} is right"


def _device(observation: Observation, asked: str) -> str:
    found = {device for _, _, device in observation.outputs.values()}
    return found.pop() if len(found) == 1 else asked


def _answered(one: _Open) -> str | None:
    """The choice of one that answered what is right, where it might have refused."""
    accepted = [choice.outcome for choice in one.asked.check.variant.case.choices]
    return "value" if "value" in accepted else None
