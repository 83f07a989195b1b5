"""Formulas of `oracle.metric_learning`."""

from conformance.oracle.formulas.formula import Formula
from conformance.oracle.formulas.work import Call, Work

_ROWS = {"e": "embeddings", "y": "labels"}


def _ntxent(call: Call) -> float:
    """Every pair has an inner product, a cosine and a power; every row a norm, a sum, and one other of its label."""
    n, d = call.first
    return n * (n - 1) / 2 * (2 * d + 4) + n * (2 * d + 1) + n * (n - 1) + 4 * n


def _ntxent_gradient(call: Call) -> float:
    """By each cosine, then by the vectors: a product of two matrices, and what the norms take from it."""
    n, d = call.first
    return n * (n - 1) * (2 * d + 5) + 3 * n * d


def _circle(call: Call) -> float:
    """Every pair has an inner product, a distance, an exponent and a power; every row sums and a logarithm."""
    n, d = call.first
    return n * (n - 1) / 2 * (2 * d + 8) + n * (n - 1) + 4 * n


def _circle_gradient(call: Call) -> float:
    """By each distance, then by the vectors: a product of two matrices."""
    n, d = call.first
    return n * (n - 1) * (2 * d + 2) + n * (n - 1) / 2 * 6 + 4 * n


FORMULAS = {
    "ntxent": Formula(
        r"L = \frac{1}{|P|}\sum_{(i, j) \in P} -\ln\frac{e^{s_{ij}}}{e^{s_{ij}} + \sum_{l:\,y_l \ne y_i} e^{s_{il}}},"
        r"\qquad s_{ij} = \frac{\langle e_i, e_j\rangle}{T\,\lVert e_i\rVert\,\lVert e_j\rVert}",
        {**_ROWS, "T": "temperature", "P": "the ordered pairs (i, j) of two embeddings of one label"},
        {},
        (
            "Chen, Kornblith, Norouzi & Hinton, “A Simple Framework for Contrastive Learning of Visual "
            "Representations”, 2020, arXiv:2002.05709 (here for labels)",
        ),
        work=Work(_ntxent, _ntxent_gradient),
    ),
    "circle": Formula(
        r"L_i = \operatorname{softplus}\left("
        r"\ln\sum_{j \ne i,\,y_j = y_i} e^{-\gamma\,(m + d_{ij})(m - d_{ij})} + "
        r"\ln\sum_{l:\,y_l \ne y_i} e^{\gamma\,\max(0, 1 + m - d_{il})\,(1 - m - d_{il})}\right),"
        r"\qquad d_{ij} = \max\left(0, 1 - \langle e_i, e_j\rangle\right)",
        {
            **_ROWS,
            r"\gamma": "scale",
            "m": "margin",
            r"\operatorname{softplus}(x)": "ln(1 + e^x)",
        },
        {},
        (
            "Sun et al., “Circle Loss: A Unified Perspective of Pair Similarity Optimization”, 2020, equations 6 to "
            "9, arXiv:2002.10857",
        ),
        work=Work(_circle, _circle_gradient),
    ),
}
