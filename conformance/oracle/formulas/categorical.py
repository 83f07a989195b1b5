"""Formulas of `oracle.categorical`."""

from conformance.oracle.formulas.formula import Formula
from conformance.oracle.formulas.symbols import CLASSES, GOODFELLOW, LABEL, SZEGEDY
from conformance.oracle.formulas.work import Per, Work

_REFERENCES = (GOODFELLOW + "6.2.2.3",)
_SMOOTHED = r"t'_c = (1 - \alpha)\,t_c + \frac{\alpha}{C}"
_SMOOTHED_ROW = r"t'_c = (1 - \alpha)\,[c = k] + \frac{\alpha}{C}"
_ALPHA = {r"\alpha": "label_smoothing", **CLASSES}
_LOG_SOFTMAX = r"\ln\frac{e^{x_c}}{\sum_j e^{x_j}}"
_SOFTMAX = {"s": "the softmax of x along the axis of the classes"}

FORMULAS = {
    "categorical_cross_entropy": Formula(
        rf"L = -\sum_c t'_c\ln p_c,\qquad {_SMOOTHED}",
        {"p": "probabilities", "t": "targets", **_ALPHA},
        {"probabilities": r"-\frac{t'_c}{p_c}"},
        (*_REFERENCES, SZEGEDY),
        work=Work(Per(3, 1), Per(2)),
    ),
    "sparse_categorical_cross_entropy": Formula(
        r"L = -\ln p_k",
        {"p": "probabilities", **LABEL},
        {"probabilities": r"\begin{cases} -\frac{1}{p_k} & c = k \\ 0 & c \ne k \end{cases}"},
        _REFERENCES,
        work=Work(Per(0, 2), Per(0, 1)),
    ),
    "softmax_cross_entropy": Formula(
        rf"L = -\sum_c w_c\,t'_c\,{_LOG_SOFTMAX},\qquad {_SMOOTHED}",
        {"x": "logits", "t": "targets", "w": "class_weights", **_ALPHA, **_SOFTMAX},
        {"logits": r"s_c\sum_j w_j\,t'_j - w_c\,t'_c"},
        (*_REFERENCES, SZEGEDY),
        work=Work(Per(5, 2), Per(5)),
    ),
    "sparse_softmax_cross_entropy": Formula(
        rf"L = -w_k\sum_c t'_c\,{_LOG_SOFTMAX},\qquad {_SMOOTHED_ROW}",
        {"x": "logits", **LABEL, "w": "class_weights", **_ALPHA, **_SOFTMAX, "[c = k]": "1 where c is k, else 0"},
        {"logits": r"w_k\left(s_c - t'_c\right)"},
        (*_REFERENCES, SZEGEDY),
        work=Work(Per(2, 3), Per(2, 1)),
    ),
}
