"""Regression losses, as PyTorch offers them.

With weights the mean of mse_loss and l1_loss divides by the sum of the weights, that of huber_loss by the number of
entries. Weights must have the shape of the input: smaller ones are expanded before the call, as its error asks.
"""

import copy

import torch
from conformance.adapters.tables.torch.common import implements, plain_reduction
from torch.nn import functional as F

from conformance.worker.adapter import Unsupported


def weighted(function, predictions, targets, weights, reduction):
    """mse_loss or l1_loss: with weights, their mean is the weighted mean."""
    if weights is None:
        return function(predictions, targets, reduction=plain_reduction(reduction))
    if reduction == "mean":
        raise Unsupported("with weights PyTorch's mean divides by the sum of the weights")
    name = "mean" if reduction == "weighted_mean" else plain_reduction(reduction)
    return function(predictions, targets, weight=weights.expand_as(predictions), reduction=name)


def remade(loss, roundtrip):
    """The module itself, or a deep copy of it: what is saved and loaded of a module is its __dict__."""
    return copy.deepcopy(loss) if roundtrip else loss


@implements("squared_error", call="torch.nn.functional.mse_loss")
def functional_mse_loss(predictions, targets, *, weights=None, reduction="none"):
    return weighted(F.mse_loss, predictions, targets, weights, reduction)


@implements("squared_error", call="torch.nn.MSELoss")
def nn_mse_loss(predictions, targets, *, reduction="none", roundtrip=False):
    return remade(torch.nn.MSELoss(reduction=plain_reduction(reduction)), roundtrip)(predictions, targets)


@implements("absolute_error", call="torch.nn.functional.l1_loss")
def functional_l1_loss(predictions, targets, *, weights=None, reduction="none"):
    return weighted(F.l1_loss, predictions, targets, weights, reduction)


@implements("absolute_error", call="torch.nn.L1Loss")
def nn_l1_loss(predictions, targets, *, reduction="none", roundtrip=False):
    return remade(torch.nn.L1Loss(reduction=plain_reduction(reduction)), roundtrip)(predictions, targets)


@implements("huber", call="torch.nn.functional.huber_loss")
def functional_huber_loss(predictions, targets, *, delta=1.0, weights=None, reduction="none"):
    if weights is None:
        return F.huber_loss(predictions, targets, reduction=plain_reduction(reduction), delta=delta)
    weights = weights.expand_as(predictions)
    return F.huber_loss(predictions, targets, reduction=plain_reduction(reduction), delta=delta, weight=weights)


@implements("huber", call="torch.nn.HuberLoss")
def nn_huber_loss(predictions, targets, *, delta=1.0, reduction="none", roundtrip=False):
    loss = torch.nn.HuberLoss(reduction=plain_reduction(reduction), delta=delta)
    return remade(loss, roundtrip)(predictions, targets)


@implements("smooth_l1", call="torch.nn.functional.smooth_l1_loss")
def functional_smooth_l1_loss(predictions, targets, *, beta=1.0, reduction="none"):
    return F.smooth_l1_loss(predictions, targets, reduction=plain_reduction(reduction), beta=beta)


@implements("smooth_l1", call="torch.nn.SmoothL1Loss")
def nn_smooth_l1_loss(predictions, targets, *, beta=1.0, reduction="none", roundtrip=False):
    loss = torch.nn.SmoothL1Loss(reduction=plain_reduction(reduction), beta=beta)
    return remade(loss, roundtrip)(predictions, targets)
