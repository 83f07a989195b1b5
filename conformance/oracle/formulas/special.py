"""Formulas of `oracle.special`."""

from conformance.oracle.formulas.formula import Formula
from conformance.oracle.formulas.symbols import LOGISTIC
from conformance.oracle.formulas.work import Per, Work

_XY = {"x": "x", "y": "other"}
_COVER = ("Cover & Thomas, “Elements of Information Theory”, 2006, sections 2.1 and 2.3", "scipy.special")

FORMULAS = {
    "xlogy": Formula(
        r"f(x, y) = x\ln y,\qquad 0\ln y = 0",
        _XY,
        {"x": r"\ln y", "other": r"\frac{x}{y}"},
        ("scipy.special.xlogy",),
        work=Work(Per(2), Per(3)),
    ),
    "xlog1py": Formula(
        r"f(x, y) = x\ln(1 + y),\qquad 0\ln(1 + y) = 0",
        _XY,
        {"x": r"\ln(1 + y)", "other": r"\frac{x}{1 + y}"},
        ("scipy.special.xlog1py",),
        work=Work(Per(3), Per(3)),
    ),
    "entr": Formula(
        r"f(x) = -x\ln x,\qquad f(0) = 0", {"x": "x"}, {"x": r"-\ln x - 1"}, _COVER, work=Work(Per(2), Per(2))
    ),
    "rel_entr": Formula(
        r"f(x, y) = x\ln\frac{x}{y},\qquad f(0, y) = 0",
        _XY,
        {"x": r"\ln\frac{x}{y} + 1", "other": r"-\frac{x}{y}"},
        _COVER,
        work=Work(Per(3), Per(3)),
    ),
    "kl_div": Formula(
        r"f(x, y) = x\ln\frac{x}{y} - x + y",
        _XY,
        {"x": r"\ln\frac{x}{y}", "other": r"1 - \frac{x}{y}"},
        _COVER,
        work=Work(Per(5), Per(3)),
    ),
    "logaddexp": Formula(
        r"f(x, y) = \ln\left(e^x + e^y\right)",
        {**_XY, **LOGISTIC},
        {"x": r"\sigma(x - y)", "other": r"\sigma(y - x)"},
        work=Work(Per(4), Per(4)),
    ),
    "logit": Formula(
        r"f(p) = \ln\frac{p}{1 - p}",
        {"p": "p"},
        {"p": r"\frac{1}{p\,(1 - p)}"},
        ("scipy.special.logit",),
        work=Work(Per(3), Per(2)),
    ),
}
