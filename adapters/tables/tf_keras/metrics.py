"""Classification metrics, as Keras 2 offers them: functions of one batch, and objects with a state."""

import tensorflow as tf
from conformance.adapters.tables.tf_keras.common import (
    accepted,
    elementwise_function,
    implements,
    only_none,
    ranked,
    tf_keras,
)

from conformance.worker.adapter import Unsupported

# A metric keeps its sums in variables, which a compiled function may not create.
EAGER = {"differentiable": False, "modes": ("eager",)}
# The F-scores make their variables in float32 whatever dtype they are given, and take tensors of no other.
FLOAT32 = dict(EAGER, dtypes=("float32",))
THRESHOLDS = {
    "contract": {"thresholds": 200},
    "documented": "tf_keras.metrics.AUC: num_thresholds=200, the thresholds to use when discretizing the curve",
}


def accumulated(metric, predictions, targets, weights, pieces, roundtrip):
    """What a new metric says after one batch, given in pieces along the first axis.

    With several pieces the metric has seen the batch before, and was reset. `roundtrip`: it is made anew of its
    configuration first. `targets` is None for a metric of values alone.
    """
    if roundtrip:
        metric = type(metric).from_config(metric.get_config())
    if pieces > 1:
        update(metric, predictions, targets, weights, slice(None))
        reset(metric)
    count = predictions.shape[0]
    for piece in range(pieces):
        update(metric, predictions, targets, weights, slice(piece * count // pieces, (piece + 1) * count // pieces))
    return metric.result()


def reset(metric):
    """Before TensorFlow 2.5 the method is called reset_states."""
    (metric.reset_state if hasattr(metric, "reset_state") else metric.reset_states)()


def update(metric, predictions, targets, weights, rows):
    """One update with some rows of the batch; weights that all rows share stay as they are."""
    if weights is not None and len(weights.shape) == len(predictions.shape) and weights.shape[0] != 1:
        weights = weights[rows]
    batch = (predictions[rows],) if targets is None else (targets[rows], predictions[rows])
    metric.update_state(*batch, sample_weight=weights)


def averaged(metric, predictions, targets, weights, reduction, pieces, roundtrip):
    """As `accumulated`, for metrics that are means."""
    if reduction != ("mean" if weights is None else "weighted_mean"):
        raise Unsupported("a Keras metric is a mean; with sample weights it is divided by their sum")
    if weights is not None and len(weights.shape) != len(predictions.shape):
        # The weight of a row: predictions have a class axis, weights have none.
        return accumulated_rows(metric, predictions, targets, weights, pieces, roundtrip)
    return accumulated(metric, predictions, targets, weights, pieces, roundtrip)


def accumulated_rows(metric, predictions, targets, weights, pieces, roundtrip):
    """As `accumulated`, with a weight for each row of classes."""
    if roundtrip:
        metric = type(metric).from_config(metric.get_config())
    if pieces > 1:
        metric.update_state(targets, predictions, sample_weight=weights)
        reset(metric)
    count = predictions.shape[0]
    for piece in range(pieces):
        rows = slice(piece * count // pieces, (piece + 1) * count // pieces)
        shared = len(weights.shape) == 0 or weights.shape[0] == 1
        metric.update_state(targets[rows], predictions[rows], sample_weight=weights if shared else weights[rows])
    return metric.result()


def counting(threshold, decision, average, zero_division):
    """Refuses what the metrics of counts of all entries cannot do."""
    if decision != "threshold" or average != "micro":
        raise Unsupported("counts all entries together, at a threshold")
    if zero_division not in (None, 0.0):
        raise Unsupported("0 / 0 is always 0 here")
    return {"thresholds": threshold}


def averaging(threshold, decision, average, zero_division, predictions):
    """(settings, the inputs in rows of classes) of the F-scores."""
    if zero_division not in (None, 0.0):
        raise Unsupported("0 / 0 is always 0 here")
    settings = {"average": None if average == "none" else average}
    settings["threshold"] = None if decision == "argmax" else threshold
    return settings, (-1, 1) if len(predictions.shape) != 2 else None


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


@implements("top_k_categorical_accuracy", call="tf_keras.metrics.top_k_categorical_accuracy", differentiable=False)
def metrics_top_k_categorical_accuracy(probabilities, targets, *, k=5, reduction="none"):
    only_none(reduction)
    return tf_keras.metrics.top_k_categorical_accuracy(targets, probabilities, k=k)


@implements(
    "sparse_top_k_categorical_accuracy",
    call="tf_keras.metrics.sparse_top_k_categorical_accuracy",
    differentiable=False,
)
def metrics_sparse_top_k_categorical_accuracy(probabilities, labels, *, k=5, reduction="none"):
    only_none(reduction)
    return tf_keras.metrics.sparse_top_k_categorical_accuracy(labels, probabilities, k=k)


@implements("accuracy", call="tf_keras.metrics.Accuracy", **EAGER)
def metrics_accuracy_class(
    predictions, labels, *, weights=None, reduction="none", label_dtype="int64", pieces=1, roundtrip=False
):
    predictions, labels = tf.cast(predictions, label_dtype), tf.cast(labels, label_dtype)
    return averaged(tf_keras.metrics.Accuracy(), predictions, labels, weights, reduction, pieces, roundtrip)


@implements("binary_accuracy", call="tf_keras.metrics.BinaryAccuracy", **EAGER)
def metrics_binary_accuracy_class(
    probabilities, targets, *, threshold=0.5, weights=None, reduction="none", pieces=1, roundtrip=False
):
    metric = tf_keras.metrics.BinaryAccuracy(threshold=threshold)
    if weights is None:
        return averaged(metric, probabilities, targets, None, reduction, pieces, roundtrip)
    # One more axis, because a sample weight belongs to a row.
    weights = ranked(weights, len(targets.shape))
    probabilities, targets = probabilities[..., tf.newaxis], targets[..., tf.newaxis]
    return averaged(metric, probabilities, targets, weights, reduction, pieces, roundtrip)


@implements("categorical_accuracy", call="tf_keras.metrics.CategoricalAccuracy", **EAGER)
def metrics_categorical_accuracy_class(
    probabilities, targets, *, weights=None, reduction="none", pieces=1, roundtrip=False
):
    metric = tf_keras.metrics.CategoricalAccuracy()
    weights = ranked(weights, len(targets.shape) - 1)
    return averaged(metric, probabilities, targets, weights, reduction, pieces, roundtrip)


@implements("sparse_categorical_accuracy", call="tf_keras.metrics.SparseCategoricalAccuracy", **EAGER)
def metrics_sparse_categorical_accuracy_class(
    probabilities, labels, *, weights=None, reduction="none", pieces=1, roundtrip=False
):
    metric = tf_keras.metrics.SparseCategoricalAccuracy()
    weights = ranked(weights, len(labels.shape))
    return averaged(metric, probabilities, labels, weights, reduction, pieces, roundtrip)


@implements("top_k_categorical_accuracy", call="tf_keras.metrics.TopKCategoricalAccuracy", **EAGER)
def metrics_top_k_categorical_accuracy_class(
    probabilities, targets, *, k=5, weights=None, reduction="none", pieces=1, roundtrip=False
):
    metric = tf_keras.metrics.TopKCategoricalAccuracy(k=k)
    weights = ranked(weights, len(targets.shape) - 1)
    return averaged(metric, probabilities, targets, weights, reduction, pieces, roundtrip)


@implements("sparse_top_k_categorical_accuracy", call="tf_keras.metrics.SparseTopKCategoricalAccuracy", **EAGER)
def metrics_sparse_top_k_categorical_accuracy_class(
    probabilities, labels, *, k=5, weights=None, reduction="none", pieces=1, roundtrip=False
):
    metric = tf_keras.metrics.SparseTopKCategoricalAccuracy(k=k)
    weights = ranked(weights, len(labels.shape))
    return averaged(metric, probabilities, labels, weights, reduction, pieces, roundtrip)


@implements(
    "confusion_counts",
    call="tf_keras.metrics.TruePositives",
    name="metrics.TruePositives, FalsePositives, TrueNegatives, FalseNegatives",
    also=("tf_keras.metrics.FalsePositives", "tf_keras.metrics.TrueNegatives", "tf_keras.metrics.FalseNegatives"),
    **EAGER,
)
def metrics_counts(probabilities, targets, *, threshold=0.5, weights=None, pieces=1, roundtrip=False):
    kinds = (
        tf_keras.metrics.TruePositives,
        tf_keras.metrics.FalsePositives,
        tf_keras.metrics.TrueNegatives,
        tf_keras.metrics.FalseNegatives,
    )
    metrics = [kind(thresholds=threshold) for kind in kinds]
    return tf.stack([accumulated(m, probabilities, targets, weights, pieces, roundtrip) for m in metrics])


@implements("precision", call="tf_keras.metrics.Precision", **EAGER)
def metrics_precision(
    probabilities,
    targets,
    *,
    threshold=0.5,
    decision="threshold",
    average="micro",
    zero_division=None,
    weights=None,
    pieces=1,
    roundtrip=False,
):
    metric = tf_keras.metrics.Precision(**counting(threshold, decision, average, zero_division))
    return accumulated(metric, probabilities, targets, weights, pieces, roundtrip)


@implements("recall", call="tf_keras.metrics.Recall", **EAGER)
def metrics_recall(
    probabilities,
    targets,
    *,
    threshold=0.5,
    decision="threshold",
    average="micro",
    zero_division=None,
    weights=None,
    pieces=1,
    roundtrip=False,
):
    metric = tf_keras.metrics.Recall(**counting(threshold, decision, average, zero_division))
    return accumulated(metric, probabilities, targets, weights, pieces, roundtrip)


@implements("f_beta", call="tf_keras.metrics.FBetaScore", **FLOAT32)
def metrics_f_beta(
    probabilities,
    targets,
    *,
    beta=1.0,
    threshold=0.5,
    decision="threshold",
    average="micro",
    zero_division=None,
    weights=None,
    pieces=1,
    roundtrip=False,
):
    settings, shape = averaging(threshold, decision, average, zero_division, probabilities)
    if shape is not None:
        probabilities, targets = tf.reshape(probabilities, shape), tf.reshape(targets, shape)
    metric = tf_keras.metrics.FBetaScore(beta=beta, **settings)
    if weights is None:
        return accumulated(metric, probabilities, targets, None, pieces, roundtrip)
    return accumulated_rows(metric, probabilities, targets, weights, pieces, roundtrip)


@implements("f_beta", call="tf_keras.metrics.F1Score", **FLOAT32)
def metrics_f1(
    probabilities,
    targets,
    *,
    threshold=0.5,
    decision="threshold",
    average="micro",
    zero_division=None,
    weights=None,
    pieces=1,
    roundtrip=False,
):
    settings, shape = averaging(threshold, decision, average, zero_division, probabilities)
    if shape is not None:
        probabilities, targets = tf.reshape(probabilities, shape), tf.reshape(targets, shape)
    metric = tf_keras.metrics.F1Score(**settings)
    if weights is None:
        return accumulated(metric, probabilities, targets, None, pieces, roundtrip)
    return accumulated_rows(metric, probabilities, targets, weights, pieces, roundtrip)


@implements("auc_roc", call="tf_keras.metrics.AUC", **dict(EAGER, **THRESHOLDS))
def metrics_auc_roc(probabilities, targets, *, weights=None, pieces=1, roundtrip=False):
    return accumulated(tf_keras.metrics.AUC(curve="ROC"), probabilities, targets, weights, pieces, roundtrip)


@implements("auc_pr", call="tf_keras.metrics.AUC", **dict(EAGER, **THRESHOLDS))
def metrics_auc_pr(probabilities, targets, *, weights=None, pieces=1, roundtrip=False):
    return accumulated(tf_keras.metrics.AUC(curve="PR"), probabilities, targets, weights, pieces, roundtrip)


@implements("mean_iou", call="tf_keras.metrics.MeanIoU", **EAGER)
def metrics_mean_iou(
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
    kind = tf_keras.metrics.MeanIoU
    metric = kind(num_classes=classes, **accepted(kind, ignore_class=ignore_index))
    predictions, labels = tf.cast(predictions, label_dtype), tf.cast(labels, label_dtype)
    return accumulated(metric, predictions, labels, weights, pieces, roundtrip)


@implements("running_mean", call="tf_keras.metrics.Mean", **EAGER)
def metrics_mean(values, *, weights=None, pieces=1, roundtrip=False):
    return accumulated(tf_keras.metrics.Mean(), values, None, weights, pieces, roundtrip)


@implements("running_sum", call="tf_keras.metrics.Sum", **EAGER)
def metrics_sum(values, *, weights=None, pieces=1, roundtrip=False):
    return accumulated(tf_keras.metrics.Sum(), values, None, weights, pieces, roundtrip)


@implements("r2_score", call="tf_keras.metrics.R2Score", **EAGER)
def metrics_r2_score(predictions, targets, *, weights=None, average="uniform", pieces=1, roundtrip=False):
    names = {"uniform": "uniform_average", "variance": "variance_weighted_average", "none": None}
    metric = tf_keras.metrics.R2Score(class_aggregation=names[average], dtype=predictions.dtype)
    if len(predictions.shape) == 1:
        predictions, targets = tf.expand_dims(predictions, -1), tf.expand_dims(targets, -1)
    if weights is None:
        return accumulated(metric, predictions, targets, None, pieces, roundtrip)
    return accumulated_rows(metric, predictions, targets, weights, pieces, roundtrip)
