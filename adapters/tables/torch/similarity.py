"""Similarity and contrastive losses, as PyTorch offers them.

The distances and the triplet losses take the last dimension, so a case's axis is moved there. The second derivative of
`cosine_similarity` ignores the bound of its lengths, as the first one does.
"""

import copy

import torch
from conformance.adapters.tables.torch.common import implements, plain_reduction
from torch.nn import functional as F

from conformance.worker.adapter import Unsupported

COSINE = {
    "contract": {"norm_floor": 1e-8, "straight_through": True},
    "documented": "torch.nn.CosineSimilarity: each length is at least eps, 1e-8; its slope does not know (source)",
}
EMBEDDING = {
    "contract": {"shift": 9.999999960041972e-13},
    "documented": "aten/src/ATen/native/Loss.cpp, cosine_embedding_loss (source): EPSILON, 1e-12 as a float32, is "
    "added to the square of each length",
}
SHIFTED = {
    "contract": {"shift": 1e-6},
    "documented": "torch.nn.PairwiseDistance: the norm of x - y + eps·e, with eps 1e-6 and e a vector of ones",
}


def last(tensor, axis):
    """The tensor with `axis` as its last dimension."""
    return torch.movedim(tensor, axis, -1)


def reduced(values, reduction):
    """torch's own sum or mean after a call that reduces nothing."""
    if reduction == "none":
        return values
    if reduction in ("sum", "mean"):
        return getattr(values, reduction)()
    raise Unsupported("this call reduces nothing, and torch has no reduction '" + reduction + "'")


def made_anew(module, roundtrip):
    """A copy of the module where a case asks for one."""
    return copy.deepcopy(module) if roundtrip else module


@implements("cosine_similarity", call="torch.nn.functional.cosine_similarity", **COSINE)
def functional_cosine_similarity(predictions, targets, *, axis=-1, reduction="none"):
    return reduced(F.cosine_similarity(predictions, targets, dim=axis), reduction)


@implements("cosine_similarity", call="torch.nn.CosineSimilarity", **COSINE)
def nn_cosine_similarity(predictions, targets, *, axis=-1, reduction="none", roundtrip=False):
    return reduced(made_anew(torch.nn.CosineSimilarity(dim=axis), roundtrip)(predictions, targets), reduction)


@implements("cosine_embedding", call="torch.nn.functional.cosine_embedding_loss", **EMBEDDING)
def functional_cosine_embedding_loss(first, second, targets, *, margin=0.0, reduction="none"):
    return F.cosine_embedding_loss(first, second, targets, margin=margin, reduction=plain_reduction(reduction))


@implements("cosine_embedding", call="torch.nn.CosineEmbeddingLoss", **EMBEDDING)
def nn_cosine_embedding_loss(first, second, targets, *, margin=0.0, reduction="none", roundtrip=False):
    loss = torch.nn.CosineEmbeddingLoss(margin=margin, reduction=plain_reduction(reduction))
    return made_anew(loss, roundtrip)(first, second, targets)


@implements("pairwise_distance", call="torch.nn.functional.pairwise_distance", **SHIFTED)
def functional_pairwise_distance(first, second, *, p=2, axis=-1, reduction="none"):
    return reduced(F.pairwise_distance(last(first, axis), last(second, axis), p=p), reduction)


@implements("pairwise_distance", call="torch.nn.PairwiseDistance", **SHIFTED)
def nn_pairwise_distance(first, second, *, p=2, axis=-1, reduction="none", roundtrip=False):
    module = made_anew(torch.nn.PairwiseDistance(p=p), roundtrip)
    return reduced(module(last(first, axis), last(second, axis)), reduction)


@implements("triplet_margin", call="torch.nn.functional.triplet_margin_loss", **SHIFTED)
def functional_triplet_margin_loss(
    anchors, positives, negatives, *, margin=1.0, p=2, swap=False, axis=-1, reduction="none"
):
    return F.triplet_margin_loss(
        last(anchors, axis),
        last(positives, axis),
        last(negatives, axis),
        margin=margin,
        p=p,
        swap=swap,
        reduction=plain_reduction(reduction),
    )


@implements("triplet_margin", call="torch.nn.TripletMarginLoss", **SHIFTED)
def nn_triplet_margin_loss(
    anchors, positives, negatives, *, margin=1.0, p=2, swap=False, axis=-1, reduction="none", roundtrip=False
):
    loss = torch.nn.TripletMarginLoss(margin=margin, p=p, swap=swap, reduction=plain_reduction(reduction))
    return made_anew(loss, roundtrip)(last(anchors, axis), last(positives, axis), last(negatives, axis))


@implements("triplet_margin", call="torch.nn.functional.triplet_margin_with_distance_loss", **SHIFTED)
def functional_triplet_margin_with_distance_loss(
    anchors, positives, negatives, *, margin=1.0, swap=False, axis=-1, reduction="none"
):
    return F.triplet_margin_with_distance_loss(
        last(anchors, axis),
        last(positives, axis),
        last(negatives, axis),
        margin=margin,
        swap=swap,
        reduction=plain_reduction(reduction),
    )


@implements("triplet_margin", call="torch.nn.TripletMarginWithDistanceLoss", **SHIFTED)
def nn_triplet_margin_with_distance_loss(
    anchors, positives, negatives, *, margin=1.0, swap=False, axis=-1, reduction="none", roundtrip=False
):
    loss = torch.nn.TripletMarginWithDistanceLoss(margin=margin, swap=swap, reduction=plain_reduction(reduction))
    return made_anew(loss, roundtrip)(last(anchors, axis), last(positives, axis), last(negatives, axis))
