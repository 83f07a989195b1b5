"""What the page knows of single checks beyond their verdict: one block for each operation, unpacked on demand.

A block holds columns over the checks of its operation, in the order of the index. Texts are numbers into `texts`:

    {"texts": [...], "outcome": [...], "right": [...], "abs": [...], "rel": [...], "ulp": [...],
     "message": [...], "shape": [...], "worst": {"at": [...], "value": [...]}, ...
     "cases": {id: {"file", "inputs", ...}}, "curves": [...], "scripts": {id of a check: text}}

A page has a bound (`LIMIT` in `html`), so there are levels: where all does not fit, figures and outcomes of conforming
checks are left out, the least telling first. What deviates is always whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conformance.reports.groups import deviates
from conformance.reports.observed import Observed
from conformance.reports.packed import Texts, figure, packed, sparse
from conformance.reports.words import clean

from conformance.run_file import Agreement, Check

# What each level leaves out of checks that conform, added to what the level before it leaves out.
LEVELS = (
    frozenset(),
    frozenset({"k_relative", "k_scale"}),
    frozenset({"bits"}),
    frozenset({"ulps"}),
    frozenset({"abs", "rel"}),
    frozenset({"outcome"}),
    frozenset({"ulp", "right", "shape"}),
)


def blocks(checks: Sequence[Observed], told: Mapping[str, Mapping[str, Any]], level: int) -> list[str]:
    """One packed block for each operation; `checks` stand by operation. `told` is that of `asked.told`."""
    left_out = frozenset().union(*LEVELS[: level + 1])
    found: list[list[Check]] = []
    for seen in checks:
        if not found or found[-1][-1].operation != seen.check.operation:
            found.append([])
        found[-1].append(seen.check)
    return [packed({**_block(members, left_out), **told.get(members[0].operation, {})}) for members in found]


def _block(checks: Sequence[Check], left_out: frozenset[str]) -> dict[str, Any]:
    texts = Texts()
    # Whether a field of a check is written.
    full = [deviates(check) or check.published is not None or check.choice is not None for check in checks]

    def kept(name: str, at: int) -> bool:
        return full[at] or name not in left_out

    def coded(name: str, of: Any) -> list[int]:
        return [texts(of(check)) if kept(name, at) else 0 for at, check in enumerate(checks)]

    def measured(name: str) -> list[Any]:
        return [
            figure(getattr(check.agreement, name)) if check.agreement is not None and kept(name, at) else None
            for at, check in enumerate(checks)
        ]

    return {
        "outcome": coded("outcome", lambda check: check.outcome),
        "right": coded("right", lambda check: check.right),
        "shape": coded("shape", lambda check: _shape(check.shape)),
        "message": coded("message", lambda check: check.message),
        **{name: measured(name) for name in ("abs", "rel", "ulp", "k_relative", "k_scale")},
        "contract": sparse(_distance(check.contract_agreement) for check in checks),
        "worst": sparse(_worst(check) for check in checks),
        "published": sparse(_published(check) for check in checks),
        "warnings": sparse([clean(text) for text in check.warnings] for check in checks),
        "broken": sparse(clean(check.broken) for check in checks),
        "differs": sparse(clean(check.mode_difference) for check in checks),
        "bits": coded("bits", lambda check: check.bits),
        "ulps": sparse(list(check.ulps or ()) if kept("ulps", at) else None for at, check in enumerate(checks)),
        "texts": texts.values(),
    }


def _shape(shape: tuple[int, ...] | None) -> str:
    if shape is None:
        return ""
    return "scalar" if shape == () else " × ".join(map(str, shape))


def _distance(agreement: Agreement | None) -> list[Any] | None:
    if agreement is None:
        return None
    return [agreement.grade, *(figure(value) for value in (agreement.k, agreement.abs, agreement.rel, agreement.ulp))]


def _worst(check: Check) -> list[Any] | None:
    worst = check.worst
    if worst is None:
        return None
    words = (worst.output, worst.got, worst.got_hex, worst.exact, worst.exact_hex, worst.bound)
    inputs = {clean(name): clean(value) for name, value in worst.inputs.items()}
    return [*map(clean, words), list(worst.index), inputs]


def _published(check: Check) -> list[Any] | None:
    stands = check.published
    if stands is None:
        return None
    return [clean(stands.digits), clean(stands.got), int(stands.agrees), clean(stands.source)]
