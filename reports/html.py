"""The HTML report: one self-contained file, readable without its script, which only unfolds and filters.

Nothing is loaded from elsewhere, and the page's own policy (Content-Security-Policy) forbids it: only the style and
the script of the templates run, by their digest, so that no text of a run file can become code.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.reports import embedded, tables, words
from conformance.reports.facts import contract_of, facts
from conformance.reports.groups import Group, groups_of
from conformance.reports.observed import Column, Observed, columns_of, observe
from conformance.reports.records import footnotes
from jinja2 import Environment as Templates
from jinja2 import FileSystemLoader, StrictUndefined
from markupsafe import Markup

from conformance.run_file import Run

TEMPLATES = Path(__file__).parent / "templates"
# How much is written out; the page's script shows the rest on demand.
GROUPS_IN_FULL = 200
EXAMPLES_URGENT = 12
EXAMPLES_EXPLAINED = 3
EDGES_WRITTEN = 900  # over all operations
ORACLE_FIGURES = ("value", "gradient")


@dataclass(frozen=True)
class Section:
    """What the page shows of one operation.

    groups   what deviates: what needs a person first
    edges, calm   edge cases in which something deviates or differs, and those in which all is well
    data     every check, for the page's script
    """

    name: str
    slug: str
    family: str
    checks: Sequence[Observed]
    columns: Sequence[Column]
    groups: Sequence[Group]
    tallies: Sequence[tables.Tally]
    dtypes: Sequence[str]
    contracts: Mapping[tuple[str, str], str]
    edges: Sequence[tables.Edge]
    calm: Sequence[tables.Edge]
    data: Markup

    @property
    def urgent(self) -> int:
        """How many checks need a person."""
        return sum(len(group.seen) for group in self.groups if group.needs_person)


def render(runs: Sequence[Run]) -> str:
    """One page for one run or several."""
    seen = observe(runs)
    groups = groups_of(seen.checks)
    style, script = (_text(name) for name in ("style.css", "script.js"))
    operations = seen.operations()
    families = seen.families()
    oracle = next((run.header.oracle for run in runs if run.header.oracle), {})
    sections = {
        name: _section(name, family, operations[name], [g for g in groups if g.operation == name])
        for family, names in families.items()
        for name in names
    }
    return (
        _templates()
        .get_template("report.html")
        .render(
            seen=seen,
            style=Markup(style),
            script=Markup(script),
            policy=_policy(style, script),
            notes=footnotes(runs),
            groups=groups,
            urgent=[group for group in groups if group.needs_person],
            full={group.key for group in groups[:GROUPS_IN_FULL]},
            families=families,
            sections=sections,
            counts=tables.counts(seen),
            differences=tables.differences(seen.checks),
            oracle=oracle,
            oracle_elements=sum(proof["elements"] for proof in oracle.values()),
            oracle_worst=max(
                (proof[o] or 0.0 for proof in oracle.values() for o in ("value", "gradient")), default=0.0
            ),
            matrix=tables.matrix(operations),
            published=tables.published(seen.checks),
            flags=_flags(runs),
            edges_written=max(EDGES_WRITTEN // max(len(sections), 1), 10),
            symbols={w.name: w.symbol for w in (*words.VERDICTS.values(), *words.EXPECTATIONS.values())},
        )
    )


def _section(name: str, family: str, checks: Sequence[Observed], groups: Sequence[Group]) -> Section:
    tallies = tables.tallies(checks)
    edges = tables.edges(checks)
    group_of = {id(seen): group.key for group in groups for seen in group.seen}
    rows = {
        (t.column.key, t.implementation): t.column.implementations.get((name, t.implementation), {}) for t in tallies
    }
    return Section(
        name,
        words.slug(name),
        family,
        checks,
        columns_of(checks),
        groups,
        tallies,
        tables.dtypes_of(tallies),
        {key: contract_of(row, "float32") or contract_of(row) for key, row in rows.items()},
        [edge for edge in edges if not edge.agrees],
        [edge for edge in edges if edge.agrees],
        Markup(embedded.block(checks, group_of)),
    )


def _flags(runs: Sequence[Run]) -> dict[str, Mapping[str, Any]]:
    """Every flag that a run explains, in alphabetical order."""
    found: dict[str, Mapping[str, Any]] = {}
    for run in runs:
        found.update(run.flags)
    return dict(sorted(found.items()))


def _templates() -> Templates:
    templates = Templates(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(
        grouped=words.grouped, counted=words.counted, number=words.number, linked=words.linked, clean=words.clean,
        slug=words.slug, symbol=words.symbol, listed=words.listed,
    )  # fmt: skip
    templates.globals.update(
        verdicts=words.VERDICTS, expectations=words.EXPECTATIONS, grades=words.GRADES, facts=facts,
        severity=words.severity, examples_urgent=EXAMPLES_URGENT, examples_explained=EXAMPLES_EXPLAINED,
    )  # fmt: skip
    return templates


def _text(name: str) -> str:
    return (TEMPLATES / name).read_text("utf-8").strip()


def _policy(style: str, script: str) -> str:
    """A Content-Security-Policy under which only this style and this script have an effect."""
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)]
    return f"default-src 'none'; style-src 'sha256-{digests[0]}'; script-src 'sha256-{digests[1]}'; base-uri 'none'"
