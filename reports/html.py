"""The HTML report: one self-contained file. Its essentials are written out; its script shows every check on demand.

    written out    what needs a person, what changed, what ran where, counts, matrix, how things are judged
    in the data    every check, small (`index`, `details`), for the views of the page's script (`templates/script`)

Nothing is loaded from elsewhere, and the page's own policy (Content-Security-Policy) forbids it: only the style and
the script of the templates run, by their digest, so that no text of a run file can become code.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance.reports import changes, details, tables, vendored, words
from conformance.reports.asked import told
from conformance.reports.groups import alike, groups_of
from conformance.reports.index import index, ordered
from conformance.reports.observed import Observed, observe
from conformance.reports.operations import flags_of, operations
from conformance.reports.packed import packed
from conformance.reports.records import footnotes
from conformance.reports.timings import timed, timing_changes, timings
from jinja2 import Environment as Templates
from jinja2 import FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from conformance.gate_summary import calls_of, conclusion
from conformance.gate_timings import told as told_timing
from conformance.policy import Policy
from conformance.run_file import Run

TEMPLATES = Path(__file__).parent / "templates"
# Mail, chats and CI pages refuse larger files. Details of checks that conform are left out until a page fits.
LIMIT = 3_900_000
# How much is written out for readers without JavaScript; the page's script shows all.
CAUSES_WRITTEN = 60
CAUSES_ON_OVERVIEW = 4  # of each transition
GROUPS_WRITTEN = 100


def render(
    runs: Sequence[Run],
    *,
    mapping: Mapping[str, str] | None = None,
    policy: Policy | None = None,
    today: datetime.date | None = None,
    limit: int = LIMIT,
) -> str:
    """One page for one run or several, which follow one another.

    `mapping` (old adapter -> new one), `policy` and `today` are those of a gate. `limit` bounds the bytes of the page,
    as far as leaving out details of checks that conform can reach it.
    """
    compared = changes.changes(runs, mapping, policy, today)
    seen = observe(runs, changes.successors(compared))
    checks = ordered(seen)
    groups = groups_of(seen.checks)
    notes = footnotes(runs)
    open_ = alike(group for group in groups if group.needs_person)
    # After an upgrade nobody must act on what only the old version did, and what both did is no reason against it.
    earlier = [group for group in open_ if compared and len(runs) not in group.runs]
    standing = [group for group in open_ if compared and len(runs) in group.runs and len(group.runs) > 1]
    urgent = [group for group in open_ if group not in earlier and group not in standing]
    defined = operations(seen)
    times = timing_changes(runs, compared, mapping, policy, today)
    style, script = vendored.style() + _texts("style", "css"), vendored.script() + _script()
    page = (
        _templates()
        .get_template("report.html")
        .render(
            seen=seen,
            style=Markup(style),
            script=Markup(script),
            policy=_policy(style, script),
            notes=notes,
            urgent=urgent[:GROUPS_WRITTEN],
            urgent_groups=len(urgent),
            urgent_checks=sum(len(group.seen) for group in urgent),
            standing=bool(standing),
            folded=[
                (said, found[:GROUPS_WRITTEN])
                for said, found in (
                    ("of both versions, which the upgrade does not change", standing),
                    ("only in earlier runs", earlier),
                )
                if found
            ],
            unused=[note for note in notes.values() if note.unused],
            known=[g for g in groups if not g.needs_person and g.verdict in ("crashes", "hangs")],
            compared=compared,
            timed=timed(runs),
            time_changes=times,
            families=seen.families(),
            counts=tables.counts(seen),
            differences=tables.differences(seen.checks),
            matrix=tables.matrix(seen.operations()),
            libraries=vendored.LIBRARIES,
            data=Markup(
                packed(
                    {
                        **index(seen, checks, groups, notes, compared, defined, flags_of(runs)),
                        "timings": timings(runs),
                        "timingChanges": times,
                    }
                )
            ),
            vocabulary=_vocabulary(),
            details=_DETAILS,
        )
    )
    before, after = page.split(_DETAILS)
    return before + _details(checks, told(runs), limit - len(before.encode()) - len(after.encode())) + after


# Stands where the details go: how large they may be is known when the rest is written.
_DETAILS = "<!-- details of every check -->"


def _details(checks: Sequence[Observed], asked: Mapping[str, Mapping[str, Any]], room: int) -> str:
    """The blocks of all operations, one on each line, after the number of the level at which they fit."""
    for level in range(len(details.LEVELS)):
        text = "\n".join([str(level), *details.blocks(checks, asked, level)])
        if len(text) <= room:
            break
    return text


def _vocabulary() -> dict[str, object]:
    """The words that the page's script shows, from the one place where they are defined."""
    return {
        "verdicts": [[word.name, word.symbol, word.meaning] for word in words.VERDICTS.values()],
        "expectations": [[word.name, word.symbol, word.meaning] for word in words.EXPECTATIONS.values()],
        "transitions": [[word.name, word.symbol, word.meaning] for word in words.TRANSITIONS.values()],
    }


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
        slug=words.slug, symbol=words.symbol, listed=words.listed, address=words.address,
        told=told_timing, breakable=_breakable,
    )  # fmt: skip
    templates.globals.update(
        verdicts=words.VERDICTS, expectations=words.EXPECTATIONS, transitions=words.TRANSITIONS, grades=words.GRADES,
        severity=words.severity, examples=changes.examples, reasons=changes.reasons, calls_of=calls_of,
        conclusion=conclusion, folded=changes.FOLDED, causes_written=CAUSES_WRITTEN,
        causes_on_overview=CAUSES_ON_OVERVIEW,
    )  # fmt: skip
    return templates


def _breakable(text: str) -> Markup:
    """Escaped text whose long names may be broken after an underscore, and nowhere else within."""
    return escape(text).replace("_", Markup("_<wbr>"))


def _texts(folder: str, suffix: str) -> str:
    return "\n".join(path.read_text("utf-8").strip() for path in sorted((TEMPLATES / folder).glob(f"*.{suffix}")))


def _script() -> str:
    """The script's modules, in the order of their names, in one scope of their own."""
    return f'(() => {{\n"use strict";\n{_texts("script", "js")}\n}})();'


def _policy(style: str, script: str) -> str:
    """A Content-Security-Policy under which only this style and this script have an effect."""
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)]
    return f"default-src 'none'; style-src 'sha256-{digests[0]}'; script-src 'sha256-{digests[1]}'; base-uri 'none'"
