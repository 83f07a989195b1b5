"""Proof of the oracle: every case evaluated a second time, in arbitrary precision, and compared.

The second definitions (`oracle/exact`) share nothing with the oracle but the names of operations and parameters. A
result of the oracle passes where it is within 4 ULP (of float64) of the exact one. Where float64 formulas cannot be
expected to reach that, the same 4 · 2⁻⁵³ count on a scale instead, and both numbers stand in the certificate:

    values of the operations in `CONDITIONED`,
    and where a shift ln(p + ε) makes p + ε ≈ 1 |value| + κ,   κ = Σ|xᵢ·∂f/∂xᵢ|
    gradients                                   the sum of the absolute values of the terms that they are the sum of
    focal losses, value and gradient            1 + γ times as much

The second is the natural scale of a difference such as softmax minus target, where both nearly cancel, and equals |g|
where there is one term only. The third: (1 - p)^γ multiplies the relative error of 1 - p, itself 2 ULP of an
exponential and a division, by γ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conformance.case import Case, Variant
from conformance.oracle import dtypes, exact, load_all
from conformance.oracle.exact import ExactArray
from conformance.oracle.operation import Exact, Floats, Operation
from conformance.reference import Reference

BOUND = 4.0
UNIT = 2.0**-53
# Subnormal intermediates lose bits; what is below 2^-42 of the smallest normal number is no error in any dtype.
NEGLIGIBLE = 2.0**-1064
# Larger scales count as this, so that sums of them stay finite.
LARGEST = 2.0**1000
MOST_FAULTS = 5

# Operations whose values are judged on their condition where they are over 4 ULP, and why.
CONDITIONED: Mapping[str, str] = {
    "logsumexp": "near zero the maximum and the logarithm of the sum cancel",
    "masked_logsumexp": "near zero the maximum and the logarithm of the sum cancel",
    "logaddexp": "near zero the maximum and the logarithm of the sum cancel",
    "poisson_nll": "losses of both signs cancel in a sum",
    "poisson_nll_with_log_rate": "losses of both signs cancel in a sum",
    "gaussian_nll": "losses of both signs cancel in a sum",
    "kl_divergence_pointwise": "losses of both signs cancel in a sum",
    "kl_divergence_pointwise_with_log_targets": "losses of both signs cancel in a sum",
}


@dataclass(frozen=True)
class Worst:
    """The element with the largest error: where it is, what goes in there, what the oracle says and what is exact."""

    index: tuple[int, ...]
    inputs: Mapping[str, str]
    oracle: str
    exact: str


@dataclass(frozen=True)
class Comparison:
    """One array of the oracle against the exact one.

    ulp      largest error, in units in the last place of the exact result
    scaled   largest error, in units of 2⁻⁵³ of the scale; 0 where there is none
    ruling   the number that must be at most 4: for each element the smaller one of those that it may be judged on
    freed    elements that the oracle leaves open although a right value exists
    faults   wrong shapes, classes, or values where there are none: never acceptable
    """

    elements: int
    ulp: float = 0.0
    scaled: float = 0.0
    ruling: float = 0.0
    place: tuple[int, ...] | None = None
    freed: int = 0
    faults: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.faults and self.ruling <= BOUND


@dataclass(frozen=True)
class Certificate:
    """What was compared, and how the oracle fared.

    order    "value" or "gradient"; `output` is "value" or the input that the gradient is for
    under    contract parameters (a published clip); empty for the mathematics
    """

    variant: str
    operation: str
    dtype: str
    order: str
    output: str
    under: Mapping[str, Any]
    comparison: Comparison
    worst: Worst | None = None

    @property
    def passed(self) -> bool:
        return self.comparison.passed


Progress = Callable[[Certificate], None]


def certify(
    cases: Iterable[Case], *, match: Callable[[str], bool] | None = None, progress: Progress | None = None
) -> list[Certificate]:
    """Certificates of every variant in every dtype, value and gradient, also under what its publication documents.

    match      which variants, by id; all where None
    progress   called with each certificate as it is made

    Cases whose inputs are invalid (outcome `raises`) have nothing to prove and are left out.
    """
    load_all()
    certificates = []
    for case in cases:
        for variant in case.variants():
            if case.outcome == "raises" or (match is not None and not match(variant.id)):
                continue
            for dtype in case.dtypes:
                for certificate in _examined(variant, dtype):
                    certificates.append(certificate)
                    if progress is not None:
                        progress(certificate)
    return certificates


def _examined(variant: Variant, dtype: str) -> list[Certificate]:
    """As `examine`; a case that one of the two definitions refuses is a certificate that failed."""
    try:
        return list(examine(variant, dtype))
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        refused = Comparison(0, faults=(f"cannot be evaluated: {type(error).__name__}: {error}",))
        return [Certificate(variant.id, variant.case.operation, dtype, "value", "value", {}, refused)]


def examine(variant: Variant, dtype: str) -> Iterator[Certificate]:
    """The certificates of one variant in one dtype."""
    reference = Reference(variant, dtype)
    published = variant.case.published
    for under in [{}, dict(published.under)] if published is not None and published.under else [{}]:
        for order, output, oracle, truth in _answers(reference, under):
            comparison = compare(
                oracle,
                truth,
                scale=scale_of(reference.operation, {**variant.parameters, **under}, order, truth),
                finite_inputs=all(np.isfinite(values).all() for values in reference.values.values()),
            )
            worst = _worst(reference, comparison, oracle, truth) if comparison.place is not None else None
            yield Certificate(variant.id, variant.case.operation, dtype, order, output, under, comparison, worst)


def _answers(reference: Reference, under: Mapping[str, Any]) -> Iterator[tuple[str, str, Exact, ExactArray]]:
    """(order, output, oracle, exact) of everything that the variant asks for."""
    orders, operation = reference.variant.case.orders, reference.operation
    wrt = [name for name in operation.differentiable if name in reference.values] if 1 in orders else []
    parameters = {**reference.variant.parameters, **{k: in_dtype(v, reference.dtype) for k, v in under.items()}}
    truth = exact.evaluate(
        operation.name, reference.values, parameters, cotangent=reference.cotangent, wrt=wrt, scales=True
    )
    if 0 in orders:
        yield "value", "value", reference.answers("value", under)["value"], truth.value
    if wrt:
        for name, gradient in reference.answers("gradient", under).items():
            yield "gradient", name, gradient, truth.gradients[name]


def in_dtype(value: Any, dtype: str) -> Any:
    """A contract parameter as the framework holds it: floats are constants of the dtype under test."""
    if isinstance(value, (list, tuple)):
        return tuple(in_dtype(v, dtype) for v in value)
    return float(dtypes.round_to(value, dtype)) if isinstance(value, float) else value


def scale_of(operation: Operation, parameters: Mapping[str, Any], order: str, truth: ExactArray) -> Floats | None:
    """What an error may be measured on beside the ULP; None where nothing excuses it."""
    amplified = "gamma" in operation.parameters
    conditioned = operation.name in CONDITIONED or bool(parameters.get("shift"))
    # An infinite scale would excuse everything: without a finite one the result's own size is the scale.
    known = np.zeros(()) if truth.scale is None else np.where(np.isfinite(truth.scale), truth.scale, 0.0)
    size, known = np.minimum(np.abs(truth.high), LARGEST), np.minimum(known, LARGEST)
    if order == "value" and conditioned:
        size = size + known
    elif order == "gradient":
        size = np.maximum(size, known)
    elif not amplified:
        return None
    if amplified:
        size = size * (1 + parameters.get("gamma", operation.parameters["gamma"].default))
    return np.asarray(size)


def compare(oracle: Exact, truth: ExactArray, *, scale: Floats | None = None, finite_inputs: bool = True) -> Comparison:
    """The oracle's array against the exact one.

    scale           an error of 4 · 2⁻⁵³ of it is accepted where it is more than 4 ULP
    finite_inputs   True where no input is infinite or nan: then leaving a right value open is a fault
    """
    value = np.asarray(oracle.value, np.float64)
    if value.shape != truth.high.shape:
        return Comparison(truth.high.size, faults=(f"shape {value.shape}, exact {truth.high.shape}",))
    free = _spread(oracle.free, value.shape, False)
    low, high = _spread(oracle.low, value.shape, np.nan), _spread(oracle.high, value.shape, np.nan)
    kink = low < high
    open_ = free | kink
    freed = free & ~truth.undefined & ~np.isnan(truth.high)
    size = np.full(value.shape, np.nan) if scale is None else scale
    slack = BOUND * UNIT * np.fmax(np.fmax(np.abs(low), np.abs(high)), size)
    with np.errstate(invalid="ignore", over="ignore"):  # a bound may be infinite or the largest number, its slack too
        within = kink & (truth.high >= low - slack) & (truth.high <= high + slack)

    wrong = _Faults(value, truth.high)
    wrong.add(truth.undecided, "exact is undecided at the last precision")
    wrong.add(truth.undefined & ~open_ & ~np.isnan(value), "a value where no right one exists")
    wrong.add(kink & ~truth.undefined & ~within, "exact is outside of the bounds at a kink")
    wrong.add(freed & finite_inputs, "left open although a right value exists")
    settled = ~(truth.undefined | truth.undecided | open_)
    finite = settled & np.isfinite(value) & np.isfinite(truth.high)
    same = (np.isnan(value) & np.isnan(truth.high)) | (value == truth.high)
    wrong.add(settled & ~finite & ~same, "another class")

    with np.errstate(all="ignore"):
        error = np.where(finite, np.abs((value - truth.high) - truth.low), 0.0)
        error = np.maximum(error - NEGLIGIBLE, 0.0)
        ulp = np.where(finite, error / np.spacing(np.abs(np.where(finite, truth.high, 1.0))), 0.0)
        scaled = np.where(error == 0, 0.0, error / (UNIT * size))
    ruling = np.fmin(ulp, scaled)
    place = None
    if ruling.size and ruling.max() > 0:
        place = tuple(int(i) for i in np.unravel_index(np.argmax(ruling), ruling.shape))
    if wrong.first is not None:
        place = wrong.first
    return Comparison(
        value.size,
        float(np.max(ulp, initial=0.0)),
        float(np.max(scaled, initial=0.0)) if scale is not None else 0.0,
        float(np.max(ruling, initial=0.0)),
        place,
        int(freed.sum()),
        tuple(wrong.found),
    )


def _spread(array: NDArray[Any] | None, shape: tuple[int, ...], default: Any) -> NDArray[Any]:
    return np.broadcast_to(default if array is None else array, shape)


@dataclass
class _Faults:
    """Collects what is wrong: the kind, how often, and the first place of each."""

    value: Floats
    exact: Floats
    found: list[str] = field(default_factory=list)
    first: tuple[int, ...] | None = None

    def add(self, where: NDArray[np.bool_], what: str) -> None:
        if not where.any():
            return
        place = tuple(int(i) for i in np.unravel_index(np.argmax(where), where.shape))
        self.first = self.first or place
        self.found.append(
            f"{what} ({int(where.sum())} times, first at {place}: {self.value[place]}, exact {self.exact[place]})"
        )


def _worst(reference: Reference, comparison: Comparison, oracle: Exact, truth: ExactArray) -> Worst:
    """The element at the comparison's place, with the inputs of its row or entry."""
    place = comparison.place
    assert place is not None
    value = np.asarray(oracle.value)
    inputs = {}
    for name, array in reference.values.items():
        shape = array.shape
        if len(shape) and len(place) and shape[0] == value.shape[0]:
            array = array[place[0]]
        if shape == value.shape:
            array = np.asarray(array)[place[1:]]
        inputs[name] = _written(array)
    return Worst(
        place, inputs, repr(float(value[place])), f"{float(truth.high[place])!r} + {float(truth.low[place])!r}"
    )


def _written(array: Any) -> str:
    """A few numbers, exactly."""
    flat = np.ravel(array)
    shown = " ".join(x.hex() if isinstance(x, float) else str(x) for x in flat[:8].tolist())
    return shown if flat.size <= 8 else f"{shown} ... ({flat.size} numbers)"


@dataclass(frozen=True)
class Summary:
    """One operation: what was compared and the worst of it."""

    operation: str
    certificates: int
    elements: int
    value: Certificate | None
    gradient: Certificate | None
    failed: Sequence[Certificate]


def summarise(certificates: Iterable[Certificate]) -> list[Summary]:
    """A summary for each operation, in the order in which they come."""
    grouped: dict[str, list[Certificate]] = {}
    for certificate in certificates:
        grouped.setdefault(certificate.operation, []).append(certificate)
    return [
        Summary(
            operation,
            len(group),
            sum(c.comparison.elements for c in group),
            worst_of(c for c in group if c.order == "value"),
            worst_of(c for c in group if c.order == "gradient"),
            [c for c in group if not c.passed],
        )
        for operation, group in grouped.items()
    ]


def worst_of(certificates: Iterable[Certificate]) -> Certificate | None:
    """One with a fault before all others, then the one with the largest ruling error."""
    return max(certificates, key=lambda c: (bool(c.comparison.faults), c.comparison.ruling), default=None)
