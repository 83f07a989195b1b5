"""Keras 2: losses, activations, metrics and backend functions of `tf_keras`, or of `tf.keras` before TensorFlow 2.16.

Keras averages elementwise losses over the last axis. Where the loss of each element is asked for, the tensors
get one more axis of length 1, whose mean is the element. Calls that this version of Keras lacks are left out.
"""

import inspect

from conformance.adapters.mechanics.calling import of_one_rank, offered

from conformance.worker.adapter import Implementations, Unsupported

import tensorflow as tf  # isort: skip

try:
    import tf_keras
except ImportError:
    from tensorflow import keras as tf_keras


def keras_version():
    """The version of Keras 2. Raises ModuleNotFoundError where `tf.keras` is Keras 3 and there is no `tf_keras`."""
    version = getattr(tf_keras, "__version__", None)
    if version is None:  # TensorFlow 2.6 to 2.15 hand out the package `keras` under another name
        import keras

        version = keras.__version__
    if not version.startswith("2."):
        reason = "tf.keras is Keras {} here; Keras 2 needs the package tf_keras".format(version)
        raise ModuleNotFoundError(reason, name="tf_keras")
    return version.replace("-", "+")  # "2.2.4-tf" of TensorFlow 2.1, as a local version that can be compared


VERSION = keras_version()
table = Implementations()
# Canonical reduction -> tf_keras.losses.Reduction. Weights never enter the divisor.
REDUCTIONS = {"none": "none", "sum": "sum", "mean": "sum_over_batch_size"}
EPSILON = 1e-7
CLIPPED = {
    "contract": {"clip": (EPSILON, 1 - EPSILON), "shift": EPSILON},
    "documented": "tf_keras.backend.binary_crossentropy (source): clips to [epsilon, 1 - epsilon], then adds epsilon "
    "inside both logarithms; keras-team/keras#15249",
}
NORMALISED = {
    "contract": {"normalise": True, "clip": (EPSILON, 1 - EPSILON)},
    "documented": "tf_keras.backend.categorical_crossentropy (source): divides by the sum of the classes, "
    "then clips to [epsilon, 1 - epsilon]",
}
RENORMALISED = {
    "contract": {"clip": (EPSILON, 1 - EPSILON), "renormalise": True},
    "documented": "tf_keras.backend.sparse_categorical_crossentropy (source): clips to [epsilon, 1 - epsilon], "
    "takes the logarithm, and gives that to the softmax cross-entropy of logits, which normalises",
}
SOFTMAX_GRADIENT = {
    "contract": {"unnormalised_gradient": True},
    "documented": "tf.nn.softmax_cross_entropy_with_logits, which Keras calls: where a row of labels is not a "
    "probability distribution, the computation of the gradient will be incorrect",
}


def implements(operation, call, **settings):
    """Registers the function where this Keras has the call."""
    return offered(table, tf_keras, call.split(".", 1)[1], operation, call=call, **settings)


def named(reduction):
    if reduction not in REDUCTIONS:
        raise Unsupported("tf_keras.losses.Reduction has no '{}'".format(reduction))
    return REDUCTIONS[reduction]


def accepted(call, **settings):
    """The settings that are not None. `Unsupported` where this version's call has no such argument."""
    asked = {name: value for name, value in settings.items() if value is not None}
    for name in asked:
        if name not in inspect.signature(call).parameters:
            raise Unsupported("{} has no argument '{}' in this version".format(call.__name__, name))
    return asked


def ranked(weights, rank):
    """Weights with leading axes of length 1: Keras would give missing axes at the end, not at the front."""
    if weights is None or weights.shape.ndims == 0:
        return weights
    for _ in range(rank - weights.shape.ndims):
        weights = weights[tf.newaxis]
    return weights


def elementwise_loss(kind, predictions, targets, weights, reduction, mask=None, **settings):
    """A loss class that averages over the last axis, under a canonical reduction."""
    if weights is None and mask is None and reduction == "mean_last_axis":
        return kind(reduction="none", **settings)(targets, predictions)
    if weights is None and mask is None and reduction == "mean":
        return kind(reduction="sum_over_batch_size", **settings)(targets, predictions)
    of_one_rank(predictions, targets)
    loss = kind(reduction=named(reduction), **settings)
    weights = ranked(weights, predictions.shape.ndims)
    predictions = masked(predictions[..., tf.newaxis], mask, predictions.shape.ndims)
    return loss(targets[..., tf.newaxis], predictions, sample_weight=weights)


def masked(predictions, mask, rank):
    """Predictions that carry a mask for losses of this rank, as those of a layer do that was given masked inputs."""
    if mask is None:
        return predictions
    if tf_keras.__name__ != "tf_keras":
        raise Unsupported("the losses of this release see no mask of their predictions")
    predictions = tf.identity(predictions)  # a tensor of our own: the mask becomes an attribute of it
    predictions._keras_mask = ranked(tf.not_equal(mask, 0), rank)
    return predictions


def elementwise_function(function, predictions, targets, reduction, **settings):
    """A loss function that averages over the last axis: mean_last_axis, or none through an axis of length 1."""
    if reduction == "mean_last_axis":
        return function(targets, predictions, **settings)
    if reduction == "none":
        of_one_rank(predictions, targets)
        return function(targets[..., tf.newaxis], predictions[..., tf.newaxis], **settings)
    raise Unsupported("the loss functions of Keras have no reductions; its classes have")


def unreduced(losses, weights, reduction):
    """The functions of the backend reduce nothing: TensorFlow's own operations follow."""
    if weights is not None:
        losses = losses * weights
    if reduction == "none":
        return losses
    if reduction == "sum":
        return tf.reduce_sum(losses)
    if reduction == "mean":
        return tf.reduce_mean(losses)
    if reduction == "mean_last_axis":
        return tf.reduce_mean(losses, axis=-1)
    raise Unsupported("the backend functions of Keras have no reductions, and '{}' is no tf.reduce_*".format(reduction))


def only_none(reduction):
    if reduction != "none":
        raise Unsupported("the loss functions of Keras have no reductions; its classes have")


def by_label(class_weights, labels, ignore_index):
    """What Keras' fit(class_weight=...) does: the weight of a sample is that of its label."""
    if class_weights is None:
        return None
    if ignore_index is not None:
        raise Unsupported("sample weights taken by label have none for an ignored label")
    return tf.gather(class_weights, labels)


def product(first, second):
    if first is None or second is None:
        return second if first is None else first
    return first * second


def last_is_default(axis):
    return None if axis == -1 else axis


def balancing(alpha):
    """Keras' two arguments for the canonical alpha, which is None for no class balancing."""
    return {} if alpha is None else {"apply_class_balancing": True, "alpha": alpha}


def measured(metric, predictions, targets, weights, reduction):
    """A new metric's result after one batch: the mean, weighted by the sample weights if there are any."""
    if reduction != ("mean" if weights is None else "weighted_mean"):
        raise Unsupported("a Keras metric is a mean; with sample weights it is divided by their sum")
    metric.update_state(targets, predictions, sample_weight=weights)
    return metric.result()
