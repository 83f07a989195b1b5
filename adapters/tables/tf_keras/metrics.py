"""Classification metrics, as Keras 2 offers them."""

import tensorflow as tf
from conformance.adapters.tables.tf_keras.common import (
    elementwise_function,
    implements,
    measured,
    only_none,
    ranked,
    tf_keras,
)


@implements("binary_accuracy", call="tf_keras.metrics.binary_accuracy", differentiable=False)
def metrics_binary_accuracy(probabilities, targets, *, threshold=0.5, reduction="none"):
    function = tf_keras.metrics.binary_accuracy
    return elementwise_function(function, probabilities, targets, reduction, threshold=threshold)


@implements("categorical_accuracy", call="tf_keras.metrics.categorical_accuracy", differentiable=False)
def metrics_categorical_accuracy(probabilities, targets, *, reduction="none"):
    only_none(reduction)
    return tf_keras.metrics.categorical_accuracy(targets, probabilities)


@implements("sparse_categorical_accuracy", call="tf_keras.metrics.sparse_categorical_accuracy", differentiable=False)
def metrics_sparse_categorical_accuracy(probabilities, labels, *, reduction="none"):
    only_none(reduction)
    return tf_keras.metrics.sparse_categorical_accuracy(labels, probabilities)


@implements("binary_accuracy", call="tf_keras.metrics.BinaryAccuracy", differentiable=False, modes=("eager",))
def metrics_binary_accuracy_class(probabilities, targets, *, threshold=0.5, weights=None, reduction="none"):
    metric = tf_keras.metrics.BinaryAccuracy(threshold=threshold)
    if weights is None:
        return measured(metric, probabilities, targets, None, reduction)
    # One more axis, because a sample weight belongs to a row.
    probabilities, targets = probabilities[..., tf.newaxis], targets[..., tf.newaxis]
    return measured(metric, probabilities, targets, ranked(weights, targets.shape.ndims - 1), reduction)


@implements(
    "categorical_accuracy",
    call="tf_keras.metrics.CategoricalAccuracy",
    differentiable=False,
    modes=("eager",),
)
def metrics_categorical_accuracy_class(probabilities, targets, *, weights=None, reduction="none"):
    weights = ranked(weights, targets.shape.ndims - 1)
    return measured(tf_keras.metrics.CategoricalAccuracy(), probabilities, targets, weights, reduction)


@implements(
    "sparse_categorical_accuracy",
    call="tf_keras.metrics.SparseCategoricalAccuracy",
    differentiable=False,
    modes=("eager",),
)
def metrics_sparse_categorical_accuracy_class(probabilities, labels, *, weights=None, reduction="none"):
    weights = ranked(weights, labels.shape.ndims)
    return measured(tf_keras.metrics.SparseCategoricalAccuracy(), probabilities, labels, weights, reduction)
