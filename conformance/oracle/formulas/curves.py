"""Formulas of `oracle.curves`."""

import math

from conformance.oracle.formulas.formula import Formula
from conformance.oracle.formulas.work import Call, Work

_RANKED = {"s": "probabilities", "y": "targets", "w": "weights"}
_RATES = {
    "P": r"P_c = \frac{\sum_{i:\,s_i \ge c} w_i y_i}{\sum_{i:\,s_i \ge c} w_i}",
    "R": r"R_c = \frac{\sum_{i:\,s_i \ge c} w_i y_i}{\sum_i w_i y_i}",
    "S": r"S_c = \frac{\sum_{i:\,s_i < c} w_i (1 - y_i)}{\sum_i w_i (1 - y_i)}",
}


def _ranked(call: Call) -> float:
    """The scores are sorted; then each of them takes a comparison, a sum and five operations at its threshold."""
    return call.entries * (math.log2(max(call.entries, 1)) + 7)


def _best(best: str, bound: str) -> Formula:
    """The largest of one rate over the thresholds at which another is large enough."""
    return Formula(
        rf"B = \max_{{c:\,{bound}_c \ge b}} {best}_c,\qquad " + r",\qquad ".join([_RATES[best], _RATES[bound]]),
        {**_RANKED, "b": "least", "c": "the thresholds: the distinct scores, and one above them all"},
        work=Work(_ranked),
    )


FORMULAS = {
    "auc_roc": Formula(
        r"A = \frac{\sum_{i:\,y_i = 1}\sum_{j:\,y_j = 0} w_i w_j\left([\,s_i > s_j\,] + \tfrac{1}{2}\,[\,s_i = s_j\,]"
        r"\right)}{\sum_{i:\,y_i = 1} w_i\,\sum_{j:\,y_j = 0} w_j}",
        {**_RANKED, r"[\,\cdot\,]": "1 where the statement holds, else 0"},
        {},
        (
            "Hanley & McNeil, “The Meaning and Use of the Area under a Receiver Operating Characteristic (ROC) "
            "Curve”, 1982, doi:10.1148/radiology.143.1.7063747",
        ),
        work=Work(_ranked),
    ),
    "auc_pr": Formula(
        r"A = \sum_n (R_n - R_{n-1})\,P_n,\qquad "
        r"R_n = \frac{\sum_{i:\,s_i \ge c_n} w_i y_i}{\sum_i w_i y_i},\qquad "
        r"P_n = \frac{\sum_{i:\,s_i \ge c_n} w_i y_i}{\sum_{i:\,s_i \ge c_n} w_i}",
        {**_RANKED, "c_n": "the distinct scores, falling; R is 0 before the first"},
        {},
        (
            "Manning, Raghavan & Schütze, “Introduction to Information Retrieval”, 2008, section 8.4",
            "Davis & Goadrich, “The Relationship between Precision-Recall and ROC Curves”, 2006, "
            "doi:10.1145/1143844.1143874 (interpolation at fixed thresholds)",
        ),
        work=Work(_ranked),
    ),
    "precision_at_recall": _best("P", "R"),
    "recall_at_precision": _best("R", "P"),
    "sensitivity_at_specificity": _best("R", "S"),
    "specificity_at_sensitivity": _best("S", "R"),
}
