"""Sequence losses, as PyTorch offers them.

PyTorch's CTC takes log-probabilities, frames first. Its mean divides each loss by its number of labels before it
takes the mean; the losses themselves can be had, and their plain mean and sum as a user writes them.
"""

import torch
from conformance.adapters.tables.torch.common import implements
from torch.nn import functional as F

from conformance.worker.adapter import Unsupported

# The CPU has kernels for these only.
CTC_DTYPES = ("float64", "float32")


def ctc_reduction(reduction, per_label):
    """PyTorch's name of a reduction of CTC losses."""
    if per_label != (reduction == "mean"):
        raise Unsupported("PyTorch's mean, and nothing else, divides the losses by their numbers of labels")
    if reduction not in ("none", "sum", "mean"):
        raise Unsupported("PyTorch has no reduction '" + reduction + "'")
    return reduction


def lengths_of(tensor, lengths):
    """The lengths, by default that of the second axis for every sequence."""
    if lengths is not None:
        return lengths
    return torch.full((tensor.shape[0],), tensor.shape[1], dtype=torch.int64, device=tensor.device)


@implements("ctc", call="torch.nn.functional.ctc_loss", dtypes=CTC_DTYPES)
def functional_ctc_loss(
    logits, labels, *, logit_lengths=None, label_lengths=None, blank=0, per_label=False, zero_infinity=False,
    reduction="none"
):  # fmt: skip
    return F.ctc_loss(
        torch.log_softmax(logits, -1).transpose(0, 1),
        labels,
        lengths_of(logits, logit_lengths),
        lengths_of(labels, label_lengths),
        blank=blank,
        reduction=ctc_reduction(reduction, per_label),
        zero_infinity=zero_infinity,
    )


@implements("ctc", call="torch.nn.CTCLoss", dtypes=CTC_DTYPES)
def nn_ctc_loss(
    logits, labels, *, logit_lengths=None, label_lengths=None, blank=0, per_label=False, zero_infinity=False,
    reduction="none"
):  # fmt: skip
    loss = torch.nn.CTCLoss(blank=blank, reduction=ctc_reduction(reduction, per_label), zero_infinity=zero_infinity)
    log_probabilities = torch.log_softmax(logits, -1).transpose(0, 1)
    return loss(log_probabilities, labels, lengths_of(logits, logit_lengths), lengths_of(labels, label_lengths))
