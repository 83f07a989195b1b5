"""The formulas of all operations for people, one file for each file of the oracle: LaTeX, symbols, references.

They are apart from the oracle's code because only reports show them; `formula_of` imports a family when it is asked.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module

from conformance.oracle.formulas.formula import Formula


def formula_of(operation: str) -> Formula | None:
    """The formula of an operation; None for one that has none."""
    return all_formulas().get(operation)


@lru_cache(maxsize=1)
def all_formulas() -> dict[str, Formula]:
    """operation -> its formula."""
    from conformance.oracle import FAMILIES

    found: dict[str, Formula] = {}
    for family in FAMILIES:
        found.update(import_module(f"{__name__}.{family}").FORMULAS)
    return found
