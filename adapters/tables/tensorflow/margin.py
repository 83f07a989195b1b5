"""Margin losses, as TensorFlow offers them."""

import tensorflow as tf
from conformance.adapters.tables.tensorflow.common import implements, v1_reduction


@implements("hinge", call="tf.compat.v1.losses.hinge_loss")
def v1_hinge_loss(scores, targets, *, weights=None, reduction="none"):
    """Its labels are 0 and 1, which it maps to -1 and 1."""
    return tf.compat.v1.losses.hinge_loss(
        (targets + 1) / 2, scores, weights=1.0 if weights is None else weights, reduction=v1_reduction(reduction)
    )
