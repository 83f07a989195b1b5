"""Cross-entropies, binary and categorical, focal and class-weighted ones included, as Keras 2 offers them."""

from conformance.adapters.tables.tf_keras.common import (
    CLIPPED,
    NORMALISED,
    RENORMALISED,
    SOFTMAX_GRADIENT,
    accepted,
    balancing,
    by_label,
    elementwise_function,
    elementwise_loss,
    implements,
    last_is_default,
    masked,
    named,
    only_none,
    product,
    ranked,
    tf_keras,
    unreduced,
)


@implements("binary_cross_entropy", call="tf_keras.losses.BinaryCrossentropy", **CLIPPED)
def binary_crossentropy_class(
    probabilities, targets, *, label_smoothing=0.0, weights=None, mask=None, reduction="none"
):
    kind = tf_keras.losses.BinaryCrossentropy
    return elementwise_loss(
        kind, probabilities, targets, weights, reduction, mask=mask, label_smoothing=label_smoothing
    )


@implements("binary_cross_entropy", call="tf_keras.losses.binary_crossentropy", **CLIPPED)
def binary_crossentropy(probabilities, targets, *, label_smoothing=0.0, reduction="none"):
    function = tf_keras.losses.binary_crossentropy
    return elementwise_function(function, probabilities, targets, reduction, label_smoothing=label_smoothing)


@implements("binary_cross_entropy", call="tf_keras.backend.binary_crossentropy", **CLIPPED)
def backend_binary_crossentropy(probabilities, targets, *, weights=None, reduction="none"):
    return unreduced(tf_keras.backend.binary_crossentropy(targets, probabilities), weights, reduction)


@implements("binary_cross_entropy_with_logits", call="tf_keras.losses.BinaryCrossentropy")
def binary_crossentropy_class_of_logits(
    logits, targets, *, label_smoothing=0.0, weights=None, mask=None, reduction="none"
):
    kind = tf_keras.losses.BinaryCrossentropy
    return elementwise_loss(
        kind, logits, targets, weights, reduction, mask=mask, from_logits=True, label_smoothing=label_smoothing
    )


@implements("binary_cross_entropy_with_logits", call="tf_keras.losses.binary_crossentropy")
def binary_crossentropy_of_logits(logits, targets, *, label_smoothing=0.0, reduction="none"):
    function = tf_keras.losses.binary_crossentropy
    return elementwise_function(function, logits, targets, reduction, from_logits=True, label_smoothing=label_smoothing)


@implements("binary_cross_entropy_with_logits", call="tf_keras.backend.binary_crossentropy")
def backend_binary_crossentropy_of_logits(logits, targets, *, weights=None, reduction="none"):
    losses = tf_keras.backend.binary_crossentropy(targets, logits, from_logits=True)
    return unreduced(losses, weights, reduction)


@implements("categorical_cross_entropy", call="tf_keras.losses.CategoricalCrossentropy", **NORMALISED)
def categorical_crossentropy_class(
    probabilities, targets, *, axis=-1, label_smoothing=0.0, weights=None, mask=None, reduction="none"
):
    kind = tf_keras.losses.CategoricalCrossentropy
    settings = accepted(kind, axis=last_is_default(axis))
    loss = kind(label_smoothing=label_smoothing, reduction=named(reduction), **settings)
    predictions = masked(probabilities, mask, targets.shape.ndims - 1)
    return loss(targets, predictions, sample_weight=ranked(weights, targets.shape.ndims - 1))


@implements("categorical_cross_entropy", call="tf_keras.losses.categorical_crossentropy", **NORMALISED)
def categorical_crossentropy(probabilities, targets, *, axis=-1, label_smoothing=0.0, reduction="none"):
    only_none(reduction)
    function = tf_keras.losses.categorical_crossentropy
    settings = accepted(function, axis=last_is_default(axis))
    return function(targets, probabilities, label_smoothing=label_smoothing, **settings)


@implements("softmax_cross_entropy", call="tf_keras.losses.CategoricalCrossentropy", **SOFTMAX_GRADIENT)
def categorical_crossentropy_class_of_logits(
    logits, targets, *, axis=-1, label_smoothing=0.0, weights=None, mask=None, reduction="none"
):
    kind = tf_keras.losses.CategoricalCrossentropy
    settings = accepted(kind, axis=last_is_default(axis))
    loss = kind(from_logits=True, label_smoothing=label_smoothing, reduction=named(reduction), **settings)
    predictions = masked(logits, mask, targets.shape.ndims - 1)
    return loss(targets, predictions, sample_weight=ranked(weights, targets.shape.ndims - 1))


@implements("softmax_cross_entropy", call="tf_keras.losses.categorical_crossentropy", **SOFTMAX_GRADIENT)
def categorical_crossentropy_of_logits(logits, targets, *, axis=-1, label_smoothing=0.0, reduction="none"):
    only_none(reduction)
    function = tf_keras.losses.categorical_crossentropy
    settings = accepted(function, axis=last_is_default(axis))
    return function(targets, logits, from_logits=True, label_smoothing=label_smoothing, **settings)


@implements("sparse_categorical_cross_entropy", call="tf_keras.losses.SparseCategoricalCrossentropy", **RENORMALISED)
def sparse_categorical_crossentropy_class(
    probabilities, labels, *, ignore_index=None, weights=None, mask=None, reduction="none"
):
    kind = tf_keras.losses.SparseCategoricalCrossentropy
    loss = kind(reduction=named(reduction), **accepted(kind, ignore_class=ignore_index))
    predictions = masked(probabilities, mask, labels.shape.ndims)
    return loss(labels, predictions, sample_weight=ranked(weights, labels.shape.ndims))


@implements("sparse_categorical_cross_entropy", call="tf_keras.losses.sparse_categorical_crossentropy", **RENORMALISED)
def sparse_categorical_crossentropy(probabilities, labels, *, axis=-1, ignore_index=None, reduction="none"):
    only_none(reduction)
    function = tf_keras.losses.sparse_categorical_crossentropy
    return function(labels, probabilities, axis=axis, **accepted(function, ignore_class=ignore_index))


@implements("sparse_softmax_cross_entropy", call="tf_keras.losses.SparseCategoricalCrossentropy")
def sparse_categorical_crossentropy_class_of_logits(
    logits, labels, *, class_weights=None, ignore_index=None, weights=None, mask=None, reduction="none"
):
    kind = tf_keras.losses.SparseCategoricalCrossentropy
    loss = kind(from_logits=True, reduction=named(reduction), **accepted(kind, ignore_class=ignore_index))
    weights = ranked(weights, labels.shape.ndims)
    predictions = masked(logits, mask, labels.shape.ndims)
    return loss(labels, predictions, sample_weight=product(by_label(class_weights, labels, ignore_index), weights))


@implements("sparse_softmax_cross_entropy", call="tf_keras.losses.sparse_categorical_crossentropy")
def sparse_categorical_crossentropy_of_logits(logits, labels, *, axis=-1, ignore_index=None, reduction="none"):
    only_none(reduction)
    function = tf_keras.losses.sparse_categorical_crossentropy
    settings = accepted(function, ignore_class=ignore_index)
    return function(labels, logits, from_logits=True, axis=axis, **settings)


@implements("binary_focal_cross_entropy", call="tf_keras.losses.BinaryFocalCrossentropy", **CLIPPED)
def binary_focal_crossentropy_class(
    probabilities, targets, *, alpha=None, gamma=2.0, label_smoothing=0.0, weights=None, mask=None, reduction="none"
):
    settings = dict(balancing(alpha), gamma=gamma, label_smoothing=label_smoothing)
    kind = tf_keras.losses.BinaryFocalCrossentropy
    return elementwise_loss(kind, probabilities, targets, weights, reduction, mask=mask, **settings)


@implements("binary_focal_cross_entropy", call="tf_keras.losses.binary_focal_crossentropy", **CLIPPED)
def binary_focal_crossentropy(probabilities, targets, *, alpha=None, gamma=2.0, label_smoothing=0.0, reduction="none"):
    settings = dict(balancing(alpha), gamma=gamma, label_smoothing=label_smoothing)
    function = tf_keras.losses.binary_focal_crossentropy
    return elementwise_function(function, probabilities, targets, reduction, **settings)


@implements("sigmoid_focal_loss", call="tf_keras.losses.BinaryFocalCrossentropy")
def binary_focal_crossentropy_class_of_logits(
    logits, targets, *, alpha=None, gamma=2.0, label_smoothing=0.0, weights=None, mask=None, reduction="none"
):
    settings = dict(balancing(alpha), gamma=gamma, label_smoothing=label_smoothing, from_logits=True)
    kind = tf_keras.losses.BinaryFocalCrossentropy
    return elementwise_loss(kind, logits, targets, weights, reduction, mask=mask, **settings)


@implements("sigmoid_focal_loss", call="tf_keras.losses.binary_focal_crossentropy")
def binary_focal_crossentropy_of_logits(
    logits, targets, *, alpha=None, gamma=2.0, label_smoothing=0.0, reduction="none"
):
    settings = dict(balancing(alpha), gamma=gamma, label_smoothing=label_smoothing, from_logits=True)
    function = tf_keras.losses.binary_focal_crossentropy
    return elementwise_function(function, logits, targets, reduction, **settings)


@implements("categorical_focal_cross_entropy", call="tf_keras.losses.CategoricalFocalCrossentropy", **NORMALISED)
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
    loss = tf_keras.losses.CategoricalFocalCrossentropy(
        alpha=alpha, gamma=gamma, label_smoothing=label_smoothing, axis=axis, reduction=named(reduction)
    )
    predictions = masked(probabilities, mask, targets.shape.ndims - 1)
    return loss(targets, predictions, sample_weight=ranked(weights, targets.shape.ndims - 1))


@implements("categorical_focal_cross_entropy", call="tf_keras.losses.categorical_focal_crossentropy", **NORMALISED)
def categorical_focal_crossentropy(
    probabilities, targets, *, axis=-1, alpha=1.0, gamma=2.0, label_smoothing=0.0, reduction="none"
):
    only_none(reduction)
    return tf_keras.losses.categorical_focal_crossentropy(
        targets, probabilities, alpha=alpha, gamma=gamma, label_smoothing=label_smoothing, axis=axis
    )
