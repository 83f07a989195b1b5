"""Formulas of `oracle.averages`."""

from conformance.oracle.formulas.formula import Formula
from conformance.oracle.formulas.work import Per, Work

_VALUES = {"v": "values", "w": "weights"}

FORMULAS = {
    "running_mean": Formula(
        r"\bar{v} = \frac{\sum_i w_i v_i}{\sum_i w_i}",
        _VALUES,
        work=Work(Per(1, weighted=2)),
    ),
    "running_sum": Formula(r"s = \sum_i w_i v_i", _VALUES, work=Work(Per(1, weighted=1))),
    "r2_score": Formula(
        r"R^2 = 1 - \frac{\sum_i w_i\,(y_i - p_i)^2}{\sum_i w_i\,(y_i - \bar{y})^2},"
        r"\qquad \bar{y} = \frac{\sum_i w_i y_i}{\sum_i w_i}",
        {"p": "predictions", "y": "targets", "w": "weights"},
        {},
        ("Draper & Smith, “Applied Regression Analysis”, 1998, section 1.3",),
        work=Work(Per(7, weighted=4)),
    ),
}
