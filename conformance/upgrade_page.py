"""What the summary of an upgrade says beside the gate: the two environments, and the packages that differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def environments(sides: Iterable[tuple[str, str, str]], old: Sequence[str], new: Sequence[str]) -> str:
    """A section: of each side its name, what was asked for and its Python; then what differs in their packages."""
    lines = ["## Environments", ""]
    lines += [f"- {name}: `{said}`" + (f", {python}" if python else "") for name, said, python in sides]
    changed = changes(old, new)
    if changed:
        lines.append(f"- packages that differ: {', '.join(changed)}")
    return "\n".join(lines) + "\n"


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
