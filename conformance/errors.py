"""What can go wrong, and the exit status that it has.

ConformanceError
  UsageError          2   bad usage: an unknown adapter, a selection that selects nothing
    FaultyFiles       2   bad case files or divergence records: every fault with its place
  IncompleteError     3   an environment could not start, or a run is not complete
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in a file, where it is, and the way out."""

    file: str
    line: int
    column: int
    message: str
    help: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join(
            [f"{self.file}:{self.line}:{self.column}: {self.message}", *(f"  {line}" for line in self.help)]
        )


class ConformanceError(Exception):
    """Base of every error that a user can cause. The message is all that is shown."""

    status = 2


class UsageError(ConformanceError):
    """The request cannot be understood or selects nothing."""


class FaultyFiles(UsageError):
    """Case files or divergence records that break the rules."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


class IncompleteError(ConformanceError):
    """An environment could not start, or a run file has no end."""

    status = 3
