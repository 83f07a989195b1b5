"""Profiles: how much of the catalogue a run asks, where the user names nothing narrower.

    smoke   the representative cases, in float32 and eager mode: minutes become seconds
    quick   every case in eager mode in float64 and float32, in float32 alone where eager mode compiles every primitive
            anew for each dtype; second order and relations in float32; the other dtypes, and modes that compile
            quickly, on the representative cases
    full    every case in eager mode in every dtype and order; modes that compile quickly on every case in float32, and
            in the other dtypes on the representative cases; modes whose compiler takes seconds for each signature
            (XLA in TensorFlow, Inductor) on the representative cases in float32, first order
    exhaustive   the whole product: every case in every dtype, mode and order; days on two cores

A mode, dtype or order that the user names is asked of every case, whatever the profile leaves out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conformance.case import DTYPES, Variant
from conformance.selection import Selection

REPRESENTATIVE = "representative"
WIDE = ("float64", "float32")
FIRST_ORDERS = ("value", "gradient")


def modes_of(hello: Mapping[str, Any], selection: Selection) -> list[str]:
    """The modes of a worker that are asked at all, in its own order: eager first."""
    known: list[str] = list(hello["modes"])
    if "all" in selection.modes or (not selection.modes and selection.profile in ("full", "exhaustive")):
        return known
    quick = () if selection.profile == "smoke" else hello.get("quick_modes", ())
    wanted = selection.modes or ("eager", *quick)
    return [mode for mode in known if mode in wanted]


def asks(
    selection: Selection,
    variant: Variant,
    dtype: str,
    mode: str,
    order: str,
    dtypes: Sequence[str] = WIDE,
    quick_modes: Sequence[str] = (),
) -> bool:
    """Whether the profile asks this of a variant.

    `dtypes` are those that a quick run asks of every case, `quick_modes` the compiled modes that compile quickly.
    """
    if selection.profile == "exhaustive":
        return True
    if selection.profile == "full":
        if mode == "eager" or mode in selection.modes or "all" in selection.modes:
            return True
        if mode in quick_modes:
            return dtype == "float32" or REPRESENTATIVE in variant.case.flags
        return _stands_for_the_rest(variant, dtype, order)
    case = variant.case
    representative = REPRESENTATIVE in case.flags
    if selection.profile == "smoke":
        asked_dtype = dtype == "float32" or dtype in selection.dtypes
        asked_order = order in FIRST_ORDERS or order in selection.orders
        return representative and asked_dtype and asked_order and variant.relation is None
    if mode != "eager" and mode not in selection.modes and "all" not in selection.modes:
        return _stands_for_the_rest(variant, dtype, order)
    if order not in FIRST_ORDERS and order not in selection.orders:
        return dtype == "float32"
    if variant.relation is not None:
        return dtype == "float32"
    if dtype not in dtypes and dtype not in selection.dtypes:
        # A case that names its dtypes is about them.
        return representative or case.dtypes != DTYPES
    return True


def _stands_for_the_rest(variant: Variant, dtype: str, order: str) -> bool:
    """Whether it is what a compiled mode is asked where time is short."""
    representative = REPRESENTATIVE in variant.case.flags
    return representative and dtype == "float32" and order in FIRST_ORDERS and variant.relation is None
