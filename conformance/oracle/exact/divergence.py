"""Second definitions: divergences, as sums of p·ln p and p·ln q.

KL(t‖q) = Σ t·ln t - Σ t·ln q        JS(t, q) = H(m) - (H(t) + H(q))/2,   H(p) = -Σ p·ln p
"""

from __future__ import annotations

from conformance.oracle.exact.definition import define
from conformance.oracle.exact.number import Number, clipped, exp, log, total


def expected_log(t: list[Number], q: list[Number]) -> Number:
    """Σ t·ln q."""
    return total([a * log(b) for a, b in zip(t, q, strict=True)])


@define(
    "kl_divergence",
    {"probabilities": "probability", "targets": "probability"},
    {"axis": -1, "clip": None},
    rows=True,
    reduces=True,
)
def kl_divergence(probabilities: list[Number], targets: list[Number], *, clip: tuple[Number, Number] | None) -> Number:
    q, t = [clipped(c, clip) for c in probabilities], [clipped(c, clip) for c in targets]
    return expected_log(t, t) - expected_log(t, q)


def cross_term(t: list[Number], a: list[Number]) -> Number:
    """Σ t·a."""
    return total([x * y for x, y in zip(t, a, strict=True)])


@define(
    "kl_divergence_with_log_probabilities",
    {"log_probabilities": "real", "targets": "probability"},
    {"axis": -1},
    rows=True,
    reduces=True,
)
def kl_divergence_with_log_probabilities(log_probabilities: list[Number], targets: list[Number]) -> Number:
    return expected_log(targets, targets) - cross_term(targets, log_probabilities)


@define(
    "kl_divergence_with_log_targets",
    {"log_probabilities": "real", "log_targets": "real"},
    {"axis": -1},
    rows=True,
    reduces=True,
)
def kl_divergence_with_log_targets(log_probabilities: list[Number], log_targets: list[Number]) -> Number:
    t = [exp(b) for b in log_targets]
    return cross_term(t, log_targets) - cross_term(t, log_probabilities)


@define("kl_divergence_pointwise", {"log_probabilities": "real", "targets": "probability"}, reduces=True)
def kl_divergence_pointwise(log_probabilities: Number, targets: Number) -> Number:
    return targets * log(targets) - targets * log_probabilities


@define("kl_divergence_pointwise_with_log_targets", {"log_probabilities": "real", "log_targets": "real"}, reduces=True)
def kl_divergence_pointwise_with_log_targets(log_probabilities: Number, log_targets: Number) -> Number:
    return exp(log_targets) * log_targets - exp(log_targets) * log_probabilities


@define(
    "generalized_kl_divergence",
    {"log_probabilities": "real", "targets": "probability"},
    {"axis": -1},
    rows=True,
    reduces=True,
)
def generalized_kl_divergence(log_probabilities: list[Number], targets: list[Number]) -> Number:
    divergence = expected_log(targets, targets) - cross_term(targets, log_probabilities)
    return divergence + total([exp(a) for a in log_probabilities]) - total(targets)


@define(
    "jensen_shannon",
    {"probabilities": "probability", "targets": "probability"},
    {"axis": -1},
    rows=True,
    reduces=True,
)
def jensen_shannon(probabilities: list[Number], targets: list[Number]) -> Number:
    middle = [(q + t) / 2 for q, t in zip(probabilities, targets, strict=True)]
    inner = expected_log(probabilities, probabilities) + expected_log(targets, targets)
    return inner / 2 - expected_log(middle, middle)
