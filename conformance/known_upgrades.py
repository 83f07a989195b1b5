"""Upgrades between released versions, and what they change: measured, never written by hand.

A list (`adapters/known_upgrades.yaml`) names pairs of environments and what each pair is asked. No result stands in it.

    environments:
      tensorflow-2.16.2: {requirements: ["tensorflow-cpu==2.16.2", "keras==3.3.3"]}
    selections:                            what is asked, by name
      keras:
        adapters: [keras-torch]
        profile: quick                     by default
        expression: "not ctc"              as -k takes it
        modes: [eager]                     as --mode takes them
        known_bugs: true                   ask what the rows of known_bugs.yaml name, and nothing else
    upgrades:
      - id: keras-3.4.1-to-3.5.0           of the pair; the heading of its section
        from: keras-3.4.1                  an environment of this list, or of known_bugs.yaml
        to: keras-3.5.0
        asks: [keras]                      selections

Each environment is run once for each selection that it is asked, however many pairs it is in. A row of known_bugs.yaml
that `from` has and `to` has not must be seen in the pair.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance import known_bugs
from conformance.environments import EnvironmentSpec
from conformance.environments.reading import environments as environments_of
from conformance.errors import Fault
from conformance.gate import BROKEN, CHANGED, FIXED, NEWLY_SUPPORTED, NEWLY_UNSUPPORTED, Comparison, Pair
from conformance.judge.divergence import matches
from conformance.known_bugs import KnownBug, KnownBugs, asked_by
from conformance.node_fields import Reader, boolean, items, mapping, one_of, text
from conformance.run_file import Check, Environment, Run
from conformance.selection import PROFILES, Selection
from conformance.upgrade import compared
from conformance.yaml_nodes import Node

if TYPE_CHECKING:
    from conformance.loading import Catalogue

TOLD = (BROKEN, CHANGED, NEWLY_UNSUPPORTED, FIXED, NEWLY_SUPPORTED)
_SELECTION_KEYS = ("adapters", "profile", "expression", "modes", "known_bugs")
_UPGRADE_KEYS = ("id", "from", "to", "asks")


@dataclass(frozen=True)
class Asks:
    """What is asked of an environment, under a name. `known_bugs`: what the rows of that list name alone."""

    name: str
    adapters: tuple[str, ...]
    profile: str = "quick"
    expression: str = ""
    modes: tuple[str, ...] = ()
    known_bugs: bool = False


@dataclass(frozen=True)
class KnownUpgrade:
    """One pair, by the names of its environments and of what they are asked."""

    id: str
    old: str
    new: str
    asks: tuple[str, ...]


@dataclass(frozen=True)
class KnownUpgrades:
    """The list, with the list of known bugs that it leans on."""

    environments: Mapping[str, EnvironmentSpec]
    asks: Mapping[str, Asks]
    upgrades: tuple[KnownUpgrade, ...]
    bugs: KnownBugs

    def runs(self, upgrades: Iterable[KnownUpgrade]) -> list[tuple[str, str]]:
        """(environment, asks) of every run that the pairs need, each once, in their order."""
        return list(dict.fromkeys((side, name) for one in upgrades for name in one.asks for side in (one.old, one.new)))

    def selection(self, name: str, catalogue: Catalogue) -> tuple[Selection, Catalogue]:
        """What is asked under a name, and the cases that are needed for it."""
        asks = self.asks[name]
        if not asks.known_bugs:
            chosen = Selection(
                adapters=asks.adapters, profile=asks.profile, expression=asks.expression, modes=asks.modes
            )
            return chosen, catalogue
        rows = (pattern for bug in self.bugs.bugs for pattern in (*bug.checks, *bug.fixed_checks))
        patterns = [pattern for pattern in dict.fromkeys(rows) if _is_of(pattern, asks.adapters)]
        chosen = replace(known_bugs.selection(patterns, asks.adapters), adapters=asks.adapters)
        if asks.expression:
            chosen = replace(chosen, expression=f"({chosen.expression}) and ({asks.expression})")
        return chosen, asked_by(patterns, catalogue)


def _is_of(pattern: str, adapters: Iterable[str]) -> bool:
    wanted = pattern.split(":")[1].partition("/")[0]
    return any(matches((wanted,), adapter) for adapter in adapters)


def shipped_file() -> Path:
    """The list that the suite ships, beside the adapters."""
    from conformance.host import adapters_folder

    return adapters_folder() / "known_upgrades.yaml"


def load(path: Path | None = None, bugs: KnownBugs | None = None) -> KnownUpgrades:
    """The list of a file, by default the one that is shipped. Raises FaultyFiles with every fault."""
    from conformance.loading import raise_faults, read_yaml

    path = shipped_file() if path is None else path
    bugs = known_bugs.load() if bugs is None else bugs
    faults: list[Fault] = []
    node = read_yaml(path, path.name, faults)
    reader = Reader(path.name, faults)
    found = None if node is None else reader.attempt(_list, node, reader, bugs)
    raise_faults(faults)
    assert found is not None
    return found


def _list(node: Node, reader: Reader, bugs: KnownBugs) -> KnownUpgrades:
    keys = ("environments", "selections", "upgrades")
    fields = reader.fields(node, "a list of upgrades", keys, ("selections", "upgrades"))
    own = reader.attempt(environments_of, fields["environments"], reader) if "environments" in fields else {}
    for name in own or {}:
        if name in bugs.environments:
            place = mapping(fields["environments"], "'environments'").keys[name]
            reader.fault(place, f"known_bugs.yaml has an environment '{name}' already", "use it, or another name")
    environments = {**bugs.environments, **(own or {})}
    asks = {
        name: reader.attempt(_asks, value, name, reader) or Asks(name, ())
        for name, value in (
            mapping(fields["selections"], "'selections'").values if "selections" in fields else {}
        ).items()
    }
    listed = items(fields["upgrades"], "'upgrades'") if "upgrades" in fields else []
    upgrades = [reader.attempt(_upgrade, item, environments, asks, reader) for item in listed]
    seen: set[str] = set()
    for item, one in zip(listed, upgrades, strict=True):
        if one is not None and one.id in seen:
            reader.fault(item, f"duplicate id '{one.id}'")
        seen.add(one.id if one else "")
    return KnownUpgrades(environments, asks, tuple(one for one in upgrades if one is not None), bugs)


def _asks(node: Node, name: str, reader: Reader) -> Asks:
    from conformance.host import adapters

    fields = reader.fields(node, f"the selection '{name}'", _SELECTION_KEYS, ("adapters",))
    known = adapters()
    values: dict[str, Any] = {"adapters": ()}
    for key, value in fields.items():
        if key == "adapters":
            values[key] = reader.each(lambda n: one_of(n, "adapter", known), items(value, "'adapters'"))
        elif key == "modes":
            values[key] = reader.each(text, items(value, "'modes'"))
        elif key == "profile":
            values[key] = one_of(value, "profile", PROFILES)
        elif key == "known_bugs":
            values[key] = boolean(value, "'known_bugs'")
        else:
            values[key] = text(value, f"'{key}'")
    return Asks(name, **values)


def _upgrade(
    node: Node, environments: Mapping[str, EnvironmentSpec], asks: Mapping[str, Asks], reader: Reader
) -> KnownUpgrade | None:
    fields = reader.fields(node, "an upgrade", _UPGRADE_KEYS, _UPGRADE_KEYS)
    if len(fields) < len(_UPGRADE_KEYS):
        return None
    old = reader.attempt(one_of, fields["from"], "environment", environments)
    new = reader.attempt(one_of, fields["to"], "environment", environments)
    names = reader.each(lambda n: one_of(n, "selection", asks), items(fields["asks"], "'asks'"))
    return KnownUpgrade(text(fields["id"], "'id'"), old, new, names) if old and new and names else None


@dataclass(frozen=True)
class Seen:
    """A row of the known bugs that a pair shows, and the checks that show it."""

    bug: KnownBug
    pairs: tuple[Pair, ...]


@dataclass(frozen=True)
class Measured:
    """A pair and what its runs show; `missing` says which were not run yet, `unseen` what should show and does not."""

    upgrade: KnownUpgrade
    comparison: Comparison | None
    missing: tuple[str, ...]
    seen: tuple[Seen, ...] = ()
    unseen: tuple[KnownBug, ...] = ()

    @property
    def problems(self) -> list[str]:
        """Why it is not as it should be."""
        found = list(self.comparison.problems) if self.comparison else []
        return [*found, *(f"{bug.id} is fixed in it, and not seen" for bug in self.unseen)]


def measured(known: KnownUpgrades, upgrade: KnownUpgrade, runs: Mapping[tuple[str, str], Run]) -> Measured:
    """What the runs, by environment and selection, show of one pair."""
    there = [name for name in upgrade.asks if (upgrade.old, name) in runs and (upgrade.new, name) in runs]
    needed = [(side, name) for name in upgrade.asks for side in (upgrade.old, upgrade.new)]
    missing = tuple(f"{side} asked {name}" for side, name in needed if (side, name) not in runs)
    if not there:
        return Measured(upgrade, None, missing)
    old, new = (merged([runs[side, name] for name in there]) for side in (upgrade.old, upgrade.new))
    comparison = compared(old, new, {})
    seen = tuple(Seen(bug, found) for bug in known.bugs.bugs if (found := _showing(bug, comparison.pairs)))
    told = {one.bug.id for one in seen}
    joined = (bug for bug in known.bugs.bugs if upgrade.old in bug.affected and upgrade.new in bug.fixed)
    unseen = () if missing else tuple(bug for bug in joined if bug.id not in told)
    return Measured(upgrade, comparison, missing, seen, unseen)


def merged(runs: Sequence[Run]) -> Run:
    """Several runs of one environment as one: each adapter and each check once."""
    first = runs[0]
    environments: dict[str, Environment] = {}
    checks: dict[str, Check] = {}
    for run in runs:
        for environment in run.environments:
            environments.setdefault(environment.adapter, environment)
        for check in run.checks:
            checks.setdefault(check.id, check)
    ends = [run.end for run in runs]
    end = None if None in ends or first.end is None else replace(first.end, complete=all(run.complete for run in runs))
    return replace(first, environments=list(environments.values()), checks=list(checks.values()), end=end)


def _showing(bug: KnownBug, pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """The checks of a row that changed."""
    return tuple(
        pair
        for pair in pairs
        if pair.transition in TOLD
        and any(matches(bug.checks, check.id) for check in (pair.old, pair.new) if check is not None)
    )
