"""Formulas of `oracle.margin`."""

from conformance.oracle.formulas.formula import Formula
from conformance.oracle.formulas.symbols import LOGISTIC
from conformance.oracle.formulas.work import Per, Work

_XY = {"x": "scores", "y": "targets"}
_ROSASCO = "Rosasco, De Vito, Caponnetto, Piana & Verri, “Are Loss Functions All the Same?”, 2004"

FORMULAS = {
    "hinge": Formula(
        r"L = \max(0, 1 - y\,x)",
        _XY,
        {"scores": r"\begin{cases} -y & y\,x < 1 \\ 0 & y\,x > 1 \end{cases}"},
        (_ROSASCO,),
        work=Work(Per(4), Per(3)),
    ),
    "perceptron": Formula(
        r"L = \max(0, -y\,x)",
        _XY,
        {"scores": r"\begin{cases} -y & y\,x < 0 \\ 0 & y\,x > 0 \end{cases}"},
        ("Rosenblatt, “The Perceptron”, 1958, doi:10.1037/h0042519",),
        work=Work(Per(3), Per(3)),
    ),
    "squared_hinge": Formula(
        r"L = \max(0, 1 - y\,x)^2",
        _XY,
        {"scores": r"-2\,y\,\max(0, 1 - y\,x)", "targets": r"-2\,x\,\max(0, 1 - y\,x)"},
        (_ROSASCO,),
        work=Work(Per(5), Per(4)),
    ),
    "binary_sparsemax": Formula(
        r"L = \begin{cases} 0 & z \ge 1 \\ \tfrac{1}{4}\,(1 - z)^2 & -1 < z < 1 \\ -z & z \le -1 \end{cases},"
        r"\qquad z = y\,x",
        _XY,
        {"scores": r"-y\,\min\left(\max\left(\frac{1 - z}{2}, 0\right), 1\right)"},
        ("Blondel, Martins & Niculae, “Learning with Fenchel-Young Losses”, 2020, section 4.4, arXiv:1901.02324",),
        work=Work(Per(7), Per(5)),
    ),
    "soft_margin": Formula(
        r"L = \ln\left(1 + e^{-y x}\right)",
        {**_XY, **LOGISTIC},
        {"scores": r"-y\,\sigma(-y\,x)"},
        (_ROSASCO,),
        work=Work(Per(5), Per(3)),
    ),
    "hinge_embedding": Formula(
        r"L = \begin{cases} d & y = 1 \\ \max(0, m - d) & y = -1 \end{cases}",
        {"d": "distances", "y": "targets", "m": "margin"},
        {"distances": r"\begin{cases} 1 & y = 1 \\ -1 & y = -1,\ d < m \\ 0 & y = -1,\ d > m \end{cases}"},
        (
            "Hadsell, Chopra & LeCun, “Dimensionality Reduction by Learning an Invariant Mapping”, 2006, "
            "doi:10.1109/CVPR.2006.100",
        ),
        work=Work(Per(4), Per(1)),
    ),
    "margin_ranking": Formula(
        r"L = \max\left(0, m - y\,(a - b)\right)",
        {"a": "first", "b": "second", "y": "targets", "m": "margin"},
        {
            "first": r"\begin{cases} -y & y\,(a - b) < m \\ 0 & y\,(a - b) > m \end{cases}",
            "second": r"\begin{cases} y & y\,(a - b) < m \\ 0 & y\,(a - b) > m \end{cases}",
        },
        work=Work(Per(5), Per(3)),
    ),
}
