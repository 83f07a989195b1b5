"""Formulas of `oracle.overlap`."""

from conformance.oracle.formulas.formula import Formula
from conformance.oracle.formulas.work import Per, Work

_TERMS = r"I = \sum_i p_i\,t_i,\qquad \mathrm{FP} = \sum_i p_i\,(1 - t_i),\qquad \mathrm{FN} = \sum_i (1 - p_i)\,t_i"
_LOSS = r"L = 1 - \frac{I + s}{I + \alpha\,\mathrm{FP} + \beta\,\mathrm{FN} + s}"
_WEIGHTS = {r"\alpha": "alpha", r"\beta": "beta", "s": "smooth"}
_SALEHI = (
    "Salehi, Erdogmus & Gholipour, “Tversky Loss Function for Image Segmentation Using 3D Fully Convolutional Deep "
    "Networks”, 2017, section 2, arXiv:1706.05721",
)

FORMULAS = {
    "dice": Formula(
        r"L = 1 - \frac{2\sum_i p_i\,t_i + 2s}{\sum_i p_i + \sum_i t_i + 2s}",
        {"p": "probabilities", "t": "targets", "s": "smooth", "i": "axes"},
        {},
        ("Milletari, Navab & Ahmadi, “V-Net”, 2016, section 3, arXiv:1606.04797",),
        work=Work(Per(4), Per(4)),
    ),
    "tversky": Formula(
        rf"{_LOSS},\qquad {_TERMS}",
        {"p": "probabilities", "t": "targets", **_WEIGHTS, "i": "axes"},
        {},
        _SALEHI,
        work=Work(Per(8), Per(4)),
    ),
    "tversky_with_logits": Formula(
        rf"{_LOSS},\qquad {_TERMS},\qquad p_i = \frac{{e^{{x_i}}}}{{\sum_j e^{{x_j}}}}",
        {"x": "logits", "t": "targets", **_WEIGHTS, "i": "axes", "j": "the classes of the last axis"},
        {},
        _SALEHI,
        work=Work(Per(11), Per(8)),
    ),
}
