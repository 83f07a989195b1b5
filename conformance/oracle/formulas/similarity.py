"""Formulas of `oracle.similarity`."""

from conformance.oracle.formulas.formula import Formula
from conformance.oracle.formulas.work import Call, Per, Work

_AB = {"a": "predictions", "b": "targets"}
_COS = r"\frac{\langle a, b\rangle}{\lVert a\rVert\,\lVert b\rVert}"
_BY_A = r"\frac{1}{\lVert a\rVert}\left(\frac{b}{\lVert b\rVert} - \cos(a, b)\,\frac{a}{\lVert a\rVert}\right)"
_BY_B = r"\frac{1}{\lVert b\rVert}\left(\frac{a}{\lVert a\rVert} - \cos(a, b)\,\frac{b}{\lVert b\rVert}\right)"
_HADSELL = (
    "Hadsell, Chopra & LeCun, “Dimensionality Reduction by Learning an Invariant Mapping”, 2006, "
    "doi:10.1109/CVPR.2006.100"
)


def _distances(call: Call, number: int) -> float:
    """So many distances of each row: differences, their powers and sum; no root where p is 1, no |d| where it is 2."""
    p = call.parameters["p"]
    return number * ((3 if p in (1, 2) else 4) * call.entries + (0 if p == 1 else 1) * call.rows)


def _slopes(call: Call, number: int) -> float:
    """Their gradients: a sign, a difference over the distance, or a power of that."""
    return number * ((1 if call.parameters["p"] in (1, 2) else 3) * call.entries + call.rows)


def _sides(call: Call) -> int:
    """Of a triangle, as many as are measured."""
    return 3 if call.parameters["swap"] else 2


FORMULAS = {
    "cosine_similarity": Formula(
        rf"\cos(a, b) = {_COS}", _AB, {"predictions": _BY_A, "targets": _BY_B}, work=Work(Per(6, 5), Per(6, 6))
    ),
    "cosine_distance": Formula(
        rf"L = 1 - \cos(a, b) = 1 - {_COS}",
        _AB,
        {"predictions": f"-{_BY_A}", "targets": f"-{_BY_B}"},
        work=Work(Per(6, 6), Per(6, 6)),
    ),
    "cosine_embedding": Formula(
        r"L = \begin{cases} 1 - \cos(a, b) & y = 1 \\ \max(0, \cos(a, b) - m) & y = -1 \end{cases},"
        rf"\qquad \cos(a, b) = {_COS}",
        {"a": "first", "b": "second", "y": "targets", "m": "margin"},
        work=Work(Per(6, 7), Per(6, 7)),
    ),
    "pairwise_distance": Formula(
        r"d(a, b) = \left(\sum_i |a_i - b_i|^p\right)^{1/p}",
        {"a": "first", "b": "second", "p": "p"},
        {
            "first": r"\operatorname{sign}(a_i - b_i)\left(\frac{|a_i - b_i|}{d(a, b)}\right)^{p - 1}",
            "second": r"-\operatorname{sign}(a_i - b_i)\left(\frac{|a_i - b_i|}{d(a, b)}\right)^{p - 1}",
        },
        work=Work(lambda call: _distances(call, 1) + call.rows, lambda call: _slopes(call, 1)),
    ),
    "triplet_margin": Formula(
        r"L = \max\left(0, d(a, u) - d_n + m\right),\qquad d_n = \begin{cases} d(a, v) & \text{without swap} \\"
        r" \min(d(a, v), d(u, v)) & \text{with swap} \end{cases},"
        r"\qquad d(a, b) = \left(\sum_i |a_i - b_i|^p\right)^{1/p}",
        {"a": "anchors", "u": "positives", "v": "negatives", "m": "margin", "p": "p", r"\text{with swap}": "swap"},
        {},
        (
            "Balntas, Riba, Ponsa & Mikolajczyk, “Learning Local Feature Descriptors with Triplets and Shallow "
            "Convolutional Neural Networks”, 2016, doi:10.5244/C.30.119",
        ),
        work=Work(
            lambda call: _distances(call, _sides(call)) + 4 * call.rows, lambda call: _slopes(call, 2) + call.entries
        ),
    ),
    "contrastive": Formula(
        r"L = y\,d^2 + (1 - y)\,\max(0, m - d)^2",
        {"d": "distances", "y": "targets", "m": "margin"},
        {"distances": r"2\,y\,d - 2\,(1 - y)\,\max(0, m - d)"},
        (_HADSELL,),
        work=Work(Per(9), Per(3)),
    ),
}
