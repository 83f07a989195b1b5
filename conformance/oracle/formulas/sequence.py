"""Formulas of `oracle.sequence`."""

from conformance.oracle.formulas.formula import Formula
from conformance.oracle.formulas.work import Call, Work


def _recursion(call: Call) -> float:
    """One pass over the frames: L labels with L + 1 blanks around them, each reached from two or three states.

    Every frame and label counts, also those beyond the lengths of a sequence.
    """
    batch, frames, _ = call.shapes["logits"]
    return batch * frames * (5 * call.shapes["labels"][1] + 2)


def _forward(call: Call) -> float:
    """The softmax of each frame, the recursion, and for each sequence the sum of two ends, a logarithm and the mean."""
    return 3 * call.entries + _recursion(call) + 3 * call.shapes["logits"][0]


def _backward(call: Call) -> float:
    """The recursion from the end, the product of both for each state, added for each symbol, and s - P."""
    batch, frames, _ = call.shapes["logits"]
    return _recursion(call) + 2 * batch * frames * (2 * call.shapes["labels"][1] + 1) + 3 * call.entries


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
        work=Work(_forward, _backward),
    ),
}
