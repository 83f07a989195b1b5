"""How checks moved over several versions: the runs of one adapter in order, and what became of each check on the way.

    Point      one adapter in one run, named by the versions that differ: "optax 0.2.5"
    Step       one check at one point, and its transition since the point before
    Track      one check at every point
    Movement   the tracks of one implementation that took the same steps, so that one change is read once
    Tally      how the checks of one implementation stand at one point

Transitions are those of the gate between neighbours. Pure: takes `Run` values, returns values for the terminal and for
reports.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from packaging.version import InvalidVersion, Version

from conformance.cause_words import spread
from conformance.errors import UsageError
from conformance.gate import ACCEPTED, DEVIATING, DRIFTED, SAME, TRANSITIONS, asked_device, compare
from conformance.gate_scope import adapters_of
from conformance.gate_values import raised, value
from conformance.run_file import Agreement, Check, Environment, Run, Worst

# Versions that name a point only where nothing else differs, and that order points last.
BESIDES = ("python", "numpy")
# What is said of a check between two points that were asked otherwise.
NOT_COMPARED = "not compared"

Key = tuple[str, ...]


@dataclass(frozen=True)
class Point:
    """One adapter in one run. `versions` are those that differ between the points, the most telling first."""

    run: Run
    adapter: str
    environment: Environment
    versions: tuple[tuple[str, str], ...]

    @property
    def label(self) -> str:
        """The versions by which the points are told apart: "optax 0.2.5"."""
        telling_ones = [pair for pair in self.versions if pair[0] not in BESIDES] or list(self.versions)
        if not telling_ones:
            return f"{self.environment.framework or self.adapter} {self.environment.version}".strip()
        return ", ".join(f"{name} {version}" for name, version in telling_ones)


@dataclass(frozen=True)
class Step:
    """One check at one point; None where it was not asked. `transition` is "" at the first point."""

    check: Check | None
    transition: str = ""
    note: str = ""

    @property
    def measured(self) -> Agreement | None:
        """The distance that the verdict rests on: from the contract where it is `documented`."""
        if self.check is None:
            return None
        return self.check.contract_agreement if self.check.verdict == "documented" else self.check.agreement


@dataclass(frozen=True)
class Track:
    """One check at every point."""

    steps: tuple[Step, ...]

    @cached_property
    def check(self) -> Check:
        """The check at the last point that has it."""
        return next(step.check for step in reversed(self.steps) if step.check is not None)

    @property
    def outcomes(self) -> tuple[tuple[str, str], ...]:
        """(value, right) at each point as people read them, "" where it was not asked.

        Where an output is too long to be shown, they are those of the element that was worst where it first deviated;
        one that conforms and is not kept is about right.
        """
        long = any(step.check is not None and "…" in step.check.outcome for step in self.steps)
        worst = next((step.check.worst for step in self.steps if step.check and step.check.worst), None)
        return tuple(_outcome(step.check, worst if long else None) for step in self.steps)

    @property
    def moved(self) -> bool:
        """Whether it did more than drift in its last bits."""
        return any(step.transition not in ("", SAME, DRIFTED, NOT_COMPARED) for step in self.steps)


@dataclass(frozen=True)
class Movement:
    """Tracks of one implementation with the same verdicts and transitions, the most telling first."""

    operation: str
    implementation: str
    tracks: tuple[Track, ...]

    @property
    def first(self) -> Track:
        return self.tracks[0]

    @property
    def spread(self) -> str:
        """How many checks, and over what: "14 checks, 3 dtypes, eager, gradient"."""
        return spread([track.check for track in self.tracks])


@dataclass(frozen=True)
class Tally:
    """How the checks of one implementation stand at one point.

    largest_k     the largest K of what is accepted, None where nothing was measured
    transitions   since the point before, `same` left out
    """

    verdicts: Mapping[str, int]
    largest_k: float | None
    transitions: Mapping[str, int]

    @property
    def checks(self) -> int:
        return sum(self.verdicts.values())

    @property
    def deviating(self) -> int:
        return sum(self.verdicts.get(verdict, 0) for verdict in DEVIATING)


@dataclass(frozen=True)
class History:
    """One adapter over several versions. `notes` say what limits the comparison of neighbours."""

    adapter: str
    points: tuple[Point, ...]
    tracks: tuple[Track, ...] = field(repr=False)
    notes: tuple[str, ...] = ()

    def implementations(self) -> dict[tuple[str, str], list[Track]]:
        """(operation, implementation) -> its tracks, in alphabetical order."""
        found: dict[tuple[str, str], list[Track]] = {}
        for track in self.tracks:
            found.setdefault((track.check.operation, track.check.implementation), []).append(track)
        return dict(sorted(found.items()))

    def moved(self) -> dict[tuple[str, str], list[Track]]:
        """The implementations of which a check moved or drifted, with all their tracks."""
        still = ("", SAME, NOT_COMPARED)
        return {
            key: tracks
            for key, tracks in self.implementations().items()
            if any(step.transition not in still for track in tracks for step in track.steps)
        }

    def tallies(self, tracks: Iterable[Track]) -> list[Tally]:
        """One for each point."""
        tracks = list(tracks)
        return [_tally([track.steps[at] for track in tracks]) for at in range(len(self.points))]


def histories(
    runs: Sequence[Run], mapping: Mapping[str, str] | None = None, *, as_given: bool = False
) -> list[History]:
    """A history of each adapter that at least two of the runs hold.

    `mapping` gives adapters another name, so that an old one and its successor are one history; where each run holds
    exactly one adapter, these are one. Points are ordered by version, or as the runs are given.
    Raises UsageError where no adapter is held twice, or a name of the mapping by no run.
    """
    names = _names(runs, mapping or {})
    found = []
    for name in dict.fromkeys(names.values()):
        held = [(run, adapter) for run in runs for adapter in adapters_of(run) if names[adapter] == name]
        started = [(run, adapter, _environment(run, adapter)) for run, adapter in held]
        points = _points([(run, adapter, e) for run, adapter, e in started if e is not None], as_given=as_given)
        missing = [f"{run.path}: {adapter} did not start" for run, adapter, e in started if e is None]
        if len(points) > 1:
            found.append(_history(name, points, missing))
    if not found:
        held_names = "; ".join(f"{run.path}: {', '.join(adapters_of(run)) or 'none'}" for run in runs)
        raise UsageError(
            f"no adapter is held by two of these runs ({held_names})\n  expected several runs of one adapter, or --map"
        )
    return found


def movements(tracks: Iterable[Track], *, everything: bool = False) -> list[Movement]:
    """Tracks that moved, those that moved alike together; with `everything` those that stood still too."""
    groups: dict[tuple[object, ...], list[Track]] = {}
    for track in tracks:
        if everything or track.moved:
            check = track.check
            alike = tuple((step.transition, step.check.verdict if step.check else "") for step in track.steps)
            groups.setdefault((check.operation, check.implementation, alike), []).append(track)
    rank = {name: place for place, name in enumerate(TRANSITIONS)}

    def urgency(movement: Movement) -> tuple[int, int]:
        steps = movement.first.steps
        return min((rank.get(step.transition, len(rank)) for step in steps), default=len(rank)), -len(movement.tracks)

    found = [
        Movement(str(key[0]), str(key[1]), tuple(sorted(members, key=_telling))) for key, members in groups.items()
    ]
    return sorted(found, key=urgency)


def _names(runs: Sequence[Run], mapping: Mapping[str, str]) -> dict[str, str]:
    """Each adapter's name in the history."""
    held = list(dict.fromkeys(name for run in runs for name in adapters_of(run)))
    for name in (*mapping, *mapping.values()):
        if name not in held:
            raise UsageError(f"--map: no run holds the adapter '{name}'\n  expected some of: {', '.join(held)}")
    if not mapping and all(len(adapters_of(run)) == 1 for run in runs) and len(held) > 1:
        return dict.fromkeys(held, " and ".join(held))
    return {name: mapping.get(name, name) for name in held}


def _environment(run: Run, adapter: str) -> Environment | None:
    return next((e for e in run.environments if e.adapter == adapter and e.started), None)


def _points(held: Sequence[tuple[Run, str, Environment]], *, as_given: bool) -> list[Point]:
    said = [_versions(environment) for _, _, environment in held]
    names = dict.fromkeys(name for versions in said for name in versions)
    differing = [name for name in names if len({versions.get(name) for versions in said}) > 1]
    differing.sort(key=lambda name: name in BESIDES)
    points = [
        Point(run, adapter, e, tuple((name, versions[name]) for name in differing if name in versions))
        for (run, adapter, e), versions in zip(held, said, strict=True)
    ]
    return points if as_given else sorted(points, key=_order)


def _versions(environment: Environment) -> dict[str, str]:
    """The framework's first, then what stands beside it."""
    return {environment.framework: environment.version, **environment.versions}


def _order(point: Point) -> list[tuple[bool, Version, str]]:
    return [_parsed(version) for _, version in point.versions]


def _parsed(version: str) -> tuple[bool, Version, str]:
    try:
        return True, Version(version), ""
    except InvalidVersion:
        return False, Version("0"), version


def _history(name: str, points: Sequence[Point], notes: Sequence[str]) -> History:
    tracks: dict[Key, list[Step]] = {}
    said = list(notes)
    for at, point in enumerate(points):
        moved = _since(points[at - 1], point, said) if at else {}
        for check in point.run.checks:
            if check.adapter != point.adapter:
                continue
            key = _key(check)
            steps = tracks.setdefault(key, [])
            steps += [Step(None)] * (at - len(steps))
            transition, note = moved.get(key, (NOT_COMPARED, "")) if at else ("", "")
            steps.append(Step(check, transition, note))
        for key, (transition, note) in moved.items():
            if len(tracks.get(key, ())) == at:
                tracks[key].append(Step(None, transition, note))
    whole = [tuple(steps + [Step(None)] * (len(points) - len(steps))) for steps in tracks.values()]
    return History(name, tuple(points), tuple(map(Track, whole)), tuple(said))


def _since(before: Point, point: Point, notes: list[str]) -> dict[Key, tuple[str, str]]:
    """What the gate says between two neighbours, by check; its notes and problems are added to `notes`."""
    comparison = compare(before.run, point.run, {before.adapter: point.adapter})
    for said in (*comparison.problems, *comparison.notes):
        if not said.startswith("only mapped adapters"):
            notes.append(f"{before.label} to {point.label}: {said}")
    return {_key(pair.check): (pair.transition, pair.note) for pair in comparison.pairs}


def _key(check: Check) -> Key:
    where = check.dtype, check.mode, asked_device(check), check.order
    return check.variant, check.operation, check.implementation, *where


def _tally(steps: Sequence[Step]) -> Tally:
    verdicts = Counter(step.check.verdict for step in steps if step.check is not None)
    accepted = [step.measured for step in steps if step.check is not None and step.check.verdict in ACCEPTED]
    distances = [measured.k for measured in accepted if measured is not None]
    transitions = Counter(step.transition for step in steps if step.transition not in ("", SAME))
    ordered = {name: transitions[name] for name in (*TRANSITIONS, NOT_COMPARED) if transitions[name]}
    return Tally(dict(verdicts), max(distances, default=None), ordered)


def _telling(track: Track) -> tuple[bool, ...]:
    """Sorts first what a reader understands at once: a published number, float32, eager, a value, a scalar."""
    check = track.check
    return (
        check.published is None,
        check.dtype != "float32",
        check.mode != "eager",
        check.order != "value",
        check.shape not in ((), None),
        "…" in check.outcome,
    )


def _outcome(check: Check | None, shown: Worst | None) -> tuple[str, str]:
    if check is None:
        return "", ""
    if shown is None or raised(check) or check.verdict == "unsupported":
        return value(check), check.right
    at = "".join(f"[{i}]" for i in shown.index)
    at += f" by {shown.output}" if shown.output != "value" else ""
    got = None
    if check.worst is not None and (check.worst.output, check.worst.index) == (shown.output, shown.index):
        got = _short(check.worst.got)
    elif check.verdict == "conforms":
        got = f"about {_short(shown.exact)}"
    return (f"{got} at {at}", _short(shown.exact)) if got else (value(check), check.right)


def _short(number: str) -> str:
    try:
        return f"{float(number):.8g}"
    except ValueError:
        return number
