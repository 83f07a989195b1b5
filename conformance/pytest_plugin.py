"""pytest collects case files: `pytest cases/` runs the same checks as `conformance run`, one item for each check.

Items are named by the check's id. Workers start once for the session; checks are asked in batches, ahead of the
item that is running, so an item costs what pytest itself costs. A check that deviates without a record fails with
the suite's own explanation, an unsupported one is skipped with its reason.

With pytest-benchmark's `--benchmark-only` the items are timings instead: see `bench.pytest_items`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conformance.asking_session import AskingSession
    from conformance.bench.pytest_items import TimingSession
    from conformance.plan import PlannedCheck
    from conformance.selection import Selection

_CASES = re.compile(rb"^cases:", re.MULTILINE)


def pytest_addoption(parser: pytest.Parser) -> None:
    from conformance.selection import PROFILES

    group = parser.getgroup("conformance", "conformance checks from case files")
    group.addoption("--adapter", action="append", default=[], metavar="NAME", help="only this adapter (repeatable)")
    group.addoption("--operation", action="append", default=[], metavar="NAME", help="only this operation (repeatable)")
    group.addoption("--dtype", action="append", default=[], metavar="NAME", help="only this dtype (repeatable)")
    group.addoption("--mode", action="append", default=[], metavar="NAME", help="graph, jit …, or all")
    group.addoption("--device", action="append", default=[], metavar="NAME", help="cpu (default) or cuda")
    group.addoption("--order", action="append", default=[], metavar="NAME", help="value, gradient, jvp, hvp …")
    group.addoption("--profile", default="quick", choices=PROFILES, help="how much is asked (default: quick)")
    group.addoption(
        "--bench-size", action="append", default=[], type=int, metavar="N",
        help="with --benchmark-only: entries of the first input (repeatable)",
    )  # fmt: skip
    group.addoption(
        "--python", default=sys.executable, metavar="PATH", help="interpreter of the environment under test"
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix in (".yaml", ".yml") and _CASES.search(file_path.read_bytes()):
        collector: pytest.Collector = CaseFile.from_parent(parent, path=file_path)
        return collector
    return None


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Nothing is started for a header: what did not start is said at the end."""
    adapters = config.getoption("--adapter")
    return [f"conformance: adapters {', '.join(adapters)}"] if adapters else []


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    session = config.stash.get(_SESSION, None)
    for name, reason in session.not_started.items() if session else ():
        terminalreporter.write_line(f"conformance: {name} NOT RUN: {reason.splitlines()[0]}", red=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    session = config.stash.get(_SESSION, None)
    if session is not None:
        session.close()
    timings = config.stash.get(_TIMINGS, None)
    if timings is not None:
        timings.bench.close()


class CaseFile(pytest.File):
    """A case file: an item for each of its checks, or of its timings, on each adapter that starts."""

    def collect(self) -> Iterable[pytest.Item]:
        from conformance.errors import FaultyFiles
        from conformance.loading import load

        session = _session(self.config)
        try:
            catalogue = load([self.path])
        except FaultyFiles as error:
            raise self.CollectError(str(error)) from None
        if self.config.getoption("benchmark_only", False):
            from conformance.bench.pytest_items import items

            yield from items(self, _timings(self.config), catalogue.cases)
            return
        for check in session.plan(catalogue.cases):
            item: CheckItem = CheckItem.from_parent(self, name=check.id, check=check)
            yield item


class CheckItem(pytest.Item):
    """One check."""

    def __init__(self, *, check: PlannedCheck, **more: Any) -> None:
        super().__init__(**more)
        self.check = check
        self.extra_keyword_matches.update({check.operation.name, check.adapter, *check.variant.case.flags})

    def runtest(self) -> None:
        judged = _session(self.config).judged(self.check, _ahead(self))
        self.user_properties.append(("verdict", judged.verdict))
        if judged.verdict in ("unsupported", "unjudged") and judged.expectation == "expected":
            pytest.skip(f"{judged.verdict}: {judged.message}")
        if judged.expectation != "expected":
            raise Surprise(judged)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, Surprise):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.check.variant.case.line - 1, self.check.variant.case.says


class Surprise(Exception):
    """A check whose expectation is not `expected`, in words."""

    def __init__(self, judged: Any) -> None:
        lines = [
            f"{judged.expectation}: {judged.verdict}: {judged.says}",
            f"  got    {judged.outcome}",
            f"  right  {judged.right}",
        ]
        if judged.agreement is not None:
            lines.append(f"  K      {judged.agreement.k:g} (at most 16), {judged.agreement.ulp:g} ULP")
        if judged.worst is not None:
            lines.append(f"  worst  {judged.worst.got} ({judged.worst.got_hex}), exact {judged.worst.exact}")
            lines += [f"         {name} = {value}" for name, value in judged.worst.inputs.items()]
        if judged.message:
            lines.append(f"  {judged.message.splitlines()[0]}")
        super().__init__("\n".join(lines))


_SESSION = pytest.StashKey["AskingSession"]()
_TIMINGS = pytest.StashKey["TimingSession"]()


def _session(config: pytest.Config) -> AskingSession:
    if _SESSION not in config.stash:
        from conformance.asking_session import AskingSession

        config.stash[_SESSION] = AskingSession(_selection(config), config.getoption("--python"))
    return config.stash[_SESSION]


def _timings(config: pytest.Config) -> TimingSession:
    if _TIMINGS not in config.stash:
        from conformance.bench.pytest_items import TimingSession

        sizes = config.getoption("--bench-size")
        config.stash[_TIMINGS] = TimingSession(_selection(config), sizes, config.getoption("--python"))
    return config.stash[_TIMINGS]


def _selection(config: pytest.Config) -> Selection:
    from conformance.oracle import load_all
    from conformance.selection import Selection

    load_all()
    return Selection(
        adapters=tuple(config.getoption("--adapter")),
        operations=tuple(config.getoption("--operation")),
        dtypes=tuple(config.getoption("--dtype")),
        modes=tuple(config.getoption("--mode")),
        profile=config.getoption("--profile"),
        devices=tuple(config.getoption("--device")) or ("cpu",),
        orders=tuple(config.getoption("--order")),
        paths=tuple(map(str, config.args)),
    )


def _ahead(item: CheckItem) -> Iterator[PlannedCheck]:
    """The checks of this and the following items, in the order in which pytest will run them."""
    items = item.session.items
    places = item.session.stash.setdefault(_PLACES, {})
    if not places:
        places.update({id(other): at for at, other in enumerate(items)})
    for other in items[places[id(item)] :]:
        if isinstance(other, CheckItem):
            yield other.check


_PLACES = pytest.StashKey[dict[int, int]]()
