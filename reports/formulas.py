"""LaTeX as MathML, which browsers set by themselves: no font and no script is needed for it."""

from __future__ import annotations

import re
from functools import lru_cache

import latex2mathml.converter
from conformance.reports.words import clean


@lru_cache(maxsize=4096)
def mathml(latex: str, *, block: bool = True) -> str:
    """The formula as a `<math>` element; "" where there is none, or where it cannot be set (the LaTeX is shown then).

    The converter escapes what stands in the formula, so that no text of a run file becomes another element: whatever
    else comes out is refused.
    """
    if not latex.strip():
        return ""
    try:
        made: str = latex2mathml.converter.convert(clean(latex), display="block" if block else "inline")
    except Exception:  # the converter raises many kinds for what it does not know
        return ""
    made = made.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "")
    made = _PRIME.sub(r"<mrow>\1<mo>&#x02032;</mo></mrow>", made)
    return _FUNCTION.sub(r'\1<mspace width="0.17em"/>', made) if _only_mathematics(made) else ""


# A prime is raised by its own glyph: as a superscript it shrinks to a dot in fonts without mathematics.
_PRIME = re.compile(r"<msup>(<mi>[^<]*</mi>)<m[io]>&#x02032;</m[io]></msup>")
# The name of a function before its argument: "log p" is not "logp".
_FUNCTION = re.compile(r"(<m[io]>[A-Za-z]{2,}</m[io]>)(?=<m(?:i|n|sub|sup|frac|row)\b)")
_ELEMENT = re.compile(r"</?([A-Za-z][\w:-]*)((?:\s+[\w:-]+=\"[^\"<>]*\")*)\s*/?>")
_ATTRIBUTE = re.compile(r"([\w:-]+)=\"")
_ELEMENTS = re.compile(
    "math|mrow|mi|mn|mo|mtext|mspace|ms|mfrac|msqrt|mroot|mstyle|mpadded|mphantom|menclose|msub|msup|msubsup|munder|"
    "mover|munderover|mmultiscripts|mprescripts|mtable|mtr|mtd|mfenced"
)
_ATTRIBUTES = re.compile(
    "display|stretchy|fence|form|separator|lspace|rspace|minsize|maxsize|movablelimits|accent|mathvariant|columnalign|"
    "columnspacing|rowspacing|displaystyle|scriptlevel|width|height|depth|linethickness|accentunder|symmetric|largeop|"
    "columnlines|rowlines|rowalign|columnwidth"
)


def _only_mathematics(made: str) -> bool:
    """Whether this is MathML alone, without links, styles, scripts or handlers."""
    rest = _ELEMENT.sub("", made)
    if "<" in rest or ">" in rest:
        return False
    for name, attributes in _ELEMENT.findall(made):
        if not (_ELEMENTS.fullmatch(name) and all(map(_ATTRIBUTES.fullmatch, _ATTRIBUTE.findall(attributes)))):
            return False
    return True
