"""The words of a report: what each verdict and expectation means, and how numbers, counts and links are written."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote


@dataclass(frozen=True)
class Word:
    """A verdict or an expectation: a symbol that reads without colour, and its meaning in one sentence."""

    name: str
    symbol: str
    meaning: str


# The worst first: a cell of the matrix shows the first that occurs in it.
VERDICTS = {
    word.name: word
    for word in (
        Word("crashes", "✖", "The process died."),
        Word("hangs", "…", "The time ran out."),
        Word("unstable", "∞", "nan or inf where the right answer is finite, or the reverse, or the wrong sign."),
        Word("diverges", "≠", "A finite value outside the bound of both the mathematics and the declared contract."),
        Word("misshapen", "▭", "Wrong shape or dtype."),
        Word("rejects", "⊘", "Raised where a value was right."),
        Word("accepts", "!", "Returned where the case says that the input is invalid."),
        Word("unjudged", "?", "No honest judgement is possible; the reason is given."),
        Word(
            "documented",
            "≈",
            "Differs from the mathematics and meets the grade against the contract that the framework documents.",
        ),
        Word("conforms", "✓", "Meets the grade that the operation demands."),
        Word(
            "unsupported",
            "–",
            "The framework has no such call, dtype or mode: said and counted, never skipped silently.",
        ),
    )
}
SEVERITY = {name: rank for rank, name in enumerate(VERDICTS)}

# What needs a person first. "unused" is said of a record, the others of a check.
EXPECTATIONS = {
    word.name: word
    for word in (
        Word("unexpected", "●", "It deviates and no divergence record covers it."),
        Word("changed", "◐", "It deviates otherwise than its divergence record says."),
        Word("fixed", "○", "A divergence record says that it deviates, and it does not: the record can go."),
        Word("unused", "◌", "A divergence record matched nothing, though its versions were run."),
        Word("expected", "", "As the mathematics, the declared contract or a divergence record says."),
    )
}
URGENCY = {name: rank for rank, name in enumerate(EXPECTATIONS)}

# Between two runs, in the order in which a reader needs them.
TRANSITIONS = {
    word.name: word
    for word in (
        Word("broken", "✖", "Right or documented before, deviates now."),
        Word("changed", "↷", "Another value, choice or exception than before; neither is worse than the other."),
        Word("newly unsupported", "−", "The old version could be asked this, the new one cannot."),
        Word("removed", "×", "Only the old run has it: the call is gone, or was not asked."),
        Word("fixed", "✓", "Deviated before, right or documented now."),
        Word("newly supported", "+", "The new version can be asked this, the old one could not."),
        Word("added", "∗", "Only the new run has it."),
        Word("drifted", "~", "Other last digits, within rounding."),
        Word("same", "=", "The same outcome."),
    )
}

GRADES = (
    ("A", "K ≤ 16 with scale = |exact| + κ: relative accuracy."),
    ("B", "K ≤ 16 with scale = S, what an ordinary stable implementation rounds on the way."),
    ("C", "Neither."),
)

_REFERENCE = re.compile(r"\b([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)#(\d+)\b")
_ADDRESS = re.compile(r"https://[^\s<>\"'`]+[^\s<>\"'`.,;:)]")
_NUMBER = re.compile(r"[-+]?(?:0x[0-9a-fA-F.p+-]+|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)")
# What XML 1.0 cannot hold, and what would reorder or hide text on a page.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def symbol(verdict: str) -> str:
    """The symbol of a verdict; a word that this version does not know has none."""
    return VERDICTS[verdict].symbol if verdict in VERDICTS else ""


def severity(verdict: str) -> int:
    """0 is the worst. An unknown verdict counts as the worst: it must be seen."""
    return SEVERITY.get(verdict, -1)


def clean(text: str) -> str:
    """The text with control characters made visible as `\\x1b`: they would break XML or disguise the line."""
    if text.isprintable():
        return text
    return _UNPRINTABLE.sub(lambda m: f"\\x{ord(m[0]):02x}", text)


def cleaned(value: Any) -> Any:
    """A value as JSON has it, with all its texts cleaned; nan and the infinities become words."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(str(name)): cleaned(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [cleaned(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return number(value)
    return value


def number(value: float) -> str:
    """Three significant digits; nan and inf as words."""
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return f"{value:.3g}"


def grouped(count: int) -> str:
    """50 000 with a narrow no-break space, as no language mistakes it for a decimal point."""
    return f"{count:,}".replace(",", "\u202f")


def counted(count: int, noun: str, plural: str = "") -> str:
    """1 check, 2 checks."""
    return f"{grouped(count)} {noun if count == 1 else plural or noun + 's'}"


def listed(names: list[str], most: int = 4) -> str:
    """The first few names and how many more there are."""
    if len(names) <= most:
        return ", ".join(names)
    return ", ".join(names[:most]) + f" and {grouped(len(names) - most)} more"


def pattern(message: str) -> str:
    """A message without its numbers: messages that differ in a shape or an address have one cause."""
    first = message.strip().splitlines()[0] if message.strip() else ""
    return _NUMBER.sub("#", first)[:200]


def slug(text: str) -> str:
    """A name that can stand in an address."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def address(text: str) -> str:
    """A text as a part of an address after `#/`."""
    return quote(clean(text), safe="/[]=,.-_")


@dataclass(frozen=True)
class Piece:
    """A piece of text, with an address where it is a link."""

    text: str
    href: str = ""


def linked(text: str) -> list[Piece]:
    """Text with its references to GitHub (owner/repository#123) and its https addresses as links."""
    pieces, at = [], 0
    found = sorted([*_REFERENCE.finditer(text), *_ADDRESS.finditer(text)], key=lambda m: m.start())
    for match in found:
        if match.start() < at:
            continue
        if match.start() > at:
            pieces.append(Piece(text[at : match.start()]))
        address = match[0] if match.re is _ADDRESS else f"https://github.com/{match[1]}/issues/{match[2]}"
        pieces.append(Piece(match[0], address))
        at = match.end()
    if at < len(text):
        pieces.append(Piece(text[at:]))
    return pieces
