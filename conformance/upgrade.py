"""An upgrade: two environments, one run of each on the same cases, and what the gate says of the two.

Which adapters are compared follows from which came up on each side. One that came up on both is compared with itself;
where the new side lacks it, with its successor (Keras 2 with Keras 3 on TensorFlow: the adapter says which). One that
came up on the new side alone has nothing to be compared with, which is said; one that is lost on the new side, or that
does not start there, makes the comparison incomplete. Adapters that neither side has are no matter.

Pure: takes `Run` values, returns values. `asking_sides.py` runs, `environments` makes the environments.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from conformance.errors import IncompleteError, UsageError
from conformance.gate import Comparison, compare
from conformance.gate_scope import absent
from conformance.run_file import Environment, Run

# What every worker reports: an adapter of one of these judges nothing that is upgraded.
NO_FRAMEWORK = ("numpy", "python")


@dataclass(frozen=True)
class Pairing:
    """Which adapter of the old side is compared with which of the new.

    notes      what a reader should know of it
    problems   why the comparison is not complete
    """

    mapping: Mapping[str, str]
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def compared(old: Run, new: Run, asked: Mapping[str, str], named: Collection[str] = ()) -> Comparison:
    """The gate's comparison of the two sides.

    Raises IncompleteError where no adapter came up on both, UsageError where nothing was asked.
    """
    pairs = pairing(old, new, asked, named)
    if not pairs.mapping:
        raise IncompleteError("\n  ".join(["no adapter can be compared", *_reasons(old, new, pairs)]))
    comparison = compare(old, new, pairs.mapping)
    if not comparison.pairs and not pairs.problems and not comparison.problems:
        raise UsageError("nothing is selected, so nothing is compared\n  see: conformance list cases")
    return replace(
        comparison,
        notes=(*pairs.notes, *(note for note in comparison.notes if not note.startswith("only mapped adapters"))),
        problems=(*pairs.problems, *comparison.problems),
    )


def pairing(old: Run, new: Run, asked: Mapping[str, str], named: Collection[str] = ()) -> Pairing:
    """Pairs the adapters of two runs. `asked` is what the user mapped, `named` are the adapters that the user named.

    >>> pairing(old, new, {}).mapping  # doctest: +SKIP
    {'tensorflow': 'tensorflow', 'tf-keras': 'keras-tensorflow'}
    """
    olds, news = _standing(old), _standing(new)
    mapping: dict[str, str] = {}
    notes: list[str] = []
    problems: list[str] = []
    for left, right in asked.items():
        missing = [*_missing("old", olds, left), *_missing("new", news, right)]
        problems += missing
        if not missing:
            mapping[left] = right
    taken = {*asked, *asked.values()}
    wanted = [name for name in dict.fromkeys([*olds, *news]) if name not in taken]
    if not named:
        wanted = [name for name in wanted if not _bare(olds.get(name)) and not _bare(news.get(name))]
    for name in wanted:
        was, now = olds.get(name), news.get(name)
        if _held(was) and _held(now) and (_up(was) or _up(now)):
            mapping[name] = name
        elif _up(was):
            successor = _successor(was, olds, news)
            if successor is not None and successor.adapter not in taken:
                mapping[name] = successor.adapter
                notes.append(f"{name} is compared with its successor, {successor.adapter} {successor.version}")
            else:
                problems += [
                    f"{text}, and was there on the old side: leave it out with -a"
                    for text in _missing("new", news, name)
                ]
        elif name in named:
            problems.append(
                f"{name} starts on neither side: {_reason(was)}"
                if not _up(now)
                else f"old side: {name}: {_reason(was)}"
            )
        elif _held(was) or (_held(now) and not _up(now)):
            notes.append(f"{name} does not start and is compared with nothing: {_reason(was if _held(was) else now)}")
    alone = [name for name in wanted if _up(news.get(name)) and not _held(olds.get(name)) and name not in named]
    notes += [f"{name} is new, and compared with nothing" for name in alone if name not in mapping.values()]
    return Pairing(mapping, tuple(notes), tuple(problems))


def _successor(
    was: Environment | None, olds: Mapping[str, Environment], news: Mapping[str, Environment]
) -> Environment | None:
    """The environment that takes the place of one on the new side, if it came up there and was not there before."""
    name = was.successor if was is not None else ""
    return news[name] if _up(news.get(name)) and not _held(olds.get(name)) else None


def _standing(run: Run) -> dict[str, Environment]:
    """The environment of each adapter, the one that started where a run holds several."""
    found: dict[str, Environment] = {}
    for environment in run.environments:
        if environment.adapter not in found or environment.started:
            found[environment.adapter] = environment
    return found


def _up(environment: Environment | None) -> bool:
    return environment is not None and environment.started


def _held(environment: Environment | None) -> bool:
    """Whether the adapter's framework is there, whether or not it starts."""
    return environment is not None and not absent(environment)


def _bare(*environments: Environment | None) -> bool:
    """Whether an adapter judges no framework, but formulas that NumPy computes."""
    return any(environment is not None and environment.framework in NO_FRAMEWORK for environment in environments)


def _missing(side: str, there: Mapping[str, Environment], name: str) -> list[str]:
    """What keeps an adapter from being compared; empty where nothing does."""
    environment = there.get(name)
    return [] if _held(environment) else [f"{side} side: {name}: {_reason(environment)}"]


def _reason(environment: Environment | None) -> str:
    if environment is None:
        return "was not run"
    return next(iter(environment.reason.splitlines()), "") or "no reason given"


def _reasons(old: Run, new: Run, pairs: Pairing) -> list[str]:
    found = [*pairs.problems, *pairs.notes]
    for side, run in (("old", old), ("new", new)):
        there = [name for name, environment in _standing(run).items() if environment.started and not _bare(environment)]
        found.append(
            f"{side} side: " + (f"{', '.join(there)} started" if there else "holds no framework that is judged")
        )
    return found
