"""Second definitions: losses over all pairs of a batch, from whole inputs. No shape is looked at but (N, D)."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.oracle.exact.definition import define
from conformance.oracle.exact.number import Number, exp, log, maximum, total
from conformance.oracle.exact.similarity import cosine, given, inner

Shapes = Mapping[str, tuple[int, ...]]


def vectors_of(embeddings: list[Number], shapes: Shapes) -> list[list[Number]]:
    _, width = shapes["embeddings"]
    return [embeddings[start : start + width] for start in range(0, len(embeddings), width)]


@define(
    "ntxent",
    {"embeddings": "real", "labels": "label"},
    {"temperature": 0.07, "norm_floor": 0.0},
    rows=True,
    entries=lambda shapes, parameters: (),
)
def ntxent(
    embeddings: list[Number],
    labels: tuple[int, ...],
    *,
    temperature: Number,
    norm_floor: Number,
    place: int,
    shapes: Shapes,
) -> Number:
    """0/0 where no two embeddings belong together."""
    vectors, count = vectors_of(embeddings, shapes), len(labels)
    losses = [embeddings[0] * 0]
    for i, j in ((i, j) for i in range(count) for j in range(count) if i != j and labels[i] == labels[j]):
        against = [j, *(k for k in range(count) if labels[k] != labels[i])]
        grown = [exp(cosine(vectors[i], vectors[k], given(norm_floor)) / temperature) for k in against]
        losses.append(-log(grown[0] / total(grown)))
    return total(losses) / (embeddings[0] * 0 + (len(losses) - 1))


@define(
    "circle",
    {"embeddings": "real", "labels": "label"},
    {"scale": 80.0, "margin": 0.4, "lost_only": False},
    rows=True,
    reduces=True,
    entries=lambda shapes, parameters: shapes["labels"],
)
def circle(
    embeddings: list[Number],
    labels: tuple[int, ...],
    *,
    scale: Number,
    margin: Number,
    lost_only: bool,
    place: int,
    shapes: Shapes,
) -> Number | int:
    """`lost_only` is about what a mean counts, and changes no entry."""
    vectors = vectors_of(embeddings, shapes)
    others = [k for k in range(len(labels)) if k != place]
    alike = [k for k in others if labels[k] == labels[place]]
    apart = [k for k in others if labels[k] != labels[place]]
    if not alike or not apart:
        return 0
    zero = margin * 0

    def distance(k: int) -> Number:
        return maximum(1 - inner(vectors[place], vectors[k]), zero)

    pulled = [exp(-scale * (margin + d) * (margin - d)) for d in map(distance, alike)]
    pushed = [exp(scale * maximum(1 + margin - d, zero) * (1 - margin - d)) for d in map(distance, apart)]
    return log(1 + total(pulled) * total(pushed))
