"""The second definitions: every operation once more, independent of the float64 oracle, in arbitrary precision.

Each is written from its textbook form in ball arithmetic (python-flint), the gradient by automatic differentiation.
They prove the oracle (`conformance certify`) and refine a float64 judgement that is close to its bound. A family of
operations has its second definitions in the module of the same name here.
"""

from importlib import import_module, util

from conformance.oracle import FAMILIES
from conformance.oracle.exact.definition import DEFINITIONS
from conformance.oracle.exact.evaluate import ExactArray, Exactly, evaluate
from conformance.oracle.exact.hessian import hessian_product

for _module in (f"{__name__}.{family}" for family in FAMILIES):
    if util.find_spec(_module) is not None:
        import_module(_module)

__all__ = ["DEFINITIONS", "ExactArray", "Exactly", "evaluate", "hessian_product"]
