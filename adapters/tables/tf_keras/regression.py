"""Regression losses, as Keras 2 offers them: classes, functions of a batch, and metrics with a state."""

from conformance.adapters.mechanics.calling import of_one_rank
from conformance.adapters.tables.tf_keras.common import (
    EPSILON,
    elementwise_function,
    elementwise_loss,
    implements,
    tf_keras,
)

from conformance.worker.adapter import Unsupported

import tensorflow as tf  # isort: skip

EAGER = {"differentiable": False, "modes": ("eager",)}
PERCENT = {
    "contract": {"smallest_target": EPSILON},
    "documented": "tf_keras.losses.mean_absolute_percentage_error (source): divides by max(|y_true|, epsilon)",
}
LOGARITHM = {
    "contract": {"floor": EPSILON},
    "documented": "tf_keras.losses.mean_squared_logarithmic_error: negative values will be replaced with epsilon",
}


def remade(kind):
    """What makes an object of the class, writes it as its configuration and makes it anew of that."""
    return lambda **settings: tf_keras.losses.deserialize(tf_keras.losses.serialize(kind(**settings)))


def loss_class(kind, predictions, targets, weights, mask, reduction, roundtrip, **settings):
    """A loss class under a canonical reduction, made anew of its configuration where a case asks for that."""
    if roundtrip:
        kind = remade(kind)
    return elementwise_loss(kind, predictions, targets, weights, reduction, mask=mask, **settings)


def measured(kind, predictions, targets, weights, reduction, pieces, roundtrip):
    """A new metric's result after one batch of single entries, given in pieces along the first axis."""
    if reduction != ("mean" if weights is None else "weighted_mean"):
        raise Unsupported("a Keras metric is a mean; with sample weights it is divided by their sum")
    of_one_rank(predictions, targets)
    metric = kind(dtype=predictions.dtype.name)
    if roundtrip:
        metric = tf_keras.metrics.deserialize(tf_keras.metrics.serialize(metric))
    weights = None if weights is None else tf.broadcast_to(weights, predictions.shape)
    count = predictions.shape[0] if len(predictions.shape) else 1
    for piece in range(pieces):
        rows = slice(piece * count // pieces, (piece + 1) * count // pieces) if len(predictions.shape) else ...
        metric.update_state(
            tf.expand_dims(targets[rows], -1),
            tf.expand_dims(predictions[rows], -1),
            sample_weight=None if weights is None else weights[rows],
        )
    return metric.result()


@implements("squared_error", call="tf_keras.losses.MeanSquaredError")
def mean_squared_error_class(predictions, targets, *, weights=None, mask=None, reduction="none", roundtrip=False):
    kind = tf_keras.losses.MeanSquaredError
    return loss_class(kind, predictions, targets, weights, mask, reduction, roundtrip)


@implements("squared_error", call="tf_keras.losses.mean_squared_error")
def mean_squared_error(predictions, targets, *, reduction="none"):
    return elementwise_function(tf_keras.losses.mean_squared_error, predictions, targets, reduction)


@implements("squared_error", call="tf_keras.metrics.MeanSquaredError", **EAGER)
def mean_squared_error_metric(predictions, targets, *, weights=None, reduction="none", pieces=1, roundtrip=False):
    kind = tf_keras.metrics.MeanSquaredError
    return measured(kind, predictions, targets, weights, reduction, pieces, roundtrip)


@implements("absolute_error", call="tf_keras.losses.MeanAbsoluteError")
def mean_absolute_error_class(predictions, targets, *, weights=None, mask=None, reduction="none", roundtrip=False):
    kind = tf_keras.losses.MeanAbsoluteError
    return loss_class(kind, predictions, targets, weights, mask, reduction, roundtrip)


@implements("absolute_error", call="tf_keras.losses.mean_absolute_error")
def mean_absolute_error(predictions, targets, *, reduction="none"):
    return elementwise_function(tf_keras.losses.mean_absolute_error, predictions, targets, reduction)


@implements("absolute_error", call="tf_keras.metrics.MeanAbsoluteError", **EAGER)
def mean_absolute_error_metric(predictions, targets, *, weights=None, reduction="none", pieces=1, roundtrip=False):
    kind = tf_keras.metrics.MeanAbsoluteError
    return measured(kind, predictions, targets, weights, reduction, pieces, roundtrip)


@implements("absolute_percentage_error", call="tf_keras.losses.MeanAbsolutePercentageError", **PERCENT)
def mean_absolute_percentage_error_class(
    predictions, targets, *, weights=None, mask=None, reduction="none", roundtrip=False
):
    kind = tf_keras.losses.MeanAbsolutePercentageError
    return loss_class(kind, predictions, targets, weights, mask, reduction, roundtrip)


@implements("absolute_percentage_error", call="tf_keras.losses.mean_absolute_percentage_error", **PERCENT)
def mean_absolute_percentage_error(predictions, targets, *, reduction="none"):
    return elementwise_function(tf_keras.losses.mean_absolute_percentage_error, predictions, targets, reduction)


@implements("absolute_percentage_error", call="tf_keras.metrics.MeanAbsolutePercentageError", **dict(PERCENT, **EAGER))
def mean_absolute_percentage_error_metric(
    predictions, targets, *, weights=None, reduction="none", pieces=1, roundtrip=False
):
    kind = tf_keras.metrics.MeanAbsolutePercentageError
    return measured(kind, predictions, targets, weights, reduction, pieces, roundtrip)


@implements("squared_logarithmic_error", call="tf_keras.losses.MeanSquaredLogarithmicError", **LOGARITHM)
def mean_squared_logarithmic_error_class(
    predictions, targets, *, weights=None, mask=None, reduction="none", roundtrip=False
):
    kind = tf_keras.losses.MeanSquaredLogarithmicError
    return loss_class(kind, predictions, targets, weights, mask, reduction, roundtrip)


@implements("squared_logarithmic_error", call="tf_keras.losses.mean_squared_logarithmic_error", **LOGARITHM)
def mean_squared_logarithmic_error(predictions, targets, *, reduction="none"):
    return elementwise_function(tf_keras.losses.mean_squared_logarithmic_error, predictions, targets, reduction)


@implements(
    "squared_logarithmic_error", call="tf_keras.metrics.MeanSquaredLogarithmicError", **dict(LOGARITHM, **EAGER)
)
def mean_squared_logarithmic_error_metric(
    predictions, targets, *, weights=None, reduction="none", pieces=1, roundtrip=False
):
    kind = tf_keras.metrics.MeanSquaredLogarithmicError
    return measured(kind, predictions, targets, weights, reduction, pieces, roundtrip)


@implements("huber", call="tf_keras.losses.Huber")
def huber_class(predictions, targets, *, delta=1.0, weights=None, mask=None, reduction="none", roundtrip=False):
    kind = tf_keras.losses.Huber
    return loss_class(kind, predictions, targets, weights, mask, reduction, roundtrip, delta=delta)


@implements("huber", call="tf_keras.losses.huber")
def huber(predictions, targets, *, delta=1.0, reduction="none"):
    return elementwise_function(tf_keras.losses.huber, predictions, targets, reduction, delta=delta)


@implements("log_cosh", call="tf_keras.losses.LogCosh")
def log_cosh_class(predictions, targets, *, weights=None, mask=None, reduction="none", roundtrip=False):
    kind = tf_keras.losses.LogCosh
    return loss_class(kind, predictions, targets, weights, mask, reduction, roundtrip)


@implements("log_cosh", call="tf_keras.losses.log_cosh")
def log_cosh(predictions, targets, *, reduction="none"):
    return elementwise_function(tf_keras.losses.log_cosh, predictions, targets, reduction)


@implements("log_cosh", call="tf_keras.metrics.LogCoshError", **EAGER)
def log_cosh_metric(predictions, targets, *, weights=None, reduction="none", pieces=1, roundtrip=False):
    kind = tf_keras.metrics.LogCoshError
    return measured(kind, predictions, targets, weights, reduction, pieces, roundtrip)
