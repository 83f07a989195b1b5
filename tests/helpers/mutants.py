"""A copy of the torch adapter in which faults are planted: the row `X#fault` is the row X with one fault in it.

Each fault is one that real releases had, or that a port makes easily. Rows stay in the table as they are too, so that
a fault is told from what is known of PyTorch itself.
"""

import functools

import torch
from conformance.adapters.mechanics.torch import TorchAdapter
from conformance.adapters.tables.torch import table as real
from torch.nn import functional as F

from conformance.worker.adapter import Implementations

table = Implementations()
adapter = TorchAdapter("torch", table)


def planted(operation, name, fault):
    """Registers the row X of the torch adapter, and the row that the decorated function makes of its function."""
    row = real.rows[operation, name]
    settings = {
        "call": row.call, "contract": row.contract, "documented": row.documented, "dtypes": row.dtypes,
        "modes": row.modes, "differentiable": row.differentiable, "constants": row.constants,
    }  # fmt: skip
    if (operation, name) not in table.rows:
        table.implements(operation, name=name, **settings)(row.function)

    def register(change):
        @functools.wraps(row.function)
        def faulty(*inputs, **keywords):
            return change(row.function, *inputs, **keywords)

        return table.implements(operation, name="{}#{}".format(name, fault), **settings)(faulty)

    return register


def composed(fault=""):
    """A sigmoid focal loss in PyTorch's own terms; torchvision's has no build for every PyTorch."""
    name = "composed.sigmoid_focal_loss" + ("#" + fault if fault else "")
    return table.implements("sigmoid_focal_loss", call=name, name=name)


def focal(logits, targets, alpha, gamma, reduction):
    losses = -(targets * F.logsigmoid(logits) + (1 - targets) * F.logsigmoid(-logits))
    missed = targets * torch.sigmoid(-logits) + (1 - targets) * torch.sigmoid(logits)
    losses = missed**gamma * losses
    if alpha is not None:
        losses = (targets * alpha + (1 - targets) * (1 - alpha)) * losses
    return {"none": lambda x: x, "sum": torch.sum, "mean": torch.mean}[reduction](losses)


@composed()
def focal_loss(logits, targets, *, alpha=None, gamma=2.0, reduction="none"):
    return focal(logits, targets, alpha, gamma, reduction)


@composed("swapped alpha and 1 - alpha")
def focal_loss_of_swapped_alpha(logits, targets, *, alpha=None, gamma=2.0, reduction="none"):
    return focal(logits, targets, None if alpha is None else 1 - alpha, gamma, reduction)


@composed("gamma times instead of to the power of gamma")
def focal_loss_of_a_product(logits, targets, *, alpha=None, gamma=2.0, reduction="none"):
    missed = targets * torch.sigmoid(-logits) + (1 - targets) * torch.sigmoid(logits)
    losses = gamma * missed * focal(logits, targets, alpha, 0.0, "none")
    return {"none": lambda x: x, "sum": torch.sum, "mean": torch.mean}[reduction](losses)


BCE = "binary_cross_entropy", "nn.functional.binary_cross_entropy"
LOGITS = "binary_cross_entropy_with_logits", "nn.functional.binary_cross_entropy_with_logits"
LABELS = "sparse_softmax_cross_entropy", "nn.functional.cross_entropy"


@planted(*BCE, fault="mean over the rows instead of all entries")
def mean_over_the_rows(function, probabilities, targets, **keywords):
    if keywords.get("reduction") != "mean" or probabilities.dim() == 0:
        return function(probabilities, targets, **keywords)
    return function(probabilities, targets, **dict(keywords, reduction="sum")) / probabilities.shape[0]


@planted(*BCE, fault="log(p + 1e-7)")
def shifted_logarithm(function, probabilities, targets, **keywords):
    losses = -(targets * torch.log(probabilities + 1e-7) + (1 - targets) * torch.log(1 - probabilities + 1e-7))
    return finished(losses, **keywords)


@planted(*BCE, fault="clip at 1e-6")
def wide_clip(function, probabilities, targets, **keywords):
    return function(torch.clip(probabilities, 1e-6, 1 - 1e-6), targets, **keywords)


@planted(*BCE, fault="weights forgotten")
def without_weights(function, probabilities, targets, **keywords):
    return function(probabilities, targets, **dict(keywords, weights=None))


@planted(*LOGITS, fault="half the gradient")
def half_the_gradient(function, logits, targets, **keywords):
    value = function(logits, targets, **keywords)
    return value.detach() + (value - value.detach()) / 2


@planted(*LOGITS, fault="pos_weight on the negatives")
def weight_of_the_negatives(function, logits, targets, **keywords):
    return function(-logits, 1 - targets, **keywords)


class FrozenSlope(torch.autograd.Function):
    """softplus whose gradient is a constant to whoever differentiates it again."""

    @staticmethod
    def forward(context, x):
        context.save_for_backward(x)
        return F.softplus(x)

    @staticmethod
    def backward(context, cotangent):
        (x,) = context.saved_tensors
        return cotangent * torch.sigmoid(x).detach()


@planted("softplus", "nn.functional.softplus", fault="no second derivative")
def no_second_derivative(function, x, **keywords):
    return FrozenSlope.apply(x) if keywords.get("beta", 1.0) == 1.0 else function(x, **keywords)


@planted("softplus", "nn.functional.softplus", fault="nan becomes 0")
def nan_becomes_zero(function, x, **keywords):
    value = function(x, **keywords)
    return torch.where(torch.isnan(value), torch.zeros_like(value), value)


@planted(*LABELS, fault="float32 accumulation of float64")
def narrow_accumulation(function, logits, labels, **keywords):
    if keywords.get("reduction") not in ("sum", "mean") or keywords.get("class_weights") is not None:
        return function(logits, labels, **keywords)
    losses = function(logits, labels, **dict(keywords, reduction="none")).to(torch.float32)
    kept = (labels != keywords["ignore_index"]).sum() if keywords.get("ignore_index") is not None else labels.numel()
    total = losses.sum() if keywords["reduction"] == "sum" else losses.sum() / kept
    return total.to(logits.dtype)


@planted(*LABELS, fault="ignored rows stay in the divisor")
def ignored_rows_count(function, logits, labels, **keywords):
    if keywords.get("reduction") != "mean" or keywords.get("class_weights") is not None:
        return function(logits, labels, **keywords)
    return function(logits, labels, **dict(keywords, reduction="sum")) / labels.numel()


@planted(*LABELS, fault="label smoothing over C - 1")
def smoothing_over_the_others(function, logits, labels, **keywords):
    alpha = keywords.get("label_smoothing", 0.0)
    axis = keywords.get("axis", -1)
    classes = logits.shape[axis]
    return function(logits, labels, **dict(keywords, label_smoothing=alpha * classes / max(classes - 1, 1)))


@planted(*LABELS, fault="class weights outside of the divisor")
def divided_by_the_rows(function, logits, labels, **keywords):
    if keywords.get("reduction") != "weighted_mean" or keywords.get("class_weights") is None:
        return function(logits, labels, **keywords)
    return function(logits, labels, **dict(keywords, reduction="sum")) / labels.numel()


@planted("softmax", "nn.functional.softmax", fault="class axis 1 for -1")
def second_axis(function, x, **keywords):
    axis = keywords.get("axis", -1)
    return function(x, **dict(keywords, axis=min(1, x.dim() - 1) if axis == -1 else axis))


@planted("softmax", "nn.functional.softmax", fault="computed in float32")
def computed_in_float32(function, x, **keywords):
    return function(x.to(torch.float32), **keywords).to(x.dtype)


@planted("logsumexp", "logsumexp", fault="maximum not taken out")
def maximum_left_in(function, x, **keywords):
    return torch.log(torch.sum(torch.exp(x), dim=keywords.get("axis", -1)))


@planted("log_softmax", "nn.functional.log_softmax", fault="logarithm of the softmax")
def logarithm_of_the_softmax(function, x, **keywords):
    return torch.log(torch.softmax(x, dim=keywords.get("axis", -1)))


@planted("kl_divergence_pointwise", "nn.functional.kl_div", fault="reversed")
def reversed_divergence(function, log_probabilities, targets, **keywords):
    return function(torch.log(targets), torch.exp(log_probabilities), **keywords)


@planted("argmax", "argmax", fault="tie broken the other way")
def last_of_the_largest(function, x, **keywords):
    axis = keywords.get("axis", -1)
    return x.shape[axis] - 1 - function(torch.flip(x, [axis]), **keywords)


@planted("huber", "nn.functional.huber_loss", fault="delta forgotten")
def delta_of_one(function, *inputs, **keywords):
    return function(*inputs, **dict(keywords, delta=1.0))


@planted("multi_margin", "nn.functional.multi_margin_loss", fault="averaged over the other classes alone")
def without_the_own_class(function, scores, labels, **keywords):
    classes = scores.shape[-1]
    return function(scores, labels, **keywords) * classes / max(classes - 1, 1)


@planted("margin_ranking", "nn.functional.margin_ranking_loss", fault="sign of the margin")
def sign_of_the_margin(function, *inputs, **keywords):
    return function(*inputs, **dict(keywords, margin=-keywords.get("margin", 0.0)))


def finished(losses, weights=None, reduction="none"):
    if weights is not None:
        losses = losses * weights
    return {"none": lambda x: x, "sum": torch.sum, "mean": torch.mean}[reduction](losses)
