"""Regression losses, as TensorFlow offers them: `tf.nn.l2_loss` and `tf.compat.v1.losses`."""

import tensorflow as tf
from conformance.adapters.tables.tensorflow.common import implements, v1_reduction

from conformance.worker.adapter import Unsupported


def v1_loss(function, predictions, targets, weights, reduction, **settings):
    weights = 1.0 if weights is None else weights
    return function(targets, predictions, weights=weights, reduction=v1_reduction(reduction), **settings)


@implements("half_squared_error", call="tf.nn.l2_loss")
def nn_l2_loss(predictions, targets, *, reduction="none"):
    if reduction != "sum":
        raise Unsupported("tf.nn.l2_loss is a sum")
    return tf.nn.l2_loss(predictions - targets)


@implements("squared_error", call="tf.compat.v1.losses.mean_squared_error")
def v1_mean_squared_error(predictions, targets, *, weights=None, reduction="none"):
    return v1_loss(tf.compat.v1.losses.mean_squared_error, predictions, targets, weights, reduction)


@implements("absolute_error", call="tf.compat.v1.losses.absolute_difference")
def v1_absolute_difference(predictions, targets, *, weights=None, reduction="none"):
    return v1_loss(tf.compat.v1.losses.absolute_difference, predictions, targets, weights, reduction)


@implements("huber", call="tf.compat.v1.losses.huber_loss")
def v1_huber_loss(predictions, targets, *, delta=1.0, weights=None, reduction="none"):
    return v1_loss(tf.compat.v1.losses.huber_loss, predictions, targets, weights, reduction, delta=delta)


@implements("mean_pairwise_squared_error", call="tf.compat.v1.losses.mean_pairwise_squared_error")
def v1_mean_pairwise_squared_error(predictions, targets, *, axis=-1, weights=None, reduction="none"):
    if reduction != "sum":
        raise Unsupported("this loss is the sum over the samples, which has no argument 'reduction'")
    predictions, targets = samples_first(predictions, axis), samples_first(targets, axis)
    weights = 1.0 if weights is None else tf.reshape(weights, [-1, 1])
    return tf.compat.v1.losses.mean_pairwise_squared_error(targets, predictions, weights=weights)


def samples_first(tensor, axis):
    """Rows of pairs as a matrix: the loss takes its samples on the first axis, and pairs all the others."""
    rank = len(tensor.shape)
    others = [place for place in range(rank) if place != axis % rank]
    return tf.reshape(tf.transpose(tensor, others + [axis % rank]), [-1, tensor.shape[axis]])
