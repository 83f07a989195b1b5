"""TensorFlow's own losses and activations: `tf.nn`, `tf.math`, `tf.one_hot`, `tf.compat.v1.losses`.

`tf.nn` has no reductions: a product with the weights and tf.reduce_* follow the call, as a user writes it.
`tf.compat.v1.losses` has its own reductions, under other names: see `V1_REDUCTIONS`.
"""

from conformance.worker.adapter import Implementations, Unsupported

import tensorflow as tf  # isort: skip

table = Implementations()
implements = table.implements
# Canonical reduction -> tf.compat.v1.losses.Reduction.
V1_REDUCTIONS = {
    "none": tf.compat.v1.losses.Reduction.NONE,
    "sum": tf.compat.v1.losses.Reduction.SUM,
    "mean": tf.compat.v1.losses.Reduction.SUM_OVER_BATCH_SIZE,
    "weighted_mean": tf.compat.v1.losses.Reduction.MEAN,
    "nonzero_weight_mean": tf.compat.v1.losses.Reduction.SUM_BY_NONZERO_WEIGHTS,
}
# The gradient with respect to the logits is softmax - labels whatever the labels sum to.
SOFTMAX_GRADIENT = {
    "contract": {"unnormalised_gradient": True},
    "documented": "tf.nn.softmax_cross_entropy_with_logits: where a row of labels is not a probability "
    "distribution, the computation of the gradient will be incorrect",
}


def reduced(losses, weights, reduction):
    """Weights and reduction by TensorFlow's own operations, as `tf.nn` leaves them to the caller."""
    if weights is not None:
        losses = losses * weights
    if reduction == "none":
        return losses
    if reduction == "sum":
        return tf.reduce_sum(losses)
    if reduction == "mean":
        return tf.reduce_mean(losses)
    if reduction == "mean_last_axis":
        return tf.reduce_mean(losses, axis=-1)
    raise Unsupported("tf.nn has no reductions, and '{}' is no tf.reduce_* call".format(reduction))


def v1_reduction(reduction):
    if reduction not in V1_REDUCTIONS:
        raise Unsupported("tf.compat.v1.losses.Reduction has no '{}'".format(reduction))
    return V1_REDUCTIONS[reduction]


def one_axis(axis):
    """The axis, for calls that take a single one."""
    if isinstance(axis, (list, tuple)):
        raise Unsupported("takes one axis only")
    return axis
