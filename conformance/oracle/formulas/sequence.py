"""Formulas of `oracle.sequence`."""

from conformance.oracle.formulas.formula import Formula

FORMULAS = {
    "ctc": Formula(
        r"L = -\ln\sum_{\pi \in B^{-1}(l)}\;\prod_{t=1}^{T} s_{t,\pi_t},\qquad "
        r"s_{t,c} = \frac{e^{x_{t,c}}}{\sum_j e^{x_{t,j}}}",
        {
            "x": "logits",
            "l": "labels",
            "T": "logit_lengths",
            r"\pi": "a path: one symbol for each frame",
            r"B^{-1}(l)": "the paths that give l once repeated symbols are merged and blanks are taken out",
            "P_{t,c}": "the share, of all those paths' probability, of the paths that pass through symbol c in frame t",
        },
        {"logits": r"s_{t,c} - P_{t,c}"},
        (
            "Graves, Fernández, Gomez & Schmidhuber, “Connectionist Temporal Classification”, 2006, sections 3 and 4, "
            "doi:10.1145/1143844.1143891",
        ),
    ),
}
