"""Cross-entropies, binary and categorical, focal and class-weighted ones included, as TensorFlow offers them."""

import tensorflow as tf
from conformance.adapters.tables.tensorflow.common import SOFTMAX_GRADIENT, implements, reduced, v1_reduction


@implements(
    "binary_cross_entropy",
    call="tf.compat.v1.losses.log_loss",
    contract={"shift": 1e-7},
    documented="tf.compat.v1.losses.log_loss: epsilon, a small increment to avoid a log of zero",
)
def v1_log_loss(probabilities, targets, *, weights=None, reduction="none"):
    return tf.compat.v1.losses.log_loss(
        targets, probabilities, weights=1.0 if weights is None else weights, reduction=v1_reduction(reduction)
    )


@implements("binary_cross_entropy_with_logits", call="tf.nn.sigmoid_cross_entropy_with_logits")
def nn_sigmoid_cross_entropy_with_logits(logits, targets, *, weights=None, reduction="none"):
    return reduced(tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits), weights, reduction)


@implements("binary_cross_entropy_with_logits", call="tf.nn.weighted_cross_entropy_with_logits")
def nn_weighted_cross_entropy_with_logits(logits, targets, *, pos_weight=1.0, weights=None, reduction="none"):
    losses = tf.nn.weighted_cross_entropy_with_logits(
        labels=targets, logits=logits, pos_weight=tf.constant(pos_weight, dtype=logits.dtype)
    )
    return reduced(losses, weights, reduction)


@implements("binary_cross_entropy_with_logits", call="tf.compat.v1.losses.sigmoid_cross_entropy")
def v1_sigmoid_cross_entropy(logits, targets, *, label_smoothing=0.0, weights=None, reduction="none"):
    return tf.compat.v1.losses.sigmoid_cross_entropy(
        targets,
        logits,
        weights=1.0 if weights is None else weights,
        label_smoothing=label_smoothing,
        reduction=v1_reduction(reduction),
    )


@implements("softmax_cross_entropy", call="tf.nn.softmax_cross_entropy_with_logits", **SOFTMAX_GRADIENT)
def nn_softmax_cross_entropy_with_logits(logits, targets, *, axis=-1, weights=None, reduction="none"):
    losses = tf.nn.softmax_cross_entropy_with_logits(labels=targets, logits=logits, axis=axis)
    return reduced(losses, weights, reduction)


@implements("softmax_cross_entropy", call="tf.compat.v1.nn.softmax_cross_entropy_with_logits", **SOFTMAX_GRADIENT)
def v1_nn_softmax_cross_entropy_with_logits(logits, targets, *, axis=-1, weights=None, reduction="none"):
    losses = tf.compat.v1.nn.softmax_cross_entropy_with_logits(labels=targets, logits=logits, dim=axis)
    return reduced(losses, weights, reduction)


@implements("softmax_cross_entropy", call="tf.compat.v1.losses.softmax_cross_entropy", **SOFTMAX_GRADIENT)
def v1_softmax_cross_entropy(logits, targets, *, label_smoothing=0.0, weights=None, reduction="none"):
    return tf.compat.v1.losses.softmax_cross_entropy(
        targets,
        logits,
        weights=1.0 if weights is None else weights,
        label_smoothing=label_smoothing,
        reduction=v1_reduction(reduction),
    )


@implements("sparse_softmax_cross_entropy", call="tf.nn.sparse_softmax_cross_entropy_with_logits")
def nn_sparse_softmax_cross_entropy_with_logits(logits, labels, *, weights=None, reduction="none"):
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    return reduced(losses, weights, reduction)


@implements("sparse_softmax_cross_entropy", call="tf.compat.v1.losses.sparse_softmax_cross_entropy")
def v1_sparse_softmax_cross_entropy(logits, labels, *, class_weights=None, weights=None, reduction="none"):
    if class_weights is not None:
        gathered = tf.gather(class_weights, labels)
        weights = gathered if weights is None else gathered * weights
    return tf.compat.v1.losses.sparse_softmax_cross_entropy(
        labels, logits, weights=1.0 if weights is None else weights, reduction=v1_reduction(reduction)
    )
