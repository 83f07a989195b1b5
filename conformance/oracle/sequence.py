"""Connectionist temporal classification: the loss of a sequence of labels without an alignment.

    ℓ = -ln Σ_π Π_t softmax(x_t)[π_t]

over all paths π of one symbol for each frame that give the labels once repeated symbols are merged and blanks are
taken out. Graves, Fernández, Gomez & Schmidhuber, "Connectionist temporal classification", 2006, sections 3 and 4.

The sum is near 1 where the model is certain, and its logarithm then loses every digit in float64; a product of many
frames loses some anyway. So the recursion runs in decimal numbers of 120 digits, and its result is rounded once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal, localcontext

import numpy as np
from numpy.typing import NDArray

from conformance.oracle.operation import Exact, Floats, Input, Parameter, Terms, operation

Labels = NDArray[np.int64]
Row = list[Decimal]
PRECISE = Context(prec=120, rounding=ROUND_HALF_EVEN, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[])
ZERO, ONE = Decimal(0), Decimal(1)


@operation(
    "ctc",
    family="sequence",
    inputs=(
        Input("logits", "real", "(N, T, C): sequences, frames, symbols", differentiable=True),
        Input("labels", "label", "(N, L), what comes after the length of a row is padding", free=True),
        Input(
            "logit_lengths", "label", "(N,) frames of each sequence; all of them by default", optional=True, free=True
        ),
        Input(
            "label_lengths", "label", "(N,) labels of each sequence; all of them by default", optional=True, free=True
        ),
    ),
    parameters={
        "blank": Parameter(0, "the symbol that says nothing"),
        "per_label": Parameter(False, "each loss is divided by its number of labels, at least by 1"),
        "zero_infinity": Parameter(False, "a loss of ∞, and its gradient, count as 0"),
    },
    contract={
        "shift": Parameter(0.0, "added to the probabilities, which are then divided by their sum"),
    },
    limits=(0.0, np.inf),
    reduces=True,
)
def ctc(
    logits: Floats,
    labels: Labels,
    logit_lengths: Labels | None = None,
    label_lengths: Labels | None = None,
    *,
    blank: int,
    per_label: bool,
    zero_infinity: bool,
    shift: float,
) -> Terms:
    """The negative logarithm of the probability of the labels, (N,); ∞ where no path of that length gives them.

    Gradient: softmax less the share of the paths that pass through a symbol; 0 in frames past a sequence's length,
    whatever they hold. Where the loss is ∞ it does not exist.
    """
    count, frames, symbols = logits.shape
    lengths = _checked(logit_lengths, count, frames, "logit_lengths")
    spoken = _checked(label_lengths, count, labels.shape[-1], "label_lengths")
    if not 0 <= blank < symbols:
        raise ValueError(f"the blank {blank} is none of {symbols} symbols")
    value, scale, condition = np.zeros(count), np.zeros(count), np.zeros(count)
    slope, slope_scale, free = np.zeros(logits.shape), np.zeros(logits.shape), np.zeros(logits.shape, bool)
    for n in range(count):
        row = logits[n, : lengths[n]]
        target = labels[n, : spoken[n]].tolist()
        if any(not 0 <= symbol < symbols or symbol == blank for symbol in target):
            raise ValueError(f"the labels {target} are not all symbols other than the blank {blank}")
        over = max(1, len(target)) if per_label else 1
        one = _sequence(row, target, blank, shift)
        if zero_infinity and one.value == np.inf:
            continue
        value[n], scale[n] = one.value / over, one.scale / over
        slope[n, : lengths[n]], slope_scale[n, : lengths[n]] = one.gradient / over, one.gradient_scale / over
        free[n, : lengths[n]] = one.value == np.inf
        products = np.abs(row * one.gradient) / over
        condition[n] = np.sum(products[np.isfinite(products)])

    def pullback(cotangent: Floats) -> dict[str, Exact]:
        kept = np.arange(frames) < np.asarray(lengths)[:, None]
        gradient = Exact(slope, slope_scale, slope_scale, free=free if free.any() else None)
        return {"logits": gradient.times(cotangent[:, None, None]).only(np.broadcast_to(kept[..., None], slope.shape))}

    return Terms(Exact(value, scale, condition), pullback, length=max(1, frames))


def _checked(given: Labels | None, count: int, most: int, name: str) -> list[int]:
    lengths = [most] * count if given is None else given.tolist()
    if len(lengths) != count or any(not 0 <= length <= most for length in lengths):
        raise ValueError(f"{name} must be {count} numbers from 0 to {most}: {lengths}")
    return [int(length) for length in lengths]


@dataclass(frozen=True)
class _Loss:
    """One sequence: value and gradient (T, C), and what a float implementation rounds on the way to them."""

    value: float
    scale: float
    gradient: Floats
    gradient_scale: Floats


def _sequence(logits: Floats, target: Sequence[int], blank: int, shift: float) -> _Loss:
    if not np.isfinite(logits).all() and not _has_limit(logits):
        nothing = np.full(logits.shape, np.nan)
        return _Loss(np.nan, 0.0, nothing, np.zeros(logits.shape))
    with localcontext(PRECISE):
        shares = [_softmax(frame) for frame in logits.tolist()]
        shown = [_shifted(frame, Decimal(shift)) for frame in shares]
        total, passing = _occupancy(shown, target, blank)
        value = float(-total.ln()) if total else np.inf
        if not total:
            return _Loss(value, 0.0, np.full(logits.shape, np.nan), np.zeros(logits.shape))
        used = {blank, *target}
        logarithms = [abs(float(frame[c].ln())) for frame in shown for c in used if frame[c]]
        occupied = [[p / total for p in frame] for frame in passing]
        rows = zip(shares, shown, occupied, strict=True)
        gradient = np.array([_slope(*row, shift=Decimal(shift)) for row in rows]).reshape(logits.shape)
    rounded = value + len(shares) * max(logarithms, default=0.0)
    softmax = np.array([[float(p) for p in frame] for frame in shares]).reshape(logits.shape)
    share = np.array([[float(p) for p in frame] for frame in occupied]).reshape(logits.shape)
    peak = np.max(logits, axis=-1, keepdims=True, initial=-np.inf)
    apart = np.where(np.isfinite(logits), peak - logits, 0.0)
    # The shares of a frame add up to 1, and the softmax's own gradient spreads what is rounded in any of them.
    return _Loss(value, rounded, gradient, softmax * (1 + apart) + (softmax + share) * (1 + rounded))


def _has_limit(logits: Floats) -> bool:
    """Whether the only numbers that are not finite are -∞, and no frame is made of them alone."""
    return bool(np.isfinite(np.max(logits, axis=-1)).all()) and not np.isnan(logits).any()


def _softmax(frame: Sequence[float]) -> Row:
    top = Decimal(max(frame))
    powers = [(Decimal(x) - top).exp() if x != -np.inf else ZERO for x in frame]
    total = sum(powers, ZERO)
    return [p / total for p in powers]


def _shifted(frame: Row, shift: Decimal) -> Row:
    if not shift:
        return frame
    total = sum((p + shift for p in frame), ZERO)
    return [(p + shift) / total for p in frame]


def _slope(shares: Row, shown: Row, occupied: Row, *, shift: Decimal) -> list[float]:
    """∂ℓ/∂x of one frame: Σ_c ∂ℓ/∂q_c·∂q_c/∂x, with ∂ℓ/∂q_c = -occupied_c/q_c."""
    if not shift:
        return [float(s - o) for s, o in zip(shares, occupied, strict=True)]
    # q = (s + ε)/Σ(s + ε), and Σs = 1: ∂ℓ/∂s_c = (1 - occupied_c/q_c)/Σ(s + ε)
    total = 1 + shift * len(shares)
    by_share = [(1 - o / q) / total for o, q in zip(occupied, shown, strict=True)]
    mean = sum((s * g for s, g in zip(shares, by_share, strict=True)), ZERO)
    return [float(s * (g - mean)) for s, g in zip(shares, by_share, strict=True)]


def _occupancy(shares: list[Row], target: Sequence[int], blank: int) -> tuple[Decimal, list[Row]]:
    """(the probability of the labels, of which paths through symbol c in frame t make up `[t][c]`).

    Forward and backward variables over the labels with blanks around each (equations 6 to 12 of the paper).
    """
    states = [blank]
    for symbol in target:
        states += [symbol, blank]
    forward = _forward(shares, states, blank)
    backward = _forward(shares[::-1], states[::-1], blank)[::-1]
    passing = []
    for t, frame in enumerate(shares):
        through = [ZERO] * len(frame)
        for s, symbol in enumerate(states):
            if frame[symbol]:
                through[symbol] += forward[t][s] * backward[t][len(states) - 1 - s] / frame[symbol]
        passing.append(through)
    if not shares:
        return (ZERO if target else ONE), passing
    return sum(forward[-1][-2:], ZERO), passing


def _forward(shares: list[Row], states: Sequence[int], blank: int) -> list[Row]:
    """α: for each frame and state, the probability of all path beginnings that end there."""
    found: list[Row] = []
    for frame in shares:
        if not found:
            reached = [ONE if s < 2 else ZERO for s in range(len(states))]
        else:
            before = found[-1]
            reached = [
                before[s]
                + (before[s - 1] if s > 0 else ZERO)
                + (before[s - 2] if s > 1 and states[s] != blank and states[s] != states[s - 2] else ZERO)
                for s in range(len(states))
            ]
        found.append([reach * frame[symbol] for reach, symbol in zip(reached, states, strict=True)])
    return found
