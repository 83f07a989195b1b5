"""Sequence losses, as Keras 3 offers them: CTC of logits.

The loss takes no lengths: it counts the labels that are not 0, its blank, and uses all frames.
"""

import keras
from conformance.adapters.tables.keras.common import implements, loss_object, only_none, unreduced

from conformance.worker.adapter import Unsupported


def lengths_of(tensor, lengths):
    """int32 lengths, by default that of the second axis for every sequence."""
    if lengths is not None:
        return keras.ops.cast(lengths, "int32")
    return keras.ops.full((tensor.shape[0],), tensor.shape[1], dtype="int32")


def plain(per_label, zero_infinity):
    if per_label or zero_infinity:
        raise Unsupported("Keras divides no loss by its number of labels, and replaces no infinite one")


def ended(labels, label_lengths, blank):
    """The labels with 0 after the last one of each sequence, as the losses of Keras want them."""
    if blank != 0:
        raise Unsupported("the losses of Keras have the blank 0")
    if label_lengths is None:
        return labels
    inside = keras.ops.arange(labels.shape[1], dtype="int32") < keras.ops.cast(label_lengths[:, None], "int32")
    return keras.ops.where(inside, labels, keras.ops.zeros_like(labels))


@implements("ctc", call="keras.ops.ctc_loss")
def ops_ctc_loss(
    logits, labels, *, logit_lengths=None, label_lengths=None, weights=None, blank=0, per_label=False,
    zero_infinity=False, reduction="none"
):  # fmt: skip
    plain(per_label, zero_infinity)
    losses = keras.ops.ctc_loss(
        labels, logits, lengths_of(labels, label_lengths), lengths_of(logits, logit_lengths), mask_index=blank
    )
    return unreduced(losses, weights, reduction)


@implements("ctc", call="keras.losses.ctc")
def losses_ctc(
    logits, labels, *, label_lengths=None, blank=0, per_label=False, zero_infinity=False, reduction="none"
):  # fmt: skip
    plain(per_label, zero_infinity)
    only_none(reduction)
    return keras.losses.ctc(ended(labels, label_lengths, blank), logits)


@implements("ctc", call="keras.losses.CTC")
def losses_ctc_class(
    logits, labels, *, label_lengths=None, weights=None, blank=0, per_label=False, zero_infinity=False,
    reduction="none"
):  # fmt: skip
    plain(per_label, zero_infinity)
    loss = loss_object(keras.losses.CTC, logits, reduction)
    return loss(ended(labels, label_lengths, blank), logits, sample_weight=weights)
