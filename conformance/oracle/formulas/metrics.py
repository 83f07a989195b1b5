"""Formulas of `oracle.metrics`."""

from conformance.oracle.formulas.formula import Formula
from conformance.oracle.formulas.symbols import LABEL
from conformance.oracle.formulas.work import Per, Work

_HOLDS = {r"[\,\cdot\,]": "1 where the statement holds, else 0"}
_SCORES = {"p": "probabilities"}

FORMULAS = {
    "binary_accuracy": Formula(
        r"f = \left[\,[\,p > \theta\,] = y\,\right]",
        {"p": "probabilities", "y": "targets", r"\theta": "threshold", **_HOLDS},
        work=Work(Per(3)),
    ),
    "categorical_accuracy": Formula(
        r"f = \left[\,\operatorname{argmax}_c\,p_c = \operatorname{argmax}_c\,t_c\,\right]",
        {**_SCORES, "t": "targets", r"\operatorname{argmax}": "the first place of the largest", **_HOLDS},
        work=Work(Per(2, 2)),
    ),
    "sparse_categorical_accuracy": Formula(
        r"f = \left[\,\operatorname{argmax}_c\,p_c = k\,\right]",
        {**_SCORES, **LABEL, r"\operatorname{argmax}": "the first place of the largest", **_HOLDS},
        work=Work(Per(1, 2)),
    ),
    "accuracy": Formula(r"f = [\,\hat{k} = k\,]", {r"\hat{k}": "predictions", **LABEL, **_HOLDS}, work=Work(Per(2))),
    "top_k_categorical_accuracy": Formula(
        r"f = \left[\,\#\{\,c : p_c > p_a\,\} < n\,\right],\qquad a = \operatorname{argmax}_c\,t_c",
        {
            **_SCORES,
            "t": "targets",
            "n": "k",
            r"\operatorname{argmax}": "the first place of the largest",
            r"\#": "how many there are",
            **_HOLDS,
        },
        work=Work(Per(3, 2)),
    ),
    "sparse_top_k_categorical_accuracy": Formula(
        r"f = \left[\,\#\{\,c : p_c > p_k\,\} < n\,\right]",
        {**_SCORES, **LABEL, "n": "k", r"\#": "how many there are", **_HOLDS},
        work=Work(Per(2, 2)),
    ),
    "in_top_k": Formula(
        r"f = \left[\,\#\{\,c : x_c > x_k\,\} < n \text{ and } x_k \text{ is finite}\,\right]",
        {"x": "scores", **LABEL, "n": "k", r"\#": "how many there are", **_HOLDS},
        {},
        ("tf.math.in_top_k",),
        work=Work(Per(2, 2)),
    ),
}
