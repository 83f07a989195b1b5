"""Cross-entropies, binary and categorical, focal and class-weighted ones included, as PyTorch offers them."""

import torch
from conformance.adapters.tables.torch.common import (
    BCE,
    BCE_SAYS,
    SMOOTHING,
    SMOOTHING_SAYS,
    classes_second,
    ignored,
    implements,
    label_reduction,
    last_axis_reduction,
    plain_reduction,
    plus_or_minus_one,
    positive_weight,
    table,
    torchvision,
)
from torch.nn import functional as F


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
