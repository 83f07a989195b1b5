"""Formulas of `oracle.mined_triplets`."""

from conformance.oracle.formulas.formula import Formula

_SYMBOLS = {"e": "embeddings", "y": "labels", "m": "margin", "d": "distance"}
_DISTANCE = r"d_{ij} = d(e_i, e_j)"

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
    ),
}
