"""Divergences between two distributions over classes: Kullback-Leibler in its parametrisations, Jensen-Shannon.

    KL(t‖q) = Σ t_c·(ln t_c - ln q_c)        0·ln 0 = 0;  +∞ where t_c > 0 = q_c
    JS(t, q) = (KL(t‖m) + KL(q‖m))/2,        m = (t + q)/2

t are the targets, q the predictions, each given as probabilities or as their logarithms; rows need not sum to 1; nats.
Near t = q the terms cancel to second order in t - q: logarithms are taken to twice the precision of float64, and very
near it the series of ln(1 + r) is used instead. The derivative by a target of 0 is -∞, but t·ln t has no derivative
there from the other side, and slopes that leave its logarithm out are right as well; nan is not.

Kullback & Leibler, "On information and sufficiency", 1951; Lin, "Divergence measures based on the Shannon entropy",
1991, 4; Boyd & Vandenberghe, "Convex Optimization", 2004, 3.1.5 (the generalised form, a Bregman divergence).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from conformance.oracle.categorical import dense
from conformance.oracle.double_double import DoubleDouble, exp, log
from conformance.oracle.operation import (
    Booleans,
    Exact,
    Floats,
    Input,
    Parameter,
    Terms,
    elementwise,
    operation,
    rowwise,
)
from conformance.oracle.rows import to_last
from conformance.oracle.stable import finite, product, two_difference

PROBABILITIES = Input("probabilities", "probability", "predicted probability of each class", differentiable=True)
LOG_PROBABILITIES = Input("log_probabilities", "real", "ln of the predicted probabilities", differentiable=True)
TARGETS = Input("targets", "target", "target probability of each class; shape of the predictions", differentiable=True)
LOG_TARGETS = Input("log_targets", "real", "ln of the target probabilities", differentiable=True)
AXIS = Parameter(-1, "the axis of the classes")
CLIP = Parameter(None, "(low, high): predictions and targets are clipped to this interval first; gradient 0 outside")
# Nearer to each other than this, relatively, the logarithm of a quotient is its series.
NEAR = 2.0**-20


@dataclass(frozen=True)
class Parts:
    """The terms of a divergence, its partial derivatives and its error scales, all of the shape of the inputs.

    size, condition   S and κ of each term
    """

    terms: DoubleDouble
    partials: dict[str, Exact]
    size: Floats
    condition: Floats

    def of_rows(self, axis: int) -> Terms:
        """Terms that are summed over the last axis here, `axis` in the inputs."""
        value = Exact(self.terms.sum(-1).high, np.sum(self.size, axis=-1), np.sum(self.condition, axis=-1))
        partials = {name: partial.moved(-1, axis) for name, partial in self.partials.items()}
        return rowwise(value, partials, axis, length=self.size.shape[-1])

    def of_entries(self) -> Terms:
        """Each term is a value of its own."""
        return elementwise(Exact(self.terms.high, self.size, self.condition), self.partials)


def by_target(t: Floats, slope: Floats, scale: Floats, rest: Floats) -> Exact:
    """∂(t·ln t + t·rest)/∂t = `slope`; at t = 0 whatever lies between -∞ and 0 or 1 + rest is right."""
    zero = (t == 0) & ~np.isnan(rest)
    condition = np.where(np.isfinite(scale), 2.0, 0.0)
    if not zero.any():
        return Exact(slope, finite(scale), condition)
    slope = np.where(zero, np.where(np.isinf(rest), 0.0, -np.inf), slope)
    low, high = np.where(zero, -np.inf, slope), np.where(zero, np.maximum(0.0, 1 + rest), slope)
    return Exact(slope, finite(scale), condition, low, high)


def entropy_parts(t: Floats, a: Floats, name: str) -> Parts:
    """t·(ln t - a) of targets and log-probabilities."""
    known = log(DoubleDouble(t))
    gap = known - a
    off = (t == 0) & ~np.isnan(a)
    terms = (gap * t).where(~off, 0.0)
    slope = (gap + 1.0).high
    size = t * np.abs(finite(known.high)) + t * np.abs(finite(a))
    scale = np.abs(known.high) + np.abs(finite(a)) + 1
    partials = {
        name: Exact(0.0 - t, np.abs(t), np.abs(t)),
        "targets": by_target(t, slope, scale, -a),
    }
    return Parts(terms, partials, finite(size), finite(t * np.abs(finite(a))) + finite(np.abs(product(t, slope))))


def log_parts(b: Floats, a: Floats) -> Parts:
    """eᵇ·(b - a) of two logarithms of probabilities."""
    t, gap = exp(DoubleDouble(b)), DoubleDouble(*two_difference(b, a))
    off = (b == -np.inf) & ~np.isnan(a)
    terms = (t * gap).where(~off, 0.0)
    slope = (t * (gap + 1.0)).where(~off, 0.0)
    size = t.high * (np.abs(finite(a)) + np.abs(finite(b)))
    by_log = np.where(off, 0.0, t.high * (1 + np.abs(finite(a)) + np.abs(finite(b))))
    curved = np.where(off, 0.0, t.high * (np.abs(finite(a)) + np.abs(finite(b)) * (2 + np.abs(finite(gap.high)))))
    partials = {
        "log_probabilities": Exact(-t.high, t.high, t.high * np.abs(finite(b))),
        "log_targets": Exact(slope.high, by_log, curved),
    }
    return Parts(terms, partials, size, finite(t.high * np.abs(finite(a)) + np.abs(product(finite(b), slope.high))))


def quotient(t: DoubleDouble, q: DoubleDouble) -> tuple[DoubleDouble, Floats]:
    """(t·ln(t/q), ln(t/q)) of positive numbers; what a t of 0 gives is for the caller."""
    gap = log(t) - log(q)
    apart = q - t
    r = apart / t
    near = np.abs(r.high) < NEAR
    third = r.high**3 * (1 / 3 - r.high / 4 + r.high**2 / 5)
    close = t * (r * r * 0.5 - finite(third)) - apart
    slope = np.where(near, (-r + r * r * 0.5 - finite(third)).high, gap.high)
    return (t * gap).where(~near, close), slope


@dataclass(frozen=True)
class Clipped:
    """Numbers in an interval: where the clip passes the gradient, and where it may or may not."""

    value: Floats
    inside: Booleans
    at_bound: Booleans

    def passed(self, gradient: Exact) -> Exact:
        """The gradient through the clip."""
        kept = gradient.only(self.inside)
        if not self.at_bound.any():
            return kept
        low = kept.value if kept.low is None else kept.low
        high = kept.value if kept.high is None else kept.high
        return Exact(
            kept.value,
            kept.scale,
            kept.condition,
            np.where(self.at_bound, np.minimum(low, 0.0), low),
            np.where(self.at_bound, np.maximum(high, 0.0), high),
        )


def clipped(x: Floats, clip: Sequence[float] | None) -> Clipped:
    """x between the two bounds; as it is without them."""
    if clip is None:
        return Clipped(x, np.ones(x.shape, bool), np.zeros(x.shape, bool))
    low, high = clip
    return Clipped(np.clip(x, low, high), ~((x < low) | (x > high)), (x == low) | (x == high))


@operation(
    "kl_divergence",
    family="likelihood",
    inputs=(PROBABILITIES, TARGETS),
    parameters={"axis": AXIS},
    contract={"clip": CLIP},
    reduces=True,
)
def kl_divergence(probabilities: Floats, targets: Floats, *, axis: int, clip: Sequence[float] | None) -> Terms:
    """Σ t_c·ln(t_c/q_c) over the class axis. Gradients -t/q and ln(t/q) + 1."""
    predicted = clipped(to_last(probabilities, axis), clip)
    wanted = clipped(to_last(dense(targets, probabilities), axis), clip)
    q, t = predicted.value, wanted.value
    terms, gap = quotient(DoubleDouble(t), DoubleDouble(q))
    off = (t == 0) & ~np.isnan(q)
    ln_q = np.log(q)
    sizes = np.abs(finite(np.log(t))) + np.abs(finite(ln_q)) + 1
    ratio = np.where(off, 0.0, t / q)
    slope = gap + 1
    nothing = off & (q == 0)
    # -t/q at 0/0 has the limit 0 where the target is 0 first, and others elsewhere
    loose = (np.where(nothing, -np.inf, 0.0 - ratio), 0.0 - ratio) if nothing.any() else (None, None)
    partials = {
        "probabilities": predicted.passed(Exact(0.0 - ratio, finite(ratio), finite(ratio), *loose)),
        "targets": wanted.passed(by_target(t, slope, sizes, -ln_q)),
    }
    condition = t + finite(np.abs(product(t, slope)))
    return Parts(terms.where(~off, 0.0), partials, finite(t * sizes), condition).of_rows(axis)


@operation(
    "kl_divergence_with_log_probabilities",
    family="likelihood",
    inputs=(LOG_PROBABILITIES, TARGETS),
    parameters={"axis": AXIS},
    reduces=True,
)
def kl_divergence_with_log_probabilities(log_probabilities: Floats, targets: Floats, *, axis: int) -> Terms:
    """Σ t_c·(ln t_c - a_c) over the class axis. Gradients -t and ln t - a + 1."""
    a, t = to_last(log_probabilities, axis), to_last(dense(targets, log_probabilities), axis)
    return entropy_parts(t, a, "log_probabilities").of_rows(axis)


@operation(
    "kl_divergence_with_log_targets",
    family="likelihood",
    inputs=(LOG_PROBABILITIES, LOG_TARGETS),
    parameters={"axis": AXIS},
    reduces=True,
)
def kl_divergence_with_log_targets(log_probabilities: Floats, log_targets: Floats, *, axis: int) -> Terms:
    """Σ e^{b_c}·(b_c - a_c) over the class axis, 0 where b is -∞. Gradients -eᵇ and eᵇ·(b - a + 1)."""
    a, b = to_last(log_probabilities, axis), to_last(dense(log_targets, log_probabilities), axis)
    return log_parts(b, a).of_rows(axis)


@operation(
    "kl_divergence_pointwise",
    family="likelihood",
    inputs=(LOG_PROBABILITIES, TARGETS),
    reduces=True,
    broadcasts=("targets",),
)
def kl_divergence_pointwise(log_probabilities: Floats, targets: Floats) -> Terms:
    """t·(ln t - a), elementwise: a divergence once it is summed over the classes. Gradients -t and ln t - a + 1."""
    return entropy_parts(dense(targets, log_probabilities), log_probabilities, "log_probabilities").of_entries()


@operation(
    "kl_divergence_pointwise_with_log_targets",
    family="likelihood",
    inputs=(LOG_PROBABILITIES, LOG_TARGETS),
    broadcasts=("log_targets",),
    reduces=True,
)
def kl_divergence_pointwise_with_log_targets(log_probabilities: Floats, log_targets: Floats) -> Terms:
    """eᵇ·(b - a), elementwise, 0 where b is -∞. Gradients -eᵇ and eᵇ·(b - a + 1)."""
    return log_parts(dense(log_targets, log_probabilities), log_probabilities).of_entries()


@operation(
    "generalized_kl_divergence",
    family="likelihood",
    inputs=(LOG_PROBABILITIES, TARGETS),
    parameters={"axis": AXIS},
    reduces=True,
)
def generalized_kl_divergence(log_probabilities: Floats, targets: Floats, *, axis: int) -> Terms:
    """Σ (t_c·(ln t_c - a_c) + e^{a_c} - t_c) over the class axis, never negative. Gradients eᵃ - t and ln t - a."""
    a, t = to_last(log_probabilities, axis), to_last(dense(targets, log_probabilities), axis)
    plain, q = entropy_parts(t, a, "log_probabilities"), exp(DoubleDouble(a))
    slope = q - t
    terms = plain.terms + slope
    known = log(DoubleDouble(t))
    mass, sizes = finite(t + q.high), np.abs(known.high) + np.abs(finite(a)) + 1
    by_log = finite(np.abs(slope.high) * np.abs(finite(a)))
    partials = {
        "log_probabilities": Exact(slope.high, mass, t + q.high * np.abs(finite(a))),
        "targets": by_target(t, (known - a).high, sizes, -a),
    }
    condition = by_log + finite(np.abs(product(t, (known - a).high)))
    return Parts(terms, partials, plain.size + mass, condition).of_rows(axis)


@operation(
    "jensen_shannon",
    family="likelihood",
    inputs=(PROBABILITIES, TARGETS),
    parameters={"axis": AXIS},
    reduces=True,
)
def jensen_shannon(probabilities: Floats, targets: Floats, *, axis: int) -> Terms:
    """(Σ t·ln(t/m) + Σ q·ln(q/m))/2 over the class axis, m = (t + q)/2; symmetric, and at most ln 2 of normalised rows.

    Gradients ln(q/m)/2 and ln(t/m)/2. Where both are 0 the slope depends on the direction.
    """
    q, t = to_last(probabilities, axis), to_last(dense(targets, probabilities), axis)
    middle = (DoubleDouble(t) + q) * 0.5
    ahead = DoubleDouble(*two_difference(q, t)) / (middle * 2.0)
    d = ahead.high
    # with q = m(1 + d) and t = m(1 - d) the sum of both terms is m·Σ d²ᵏ/(k·(2k - 1))
    series = middle * (ahead * ahead + finite(d**4 / 6 + d**6 / 15))
    wide = _against(t, middle) + _against(q, middle)
    terms = wide.where(np.abs(d) >= NEAR, series) * 0.5
    nothing = (t == 0) & (q == 0)
    logs = np.abs(finite(np.log(t))) * t + np.abs(finite(np.log(q))) * q
    sizes = logs + (t + q) * (np.abs(finite(np.log(middle.high))) + 1)
    partials, condition = {}, np.zeros(t.shape)
    for name, x, side in (("probabilities", q, ahead), ("targets", t, -ahead)):
        slope = np.where(nothing, 0.0, 0.5 * log(side + 1.0).where(np.abs(d) >= NEAR, _log1p(side)).high)
        loose = np.where(nothing, -np.inf, slope), np.where(nothing, 0.5 * np.log(2), slope)
        partials[name] = Exact(
            slope,
            np.abs(finite(np.log(x))) + np.abs(finite(np.log(middle.high))) + 1,
            np.ones(x.shape),
            *(loose if nothing.any() else (None, None)),
        )
        condition = condition + finite(np.abs(product(x, slope)))
    return Parts(terms.where(~nothing, 0.0), partials, finite(sizes) * 0.5, condition).of_rows(axis)


def _against(t: Floats, m: DoubleDouble) -> DoubleDouble:
    """t·ln(t/m), 0 where t is 0."""
    return (t * (log(DoubleDouble(t)) - log(m))).where(~((t == 0) & ~np.isnan(m.high)), 0.0)


def _log1p(x: DoubleDouble) -> DoubleDouble:
    """ln(1 + x) of a tiny x."""
    return x - x * x * 0.5 + finite(x.high**3 / 3)
