"""Formulas of `oracle.selection`."""

import math

from conformance.oracle.formulas.formula import Formula
from conformance.oracle.formulas.work import Call, Per, Work

_ROW = {"x": "x", "i, j": "places along the axis"}
_RANKS = {"x": "x", "k": "k", "x_{(i)}": "the i-th largest: equal ones in the order of their places"}


def _ranked(call: Call) -> float:
    """Every entry is compared with the k largest so far, by halves."""
    return call.entries * math.log2(call.parameters["k"] + 1)


FORMULAS = {
    "reduce_max": Formula(
        r"f(x) = \max_j x_j",
        _ROW,
        {"x": r"\begin{cases} 1 & x_i = \max_j x_j \\ 0 & \text{otherwise} \end{cases}"},
        work=Work(Per(1), Per(0)),
    ),
    "argmax": Formula(r"f(x) = \min\left\{\, i : x_i = \max_j x_j \,\right\}", _ROW, work=Work(Per(1))),
    "top_k_indices": Formula(
        r"f(x)_i = \text{the place of } x_{(i)},\qquad i = 1, \ldots, k", _RANKS, work=Work(_ranked)
    ),
    "top_k_values": Formula(
        r"f(x)_i = x_{(i)},\qquad x_{(1)} \ge x_{(2)} \ge \ldots \ge x_{(k)}",
        {**_RANKS, "j": "a place along the axis"},
        {
            "x": r"\frac{\partial f_i}{\partial x_j} = "
            r"\begin{cases} 1 & x_j \text{ is } x_{(i)} \\ 0 & \text{otherwise} \end{cases}"
        },
        work=Work(_ranked, Per(0)),
    ),
}
