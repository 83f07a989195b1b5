"""The libraries that the page carries: maintained ones, as their authors released them, with their licences.

`vendor/README.md` says how each file was made.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).parent / "vendor"


@dataclass(frozen=True)
class Library:
    """One library: what it does here, and whose it is."""

    name: str
    version: str
    does: str
    address: str
    licence: str
    file: str

    @property
    def licence_text(self) -> str:
        """The licence as the library's authors give it."""
        return (VENDOR / f"{self.file}.LICENSE").read_text("utf-8")


LIBRARIES = (
    Library("uPlot", "1.6.32", "draws the plots", "https://github.com/leeoniya/uPlot", "MIT", "uplot"),
    Library(
        "TanStack Virtual", "3.19.11", "scrolls long tables", "https://github.com/TanStack/virtual", "MIT",
        "virtual-core",
    ),
)  # fmt: skip


def script() -> str:
    """The scripts of all libraries."""
    return "".join((VENDOR / f"{each.file}.min.js").read_text("utf-8") + ";\n" for each in LIBRARIES)


def style() -> str:
    """The styles of those libraries that have one."""
    return (VENDOR / "uplot.min.css").read_text("utf-8") + "\n"
