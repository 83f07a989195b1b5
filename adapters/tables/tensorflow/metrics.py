"""Classification metrics of TensorFlow itself: functions of one batch, and `tf.compat.v1.metrics` with their state.

The metrics of `compat.v1` exist in graphs alone: each call makes a graph and a session, as their users do.
"""

from conformance.adapters.tables.tensorflow.common import implements

from conformance.worker.adapter import Unsupported

import tensorflow as tf  # isort: skip

# Whatever comes in is cast to float32 first.
SESSION = {"differentiable": False, "modes": ("eager",), "dtypes": ("float32",)}
THRESHOLDS = {
    "contract": {"thresholds": 200},
    "documented": "tf.compat.v1.metrics.auc: num_thresholds=200, the thresholds to use when discretizing the curve",
}


def in_session(build, batch, weights, pieces):
    """The value of a v1 metric after its updates. `build` makes (value, update) of the placeholders of a batch."""
    given = [tensor.numpy() for tensor in (batch if weights is None else batch + (weights,))]
    count = len(given[0])
    with tf.Graph().as_default() as graph:
        places = [tf.compat.v1.placeholder(array.dtype, (None,) + array.shape[1:]) for array in given]
        value, update = build(*places) if weights is not None else build(*places, weights=None)
        with tf.compat.v1.Session(graph=graph) as session:
            session.run(tf.compat.v1.local_variables_initializer())
            for piece in range(pieces):
                rows = slice(piece * count // pieces, (piece + 1) * count // pieces)
                session.run(update, {place: array[rows] for place, array in zip(places, given)})
            result = session.run(value)
    return tf.constant(result)


def at_threshold(decision, average, zero_division):
    """Refuses what the metrics of counts of all entries cannot do."""
    if decision != "threshold" or average != "micro":
        raise Unsupported("counts all entries together, at a threshold")
    if zero_division not in (None, 0.0):
        raise Unsupported("0 / 0 is always 0 here")


def weighted_mean_only(reduction, weights):
    if reduction != ("mean" if weights is None else "weighted_mean"):
        raise Unsupported("a metric is a mean; with weights it is divided by their sum")


@implements("in_top_k", call="tf.math.in_top_k", differentiable=False, dtypes=("float32",))
def math_in_top_k(scores, labels, *, k=1):
    return tf.math.in_top_k(labels, scores, k)


@implements(
    "sparse_top_k_categorical_accuracy",
    call="tf.math.in_top_k",
    differentiable=False,
    dtypes=("float32",),
)
def math_in_top_k_as_accuracy(probabilities, labels, *, k=5, reduction="none"):
    if reduction not in ("none", "mean"):
        raise Unsupported("tf.math.in_top_k has no weights")
    if probabilities.shape.ndims != 2:
        raise Unsupported("takes rows of scores, and no further axes")
    hits = tf.cast(tf.math.in_top_k(labels, probabilities, k), probabilities.dtype)
    return tf.reduce_mean(hits) if reduction == "mean" else hits


@implements("confusion_matrix", call="tf.math.confusion_matrix", differentiable=False)
def math_confusion_matrix(predictions, labels, *, classes=None, weights=None, label_dtype="int64"):
    predictions, labels = tf.cast(predictions, label_dtype), tf.cast(labels, label_dtype)
    labels, predictions = tf.reshape(labels, [-1]), tf.reshape(predictions, [-1])
    dtype = tf.int32 if weights is None else weights.dtype
    return tf.math.confusion_matrix(labels, predictions, num_classes=classes, weights=weights, dtype=dtype)


@implements("accuracy", call="tf.compat.v1.metrics.accuracy", **SESSION)
def v1_accuracy(predictions, labels, *, weights=None, reduction="none", label_dtype="int64", pieces=1):
    weighted_mean_only(reduction, weights)

    def build(predictions, labels, weights):
        predictions, labels = tf.cast(predictions, label_dtype), tf.cast(labels, label_dtype)
        return tf.compat.v1.metrics.accuracy(labels, predictions, weights)

    return in_session(build, (predictions, labels), weights, pieces)


@implements("running_mean", call="tf.compat.v1.metrics.mean", **SESSION)
def v1_mean(values, *, weights=None, pieces=1):
    def build(values, weights):
        return tf.compat.v1.metrics.mean(values, weights)

    return in_session(build, (values,), weights, pieces)


@implements("mean_iou", call="tf.compat.v1.metrics.mean_iou", **SESSION)
def v1_mean_iou(predictions, labels, *, classes=None, weights=None, label_dtype="int64", pieces=1):
    def build(predictions, labels, weights):
        predictions, labels = tf.cast(predictions, label_dtype), tf.cast(labels, label_dtype)
        return tf.compat.v1.metrics.mean_iou(labels, predictions, classes, weights)

    return in_session(build, (predictions, labels), weights, pieces)


@implements("precision", call="tf.compat.v1.metrics.precision_at_thresholds", **SESSION)
def v1_precision(
    probabilities,
    targets,
    *,
    threshold=0.5,
    decision="threshold",
    average="micro",
    zero_division=None,
    weights=None,
    pieces=1,
):
    at_threshold(decision, average, zero_division)

    def build(probabilities, targets, weights):
        value, update = tf.compat.v1.metrics.precision_at_thresholds(
            tf.cast(targets, tf.bool), probabilities, [threshold], weights
        )
        return value[0], update

    return in_session(build, (probabilities, targets), weights, pieces)


@implements("recall", call="tf.compat.v1.metrics.recall_at_thresholds", **SESSION)
def v1_recall(
    probabilities,
    targets,
    *,
    threshold=0.5,
    decision="threshold",
    average="micro",
    zero_division=None,
    weights=None,
    pieces=1,
):
    at_threshold(decision, average, zero_division)

    def build(probabilities, targets, weights):
        value, update = tf.compat.v1.metrics.recall_at_thresholds(
            tf.cast(targets, tf.bool), probabilities, [threshold], weights
        )
        return value[0], update

    return in_session(build, (probabilities, targets), weights, pieces)


@implements("auc_roc", call="tf.compat.v1.metrics.auc", **dict(SESSION, **THRESHOLDS))
def v1_auc_roc(probabilities, targets, *, weights=None, pieces=1):
    def build(probabilities, targets, weights):
        return tf.compat.v1.metrics.auc(tf.cast(targets, tf.bool), probabilities, weights)

    return in_session(build, (probabilities, targets), weights, pieces)


@implements("auc_pr", call="tf.compat.v1.metrics.auc", **dict(SESSION, **THRESHOLDS))
def v1_auc_pr(probabilities, targets, *, weights=None, pieces=1):
    def build(probabilities, targets, weights):
        return tf.compat.v1.metrics.auc(
            tf.cast(targets, tf.bool), probabilities, weights, curve="PR", summation_method="careful_interpolation"
        )

    return in_session(build, (probabilities, targets), weights, pieces)
