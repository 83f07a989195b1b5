"""Similarity and contrastive losses, as TensorFlow offers them: the cosine distance of `tf.compat.v1.losses`.

It keeps the axis that it sums over, with length 1, and wants weights to have it too.
"""

import tensorflow as tf
from conformance.adapters.tables.tensorflow.common import implements, v1_reduction


@implements(
    "cosine_distance",
    call="tf.compat.v1.losses.cosine_distance",
    contract={"unit": True},
    documented="tf.compat.v1.losses.cosine_distance: assumes that predictions and labels are already unit-normalized",
)
def v1_cosine_distance(predictions, targets, *, axis=-1, weights=None, reduction="none"):
    losses = tf.compat.v1.losses.cosine_distance(
        targets,
        predictions,
        axis=axis,
        weights=1.0 if weights is None else tf.expand_dims(weights, axis),
        reduction=v1_reduction(reduction),
    )
    return tf.squeeze(losses, axis) if reduction == "none" else losses
