"""Sequence losses, as TensorFlow offers them: CTC of logits, of dense and of sparse labels."""

import tensorflow as tf
from conformance.adapters.tables.tensorflow.common import implements, reduced

from conformance.worker.adapter import Unsupported


def lengths_of(tensor, lengths):
    """int32 lengths, by default that of the second axis for every sequence."""
    if lengths is not None:
        return tf.cast(lengths, tf.int32)
    return tf.fill(tf.shape(tensor)[:1], tf.shape(tensor)[1])


def sparse(labels, lengths):
    """The labels within their lengths as a sparse tensor."""
    inside = tf.sequence_mask(lengths, tf.shape(labels)[1])
    places = tf.where(inside)
    return tf.SparseTensor(places, tf.gather_nd(tf.cast(labels, tf.int32), places), tf.shape(labels, tf.int64))


def plain(per_label, zero_infinity):
    if per_label or zero_infinity:
        raise Unsupported("TensorFlow divides no loss by its number of labels, and replaces no infinite one")


@implements("ctc", call="tf.nn.ctc_loss")
def nn_ctc_loss(
    logits, labels, *, logit_lengths=None, label_lengths=None, weights=None, blank=0, per_label=False,
    zero_infinity=False, reduction="none"
):  # fmt: skip
    plain(per_label, zero_infinity)
    losses = tf.nn.ctc_loss(
        labels,
        logits,
        lengths_of(labels, label_lengths),
        lengths_of(logits, logit_lengths),
        logits_time_major=False,
        blank_index=blank,
    )
    return reduced(losses, weights, reduction)


@implements("ctc", call="tf.nn.ctc_loss", name="nn.ctc_loss of sparse labels")
def nn_ctc_loss_of_sparse_labels(
    logits, labels, *, logit_lengths=None, label_lengths=None, weights=None, blank=0, per_label=False,
    zero_infinity=False, reduction="none"
):  # fmt: skip
    plain(per_label, zero_infinity)
    losses = tf.nn.ctc_loss(
        sparse(labels, lengths_of(labels, label_lengths)),
        logits,
        None,
        lengths_of(logits, logit_lengths),
        logits_time_major=False,
        blank_index=blank,
    )
    return reduced(losses, weights, reduction)
