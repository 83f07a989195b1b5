"""Known faults of released versions, and whether the suite sees them: measured, never written by hand.

A list (`adapters/known_bugs.yaml`) names faults that upstream has or had: the environments that have each, those that
do not, and the checks that should tell them apart, as patterns of check ids. No verdict stands in it.

    environments:
      keras-3.4.1: {over: ["keras==3.4.1"]}
    bugs:
      - id: R07                              of the row; never used again
        upstream: keras-team/keras#20021     where it was reported, or where it is documented
        kind: fault                          or change (between versions), or trap (documented, by design)
        fault: one sentence
        checks: ["softmax/axes*:keras-*/ops.softmax:float32:eager:cpu:value"]
        affected: [keras-3.4.1]
        fixed: [keras-3.5.0]                 by default none: the newest release has it still
        fixed_checks: [...]                  where other checks than `checks` show the right behaviour

Each environment is asked in one run; `rows` says what the runs show, and `table` writes the page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.environments import EnvironmentSpec
from conformance.environments.reading import environments as environments_of
from conformance.errors import Fault
from conformance.judge.divergence import matches
from conformance.judge.verdict import DEVIATIONS
from conformance.node_fields import Reader, Wrong, items, one_of, text, unique
from conformance.run_file import Check, Environment, Run
from conformance.selection import Selection
from conformance.yaml_nodes import Fields, Node

if TYPE_CHECKING:
    from conformance.loading import Catalogue

KINDS = ("fault", "change", "trap")
PARTS = ("variant", "adapter/implementation", "dtype", "mode", "device", "order")
_BUG_KEYS = ("id", "upstream", "kind", "fault", "checks", "affected", "fixed", "fixed_checks")


@dataclass(frozen=True)
class KnownBug:
    """One row. Patterns are those of `judge.divergence`: `*` and `?` alone are special."""

    id: str
    upstream: str
    kind: str
    fault: str
    checks: tuple[str, ...]
    affected: tuple[str, ...]
    fixed: tuple[str, ...] = ()
    fixed_checks: tuple[str, ...] = ()

    def patterns(self, environment: str) -> tuple[str, ...]:
        """The checks that are asked of one environment."""
        of_fixed = self.fixed_checks or self.checks
        return tuple(
            dict.fromkeys(
                [
                    *(self.checks if environment in self.affected else ()),
                    *(of_fixed if environment in self.fixed else ()),
                ]
            )
        )


@dataclass(frozen=True)
class KnownBugs:
    """The list: the environments by name, and the rows in their order."""

    environments: Mapping[str, EnvironmentSpec]
    bugs: tuple[KnownBug, ...]

    def patterns(self, environment: str) -> tuple[str, ...]:
        """Every check that is asked of one environment."""
        return tuple(dict.fromkeys(p for bug in self.bugs for p in bug.patterns(environment)))


def shipped_file() -> Path:
    """The list that the suite ships, beside the adapters."""
    from conformance.host import adapters_folder

    return adapters_folder() / "known_bugs.yaml"


def load(path: Path | None = None) -> KnownBugs:
    """The list of a file, by default the one that is shipped. Raises FaultyFiles with every fault."""
    from conformance.loading import raise_faults, read_yaml

    path = shipped_file() if path is None else path
    faults: list[Fault] = []
    node = read_yaml(path, path.name, faults)
    reader = Reader(path.name, faults)
    found = None if node is None else reader.attempt(_list, node, reader)
    raise_faults(faults)
    assert found is not None
    return found


def _list(node: Node, reader: Reader) -> KnownBugs:
    fields = reader.fields(node, "a list of known bugs", ("environments", "bugs"), ("environments", "bugs"))
    found = reader.attempt(environments_of, fields["environments"], reader) if "environments" in fields else {}
    environments = found or {}
    bugs = [reader.attempt(_bug, item, environments, reader) for item in items(fields["bugs"], "'bugs'")]
    seen: set[str] = set()
    for item, bug in zip(items(fields["bugs"], "'bugs'"), bugs, strict=True):
        if bug is not None and bug.id in seen:
            reader.fault(item, f"duplicate id '{bug.id}'")
        seen.add(bug.id if bug else "")
    return KnownBugs(environments, tuple(bug for bug in bugs if bug is not None))


def _bug(node: Node, environments: Mapping[str, EnvironmentSpec], reader: Reader) -> KnownBug | None:
    required = ("id", "upstream", "kind", "fault", "checks", "affected")
    fields = reader.fields(node, "a known bug", _BUG_KEYS, required)
    values: dict[str, Any] = {}
    for key, value in fields.items():
        if key == "kind":
            values[key] = reader.attempt(one_of, value, "kind", KINDS)
        elif key in ("checks", "fixed_checks"):
            values[key] = reader.each(_pattern, unique(reader, items(value, f"'{key}'"), "the pattern"))
        elif key in ("affected", "fixed"):
            values[key] = reader.each(lambda n: one_of(n, "environment", environments), items(value, f"'{key}'"))
        else:
            values[key] = reader.attempt(text, value, f"'{key}'")
    complete = all(values.get(name) for name in required)
    return KnownBug(**values) if complete and isinstance(node, Fields) else None


def _pattern(node: Node) -> str:
    pattern = text(node, "a pattern of checks")
    if pattern.count(":") != len(PARTS) - 1:
        raise Wrong(node, f"'{pattern}' is no pattern of checks", f"expected {':'.join(PARTS).upper()}")
    return pattern


@lru_cache(maxsize=4096)
def words(pattern: str) -> str:
    """The expression, as -k takes it, of what every id that matches the pattern contains.

    >>> words("bce/grid*:torch/nn.BCELoss:float32:eager:cpu:value")
    '(bce/grid and :torch/nn.BCELoss:float32:eager:cpu:value)'
    """
    return "(" + " and ".join(re.findall(r"[^*?()\s]+", pattern)) + ")"


def selection(patterns: Sequence[str], adapters: Iterable[str]) -> Selection:
    """What selects every check that one of the patterns matches, and few others."""
    split = [pattern.split(":") for pattern in patterns]
    wanted = [parts[1].partition("/")[0] for parts in split]
    return Selection(
        adapters=tuple(name for name in adapters if matches(tuple(wanted), name)),
        modes=tuple(dict.fromkeys("all" if parts[3] == "*" else parts[3] for parts in split)),
        devices=("cpu",),
        expression=" or ".join(words(pattern) for pattern in patterns),
    )


def asked_by(patterns: Sequence[str], catalogue: Catalogue) -> Catalogue:
    """The catalogue without the cases of which no variant is asked."""
    variants = tuple(pattern.split(":")[0] for pattern in patterns)
    cases = tuple(c for c in catalogue.cases if any(matches(variants, variant.id) for variant in c.variants()))
    return replace(catalogue, cases=cases)


@dataclass(frozen=True)
class Sight:
    """What the checks of one row showed in one environment."""

    environment: str
    versions: str
    checks: tuple[Check, ...]
    reason: str = ""

    @property
    def asked(self) -> tuple[Check, ...]:
        """The checks that the environment could be asked."""
        return tuple(check for check in self.checks if check.verdict != "unsupported")

    @property
    def deviating(self) -> tuple[Check, ...]:
        return tuple(check for check in self.asked if check.verdict in DEVIATIONS)


@dataclass(frozen=True)
class Row:
    """A bug and what was seen of it."""

    bug: KnownBug
    affected: tuple[Sight, ...]
    fixed: tuple[Sight, ...]

    @property
    def faults(self) -> tuple[str, ...]:
        """Why the row is not as it should be: the suite must tell the affected versions from the others."""
        found = []
        for sight in self.affected:
            if not sight.asked:
                found.append(f"{sight.environment}: no check was asked")
            elif not self._told(sight):
                found.append(f"{sight.environment}: no check shows the fault")
        for sight in self.fixed:
            if not sight.asked:
                found.append(f"{sight.environment}: no check was asked")
            elif any(check.expectation != "expected" for check in sight.deviating):
                found.append(f"{sight.environment}: deviates without a record")
        return tuple(found)

    def _told(self, sight: Sight) -> bool:
        """A deviation; or, where a contract or a choice covers it, an outcome that the fixed version has not.

        Of a trap whose contrast is another call, the two outcomes must differ: each may be right for what it is.
        """
        if sight.deviating or any(check.verdict == "documented" or check.choice for check in sight.asked):
            return True
        if self.bug.kind == "trap" and self.bug.fixed_checks:
            contrast = {check.outcome for other in self.fixed for check in other.asked}
            return bool(contrast) and contrast.isdisjoint(check.outcome for check in sight.asked)
        right = {(c.variant, c.dtype, c.mode, c.order): c.outcome for s in self.fixed for c in s.asked}
        return any(right.get((c.variant, c.dtype, c.mode, c.order), c.outcome) != c.outcome for c in sight.asked)


def rows(known: KnownBugs, runs: Mapping[str, Run]) -> list[Row]:
    """What the runs, one for each environment by its name, show of every row."""
    return [
        Row(
            bug,
            tuple(sight(bug.checks, name, runs) for name in bug.affected),
            tuple(sight(bug.fixed_checks or bug.checks, name, runs) for name in bug.fixed),
        )
        for bug in known.bugs
    ]


def sight(patterns: tuple[str, ...], environment: str, runs: Mapping[str, Run]) -> Sight:
    """The checks of one run that the patterns match."""
    run = runs.get(environment)
    if run is None:
        return Sight(environment, environment, (), "was not run")
    checks = tuple(check for check in run.checks if matches(patterns, check.id))
    started = {e.adapter: e for e in run.environments if e.started}
    asked = [started[name] for name in dict.fromkeys(check.adapter for check in checks)]
    reasons = [f"{e.adapter}: {e.reason}" for e in run.environments if not e.started]
    return Sight(environment, versions_of(asked) or environment, checks, "; ".join(reasons))


def versions_of(environments: Iterable[Environment]) -> str:
    """The versions that matter: the framework's, and those of the libraries that it is judged with."""
    found: dict[str, str] = {}
    for environment in environments:
        found.setdefault(environment.framework, environment.version)
        for name, version in environment.versions.items():
            if name not in ("python", "numpy"):
                found.setdefault(name, version)
    return ", ".join(f"{name} {version}" for name, version in found.items())


HEADER = """\
# Known upstream bugs, and the checks that see them

Written by `conformance known-bugs`; what stands here was measured. The rows are in `adapters/known_bugs.yaml`, which
holds no verdict: each check was run on releases that have the fault and, where there is one, on a release without it.

A *fault* was reported as one upstream; a *change* is another behaviour of a newer release; a *trap* is documented or by
design, and frameworks differ on it. In the cells stand the verdict of so many checks, the expectation where it
is not `expected`, the divergence record that explains it, and one outcome beside the right one.
"""


def table(found: Sequence[Row]) -> str:
    """The page, in Markdown."""
    told = sum(not row.faults for row in found)
    lines = [HEADER, f"{told} of {len(found)} rows are as they should be.", ""]
    header = ("row", "upstream", "kind", "fault", "checks", "on releases that have it", "on releases without it")
    lines += [_line(header), _line(["---"] * len(header))]
    for row in found:
        bug = row.bug
        seen = [*bug.checks, *(f"{pattern} (without the fault)" for pattern in bug.fixed_checks)]
        lines.append(
            _line(
                [
                    bug.id,
                    linked(bug.upstream),
                    bug.kind,
                    bug.fault,
                    "<br>".join(f"`{pattern}`" if " " not in pattern else pattern for pattern in seen),
                    "<br>".join(map(_cell, row.affected)),
                    "<br>".join(map(_cell, row.fixed)) or "no release yet",
                ]
            )
        )
    faults = [f"- {row.bug.id}: {fault}" for row in found for fault in row.faults]
    if faults:
        lines += ["", "## Not as they should be", "", *faults]
    return "\n".join(lines) + "\n"


def linked(upstream: str) -> str:
    """owner/name#123 as a link to that thread.

    >>> linked("see keras-team/keras#20021")
    'see [keras-team/keras#20021](https://github.com/keras-team/keras/issues/20021)'
    """
    return re.sub(r"\b([\w-]+/[\w-]+)#(\d+)", r"[\g<0>](https://github.com/\1/issues/\2)", upstream)


def _cell(sight: Sight) -> str:
    if not sight.checks:
        return f"{sight.versions}: {sight.reason or 'no check'}"
    counted = Counter(_said(check) for check in sight.checks if check.verdict != "unsupported")
    parts = [f"{count} {said}" for said, count in counted.items()]
    missing = sum(check.verdict == "unsupported" for check in sight.checks)
    if missing:
        parts.append(f"{missing} unsupported")
    shown = next(iter([*sight.deviating, *(c for c in sight.asked if c.verdict != "conforms"), *sight.asked]), None)
    example = "" if shown is None else f"; {_outcome(shown)}"
    return f"**{sight.versions}**: {', '.join(parts)}{example}"


def _said(check: Check) -> str:
    words = [check.verdict]
    if check.choice:
        words.append(f"(chooses {check.choice})")
    if check.expectation != "expected":
        words.append(f"({check.expectation})")
    elif check.record and check.verdict in DEVIATIONS:
        words.append(f"({check.record})")
    return " ".join(words)


def _outcome(check: Check) -> str:
    if check.worst is not None:
        return f"`{check.worst.got}` where `{check.worst.exact}` is right"
    return f"`{_short(check.outcome)}` where `{_short(check.right)}` is right" if check.right else f"`{check.outcome}`"


def _short(outcome: str, most: int = 60) -> str:
    return outcome if len(outcome) <= most else outcome[: most - 1] + "…"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
