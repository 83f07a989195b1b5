"""Second definitions: CTC by prefixes, not by states with blanks between them.

After each frame a path has spoken a number of the labels, and ended in a blank or in the last of them. The
probabilities of these two add up over the frames; Hannun, "Sequence modeling with CTC", 2017.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from conformance.oracle.exact.definition import define
from conformance.oracle.exact.number import Number, exp, log, total

Shapes = Mapping[str, tuple[int, ...]]


def _softmax(x: list[Number]) -> list[Number]:
    powers = [exp(xi) for xi in x]
    partition = total(powers)
    return [p / partition for p in powers]


def _probability(frames: list[list[Number]], target: Sequence[int], blank: int) -> Number | int:
    """Of all paths that give the target."""
    count = len(target)
    # spoken so far -> (ending in a blank, ending in the last label); nothing is spoken before the first frame
    silent: list[Number | int] = [1, *[0] * count]
    voiced: list[Number | int] = [0] * (count + 1)
    for frame in frames:
        new_silent = [(silent[u] + voiced[u]) * frame[blank] for u in range(count + 1)]
        new_voiced: list[Number | int] = [0]
        for u in range(1, count + 1):
            symbol = target[u - 1]
            reached = voiced[u] + silent[u - 1]
            if u < 2 or target[u - 2] != symbol:
                reached = reached + voiced[u - 1]
            new_voiced.append(reached * frame[symbol])
        silent, voiced = list(new_silent), new_voiced
    return silent[count] + voiced[count]


def _least(target: Sequence[int]) -> int:
    """The fewest frames that can speak the target: repeated labels need a blank between them."""
    return len(target) + sum(a == b for a, b in pairwise(target))


@define(
    "ctc",
    {"logits": "real", "labels": "label", "logit_lengths": "label", "label_lengths": "label"},
    {"blank": 0, "per_label": False, "zero_infinity": False, "shift": 0.0},
    rows=True,
    reduces=True,
    entries=lambda shapes, parameters: shapes["logits"][:1],
)
def ctc(
    logits: list[Number],
    labels: tuple[int, ...],
    logit_lengths: tuple[int, ...] | None = None,
    label_lengths: tuple[int, ...] | None = None,
    *,
    blank: int,
    per_label: bool,
    zero_infinity: bool,
    shift: Number,
    place: int,
    shapes: Shapes,
) -> Number | int:
    _, frames, symbols = shapes["logits"]
    most = shapes["labels"][1]
    length = frames if logit_lengths is None else logit_lengths[place]
    spoken = most if label_lengths is None else label_lengths[place]
    target = labels[place * most :][:spoken]
    own = logits[place * frames * symbols :]
    rows = [_softmax(own[t * symbols : (t + 1) * symbols]) for t in range(length)]
    if not shift.value.is_zero():
        rows = [[(p + shift) / (1 + shift * symbols) for p in row] for row in rows]
    if _least(target) > length:
        return 0 if zero_infinity else logits[0].tape.constant(math.inf)
    probability = _probability(rows, target, blank)
    if not isinstance(probability, Number):
        return 0  # no frame and no label: the one empty path is certain
    loss = -log(probability)
    return loss / max(1, spoken) if per_label else loss
