"""PyTorch, said in PyTorch: one function for each public call.

The class axis of PyTorch's cross-entropies is dimension 1 (dimension 0 of a single row), so the functions
below move the case's axis there. PyTorch offers the reductions none, sum and mean; with class weights and
class indices its mean divides by the sum of the weights of the labels. Some losses are composed as their
documentation says: NLLLoss takes log-probabilities, so it follows a LogSoftmax (logits) or a logarithm
(probabilities).
Left out are calls that are an operation only by way of something else: linear_cross_entropy (a matrix product
before it), softmin, the distributions.
"""

import torch
from conformance.adapters.mechanics.calling import offered
from conformance.adapters.mechanics.torch import TorchAdapter
from torch.nn import functional as F

from conformance.worker.adapter import Implementations, Unsupported

try:
    import torchvision
except (ImportError, RuntimeError):  # a torchvision built for another PyTorch raises RuntimeError
    torchvision = None

table = Implementations()
adapter = TorchAdapter("torch", table, companions={"torchvision": getattr(torchvision, "__version__", None)})

# What `conformance doctor` says to someone who lacks it.
INSTALL = "pip install torch"

SCRIPT = {
    "imports": "import torch\nfrom torch.nn import functional as F",
    "array": "torch.tensor({literal}, dtype=torch.{dtype})",
    "labels": "torch.tensor({literal}, dtype=torch.int64)",
    "value": "print({function}({arguments}))",
    "gradient": (
        "{wrt}.requires_grad_(True)\n"
        "value = {function}({arguments})\n"
        "print(torch.autograd.grad(value, {wrt}, {cotangent}))"
    ),
    "modes": {"inductor": "{function} = torch.compile({function}, dynamic=False)"},
}

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


@table.implements("sigmoid", call="torch.sigmoid")
def sigmoid(x):
    return torch.sigmoid(x)


@table.implements("sigmoid", call="torch.special.expit")
def special_expit(x):
    return torch.special.expit(x)


@table.implements("sigmoid", call="torch.nn.functional.sigmoid")
def functional_sigmoid(x):
    return F.sigmoid(x)


@table.implements("sigmoid", call="torch.nn.Sigmoid")
def nn_sigmoid(x):
    return torch.nn.Sigmoid()(x)


@table.implements("log_sigmoid", call="torch.nn.functional.logsigmoid")
def functional_logsigmoid(x):
    return F.logsigmoid(x)


@table.implements("log_sigmoid", call="torch.nn.LogSigmoid")
def nn_log_sigmoid(x):
    return torch.nn.LogSigmoid()(x)


@table.implements("softplus", call="torch.nn.functional.softplus", contract=SOFTPLUS, documented=SOFTPLUS_SAYS)
def functional_softplus(x, *, beta=1.0):
    return F.softplus(x, beta=beta)


@table.implements("softplus", call="torch.nn.Softplus", contract=SOFTPLUS, documented=SOFTPLUS_SAYS)
def nn_softplus(x, *, beta=1.0):
    return torch.nn.Softplus(beta=beta)(x)


@table.implements("softmax", call="torch.softmax")
def softmax(x, *, axis=-1):
    return torch.softmax(x, dim=axis)


@table.implements("softmax", call="torch.special.softmax")
def special_softmax(x, *, axis=-1):
    return torch.special.softmax(x, dim=axis)


@table.implements("softmax", call="torch.nn.functional.softmax")
def functional_softmax(x, *, axis=-1):
    return F.softmax(x, dim=axis)


@table.implements("softmax", call="torch.nn.Softmax")
def nn_softmax(x, *, axis=-1):
    return torch.nn.Softmax(dim=axis)(x)


@table.implements("softmax", call="torch.nn.Softmax2d")
def nn_softmax2d(x, *, axis=-1):
    if x.dim() not in (3, 4) or axis not in (-3, x.dim() - 3):
        raise Unsupported("takes images (N, C, H, W) or (C, H, W), and the axis of the channels only")
    return torch.nn.Softmax2d()(x)


@implements("softmax", call="torch.masked.softmax")
def masked_softmax(x, *, axis=-1):
    return torch.masked.softmax(x, axis)


@table.implements("log_softmax", call="torch.log_softmax")
def log_softmax(x, *, axis=-1):
    return torch.log_softmax(x, dim=axis)


@table.implements("log_softmax", call="torch.special.log_softmax")
def special_log_softmax(x, *, axis=-1):
    return torch.special.log_softmax(x, dim=axis)


@table.implements("log_softmax", call="torch.nn.functional.log_softmax")
def functional_log_softmax(x, *, axis=-1):
    return F.log_softmax(x, dim=axis)


@table.implements("log_softmax", call="torch.nn.LogSoftmax")
def nn_log_softmax(x, *, axis=-1):
    return torch.nn.LogSoftmax(dim=axis)(x)


@implements("log_softmax", call="torch.masked.log_softmax")
def masked_log_softmax(x, *, axis=-1):
    return torch.masked.log_softmax(x, axis)


@table.implements("logsumexp", call="torch.logsumexp")
def logsumexp(x, *, axis=-1):
    return torch.logsumexp(x, dim=axis)


@table.implements("logsumexp", call="torch.special.logsumexp")
def special_logsumexp(x, *, axis=-1):
    return torch.special.logsumexp(x, dim=axis)


@implements("logsumexp", call="torch.masked.logsumexp")
def masked_logsumexp(x, *, axis=-1):
    return torch.masked.logsumexp(x, axis)


@table.implements("one_hot", call="torch.nn.functional.one_hot", differentiable=False)
def functional_one_hot(labels, *, classes):
    return F.one_hot(labels, classes)


@table.implements(
    "binary_cross_entropy", call="torch.nn.functional.binary_cross_entropy", contract=BCE, documented=BCE_SAYS
)
def functional_binary_cross_entropy(probabilities, targets, *, weights=None, reduction="none"):
    return F.binary_cross_entropy(probabilities, targets, weight=weights, reduction=plain_reduction(reduction))


@table.implements("binary_cross_entropy", call="torch.nn.BCELoss", contract=BCE, documented=BCE_SAYS)
def nn_bce_loss(probabilities, targets, *, weights=None, reduction="none"):
    return torch.nn.BCELoss(weight=weights, reduction=plain_reduction(reduction))(probabilities, targets)


@table.implements("binary_cross_entropy_with_logits", call="torch.nn.functional.binary_cross_entropy_with_logits")
def functional_binary_cross_entropy_with_logits(logits, targets, *, weights=None, pos_weight=1.0, reduction="none"):
    return F.binary_cross_entropy_with_logits(
        logits,
        targets,
        weight=weights,
        reduction=plain_reduction(reduction),
        pos_weight=positive_weight(pos_weight, logits),
    )


@table.implements("binary_cross_entropy_with_logits", call="torch.nn.BCEWithLogitsLoss")
def nn_bce_with_logits_loss(logits, targets, *, weights=None, pos_weight=1.0, reduction="none"):
    loss = torch.nn.BCEWithLogitsLoss(
        weight=weights,
        reduction=plain_reduction(reduction),
        pos_weight=positive_weight(pos_weight, logits),
    )
    return loss(logits, targets)


@table.implements("binary_cross_entropy_with_logits", call="torch.nn.functional.multilabel_soft_margin_loss")
def functional_multilabel_soft_margin_loss(logits, targets, *, weights=None, reduction="none"):
    return F.multilabel_soft_margin_loss(logits, targets, weight=weights, reduction=last_axis_reduction(reduction))


@table.implements("binary_cross_entropy_with_logits", call="torch.nn.MultiLabelSoftMarginLoss")
def nn_multilabel_soft_margin_loss(logits, targets, *, weights=None, reduction="none"):
    loss = torch.nn.MultiLabelSoftMarginLoss(weight=weights, reduction=last_axis_reduction(reduction))
    return loss(logits, targets)


@table.implements("binary_cross_entropy_with_logits", call="torch.nn.functional.soft_margin_loss")
def functional_soft_margin_loss(logits, targets, *, reduction="none"):
    return F.soft_margin_loss(logits, plus_or_minus_one(targets), reduction=plain_reduction(reduction))


@table.implements("binary_cross_entropy_with_logits", call="torch.nn.SoftMarginLoss")
def nn_soft_margin_loss(logits, targets, *, reduction="none"):
    return torch.nn.SoftMarginLoss(reduction=plain_reduction(reduction))(logits, plus_or_minus_one(targets))


@table.implements("softmax_cross_entropy", call="torch.nn.functional.cross_entropy")
def functional_cross_entropy_of_targets(
    logits, targets, *, class_weights=None, axis=-1, label_smoothing=0.0, reduction="none"
):
    return F.cross_entropy(
        classes_second(logits, axis),
        classes_second(targets, axis),
        weight=class_weights,
        reduction=plain_reduction(reduction),
        label_smoothing=label_smoothing,
    )


@table.implements("softmax_cross_entropy", call="torch.nn.CrossEntropyLoss")
def nn_cross_entropy_loss_of_targets(
    logits, targets, *, class_weights=None, axis=-1, label_smoothing=0.0, reduction="none"
):
    loss = torch.nn.CrossEntropyLoss(
        weight=class_weights, reduction=plain_reduction(reduction), label_smoothing=label_smoothing
    )
    return loss(classes_second(logits, axis), classes_second(targets, axis))


@table.implements(
    "sparse_softmax_cross_entropy",
    call="torch.nn.functional.cross_entropy",
    contract=SMOOTHING,
    documented=SMOOTHING_SAYS,
)
def functional_cross_entropy(
    logits, labels, *, class_weights=None, axis=-1, ignore_index=None, label_smoothing=0.0, reduction="none"
):
    return F.cross_entropy(
        classes_second(logits, axis),
        labels,
        weight=class_weights,
        ignore_index=ignored(ignore_index),
        reduction=label_reduction(reduction, class_weights),
        label_smoothing=label_smoothing,
    )


@table.implements(
    "sparse_softmax_cross_entropy",
    call="torch.nn.CrossEntropyLoss",
    contract=SMOOTHING,
    documented=SMOOTHING_SAYS,
)
def nn_cross_entropy_loss(
    logits, labels, *, class_weights=None, axis=-1, ignore_index=None, label_smoothing=0.0, reduction="none"
):
    loss = torch.nn.CrossEntropyLoss(
        weight=class_weights,
        ignore_index=ignored(ignore_index),
        reduction=label_reduction(reduction, class_weights),
        label_smoothing=label_smoothing,
    )
    return loss(classes_second(logits, axis), labels)


@table.implements("sparse_softmax_cross_entropy", call="torch.nn.functional.nll_loss")
def functional_nll_loss(logits, labels, *, class_weights=None, axis=-1, ignore_index=None, reduction="none"):
    return F.nll_loss(
        F.log_softmax(classes_second(logits, axis), dim=min(1, logits.dim() - 1)),
        labels,
        weight=class_weights,
        ignore_index=ignored(ignore_index),
        reduction=label_reduction(reduction, class_weights),
    )


@table.implements("sparse_softmax_cross_entropy", call="torch.nn.NLLLoss")
def nn_nll_loss(logits, labels, *, class_weights=None, axis=-1, ignore_index=None, reduction="none"):
    loss = torch.nn.NLLLoss(
        weight=class_weights,
        ignore_index=ignored(ignore_index),
        reduction=label_reduction(reduction, class_weights),
    )
    return loss(torch.nn.LogSoftmax(dim=min(1, logits.dim() - 1))(classes_second(logits, axis)), labels)


@table.implements("sparse_categorical_cross_entropy", call="torch.nn.functional.nll_loss")
def functional_nll_loss_of_probabilities(probabilities, labels, *, axis=-1, ignore_index=None, reduction="none"):
    return F.nll_loss(
        torch.log(classes_second(probabilities, axis)),
        labels,
        ignore_index=ignored(ignore_index),
        reduction=label_reduction(reduction, None),
    )


@table.implements("sparse_categorical_cross_entropy", call="torch.nn.NLLLoss")
def nn_nll_loss_of_probabilities(probabilities, labels, *, axis=-1, ignore_index=None, reduction="none"):
    loss = torch.nn.NLLLoss(ignore_index=ignored(ignore_index), reduction=label_reduction(reduction, None))
    return loss(torch.log(classes_second(probabilities, axis)), labels)


@implements(
    "sigmoid_focal_loss",
    call="torchvision.ops.sigmoid_focal_loss",
    name="torchvision.ops.sigmoid_focal_loss",
)
def torchvision_sigmoid_focal_loss(logits, targets, *, alpha=None, gamma=2.0, reduction="none"):
    return torchvision.ops.sigmoid_focal_loss(
        logits,
        targets,
        alpha=-1 if alpha is None else alpha,
        gamma=gamma,
        reduction=plain_reduction(reduction),
    )
