"""Classification metrics, as Keras 3 offers them."""

import keras
from conformance.adapters.tables.keras.common import EAGER, implements, measured, only_none, ranked


@implements("binary_accuracy", call="keras.metrics.binary_accuracy", differentiable=False)
def metrics_binary_accuracy(probabilities, targets, *, threshold=0.5, reduction="none"):
    only_none(reduction)
    return keras.metrics.binary_accuracy(targets, probabilities, threshold=threshold)


@implements("categorical_accuracy", call="keras.metrics.categorical_accuracy", differentiable=False)
def metrics_categorical_accuracy(probabilities, targets, *, reduction="none"):
    only_none(reduction)
    return keras.metrics.categorical_accuracy(targets, probabilities)


@implements("sparse_categorical_accuracy", call="keras.metrics.sparse_categorical_accuracy", differentiable=False)
def metrics_sparse_categorical_accuracy(probabilities, labels, *, reduction="none"):
    only_none(reduction)
    return keras.metrics.sparse_categorical_accuracy(labels, probabilities)


@implements("binary_accuracy", call="keras.metrics.BinaryAccuracy", **EAGER)
def metrics_binary_accuracy_class(probabilities, targets, *, threshold=0.5, weights=None, reduction="none"):
    weights = ranked(weights, len(targets.shape))
    return measured(keras.metrics.BinaryAccuracy(threshold=threshold), probabilities, targets, weights, reduction)


@implements("categorical_accuracy", call="keras.metrics.CategoricalAccuracy", **EAGER)
def metrics_categorical_accuracy_class(probabilities, targets, *, weights=None, reduction="none"):
    weights = ranked(weights, len(targets.shape) - 1)
    return measured(keras.metrics.CategoricalAccuracy(), probabilities, targets, weights, reduction)


@implements("sparse_categorical_accuracy", call="keras.metrics.SparseCategoricalAccuracy", **EAGER)
def metrics_sparse_categorical_accuracy_class(probabilities, labels, *, weights=None, reduction="none"):
    weights = ranked(weights, len(labels.shape))
    return measured(keras.metrics.SparseCategoricalAccuracy(), probabilities, labels, weights, reduction)
