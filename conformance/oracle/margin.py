"""Margin losses of one score and one target: hinges, and the smooth functions that stand in for them.

    hinge            max(0, 1 - y·x)              squared hinge    max(0, 1 - y·x)²
    perceptron       max(0, -y·x)                 soft margin      ln(1 + e^{-y·x})
    binary sparsemax 0, (1 - y·x)²/4 or -y·x      margin ranking   max(0, m - y·(x₁ - x₂))

Scores x are real or ±inf, targets y are 1 and -1; any one shape. Where the argument of max(0, ·) is exactly 0 every
number between the two one-sided derivatives is right; at nan there is no derivative. The margins are formed without
rounding (two-term sums and products), so the side of the kink is never guessed.
Rosasco et al., "Are loss functions all the same?", 2004; Rosenblatt, 1958 (perceptron); Blondel, Martins & Niculae,
"Learning with Fenchel-Young losses", 2020, 4.4 (sparsemax); Hadsell, Chopra & LeCun, 2006 (hinge embedding).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from conformance.oracle.operation import (
    Booleans,
    Exact,
    Floats,
    Input,
    Parameter,
    Terms,
    elementwise,
    operation,
)
from conformance.oracle.stable import finite, product, sigmoid, softplus, two_difference, two_product

SCORES = Input("scores", "real", "decision function: its sign is the decision, its size the confidence", True)
TARGETS = Input("targets", "target", "1 or -1, of the shape of the scores", True)
FIXED_TARGETS = Input("targets", "target", "1 or -1, of the shape of the scores")


@dataclass(frozen=True)
class Part:
    """A piecewise linear or quadratic function's derivative by one input, on its active side, and how it is rounded."""

    slope: Floats
    scale: Floats
    condition: Floats | float = 0.0


@dataclass(frozen=True)
class Margin:
    """The argument of a max(0, ·), correctly rounded and of the exact sign.

    free   where it is ∞ - ∞, which has no limit
    """

    gap: Floats
    free: Booleans

    @property
    def active(self) -> Booleans:
        return np.asarray(self.gap > 0)

    @property
    def unknown(self) -> Booleans:
        """Where nothing is differentiable: at nan, and where there is no value."""
        return np.asarray(np.isnan(self.gap))

    def value(self, scale: Floats, condition: Floats) -> Exact:
        """max(0, gap)."""
        counted = np.where(self.active, condition, 0.0)
        return Exact(np.maximum(self.gap, 0.0), scale, counted, free=self.free if self.free.any() else None)

    def partial(self, part: Part) -> Exact:
        """The derivative of max(0, gap) where `part` is that of the gap: the hull of it and 0 at the kink."""
        slope, zero = part.slope, np.zeros(self.gap.shape)
        value = np.where(self.active, slope, zero)
        kink = self.gap == 0
        low = high = None
        if kink.any():
            low = np.where(kink, np.minimum(slope, 0.0), value)
            high = np.where(kink, np.maximum(slope, 0.0), value)
        condition = np.broadcast_to(np.asarray(part.condition, np.float64), value.shape)
        return Exact(
            np.where(self.unknown, np.nan, value),
            np.where(self.active | kink, part.scale, zero),
            # The ends of an interval are rounded like any other slope.
            np.where(self.active, condition, np.where(kink, part.scale, zero)),
            low,
            high,
            self.unknown if self.unknown.any() else None,
        )


def margin_of(margin: float, coefficient: Floats, score: Floats, low: Floats | None = None) -> Margin:
    """margin - coefficient·(score + low), rounded once. A coefficient of 0 switches an infinite score off."""
    rounded, error = two_product(coefficient, score)
    rounded = product(coefficient, score)
    gap, rest = two_difference(np.full(score.shape, margin), rounded)
    if low is not None:
        error = error + coefficient * low
    return Margin(np.asarray(gap + (rest - error)), np.zeros(gap.shape, bool))


def matched(targets: Floats, scores: Floats) -> Floats:
    """The targets. Raises ValueError where their shape is not that of the scores."""
    if targets.shape != scores.shape:
        raise ValueError(f"targets have shape {targets.shape}, scores {scores.shape}")
    return targets


def signs(targets: Floats, scores: Floats) -> Floats:
    """Targets that are 1, -1 or nan. Raises ValueError for another number, and for another shape."""
    y = matched(targets, scores)
    if np.any((np.abs(y) != 1) & ~np.isnan(y)):
        raise ValueError("targets must be 1 or -1")
    return y


def _hinged(scores: Floats, targets: Floats, margin: float) -> tuple[Margin, Floats, dict[str, Part]]:
    """max(0, margin - y·x), |y·x|, and the derivatives of the margin by scores and targets."""
    y = matched(targets, scores)
    size = np.abs(finite(y * scores))
    parts = {"scores": Part(-y, np.abs(finite(y))), "targets": Part(-scores, np.abs(finite(scores)))}
    return margin_of(margin, y, scores), size, parts


@operation(
    "hinge", family="margin", inputs=(SCORES, TARGETS), reduces=True, grade="A", gradient_grade="A",
    broadcasts=("targets",),
)  # fmt: skip
def hinge(scores: Floats, targets: Floats) -> Terms:
    """max(0, 1 - y·x), elementwise. Gradient -y where y·x < 1; at y·x = 1 every number between -y and 0."""
    margin, size, parts = _hinged(scores, targets, 1.0)
    return elementwise(margin.value(1 + size, 2 * size), _partials(margin, parts))


@operation(
    "perceptron", single=True, family="margin", inputs=(SCORES, TARGETS), reduces=True, grade="A", gradient_grade="A",
    broadcasts=("targets",),
)  # fmt: skip
def perceptron(scores: Floats, targets: Floats) -> Terms:
    """max(0, -y·x), elementwise. Gradient -y for a wrong decision; at x = 0 every number between -y and 0."""
    margin, size, parts = _hinged(scores, targets, 0.0)
    return elementwise(margin.value(size, 2 * size), _partials(margin, parts))


def _partials(margin: Margin, parts: Mapping[str, Part]) -> dict[str, Exact]:
    return {name: margin.partial(part) for name, part in parts.items()}


@operation(
    "squared_hinge", family="margin", inputs=(SCORES, TARGETS), reduces=True, grade="A", gradient_grade="A",
    broadcasts=("targets",),
)  # fmt: skip
def squared_hinge(scores: Floats, targets: Floats) -> Terms:
    """max(0, 1 - y·x)², elementwise. Gradient -2y·max(0, 1 - y·x), continuous."""
    margin, size, parts = _hinged(scores, targets, 1.0)
    height = np.maximum(margin.gap, 0.0)
    reach = finite(height) + size
    partials = {}
    for name, part in parts.items():
        slope = 2 * product(height, part.slope)
        # ∂²/∂x² is 2y², and for the target 2x²; the mixed one is 2·(2y·x - 1) on the active side.
        bend = np.where(margin.active, 4 * part.scale * size + 2 * np.abs(finite(slope)), 0.0)
        partials[name] = Exact(
            np.where(margin.unknown, np.nan, slope),
            np.where(margin.active, 2 * part.scale * reach, 0.0),
            bend,
            free=margin.unknown if margin.unknown.any() else None,
        )
    value = height * height
    return elementwise(Exact(value, finite(height) * (reach + size), 4 * finite(height) * size), partials)


@operation(
    "binary_sparsemax", single=True, family="margin", inputs=(SCORES, FIXED_TARGETS), reduces=True, grade="A",
    gradient_grade="A", broadcasts=("targets",),
)  # fmt: skip
def binary_sparsemax(scores: Floats, targets: Floats) -> Terms:
    """With z = y·x: 0 for z ≥ 1, -z for z ≤ -1, (1 - z)²/4 between. Gradient -y·(1 - z)/2, cut off at 0 and -y."""
    y = signs(targets, scores)
    gap = margin_of(1.0, y, scores).gap
    share = np.clip(gap / 2, 0.0, 1.0)
    linear = gap >= 2
    value = np.where(linear, -(y * scores), share * share)
    size = np.abs(finite(y * scores))
    unknown = np.isnan(gap)
    partial = Exact(
        -y * share,
        np.where(share > 0, np.maximum(share, 0.5), 0.0),
        np.where(linear, 0.0, size / 2),
        free=unknown if unknown.any() else None,
    )
    return elementwise(Exact(value, np.where(share > 0, 1 + size, 0.0), size * finite(share)), {"scores": partial})


@operation(
    "soft_margin", family="margin", inputs=(SCORES, FIXED_TARGETS), reduces=True, grade="A", gradient_grade="A",
    broadcasts=("targets",),
)  # fmt: skip
def soft_margin(scores: Floats, targets: Floats) -> Terms:
    """ln(1 + e^{-y·x}), elementwise: the binary cross-entropy of logits for targets 1 and -1. Gradient -y·σ(-y·x)."""
    y = signs(targets, scores)
    z = y * scores
    value, slope = softplus(-z), sigmoid(-z)
    size = np.abs(finite(z))
    return elementwise(
        Exact(value, np.abs(finite(value)) + size, size * slope),
        {"scores": Exact(-y * slope, np.ones(z.shape), size * slope * sigmoid(z))},
    )


@operation(
    "hinge_embedding",
    family="margin",
    inputs=(Input("distances", "real", "distance of the two members of a pair", True), FIXED_TARGETS),
    broadcasts=("targets",),
    parameters={"margin": Parameter(1.0, "m: pairs that are unlike cost nothing from this distance on")},
    reduces=True,
    grade="A",
    gradient_grade="A",
)
def hinge_embedding(distances: Floats, targets: Floats, *, margin: float) -> Terms:
    """d where y is 1, max(0, m - d) where y is -1. Gradient 1, and -1 below the margin; at it [-1, 0]."""
    y = signs(targets, distances)
    ones = np.ones(y.shape)
    unlike = margin_of(margin, ones, distances)
    size = np.abs(finite(distances))
    apart = unlike.value(abs(margin) + size, size)
    falling = unlike.partial(Part(-ones, ones))
    alike, wrong = y == 1, np.isnan(y)

    def chosen(near: Floats | float, far: Floats) -> Floats:
        return np.asarray(np.where(wrong, np.nan, np.where(alike, near, far)))

    value = Exact(chosen(distances, apart.value), chosen(size, apart.scale), chosen(size, apart.condition))
    low = None if falling.low is None else chosen(1.0, falling.low)
    high = None if falling.high is None else chosen(1.0, falling.high)
    free = wrong | (np.isnan(distances) & ~alike)
    partial = Exact(
        chosen(1.0, falling.value), chosen(1.0, falling.scale), chosen(0.0, falling.condition), low, high,
        free if free.any() else None,
    )  # fmt: skip
    return elementwise(value, {"distances": partial})


@operation(
    "margin_ranking",
    family="margin",
    inputs=(
        Input("first", "real", "score of the first of each pair", True),
        Input("second", "real", "score of the second of each pair", True),
        Input("targets", "target", "1 where the first is to rank higher, -1 where the second is", True),
    ),
    broadcasts=("second", "targets"),
    parameters={"margin": Parameter(0.0, "m: by how much the right one is to rank higher")},
    reduces=True,
    gradient_grade="A",
)
def margin_ranking(first: Floats, second: Floats, targets: Floats, *, margin: float) -> Terms:
    """max(0, m - y·(x₁ - x₂)), elementwise. Gradient -y and y on the active side; at the kink all between that and 0.

    The error scale is m + |x₁| + |x₂|: the difference is rounded before the margin is added.
    """
    y = matched(targets, first)
    matched(second, first)
    difference, low = two_difference(first, second)
    found = margin_of(margin, y, difference, low)
    apart = Margin(found.gap, np.isnan(difference) & np.isinf(first) & np.isinf(second))
    size = np.abs(finite(first)) + np.abs(finite(second))
    steep = np.abs(finite(y))
    value = apart.value(abs(margin) + steep * size, 2 * steep * size)
    return elementwise(
        value,
        {
            "first": apart.partial(Part(-y, steep)),
            "second": apart.partial(Part(y, steep)),
            "targets": apart.partial(Part(-(difference + low), size, size)),
        },
    )
