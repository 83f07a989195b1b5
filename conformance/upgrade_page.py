"""The Markdown summary of an upgrade: what a person reads in a job's summary or a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from conformance.cause_words import sides
from conformance.causes import Cause, causes
from conformance.gate import BROKEN, CHANGED, FIXED, SAME, TRANSITIONS, Comparison

EXAMPLES = 2


def page(
    title: str, comparison: Comparison, allowed: Sequence[str] = (), old: Sequence[str] = (), new: Sequence[str] = ()
) -> str:
    """The whole summary. `old` and `new` are the packages of the two environments."""
    lines = [f"# {title}", "", conclusion(comparison, allowed), ""]
    lines += [f"- **incomplete**: {_one_line(problem)}" for problem in comparison.problems]
    lines += [f"- {difference}" for difference in comparison.differences]
    lines += [f"- {_one_line(note)}" for note in comparison.notes]
    changed = changes(old, new)
    if changed:
        lines += ["", f"Packages that differ: {', '.join(changed)}."]
    lines += ["", *of_causes(comparison, heading="##")]
    return "\n".join(lines).rstrip() + "\n"


def conclusion(comparison: Comparison, allowed: Sequence[str] = ()) -> str:
    """Counts and the gate's word in a line."""
    word = {0: "The gate is open.", 1: "The gate is closed.", 3: "The comparison is incomplete."}
    return f"{counts(comparison)}. {word[comparison.status(allowed)]}"


def counts(comparison: Comparison) -> str:
    """ "812 checks compared: 3 changed, 1 fixed, 808 same"."""
    counted = ", ".join(f"{n} {kind}" for kind, n in comparison.counts.items() if n or kind == SAME)
    return f"{len(comparison.pairs)} checks compared: {counted}"


def of_causes(comparison: Comparison, heading: str, most: int = 1000) -> list[str]:
    """The causes, a list for each transition, regressions first, with a few values; not more than `most` in a list."""
    lines: list[str] = []
    for transition in TRANSITIONS:
        found = [cause for cause in causes(comparison) if cause.transition == transition]
        if not found:
            continue
        lines += ["", f"{heading} {transition}: {_checks(comparison.counts[transition])}", ""]
        for cause in found[:most]:
            lines.append(f"- {_one_line(cause.words)} ({_adapters(cause)}; {cause.spread()})")
            if transition in (BROKEN, CHANGED, FIXED):
                lines += _examples(cause)
        if len(found) > most:
            left = sum(len(cause.pairs) for cause in found[most:])
            lines.append(f"- and {len(found) - most} more causes, of {_checks(left)}")
    return lines


def _checks(count: int) -> str:
    return "1 check" if count == 1 else f"{count:,} checks"


def _adapters(cause: Cause) -> str:
    return ", ".join(dict.fromkeys(pair.check.adapter for pair in cause.pairs))


def changes(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """The packages that differ: "keras 3.4.1 became 3.5.0"."""
    before, after = (_versions(side) for side in (old, new))
    found = []
    for name in sorted({*before, *after}):
        was, now = before.get(name), after.get(name)
        if was != now:
            found.append(
                f"{name} {was} became {now}" if was and now else f"{name} {was or now} is {'gone' if was else 'new'}"
            )
    return found


def _versions(packages: Iterable[str]) -> dict[str, str]:
    return {name: version for name, _, version in (package.partition("==") for package in packages)}


def _examples(cause: Cause) -> list[str]:
    found = []
    for pair in cause.examples()[:EXAMPLES]:
        old, new, right = (_one_line(text) for text in sides(pair))
        found.append(
            f"  - `{pair.check.id}`: `{old}` became `{new}`" + (f", where `{right}` is right" if right else "")
        )
    return found


def _one_line(text: str) -> str:
    return " ".join(text.split())
