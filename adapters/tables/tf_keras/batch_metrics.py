"""Metrics of thresholds, overlaps and whole batches, as Keras 2 offers them, each with a state."""

import tensorflow as tf
from conformance.adapters.tables.tf_keras.common import accepted, implements, tf_keras
from conformance.adapters.tables.tf_keras.metrics import EAGER, accumulated, accumulated_rows

from conformance.worker.adapter import Unsupported

BEST = {
    "contract": {"thresholds": 200},
    "documented": "tf_keras.metrics.PrecisionAtRecall and its like: num_thresholds=200, to use for matching",
}
BEST.update(EAGER)


@implements("precision_at_recall", call="tf_keras.metrics.PrecisionAtRecall", **BEST)
def metrics_precision_at_recall(probabilities, targets, *, least=0.5, weights=None, pieces=1, roundtrip=False):
    return accumulated(tf_keras.metrics.PrecisionAtRecall(least), probabilities, targets, weights, pieces, roundtrip)


@implements("recall_at_precision", call="tf_keras.metrics.RecallAtPrecision", **BEST)
def metrics_recall_at_precision(probabilities, targets, *, least=0.5, weights=None, pieces=1, roundtrip=False):
    return accumulated(tf_keras.metrics.RecallAtPrecision(least), probabilities, targets, weights, pieces, roundtrip)


@implements("sensitivity_at_specificity", call="tf_keras.metrics.SensitivityAtSpecificity", **BEST)
def metrics_sensitivity_at_specificity(probabilities, targets, *, least=0.5, weights=None, pieces=1, roundtrip=False):
    return accumulated(
        tf_keras.metrics.SensitivityAtSpecificity(least), probabilities, targets, weights, pieces, roundtrip
    )


@implements("specificity_at_sensitivity", call="tf_keras.metrics.SpecificityAtSensitivity", **BEST)
def metrics_specificity_at_sensitivity(probabilities, targets, *, least=0.5, weights=None, pieces=1, roundtrip=False):
    return accumulated(
        tf_keras.metrics.SpecificityAtSensitivity(least), probabilities, targets, weights, pieces, roundtrip
    )


@implements("mean_iou", call="tf_keras.metrics.IoU", **EAGER)
def metrics_iou(
    predictions,
    labels,
    *,
    classes=None,
    ignore_index=None,
    weights=None,
    label_dtype="int64",
    pieces=1,
    roundtrip=False,
):
    """The classes that are asked for are all."""
    kind = tf_keras.metrics.IoU
    metric = kind(classes, list(range(classes)), **accepted(kind, ignore_class=ignore_index))
    predictions, labels = tf.cast(predictions, label_dtype), tf.cast(labels, label_dtype)
    return accumulated(metric, predictions, labels, weights, pieces, roundtrip)


@implements("mean_iou", call="tf_keras.metrics.BinaryIoU", **EAGER)
def metrics_binary_iou(predictions, labels, *, classes=None, weights=None, pieces=1, roundtrip=False):
    """Both classes are asked for; a predicted class is a probability of 0 or 1."""
    if classes != 2:
        raise Unsupported("has two classes")
    metric = tf_keras.metrics.BinaryIoU(target_class_ids=[0, 1], threshold=0.5)
    return accumulated(metric, tf.cast(predictions, "float32"), labels, weights, pieces, roundtrip)


def rows_of(labels, classes):
    """The one-hot rows of labels, which have none for what is no class."""
    if labels.shape[0] and int(tf.reduce_max(labels)) >= classes:
        raise Unsupported("a label that is no class has no one-hot row")
    return tf.one_hot(labels, classes)


@implements("mean_iou", call="tf_keras.metrics.OneHotIoU", **EAGER)
def metrics_one_hot_iou(predictions, labels, *, classes=None, weights=None, pieces=1, roundtrip=False):
    """The classes that are asked for are all; labels and predictions are rows with a 1."""
    metric = tf_keras.metrics.OneHotIoU(classes, list(range(classes)))
    predictions, labels = rows_of(predictions, classes), rows_of(labels, classes)
    return rows_accumulated(metric, predictions, labels, weights, pieces, roundtrip)


@implements("mean_iou", call="tf_keras.metrics.OneHotMeanIoU", **EAGER)
def metrics_one_hot_mean_iou(predictions, labels, *, classes=None, weights=None, pieces=1, roundtrip=False):
    """Labels and predictions are rows with a 1."""
    metric = tf_keras.metrics.OneHotMeanIoU(classes)
    predictions, labels = rows_of(predictions, classes), rows_of(labels, classes)
    return rows_accumulated(metric, predictions, labels, weights, pieces, roundtrip)


def rows_accumulated(metric, predictions, labels, weights, pieces, roundtrip):
    """As `accumulated`, for rows of classes whose weights, if there are any, have no class axis."""
    if weights is None:
        return accumulated(metric, predictions, labels, None, pieces, roundtrip)
    return accumulated_rows(metric, predictions, labels, weights, pieces, roundtrip)


@implements("root_mean_squared_error", call="tf_keras.metrics.RootMeanSquaredError", **EAGER)
def metrics_root_mean_squared_error(predictions, targets, *, weights=None, pieces=1, roundtrip=False):
    metric = tf_keras.metrics.RootMeanSquaredError(dtype=predictions.dtype.name)
    return accumulated(metric, predictions, targets, weights, pieces, roundtrip)
