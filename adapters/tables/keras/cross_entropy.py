"""Cross-entropies, binary and categorical, focal and class-weighted ones included, as Keras 3 offers them."""

import keras
from conformance.adapters.tables.keras.common import (
    CLIPPED,
    FOCAL_CLIPPED,
    FOCAL_OF_LOGITS,
    NORMALISED,
    SOFTMAX,
    SPARSE,
    accepted,
    balancing,
    by_label,
    elementwise_function,
    elementwise_loss,
    implements,
    last_is_default,
    loss_object,
    masked,
    only_none,
    product,
    ranked,
    unreduced,
)


@implements("binary_cross_entropy", call="keras.losses.BinaryCrossentropy", **CLIPPED)
def binary_crossentropy_class(
    probabilities, targets, *, label_smoothing=0.0, weights=None, mask=None, reduction="none"
):
    kind = keras.losses.BinaryCrossentropy
    return elementwise_loss(
        kind, probabilities, targets, weights, reduction, mask=mask, label_smoothing=label_smoothing
    )


@implements("binary_cross_entropy", call="keras.losses.binary_crossentropy", **CLIPPED)
def binary_crossentropy(probabilities, targets, *, label_smoothing=0.0, reduction="none"):
    function = keras.losses.binary_crossentropy
    return elementwise_function(function, probabilities, targets, reduction, label_smoothing=label_smoothing)


@implements("binary_cross_entropy", call="keras.ops.binary_crossentropy", **CLIPPED)
def ops_binary_crossentropy(probabilities, targets, *, weights=None, reduction="none"):
    return unreduced(keras.ops.binary_crossentropy(targets, probabilities), weights, reduction)


@implements("binary_cross_entropy_with_logits", call="keras.losses.BinaryCrossentropy")
def binary_crossentropy_class_of_logits(
    logits, targets, *, label_smoothing=0.0, weights=None, mask=None, reduction="none"
):
    settings = {"from_logits": True, "label_smoothing": label_smoothing}
    return elementwise_loss(keras.losses.BinaryCrossentropy, logits, targets, weights, reduction, mask=mask, **settings)


@implements("binary_cross_entropy_with_logits", call="keras.losses.binary_crossentropy")
def binary_crossentropy_of_logits(logits, targets, *, label_smoothing=0.0, reduction="none"):
    settings = {"from_logits": True, "label_smoothing": label_smoothing}
    return elementwise_function(keras.losses.binary_crossentropy, logits, targets, reduction, **settings)


@implements("binary_cross_entropy_with_logits", call="keras.ops.binary_crossentropy")
def ops_binary_crossentropy_of_logits(logits, targets, *, weights=None, reduction="none"):
    return unreduced(keras.ops.binary_crossentropy(targets, logits, from_logits=True), weights, reduction)


@implements("categorical_cross_entropy", call="keras.losses.CategoricalCrossentropy", **NORMALISED)
def categorical_crossentropy_class(
    probabilities, targets, *, axis=-1, label_smoothing=0.0, weights=None, mask=None, reduction="none"
):
    kind = keras.losses.CategoricalCrossentropy
    loss = loss_object(kind, probabilities, reduction, label_smoothing=label_smoothing, axis=axis)
    predictions = masked(probabilities, mask, len(targets.shape) - 1)
    return loss(targets, predictions, sample_weight=ranked(weights, len(targets.shape) - 1))


@implements("categorical_cross_entropy", call="keras.losses.categorical_crossentropy", **NORMALISED)
def categorical_crossentropy(probabilities, targets, *, axis=-1, label_smoothing=0.0, reduction="none"):
    only_none(reduction)
    function = keras.losses.categorical_crossentropy
    return function(targets, probabilities, label_smoothing=label_smoothing, axis=axis)


@implements("categorical_cross_entropy", call="keras.ops.categorical_crossentropy", **NORMALISED)
def ops_categorical_crossentropy(probabilities, targets, *, axis=-1, weights=None, reduction="none"):
    return unreduced(keras.ops.categorical_crossentropy(targets, probabilities, axis=axis), weights, reduction)


@implements("softmax_cross_entropy", call="keras.losses.CategoricalCrossentropy", **SOFTMAX)
def categorical_crossentropy_class_of_logits(
    logits, targets, *, axis=-1, label_smoothing=0.0, weights=None, mask=None, reduction="none"
):
    kind = keras.losses.CategoricalCrossentropy
    loss = loss_object(kind, logits, reduction, from_logits=True, label_smoothing=label_smoothing, axis=axis)
    predictions = masked(logits, mask, len(targets.shape) - 1)
    return loss(targets, predictions, sample_weight=ranked(weights, len(targets.shape) - 1))


@implements("softmax_cross_entropy", call="keras.losses.categorical_crossentropy", **SOFTMAX)
def categorical_crossentropy_of_logits(logits, targets, *, axis=-1, label_smoothing=0.0, reduction="none"):
    only_none(reduction)
    function = keras.losses.categorical_crossentropy
    return function(targets, logits, from_logits=True, label_smoothing=label_smoothing, axis=axis)


@implements("softmax_cross_entropy", call="keras.ops.categorical_crossentropy", **SOFTMAX)
def ops_categorical_crossentropy_of_logits(logits, targets, *, axis=-1, weights=None, reduction="none"):
    losses = keras.ops.categorical_crossentropy(targets, logits, from_logits=True, axis=axis)
    return unreduced(losses, weights, reduction)


@implements("sparse_categorical_cross_entropy", call="keras.losses.SparseCategoricalCrossentropy", **SPARSE)
def sparse_categorical_crossentropy_class(
    probabilities, labels, *, axis=-1, ignore_index=None, weights=None, mask=None, reduction="none"
):
    kind = keras.losses.SparseCategoricalCrossentropy
    settings = accepted(kind, ignore_class=ignore_index, axis=last_is_default(axis))
    loss = loss_object(kind, probabilities, reduction, **settings)
    predictions = masked(probabilities, mask, len(labels.shape))
    return loss(labels, predictions, sample_weight=ranked(weights, len(labels.shape)))


@implements("sparse_categorical_cross_entropy", call="keras.losses.sparse_categorical_crossentropy", **SPARSE)
def sparse_categorical_crossentropy(probabilities, labels, *, axis=-1, ignore_index=None, reduction="none"):
    only_none(reduction)
    function = keras.losses.sparse_categorical_crossentropy
    return function(labels, probabilities, ignore_class=ignore_index, axis=axis)


@implements("sparse_categorical_cross_entropy", call="keras.ops.sparse_categorical_crossentropy", **SPARSE)
def ops_sparse_categorical_crossentropy(probabilities, labels, *, axis=-1, weights=None, reduction="none"):
    losses = keras.ops.sparse_categorical_crossentropy(labels, probabilities, axis=axis)
    return unreduced(losses, weights, reduction)


@implements("sparse_softmax_cross_entropy", call="keras.losses.SparseCategoricalCrossentropy")
def sparse_categorical_crossentropy_class_of_logits(
    logits, labels, *, class_weights=None, axis=-1, ignore_index=None, weights=None, mask=None, reduction="none"
):
    kind = keras.losses.SparseCategoricalCrossentropy
    settings = accepted(kind, ignore_class=ignore_index, axis=last_is_default(axis))
    loss = loss_object(kind, logits, reduction, from_logits=True, **settings)
    weights = product(by_label(class_weights, labels, ignore_index), ranked(weights, len(labels.shape)))
    predictions = masked(logits, mask, len(labels.shape))
    return loss(labels, predictions, sample_weight=weights)


@implements("sparse_softmax_cross_entropy", call="keras.losses.sparse_categorical_crossentropy")
def sparse_categorical_crossentropy_of_logits(logits, labels, *, axis=-1, ignore_index=None, reduction="none"):
    only_none(reduction)
    function = keras.losses.sparse_categorical_crossentropy
    return function(labels, logits, from_logits=True, ignore_class=ignore_index, axis=axis)


@implements("sparse_softmax_cross_entropy", call="keras.ops.sparse_categorical_crossentropy")
def ops_sparse_categorical_crossentropy_of_logits(logits, labels, *, axis=-1, weights=None, reduction="none"):
    losses = keras.ops.sparse_categorical_crossentropy(labels, logits, from_logits=True, axis=axis)
    return unreduced(losses, weights, reduction)


@implements("binary_focal_cross_entropy", call="keras.losses.BinaryFocalCrossentropy", **FOCAL_CLIPPED)
def binary_focal_crossentropy_class(
    probabilities, targets, *, alpha=None, gamma=2.0, label_smoothing=0.0, weights=None, mask=None, reduction="none"
):
    settings = dict(balancing(alpha), gamma=gamma, label_smoothing=label_smoothing)
    kind = keras.losses.BinaryFocalCrossentropy
    return elementwise_loss(kind, probabilities, targets, weights, reduction, mask=mask, **settings)


@implements("binary_focal_cross_entropy", call="keras.losses.binary_focal_crossentropy", **FOCAL_CLIPPED)
def binary_focal_crossentropy(probabilities, targets, *, alpha=None, gamma=2.0, label_smoothing=0.0, reduction="none"):
    settings = dict(balancing(alpha), gamma=gamma, label_smoothing=label_smoothing)
    function = keras.losses.binary_focal_crossentropy
    return elementwise_function(function, probabilities, targets, reduction, **settings)


@implements("sigmoid_focal_loss", call="keras.losses.BinaryFocalCrossentropy", **FOCAL_OF_LOGITS)
def binary_focal_crossentropy_class_of_logits(
    logits, targets, *, alpha=None, gamma=2.0, label_smoothing=0.0, weights=None, mask=None, reduction="none"
):
    settings = dict(balancing(alpha), gamma=gamma, label_smoothing=label_smoothing, from_logits=True)
    return elementwise_loss(
        keras.losses.BinaryFocalCrossentropy, logits, targets, weights, reduction, mask=mask, **settings
    )


@implements("sigmoid_focal_loss", call="keras.losses.binary_focal_crossentropy", **FOCAL_OF_LOGITS)
def binary_focal_crossentropy_of_logits(
    logits, targets, *, alpha=None, gamma=2.0, label_smoothing=0.0, reduction="none"
):
    settings = dict(balancing(alpha), gamma=gamma, label_smoothing=label_smoothing, from_logits=True)
    return elementwise_function(keras.losses.binary_focal_crossentropy, logits, targets, reduction, **settings)


@implements("categorical_focal_cross_entropy", call="keras.losses.CategoricalFocalCrossentropy", **NORMALISED)
def categorical_focal_crossentropy_class(
    probabilities,
    targets,
    *,
    axis=-1,
    alpha=1.0,
    gamma=2.0,
    label_smoothing=0.0,
    weights=None,
    mask=None,
    reduction="none",
):
    settings = {"alpha": alpha, "gamma": gamma, "label_smoothing": label_smoothing, "axis": axis}
    loss = loss_object(keras.losses.CategoricalFocalCrossentropy, probabilities, reduction, **settings)
    predictions = masked(probabilities, mask, len(targets.shape) - 1)
    return loss(targets, predictions, sample_weight=ranked(weights, len(targets.shape) - 1))


@implements("categorical_focal_cross_entropy", call="keras.losses.categorical_focal_crossentropy", **NORMALISED)
def categorical_focal_crossentropy(
    probabilities, targets, *, axis=-1, alpha=1.0, gamma=2.0, label_smoothing=0.0, reduction="none"
):
    only_none(reduction)
    settings = {"alpha": alpha, "gamma": gamma, "label_smoothing": label_smoothing, "axis": axis}
    return keras.losses.categorical_focal_crossentropy(targets, probabilities, **settings)
