"""Formulas of `oracle.focal`."""

from conformance.oracle.formulas.formula import Formula
from conformance.oracle.formulas.symbols import CLASSES, LABEL, LOGISTIC, SOFTPLUS
from conformance.oracle.formulas.work import Call, Per, Work

_LIN = (
    "Lin, Goyal, Girshick, He & Dollár, “Focal Loss for Dense Object Detection”, 2017, equations 4 and 5, "
    "arXiv:1708.02002",
)
_SMOOTHED = r"y' = (1 - \varepsilon)\,y + \frac{\varepsilon}{2}"
_BALANCE = r"\alpha_t = \alpha\,y' + (1 - \alpha)(1 - y')"
_BINARY = {
    "y": "targets",
    r"\alpha": "alpha",
    r"\alpha_t": "1 where alpha is not given",
    r"\gamma": "gamma",
    r"\varepsilon": "label_smoothing",
    "H": "the cross-entropy",
    "m": "the probability of the wrong class",
}


def _balance(call: Call) -> float:
    """α_t, and the product with it."""
    return 0 if call.parameters["alpha"] is None else 4 * call.entries


FORMULAS = {
    "sigmoid_focal_loss": Formula(
        r"L = \alpha_t\,m^{\gamma}\,H,\qquad H = (1 - y')\operatorname{softplus}(x) + y'\operatorname{softplus}(-x),"
        r"\qquad m = y'\,\sigma(-x) + (1 - y')\,\sigma(x),\qquad " + _BALANCE + r",\qquad " + _SMOOTHED,
        {"x": "logits", **_BINARY, **LOGISTIC, **SOFTPLUS},
        {
            "logits": r"\alpha_t\,m^{\gamma}\left((1 - y')\,\sigma(x) - y'\,\sigma(-x)"
            r" + \gamma\,(1 - 2y')\,\frac{\sigma(x)\,\sigma(-x)}{m}\,H\right)"
        },
        _LIN,
        work=Work(lambda call: 18 * call.entries + _balance(call), Per(11)),
    ),
    "binary_focal_cross_entropy": Formula(
        r"L = \alpha_t\,m^{\gamma}\,H,\qquad H = -y'\ln p - (1 - y')\ln(1 - p),"
        r"\qquad m = y'\,(1 - p) + (1 - y')\,p,\qquad " + _BALANCE + r",\qquad " + _SMOOTHED,
        {"p": "probabilities", **_BINARY},
        {
            "probabilities": r"\alpha_t\left(m^{\gamma}\,\frac{p - y'}{p\,(1 - p)}"
            r" + \gamma\,m^{\gamma - 1}\,(1 - 2y')\,H\right)"
        },
        _LIN,
        work=Work(lambda call: 13 * call.entries + _balance(call), Per(13)),
    ),
    "categorical_focal_cross_entropy": Formula(
        r"L = -\sum_c \alpha_c\,t'_c\,(1 - p_c)^{\gamma}\ln p_c,"
        r"\qquad t'_c = (1 - \varepsilon)\,t_c + \frac{\varepsilon}{C}",
        {
            "p": "probabilities",
            "t": "targets",
            r"\alpha": "alpha",
            r"\gamma": "gamma",
            r"\varepsilon": "label_smoothing",
            **CLASSES,
        },
        {
            "probabilities": r"\alpha_c\,t'_c\left(\gamma\,(1 - p_c)^{\gamma - 1}\ln p_c"
            r" - \frac{(1 - p_c)^{\gamma}}{p_c}\right)"
        },
        _LIN,
        work=Work(Per(6, 1), Per(7)),
    ),
    "softmax_focal_loss": Formula(
        r"L = -(1 - s_k)^{\gamma}\ln s_k,\qquad s_c = \frac{e^{x_c}}{\sum_j e^{x_j}}",
        {"x": "logits", **LABEL, r"\gamma": "gamma", "[c = k]": "1 where c is k, else 0"},
        {
            "logits": r"\left((1 - s_k)^{\gamma} - \gamma\,(1 - s_k)^{\gamma - 1}\,s_k\ln s_k\right)"
            r"\left(s_c - [c = k]\right)"
        },
        _LIN,
        work=Work(Per(2, 6), Per(2, 7)),
    ),
}
