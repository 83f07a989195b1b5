"""Formulas of `oracle.binary`."""

from conformance.oracle.formulas.formula import Formula
from conformance.oracle.formulas.symbols import GOODFELLOW, LOGISTIC, SOFTPLUS, SZEGEDY
from conformance.oracle.formulas.work import Per, Work

_REFERENCES = (
    "Cox, “The Regression Analysis of Binary Sequences”, 1958",
    GOODFELLOW + "6.2.2.2",
    SZEGEDY,
)
_SMOOTHED = r"y' = (1 - \alpha)\,y + \frac{\alpha}{2}"
_TARGETS = {"y": "targets", r"\alpha": "label_smoothing"}

FORMULAS = {
    "binary_cross_entropy": Formula(
        rf"L = -y'\ln p - (1 - y')\ln(1 - p),\qquad {_SMOOTHED}",
        {"p": "probabilities", **_TARGETS},
        {"probabilities": r"\frac{p - y'}{p\,(1 - p)}"},
        _REFERENCES,
        work=Work(Per(8), Per(4)),
    ),
    "binary_cross_entropy_with_logits": Formula(
        r"L = (1 - y')\operatorname{softplus}(x) + q\,y'\operatorname{softplus}(-x),\qquad " + _SMOOTHED,
        {"x": "logits", **_TARGETS, "q": "pos_weight", **SOFTPLUS, **LOGISTIC},
        {"logits": r"(1 - y')\,\sigma(x) - q\,y'\,\sigma(-x)"},
        _REFERENCES,
        work=Work(Per(11), Per(6)),
    ),
}
