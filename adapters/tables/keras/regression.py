"""Regression losses, as Keras 3 offers them: classes, functions of a batch, and metrics with a state."""

import inspect

import keras
from conformance.adapters.mechanics.calling import of_one_rank
from conformance.adapters.tables.keras.common import (
    EAGER,
    EPSILON,
    elementwise_function,
    elementwise_loss,
    implements,
    ranked,
)

from conformance.worker.adapter import Unsupported

PERCENT = {
    "contract": {"smallest_target": EPSILON},
    "documented": "keras/src/losses/losses.py, mean_absolute_percentage_error: divides by max(|y_true|, epsilon)",
}
LOGARITHM = {
    "contract": {"floor": EPSILON},
    "documented": "keras.losses.mean_squared_logarithmic_error: negative values will be replaced with epsilon",
}


def remade(kind):
    """What makes an object of the class, writes it as its configuration and makes it anew of that."""
    if "dtype" in inspect.signature(kind).parameters:
        return lambda reduction, dtype, **settings: again(kind(reduction=reduction, dtype=dtype, **settings))
    return lambda reduction, **settings: again(kind(reduction=reduction, **settings))


def again(loss):
    return keras.losses.deserialize(keras.losses.serialize(loss))


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
    metric = kind(dtype=keras.backend.standardize_dtype(predictions.dtype))
    if roundtrip:
        metric = keras.metrics.deserialize(keras.metrics.serialize(metric))
    weights = None if weights is None else keras.ops.broadcast_to(weights, predictions.shape)
    count = predictions.shape[0] if len(predictions.shape) else 1
    for piece in range(pieces):
        rows = slice(piece * count // pieces, (piece + 1) * count // pieces) if len(predictions.shape) else ...
        metric.update_state(
            keras.ops.expand_dims(targets[rows], -1),
            keras.ops.expand_dims(predictions[rows], -1),
            sample_weight=None if weights is None else weights[rows],
        )
    return metric.result()


@implements("squared_error", call="keras.losses.MeanSquaredError")
def mean_squared_error_class(predictions, targets, *, weights=None, mask=None, reduction="none", roundtrip=False):
    kind = keras.losses.MeanSquaredError
    return loss_class(kind, predictions, targets, weights, mask, reduction, roundtrip)


@implements("squared_error", call="keras.losses.mean_squared_error")
def mean_squared_error(predictions, targets, *, reduction="none"):
    return elementwise_function(keras.losses.mean_squared_error, predictions, targets, reduction)


@implements("squared_error", call="keras.metrics.MeanSquaredError", **EAGER)
def mean_squared_error_metric(predictions, targets, *, weights=None, reduction="none", pieces=1, roundtrip=False):
    kind = keras.metrics.MeanSquaredError
    return measured(kind, predictions, targets, weights, reduction, pieces, roundtrip)


@implements(
    "squared_error",
    call="keras.losses.MeanSquaredError",
    name="losses.MeanSquaredError-of-default-dtype",
    dtypes=("float64", "float32"),
)
def mean_squared_error_of_default_dtype(predictions, targets, *, reduction="none"):
    """As most users write it: the class computes in Keras' default float type, float32, whatever it is given."""
    if reduction not in ("mean", "mean_last_axis"):
        raise Unsupported("this row asks for the mean over the last axis, or over everything")
    loss = keras.losses.MeanSquaredError(reduction="sum_over_batch_size" if reduction == "mean" else None)
    return loss(targets, predictions)


@implements(
    "squared_error",
    call="keras.losses.MeanSquaredError",
    name="losses.MeanSquaredError-of-flat-targets",
    dtypes=("float32",),
)
def mean_squared_error_of_flat_targets(predictions, targets, *, weights=None, reduction="none"):
    """Predictions (N, 1) against targets (N,): Keras gives the targets the missing axis."""
    if len(predictions.shape) != 2 or predictions.shape[1] != 1 or reduction not in ("mean", "mean_last_axis"):
        raise Unsupported("this row asks for one prediction for each sample, on an axis of its own")
    loss = keras.losses.MeanSquaredError(reduction="sum_over_batch_size" if reduction == "mean" else None)
    losses = loss(targets[:, 0], predictions, sample_weight=ranked(weights, 2))
    return losses if reduction == "mean" else keras.ops.reshape(losses, (-1,))


@implements("absolute_error", call="keras.losses.MeanAbsoluteError")
def mean_absolute_error_class(predictions, targets, *, weights=None, mask=None, reduction="none", roundtrip=False):
    kind = keras.losses.MeanAbsoluteError
    return loss_class(kind, predictions, targets, weights, mask, reduction, roundtrip)


@implements("absolute_error", call="keras.losses.mean_absolute_error")
def mean_absolute_error(predictions, targets, *, reduction="none"):
    return elementwise_function(keras.losses.mean_absolute_error, predictions, targets, reduction)


@implements("absolute_error", call="keras.metrics.MeanAbsoluteError", **EAGER)
def mean_absolute_error_metric(predictions, targets, *, weights=None, reduction="none", pieces=1, roundtrip=False):
    kind = keras.metrics.MeanAbsoluteError
    return measured(kind, predictions, targets, weights, reduction, pieces, roundtrip)


@implements("absolute_percentage_error", call="keras.losses.MeanAbsolutePercentageError", **PERCENT)
def mean_absolute_percentage_error_class(
    predictions, targets, *, weights=None, mask=None, reduction="none", roundtrip=False
):
    kind = keras.losses.MeanAbsolutePercentageError
    return loss_class(kind, predictions, targets, weights, mask, reduction, roundtrip)


@implements("absolute_percentage_error", call="keras.losses.mean_absolute_percentage_error", **PERCENT)
def mean_absolute_percentage_error(predictions, targets, *, reduction="none"):
    return elementwise_function(keras.losses.mean_absolute_percentage_error, predictions, targets, reduction)


@implements("absolute_percentage_error", call="keras.metrics.MeanAbsolutePercentageError", **dict(PERCENT, **EAGER))
def mean_absolute_percentage_error_metric(
    predictions, targets, *, weights=None, reduction="none", pieces=1, roundtrip=False
):
    kind = keras.metrics.MeanAbsolutePercentageError
    return measured(kind, predictions, targets, weights, reduction, pieces, roundtrip)


@implements("squared_logarithmic_error", call="keras.losses.MeanSquaredLogarithmicError", **LOGARITHM)
def mean_squared_logarithmic_error_class(
    predictions, targets, *, weights=None, mask=None, reduction="none", roundtrip=False
):
    kind = keras.losses.MeanSquaredLogarithmicError
    return loss_class(kind, predictions, targets, weights, mask, reduction, roundtrip)


@implements("squared_logarithmic_error", call="keras.losses.mean_squared_logarithmic_error", **LOGARITHM)
def mean_squared_logarithmic_error(predictions, targets, *, reduction="none"):
    return elementwise_function(keras.losses.mean_squared_logarithmic_error, predictions, targets, reduction)


@implements("squared_logarithmic_error", call="keras.metrics.MeanSquaredLogarithmicError", **dict(LOGARITHM, **EAGER))
def mean_squared_logarithmic_error_metric(
    predictions, targets, *, weights=None, reduction="none", pieces=1, roundtrip=False
):
    kind = keras.metrics.MeanSquaredLogarithmicError
    return measured(kind, predictions, targets, weights, reduction, pieces, roundtrip)


@implements("huber", call="keras.losses.Huber")
def huber_class(predictions, targets, *, delta=1.0, weights=None, mask=None, reduction="none", roundtrip=False):
    kind = keras.losses.Huber
    return loss_class(kind, predictions, targets, weights, mask, reduction, roundtrip, delta=delta)


@implements("huber", call="keras.losses.huber")
def huber(predictions, targets, *, delta=1.0, reduction="none"):
    return elementwise_function(keras.losses.huber, predictions, targets, reduction, delta=delta)


@implements("log_cosh", call="keras.losses.LogCosh")
def log_cosh_class(predictions, targets, *, weights=None, mask=None, reduction="none", roundtrip=False):
    kind = keras.losses.LogCosh
    return loss_class(kind, predictions, targets, weights, mask, reduction, roundtrip)


@implements("log_cosh", call="keras.losses.log_cosh")
def log_cosh(predictions, targets, *, reduction="none"):
    return elementwise_function(keras.losses.log_cosh, predictions, targets, reduction)


@implements("log_cosh", call="keras.metrics.LogCoshError", **EAGER)
def log_cosh_metric(predictions, targets, *, weights=None, reduction="none", pieces=1, roundtrip=False):
    kind = keras.metrics.LogCoshError
    return measured(kind, predictions, targets, weights, reduction, pieces, roundtrip)
