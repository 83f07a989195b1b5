"""Which checks of a run get their script into the run file: one example of each thing that a person may look into.

That is one check for each cause whose expectation is not `expected`, and one for each divergence record that explained
something: the check with the fewest numbers in its inputs, since its script is the easiest to read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from conformance.adapter_source import Source, read_source
from conformance.case import ORDERS, Case
from conformance.errors import UsageError
from conformance.host import AdapterSpec
from conformance.repro import repro
from conformance.run_facts import Script
from conformance.run_file import Check, Run

MOST = 400
Cause = tuple[str, ...]
Rank = tuple[int, bool, int, bool]


@dataclass
class Examples:
    """The best example of each cause so far."""

    _best: dict[Cause, tuple[Rank, Check, Case]] = field(default_factory=dict)

    def look(self, check: Check, case: Case) -> None:
        """Keeps the check where it shows something, and shows it in fewer numbers than the one that is kept."""
        cause = _cause(check)
        if cause is None:
            return
        rank = _rank(check, case)
        kept = self._best.get(cause)
        if kept is None or rank < kept[0]:
            self._best[cause] = rank, check, case

    def scripts(self, run: Run, specs: Sequence[AdapterSpec], most: int = MOST) -> Iterator[Script]:
        """The scripts, what needs a person first, then small inputs; `most` of them.

        What `repro` cannot write a script for, since its adapter has none or too many numbers are needed, is left out.
        `run` holds the environments and records of the run.
        """
        homes = {spec.name: spec for spec in specs}
        sources: dict[str, Source | None] = {}
        chosen = sorted(self._best.values(), key=lambda kept: (kept[1].expectation == "expected", kept[0]))
        written = 0
        for _, check, case in chosen:
            if written >= most:
                return
            if check.adapter not in sources:
                sources[check.adapter] = _source(homes, check.adapter)
            source = sources[check.adapter]
            text = "" if source is None else _script(run, check, case, source)
            if text:
                written += 1
                yield Script(check=check.id, because=check.expectation, record=check.record or "", text=text)


def _cause(check: Check) -> Cause | None:
    if check.expectation != "expected":
        return check.expectation, check.verdict, check.call, check.operation, check.record or ""
    return (check.expectation, check.adapter, check.record) if check.record else None


def _rank(check: Check, case: Case) -> Rank:
    numbers = sum(math.prod(spec.shape) for spec in case.inputs.values() if spec.shape is not None)
    return numbers, check.mode != "eager", ORDERS.index(check.order), check.dtype != "float32"


def _source(homes: Mapping[str, AdapterSpec], adapter: str) -> Source | None:
    spec = homes.get(adapter)
    try:
        return None if spec is None else read_source(spec.file, spec.module)
    except UsageError:
        return None


def _script(run: Run, check: Check, case: Case, source: Source) -> str:
    try:
        return repro(run, check, [case], source)
    except UsageError:
        return ""
    except Exception as error:  # a fault of ours: said in its place, and not worth the run
        return f"# the suite failed to write this script: {type(error).__name__}: {error}\n"
