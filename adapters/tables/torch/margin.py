"""Margin losses, as PyTorch offers them.

Its losses over classes take (N, C) or (C,), and none of them has sample weights. The targets of hinge embedding and
soft margin choose a branch or are constants of the backward: there is no gradient by them.
"""

import pickle

import torch
from conformance.adapters.tables.torch.common import plain_reduction, table
from torch.nn import functional as F

# Their kernels are for these dtypes only, on the CPU.
FLOATS = {"dtypes": ("float64", "float32")}


def module(made, roundtrip):
    """The module itself, or what is left of it after a way through pickle."""
    return pickle.loads(pickle.dumps(made)) if roundtrip else made


@table.implements("soft_margin", call="torch.nn.functional.soft_margin_loss")
def functional_soft_margin_loss_of_signs(scores, targets, *, reduction="none"):
    return F.soft_margin_loss(scores, targets, reduction=plain_reduction(reduction))


@table.implements("soft_margin", call="torch.nn.SoftMarginLoss")
def nn_soft_margin_loss_of_signs(scores, targets, *, reduction="none", roundtrip=False):
    loss = torch.nn.SoftMarginLoss(reduction=plain_reduction(reduction))
    return module(loss, roundtrip)(scores, targets)


@table.implements("hinge_embedding", call="torch.nn.functional.hinge_embedding_loss")
def functional_hinge_embedding_loss(distances, targets, *, margin=1.0, reduction="none"):
    return F.hinge_embedding_loss(distances, targets, margin=margin, reduction=plain_reduction(reduction))


@table.implements("hinge_embedding", call="torch.nn.HingeEmbeddingLoss")
def nn_hinge_embedding_loss(distances, targets, *, margin=1.0, reduction="none", roundtrip=False):
    loss = torch.nn.HingeEmbeddingLoss(margin=margin, reduction=plain_reduction(reduction))
    return module(loss, roundtrip)(distances, targets)


@table.implements("margin_ranking", call="torch.nn.functional.margin_ranking_loss")
def functional_margin_ranking_loss(first, second, targets, *, margin=0.0, reduction="none"):
    return F.margin_ranking_loss(first, second, targets, margin=margin, reduction=plain_reduction(reduction))


@table.implements("margin_ranking", call="torch.nn.MarginRankingLoss")
def nn_margin_ranking_loss(first, second, targets, *, margin=0.0, reduction="none", roundtrip=False):
    loss = torch.nn.MarginRankingLoss(margin=margin, reduction=plain_reduction(reduction))
    return module(loss, roundtrip)(first, second, targets)


@table.implements("multi_margin", call="torch.nn.functional.multi_margin_loss", **FLOATS)
def functional_multi_margin_loss(scores, labels, *, class_weights=None, p=1, margin=1.0, reduction="none"):
    return F.multi_margin_loss(
        scores, labels, p=p, margin=margin, weight=class_weights, reduction=plain_reduction(reduction)
    )


@table.implements("multi_margin", call="torch.nn.MultiMarginLoss", **FLOATS)
def nn_multi_margin_loss(scores, labels, *, class_weights=None, p=1, margin=1.0, reduction="none", roundtrip=False):
    loss = torch.nn.MultiMarginLoss(p=p, margin=margin, weight=class_weights, reduction=plain_reduction(reduction))
    return module(loss, roundtrip)(scores, labels)


@table.implements("multilabel_margin", call="torch.nn.functional.multilabel_margin_loss", **FLOATS)
def functional_multilabel_margin_loss(scores, labels, *, reduction="none"):
    return F.multilabel_margin_loss(scores, labels, reduction=plain_reduction(reduction))


@table.implements("multilabel_margin", call="torch.nn.MultiLabelMarginLoss", **FLOATS)
def nn_multilabel_margin_loss(scores, labels, *, reduction="none", roundtrip=False):
    loss = torch.nn.MultiLabelMarginLoss(reduction=plain_reduction(reduction))
    return module(loss, roundtrip)(scores, labels)


@table.implements("multilabel_soft_margin", call="torch.nn.functional.multilabel_soft_margin_loss")
def functional_multilabel_soft_margin_loss_of_rows(scores, targets, *, class_weights=None, reduction="none"):
    return F.multilabel_soft_margin_loss(scores, targets, weight=class_weights, reduction=plain_reduction(reduction))


@table.implements("multilabel_soft_margin", call="torch.nn.MultiLabelSoftMarginLoss")
def nn_multilabel_soft_margin_loss_of_rows(scores, targets, *, class_weights=None, reduction="none", roundtrip=False):
    loss = torch.nn.MultiLabelSoftMarginLoss(weight=class_weights, reduction=plain_reduction(reduction))
    return module(loss, roundtrip)(scores, targets)
