"""Divergences and negative log-likelihoods, as PyTorch offers them.

The prediction of `kl_div` is a log-probability, and its loss one term of the divergence for each entry: the sum over
the classes is left to the reduction `sum` or `batchmean`.
"""

import torch
from conformance.adapters.tables.torch.common import (
    classes_second,
    ignored,
    label_reduction,
    plain_reduction,
    table,
)
from torch.nn import functional as F

from conformance.worker.adapter import Unsupported

POISSON = {"shift": 1e-8}
POISSON_SAYS = "torch.nn.PoissonNLLLoss: eps, a small value to avoid evaluation of log(0)"
# 1e-6, and its derivative goes through: the clamp is hidden from autograd
GAUSSIAN = {"floor": 1e-6}
GAUSSIAN_SAYS = "torch.nn.GaussianNLLLoss: eps, used to clamp var; the clamping is ignored with respect to autograd"


def divergence_reduction(reduction):
    """PyTorch's own name of a reduction of `kl_div`."""
    return "batchmean" if reduction == "batch_mean" else plain_reduction(reduction)


def row_reduction(reduction, log_probabilities):
    """PyTorch's name of a reduction over rows of classes; `none` is summed over the classes by the caller."""
    if reduction == "mean" and log_probabilities.dim() == 2:
        return "batchmean"
    if reduction == "mean":
        raise Unsupported("the mean of kl_div divides by all entries, its batchmean by the first dimension")
    return divergence_reduction(reduction)


def summed(terms, axis, reduction):
    """Terms that were not reduced, summed over the classes as users of kl_div do."""
    return terms.sum(axis) if reduction == "none" else terms


@table.implements("kl_divergence_pointwise", call="torch.nn.functional.kl_div")
def functional_kl_div(log_probabilities, targets, *, reduction="none"):
    return F.kl_div(log_probabilities, targets, reduction=divergence_reduction(reduction))


@table.implements("kl_divergence_pointwise", call="torch.nn.KLDivLoss")
def nn_kl_div_loss(log_probabilities, targets, *, reduction="none"):
    return torch.nn.KLDivLoss(reduction=divergence_reduction(reduction))(log_probabilities, targets)


@table.implements("kl_divergence_pointwise_with_log_targets", call="torch.nn.functional.kl_div")
def functional_kl_div_of_logs(log_probabilities, log_targets, *, reduction="none"):
    return F.kl_div(log_probabilities, log_targets, reduction=divergence_reduction(reduction), log_target=True)


@table.implements("kl_divergence_pointwise_with_log_targets", call="torch.nn.KLDivLoss")
def nn_kl_div_loss_of_logs(log_probabilities, log_targets, *, reduction="none"):
    loss = torch.nn.KLDivLoss(reduction=divergence_reduction(reduction), log_target=True)
    return loss(log_probabilities, log_targets)


@table.implements("kl_divergence_with_log_probabilities", call="torch.nn.functional.kl_div")
def functional_kl_div_of_rows(log_probabilities, targets, *, axis=-1, reduction="none"):
    terms = F.kl_div(log_probabilities, targets, reduction=row_reduction(reduction, log_probabilities))
    return summed(terms, axis, reduction)


@table.implements("kl_divergence_with_log_probabilities", call="torch.nn.KLDivLoss")
def nn_kl_div_loss_of_rows(log_probabilities, targets, *, axis=-1, reduction="none"):
    loss = torch.nn.KLDivLoss(reduction=row_reduction(reduction, log_probabilities))
    return summed(loss(log_probabilities, targets), axis, reduction)


@table.implements("kl_divergence_with_log_targets", call="torch.nn.functional.kl_div")
def functional_kl_div_of_rows_of_logs(log_probabilities, log_targets, *, axis=-1, reduction="none"):
    how = row_reduction(reduction, log_probabilities)
    return summed(F.kl_div(log_probabilities, log_targets, reduction=how, log_target=True), axis, reduction)


@table.implements("jensen_shannon", call="torch.nn.functional.kl_div")
def functional_kl_div_twice(probabilities, targets, *, axis=-1, reduction="none"):
    """PyTorch has no Jensen-Shannon divergence: two calls of kl_div against the middle, as its users compose it."""
    how = row_reduction(reduction, probabilities)
    middle = torch.log((probabilities + targets) / 2)
    terms = (F.kl_div(middle, probabilities, reduction=how) + F.kl_div(middle, targets, reduction=how)) / 2
    return summed(terms, axis, reduction)


@table.implements("poisson_nll", call="torch.nn.functional.poisson_nll_loss", contract=POISSON, documented=POISSON_SAYS)
def functional_poisson_nll_loss(rates, targets, *, full=False, reduction="none"):
    return F.poisson_nll_loss(rates, targets, log_input=False, full=full, reduction=plain_reduction(reduction))


@table.implements("poisson_nll", call="torch.nn.PoissonNLLLoss", contract=POISSON, documented=POISSON_SAYS)
def nn_poisson_nll_loss(rates, targets, *, full=False, reduction="none"):
    loss = torch.nn.PoissonNLLLoss(log_input=False, full=full, reduction=plain_reduction(reduction))
    return loss(rates, targets)


@table.implements("poisson_nll_with_log_rate", call="torch.nn.functional.poisson_nll_loss")
def functional_poisson_nll_loss_of_logs(log_rates, targets, *, full=False, reduction="none"):
    return F.poisson_nll_loss(log_rates, targets, full=full, reduction=plain_reduction(reduction))


@table.implements("poisson_nll_with_log_rate", call="torch.nn.PoissonNLLLoss")
def nn_poisson_nll_loss_of_logs(log_rates, targets, *, full=False, reduction="none"):
    return torch.nn.PoissonNLLLoss(full=full, reduction=plain_reduction(reduction))(log_rates, targets)


@table.implements(
    "gaussian_nll", call="torch.nn.functional.gaussian_nll_loss", contract=GAUSSIAN, documented=GAUSSIAN_SAYS
)
def functional_gaussian_nll_loss(predictions, targets, variances, *, full=False, reduction="none"):
    return F.gaussian_nll_loss(predictions, targets, variances, full=full, reduction=plain_reduction(reduction))


@table.implements("gaussian_nll", call="torch.nn.GaussianNLLLoss", contract=GAUSSIAN, documented=GAUSSIAN_SAYS)
def nn_gaussian_nll_loss(predictions, targets, variances, *, full=False, reduction="none"):
    loss = torch.nn.GaussianNLLLoss(full=full, reduction=plain_reduction(reduction))
    return loss(predictions, targets, variances)


@table.implements("nll", call="torch.nn.functional.nll_loss")
def functional_nll_loss_of_logs(
    log_probabilities, labels, *, class_weights=None, axis=-1, ignore_index=None, reduction="none"
):
    return F.nll_loss(
        classes_second(log_probabilities, axis),
        labels,
        weight=class_weights,
        ignore_index=ignored(ignore_index),
        reduction=label_reduction(reduction, class_weights),
    )


@table.implements("nll", call="torch.nn.NLLLoss")
def nn_nll_loss_of_logs(log_probabilities, labels, *, class_weights=None, axis=-1, ignore_index=None, reduction="none"):
    loss = torch.nn.NLLLoss(
        weight=class_weights,
        ignore_index=ignored(ignore_index),
        reduction=label_reduction(reduction, class_weights),
    )
    return loss(classes_second(log_probabilities, axis), labels)
