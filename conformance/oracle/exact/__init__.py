"""The second definitions: every operation once more, independent of the float64 oracle, in arbitrary precision.

Each is written from its textbook form in ball arithmetic (python-flint), the gradient by automatic differentiation.
They prove the oracle (`conformance certify`) and refine a float64 judgement that is close to its bound.
"""

from conformance.oracle.exact import binary, categorical, focal, metrics, primitives, segmentation
from conformance.oracle.exact.definition import DEFINITIONS
from conformance.oracle.exact.evaluate import ExactArray, Exactly, evaluate

__all__ = [
    "DEFINITIONS", "ExactArray", "Exactly", "binary", "categorical", "evaluate", "focal", "metrics", "primitives",
    "segmentation",
]  # fmt: skip
