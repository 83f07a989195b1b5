"""Formulas of `oracle.mined_triplets`."""

from conformance.oracle.formulas.formula import Formula
from conformance.oracle.formulas.work import Call, Work

_SYMBOLS = {"e": "embeddings", "y": "labels", "m": "margin", "d": "distance"}
_DISTANCE = r"d_{ij} = d(e_i, e_j)"


def _distances(call: Call) -> float:
    """Of all pairs: differences, squares, their sum, and a root of it."""
    n, d = call.first
    return n * (n - 1) / 2 * (3 * d + 1)


def _semi_hard(call: Call) -> float:
    """Every embedding has one other of its label: its negatives are compared with that, then with each other."""
    n, _ = call.first
    return _distances(call) + n * (2 * (n - 2) + 4)


def _hard(call: Call) -> float:
    """Every embedding has one other of its label, and compares its negatives with each other."""
    n, _ = call.first
    return _distances(call) + n * ((n - 2) + 4)


def _gradient(call: Call) -> float:
    """By two distances for each embedding, then by the vectors at both of their ends."""
    n, d = call.first
    return 2 * n * (4 * d + 4)


FORMULAS = {
    "triplet_semihard": Formula(
        r"L = \frac{1}{|P|}\sum_{(i, j) \in P} \max\left(0, d_{ij} - n_{ij} + m\right),"
        r"\qquad n_{ij} = \begin{cases} \min\{d_{il} : y_l \ne y_i, d_{il} > d_{ij}\} & \text{where there is one} \\"
        r" \max\{d_{il} : y_l \ne y_i\} & \text{otherwise} \end{cases},"
        rf"\qquad {_DISTANCE}",
        {**_SYMBOLS, "P": "the ordered pairs (i, j) of two embeddings of one label"},
        {},
        (
            "Schroff, Kalenichenko & Philbin, “FaceNet: A Unified Embedding for Face Recognition and Clustering”, "
            "2015, section 3.2, arXiv:1503.03832",
        ),
        work=Work(_semi_hard, _gradient),
    ),
    "triplet_hard": Formula(
        r"L = \frac{1}{N}\sum_i \begin{cases} \max\left(0, x_i + m\right) & \text{with a margin} \\"
        r" \operatorname{softplus}(x_i) & \text{with a soft one} \end{cases},"
        r"\qquad x_i = \max_{j \ne i,\,y_j = y_i} d_{ij} - \min_{l:\,y_l \ne y_i} d_{il},"
        rf"\qquad {_DISTANCE}",
        {
            **_SYMBOLS,
            "N": "how many embeddings there are",
            r"\text{with a soft one}": "soft",
            r"\operatorname{softplus}(x)": "ln(1 + e^x)",
        },
        {},
        (
            "Hermans, Beyer & Leibe, “In Defense of the Triplet Loss for Person Re-Identification”, 2017, section 2, "
            "arXiv:1703.07737",
        ),
        work=Work(_hard, _gradient),
    ),
}
