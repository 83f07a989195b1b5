"""Formulas of `oracle.counts`."""

from conformance.oracle.formulas.formula import Formula
from conformance.oracle.formulas.work import Call, Per, Work

_HOLDS = {r"[\,\cdot\,]": "1 where the statement holds, else 0"}
_TP = r"\mathrm{TP} = \sum_i w_i\,[\,p_i > \theta\,]\,y_i"
_FP = r"\mathrm{FP} = \sum_i w_i\,[\,p_i > \theta\,]\,(1 - y_i)"
_TN = r"\mathrm{TN} = \sum_i w_i\,[\,p_i \le \theta\,]\,(1 - y_i)"
_FN = r"\mathrm{FN} = \sum_i w_i\,[\,p_i \le \theta\,]\,y_i"
_DECIDED = {"p": "probabilities", "y": "targets", "w": "weights", r"\theta": "threshold", **_HOLDS}
_MATRIX = r"M_{ab} = \sum_i [\,k_i = a\,]\,[\,\hat{k}_i = b\,]"
_WEIGHTED_MATRIX = r"M_{ab} = \sum_i w_i\,[\,k_i = a\,]\,[\,\hat{k}_i = b\,]"
_CLASSES = {r"\hat{k}": "predictions", "k": "labels", **_HOLDS}
_AND = r",\qquad "
_ALTMAN = ("Altman & Bland, “Diagnostic tests 1: sensitivity and specificity”, 1994, doi:10.1136/bmj.308.6943.1552",)
_ALTMAN_VALUES = ("Altman & Bland, “Diagnostic tests 2: predictive values”, 1994, doi:10.1136/bmj.309.6947.102",)
_RIJSBERGEN = ("van Rijsbergen, “Information Retrieval”, 1979, chapter 7",)


def _with_matrix(call: Call) -> float:
    """An addition for each sample, then the sums of rows and columns of the matrix of counts."""
    classes: int = call.parameters["classes"]
    return call.entries + 2 * classes**2


FORMULAS = {
    "confusion_counts": Formula(_AND.join([_TP, _FP, _TN, _FN]), _DECIDED, work=Work(Per(2))),
    "confusion_matrix": Formula(
        _WEIGHTED_MATRIX + _AND + r"a, b = 0, \ldots, C - 1",
        {**_CLASSES, "w": "weights", "C": "classes"},
        work=Work(Per(1)),
    ),
    "precision": Formula(
        _AND.join([r"P = \frac{\mathrm{TP}}{\mathrm{TP} + \mathrm{FP}}", _TP, _FP]),
        _DECIDED,
        {},
        _RIJSBERGEN,
        work=Work(Per(2)),
    ),
    "recall": Formula(
        _AND.join([r"R = \frac{\mathrm{TP}}{\mathrm{TP} + \mathrm{FN}}", _TP, _FN]),
        _DECIDED,
        {},
        _RIJSBERGEN,
        work=Work(Per(2)),
    ),
    "specificity": Formula(
        _AND.join([r"S = \frac{\mathrm{TN}}{\mathrm{TN} + \mathrm{FP}}", _TN, _FP]),
        _DECIDED,
        {},
        _ALTMAN,
        work=Work(Per(2)),
    ),
    "negative_predictive_value": Formula(
        _AND.join([r"V = \frac{\mathrm{TN}}{\mathrm{TN} + \mathrm{FN}}", _TN, _FN]),
        _DECIDED,
        {},
        _ALTMAN_VALUES,
        work=Work(Per(2)),
    ),
    "hamming_distance": Formula(
        _AND.join(
            [
                r"H = \frac{\mathrm{FP} + \mathrm{FN}}{\mathrm{TP} + \mathrm{FP} + \mathrm{TN} + \mathrm{FN}}",
                _TP,
                _FP,
                _TN,
                _FN,
            ]
        ),
        _DECIDED,
        {},
        ("Hamming, “Error detecting and error correcting codes”, 1950, doi:10.1002/j.1538-7305.1950.tb00463.x",),
        work=Work(Per(2)),
    ),
    "f_beta": Formula(
        _AND.join(
            [
                r"F_\beta = \frac{(1 + \beta^2)\,\mathrm{TP}}"
                r"{(1 + \beta^2)\,\mathrm{TP} + \beta^2\,\mathrm{FN} + \mathrm{FP}}",
                _TP,
                _FP,
                _FN,
            ]
        ),
        {**_DECIDED, r"\beta": "beta"},
        {},
        _RIJSBERGEN,
        work=Work(Per(2)),
    ),
    "mean_iou": Formula(
        r"J = \frac{1}{|S|}\sum_{c \in S} \frac{M_{cc}}{\sum_j M_{cj} + \sum_j M_{jc} - M_{cc}}"
        + _AND
        + _WEIGHTED_MATRIX,
        {**_CLASSES, "S": "the classes that are predicted or right somewhere", "w": "weights"},
        {},
        ("Everingham et al., “The Pascal Visual Object Classes (VOC) Challenge”, 2010, doi:10.1007/s11263-009-0275-4",),
        work=Work(_with_matrix),
    ),
    "cohen_kappa": Formula(
        r"\kappa = 1 - \frac{1 - p_o}{1 - p_e},\qquad p_o = \frac{\sum_c M_{cc}}{n},"
        r"\qquad p_e = \frac{1}{n^2}\sum_c \left(\sum_j M_{cj}\right)\left(\sum_j M_{jc}\right)" + _AND + _MATRIX,
        {**_CLASSES, "n": "the number of samples"},
        {},
        ("Cohen, “A Coefficient of Agreement for Nominal Scales”, 1960, doi:10.1177/001316446002000104",),
        work=Work(_with_matrix),
    ),
    "matthews_correlation": Formula(
        r"R = \frac{n\sum_c M_{cc} - \sum_c r_c\,q_c}"
        r"{\sqrt{\left(n^2 - \sum_c r_c^2\right)\left(n^2 - \sum_c q_c^2\right)}},"
        r"\qquad r_c = \sum_j M_{cj},\qquad q_c = \sum_j M_{jc}" + _AND + _MATRIX,
        {**_CLASSES, "n": "the number of samples"},
        {},
        (
            "Gorodkin, “Comparing Two K-Category Assignments by a K-Category Correlation Coefficient”, 2004, "
            "doi:10.1016/j.compbiolchem.2004.09.006",
        ),
        work=Work(_with_matrix),
    ),
}
