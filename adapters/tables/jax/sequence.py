"""Sequence losses, as Optax offers them: CTC of logits, with paddings instead of lengths."""

import jax
from conformance.adapters.tables.jax.common import implements, optax, reduced

from conformance.worker.adapter import Unsupported


def paddings(tensor, lengths, dtype):
    """(N, length) of 1 where an entry lies past the length of its row, 0 elsewhere."""
    places = jax.numpy.arange(tensor.shape[1])
    past = jax.numpy.zeros(tensor.shape[:2], bool) if lengths is None else places >= lengths[:, None]
    return past.astype(dtype)


@implements("ctc", call="optax.ctc_loss", name="optax.ctc_loss")
def optax_ctc_loss(
    logits, labels, *, logit_lengths=None, label_lengths=None, weights=None, blank=0, per_label=False,
    zero_infinity=False, reduction="none"
):  # fmt: skip
    if per_label or zero_infinity:
        raise Unsupported("Optax divides no loss by its number of labels, and replaces no infinite one")
    losses = optax.ctc_loss(
        logits,
        paddings(logits, logit_lengths, logits.dtype),
        labels,
        paddings(labels, label_lengths, logits.dtype),
        blank_id=blank,
    )
    return reduced(losses, weights, reduction)
