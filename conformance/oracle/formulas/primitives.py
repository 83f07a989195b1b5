"""Formulas of `oracle.primitives`."""

from conformance.oracle.formulas.formula import Formula
from conformance.oracle.formulas.symbols import CLASSES, GOODFELLOW, LABEL, LOGISTIC, SZEGEDY
from conformance.oracle.formulas.work import Per, Work

_ROW = {"x": "x", "i, j": "places along the axis", "g": "the cotangent of the value"}
_MASKED = {"x": "x", "m": "mask", "i, j": "places along the axis"}
_SECTIONS = (GOODFELLOW + "3.10 and 4.1",)

FORMULAS = {
    "sigmoid": Formula(
        r"\sigma(x) = \frac{1}{1 + e^{-x}}",
        {"x": "x"},
        {"x": r"\sigma(x)\,\sigma(-x)"},
        _SECTIONS,
        work=Work(Per(3), Per(3)),
    ),
    "log_sigmoid": Formula(
        r"\ln\sigma(x) = -\ln\left(1 + e^{-x}\right)",
        {"x": "x", **LOGISTIC},
        {"x": r"\sigma(-x)"},
        _SECTIONS,
        work=Work(Per(3), Per(2)),
    ),
    "softplus": Formula(
        r"f(x) = \frac{1}{\beta}\ln\left(1 + e^{\beta x}\right)",
        {"x": "x", r"\beta": "beta", **LOGISTIC},
        {"x": r"\sigma(\beta x)"},
        _SECTIONS,
        work=Work(Per(3), Per(2)),
    ),
    "softmax": Formula(
        r"s_i = \frac{e^{x_i}}{\sum_j e^{x_j}}",
        _ROW,
        {"x": r"\sum_j g_j\,\frac{\partial s_j}{\partial x_i} = s_i\left(g_i - \sum_j g_j s_j\right)"},
        _SECTIONS,
        work=Work(Per(3), Per(4)),
    ),
    "log_softmax": Formula(
        r"\ln s_i = x_i - \ln\sum_j e^{x_j}",
        {**_ROW, "s": "the softmax of x"},
        {"x": r"\sum_j g_j\,\frac{\partial \ln s_j}{\partial x_i} = g_i - s_i\sum_j g_j"},
        _SECTIONS,
        work=Work(Per(3, 1), Per(4)),
    ),
    "logsumexp": Formula(
        r"f(x) = \ln\sum_j e^{x_j}",
        {"x": "x", "j": "places along the axis"},
        {"x": r"\frac{e^{x_i}}{\sum_j e^{x_j}}"},
        _SECTIONS,
        work=Work(Per(2, 1), Per(2)),
    ),
    "masked_softmax": Formula(
        r"s_i = \frac{m_i\,e^{x_i}}{\sum_j m_j\,e^{x_j}}",
        {**_MASKED, "g": "the cotangent of the value"},
        {"x": r"\sum_j g_j\,\frac{\partial s_j}{\partial x_i} = s_i\left(g_i - \sum_j g_j s_j\right)"},
        _SECTIONS,
        work=Work(Per(4), Per(4)),
    ),
    "masked_log_softmax": Formula(
        r"\ln s_i = \begin{cases} x_i - \ln\sum_j m_j\,e^{x_j} & m_i = 1 \\ -\infty & m_i = 0 \end{cases}",
        _MASKED,
        {},
        _SECTIONS,
        work=Work(Per(4, 1), Per(4)),
    ),
    "masked_logsumexp": Formula(
        r"f(x) = \ln\sum_j m_j\,e^{x_j}",
        _MASKED,
        {"x": r"\frac{m_i\,e^{x_i}}{\sum_j m_j\,e^{x_j}}"},
        _SECTIONS,
        work=Work(Per(3, 1), Per(2)),
    ),
    "log_cumsum_exp": Formula(
        r"f_i(x) = \ln\sum_{j \le i} e^{x_j}",
        {"x": "x", "i, j, l": "places along the axis"},
        {"x": r"\frac{\partial f_i}{\partial x_j} = \frac{e^{x_j}}{\sum_{l \le i} e^{x_l}}\quad (j \le i)"},
        work=Work(Per(3), Per(3)),
    ),
    "one_hot": Formula(
        r"o_c = \begin{cases} 1 & c = k \\ 0 & c \ne k \end{cases}\qquad c = 0, \ldots, C - 1",
        {**LABEL, "C": "classes"},
        work=Work(lambda call: call.entries * call.parameters["classes"]),
    ),
    "smooth_labels": Formula(
        r"t'_c = (1 - \alpha)\,t_c + \frac{\alpha}{C}",
        {"t": "targets", r"\alpha": "alpha", **CLASSES},
        {"targets": r"1 - \alpha"},
        (SZEGEDY,),
        work=Work(Per(2), Per(1)),
    ),
}
