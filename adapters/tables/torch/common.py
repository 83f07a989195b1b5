"""PyTorch, said in PyTorch: one function for each public call.

The class axis of PyTorch's cross-entropies is dimension 1 (dimension 0 of a single row), so the functions
below move the case's axis there. PyTorch offers the reductions none, sum and mean; with class weights and
class indices its mean divides by the sum of the weights of the labels. Some losses are composed as their
documentation says: NLLLoss takes log-probabilities, so it follows a LogSoftmax (logits) or a logarithm
(probabilities).
Left out are calls that are an operation only by way of something else: linear_cross_entropy (a matrix product
before it), the distributions.
"""

import torch
from conformance.adapters.mechanics.calling import offered

from conformance.worker.adapter import Implementations, Unsupported

try:
    import torchvision
except (ImportError, RuntimeError):  # a torchvision built for another PyTorch raises RuntimeError
    torchvision = None
table = Implementations()
SOFTPLUS = {"threshold": 20.0}
SOFTPLUS_SAYS = "torch.nn.Softplus: reverts to the linear function when input * beta > threshold (20)"
BCE = {"log_floor": -100.0, "backward_floor": 9.999999960041972e-13}  # 1e-12, held as a float32 in every dtype
BCE_SAYS = "torch.nn.BCELoss: clamps its log outputs to be at least -100, and has a linear backward there"
SMOOTHING = {"weights_inside_smoothing": True}
SMOOTHING_SAYS = "torch.nn.CrossEntropyLoss: smoothed targets are over all classes, each with its weight"


def implements(operation, call, **settings):
    """As `table.implements`, for calls that not every release offers; torchvision need not be there at all."""
    package, path = call.split(".", 1)
    return offered(table, {"torch": torch, "torchvision": torchvision}[package], path, operation, call=call, **settings)


def plain_reduction(reduction):
    """PyTorch's own name of a reduction that it has."""
    if reduction not in ("none", "sum", "mean"):
        raise Unsupported("PyTorch has no reduction '" + reduction + "'")
    return reduction


def label_reduction(reduction, class_weights):
    """PyTorch's name of a reduction of losses of class indices: its mean is the weighted mean."""
    if reduction == "weighted_mean":
        return "mean"
    if class_weights is not None and reduction == "mean":
        raise Unsupported("with class weights PyTorch's mean divides by the sum of the weights of the labels")
    return plain_reduction(reduction)


def last_axis_reduction(reduction):
    """PyTorch's name of a reduction for the multi-label losses, which average the last axis themselves."""
    names = {"mean_last_axis": "none", "mean": "mean"}
    if reduction not in names:
        raise Unsupported("this loss averages the last axis itself: '" + reduction + "' cannot be had")
    return names[reduction]


def classes_second(tensor, axis):
    """The tensor with `axis` as dimension 1, where PyTorch wants the classes; a single row stays as it is."""
    return tensor if tensor.dim() < 2 else torch.movedim(tensor, axis, 1)


def positive_weight(pos_weight, logits):
    """A tensor of the logits' dtype for BCEWithLogits, or None for 1."""
    return None if pos_weight == 1.0 else torch.tensor(pos_weight, dtype=logits.dtype, device=logits.device)


def ignored(ignore_index):
    """PyTorch always ignores one class index, -100 unless told."""
    return -100 if ignore_index is None else ignore_index


def plus_or_minus_one(targets):
    """The labels of the margin losses: 1 and -1 for 1 and 0."""
    if not bool(((targets == 0) | (targets == 1)).all()):
        raise Unsupported("takes the labels 1 and -1 only, no soft targets")
    return 2 * targets - 1


def one_axis(axis):
    """The axis, for calls that take a single one."""
    if isinstance(axis, (list, tuple)):
        raise Unsupported("takes one axis only")
    return axis
