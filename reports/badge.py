"""The badge: one small SVG that says how a run stands, for a README or a job's page.

An SVG and not the JSON of a badge service: it is a file like the report, and needs no server to be seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from conformance.reports.observed import observe
from conformance.reports.words import clean, grouped

from conformance.run_file import Run

LABEL = "conformance"
GREEN, RED, GREY = "#2e7d32", "#b3261e", "#5f6770"
_CHARACTER, _PADDING = 6.6, 10


def render(runs: Sequence[Run]) -> str:
    """The badge of the last of these runs, as an SVG."""
    said, colour = standing(runs)
    left, right = _width(LABEL), _width(said)
    title = escape(clean(f"{LABEL}: {said}"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" aria-label="{title}">\n'
        f"<title>{title}</title>\n"
        f'<clipPath id="round"><rect width="{left + right}" height="20" rx="3"/></clipPath>\n'
        f'<g clip-path="url(#round)"><rect width="{left}" height="20" fill="#444c56"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>\n'
        '<g fill="#ffffff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f'<text x="{left / 2}" y="14">{LABEL}</text><text x="{left + right / 2}" y="14">{escape(said)}</text></g>\n'
        "</svg>\n"
    )


def standing(runs: Sequence[Run]) -> tuple[str, str]:
    """What the badge says, and its colour. What did not run is never green."""
    seen = observe(runs[-1:])
    if seen.failures or seen.incomplete or not seen.checks:
        return "incomplete", GREY
    urgent = seen.expectations().total() - seen.expectations()["expected"]
    if urgent:
        return f"{grouped(urgent)} unexpected", RED
    return f"{grouped(len(seen.checks))} as expected", GREEN


def _width(text: str) -> int:
    return round(len(text) * _CHARACTER) + 2 * _PADDING
