"""Formulas of `oracle.metric_learning`."""

from conformance.oracle.formulas.formula import Formula

_ROWS = {"e": "embeddings", "y": "labels"}

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
    ),
}
