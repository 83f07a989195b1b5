"""Divergence records, numbered: the footnotes of the matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.run_file import Record, Run


@dataclass(frozen=True)
class Footnote:
    """A divergence record with its number, over all runs.

    matched   how many checks it covered, all runs together
    unused    numbers of the runs in which it matched nothing though its versions were run
    """

    number: int
    record: Record
    matched: int
    runs: tuple[int, ...]
    unused: tuple[int, ...]


def footnotes(runs: Sequence[Run]) -> dict[str, Footnote]:
    """Records by id, numbered in alphabetical order."""
    found: dict[str, list[tuple[int, Record]]] = {}
    for at, run in enumerate(runs, 1):
        for record in run.records:
            found.setdefault(record.id, []).append((at, record))
    return {
        name: Footnote(
            number,
            found[name][-1][1],
            sum(record.matched for _, record in found[name]),
            tuple(at for at, _ in found[name]),
            tuple(at for at, record in found[name] if not record.used),
        )
        for number, name in enumerate(sorted(found), 1)
    }
