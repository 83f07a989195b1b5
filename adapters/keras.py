"""Keras 3: losses, metrics, activations and `keras.ops`, one table for its three backends.

The backend is chosen by KERAS_BACKEND before Keras is imported: `keras_tensorflow.py`, `keras_jax.py` and
`keras_torch.py` do that. Only Keras' own public calls are used here.

Keras averages elementwise losses over the last axis. Where the loss of each element is asked for, the tensors
get one more axis of length 1, whose mean is the element. Loss classes cast to their dtype, which is float32
unless the caller says otherwise: here they are given the dtype of the predictions.
"""

import inspect

import keras
from conformance.adapters.mechanics.calling import offered

from conformance.worker.adapter import Implementations, Unsupported

BACKEND = keras.backend.backend()
VERSION = keras.__version__
table = Implementations()

# Canonical reduction -> Keras' name.
REDUCTIONS = {"none": None, "sum": "sum", "mean": "sum_over_batch_size", "weighted_mean": "mean_with_sample_weight"}

EPSILON = 1e-7
CLIP = (EPSILON, 1 - EPSILON)
_SOURCE = "keras/src/backend/{}/nn.py, ".format(BACKEND)

_BINARY = {"clip": CLIP}
if BACKEND == "torch":  # clips, then calls torch's binary_cross_entropy, which has bounds of its own
    _BINARY.update(log_floor=-100.0, backward_floor=1e-12)
CLIPPED = {
    "contract": _BINARY,
    "documented": _SOURCE + "binary_crossentropy: clips to [epsilon, 1 - epsilon]",
}
FOCAL_CLIPPED = {
    "contract": {"clip": CLIP},
    "documented": _SOURCE + "binary_crossentropy: clips to [epsilon, 1 - epsilon]",
}
NORMALISED = {
    "contract": {"normalise": True, "clip": CLIP},
    "documented": _SOURCE + "categorical_crossentropy: divides by the sum of the classes, then clips to "
    "[epsilon, 1 - epsilon]",
}
# TensorFlow: the logarithm of the clipped probabilities goes to the softmax cross-entropy of logits.
_SPARSE = {"renormalise": True} if BACKEND == "tensorflow" else {"normalise": True}
SPARSE = {
    "contract": dict(_SPARSE, clip=CLIP),
    "documented": _SOURCE + "sparse_categorical_crossentropy: "
    + ("clips, then normalises" if BACKEND == "tensorflow" else "normalises, then clips"),
}  # fmt: skip
SOFTMAX = {}
if BACKEND == "tensorflow":
    SOFTMAX = {
        "contract": {"unnormalised_gradient": True},
        "documented": "tf.nn.softmax_cross_entropy_with_logits, which this backend calls: where a row of labels is not "
        "a probability distribution, the computation of the gradient will be incorrect",
    }
SOFTPLUS = {}
if BACKEND == "torch":
    SOFTPLUS = {
        "contract": {"threshold": 20.0},
        "documented": "torch.nn.functional.softplus, which this backend calls: reverts to the linear function above 20",
    }
# The other backends take the cross-entropy of the clipped sigmoid; TensorFlow's finds the logits of the sigmoid.
FOCAL_OF_LOGITS = {} if BACKEND == "tensorflow" else FOCAL_CLIPPED

# A metric keeps its sums in variables, which a compiled function may not create.
EAGER = {"differentiable": False, "modes": ("eager",)}


def implements(operation, call, **settings):
    """Registers the function where this Keras has the call."""
    return offered(table, keras, call.split(".", 1)[1], operation, call=call, **settings)


def accepted(call, **settings):
    """The settings that are not None. `Unsupported` where this version's call has no such argument."""
    asked = {name: value for name, value in settings.items() if value is not None}
    for name in asked:
        if name not in inspect.signature(call).parameters:
            raise Unsupported("{} has no argument '{}' in this version".format(call.__name__, name))
    return asked


def loss_object(kind, predictions, reduction, **settings):
    """An instance of a loss class that computes in the dtype of the predictions."""
    if reduction not in REDUCTIONS:
        raise Unsupported("Keras has no reduction '{}'".format(reduction))
    if reduction == "weighted_mean" and tuple(map(int, keras.__version__.split(".")[:2])) < (3, 7):
        raise Unsupported("the reduction mean_with_sample_weight came with Keras 3.7")
    dtype = keras.backend.standardize_dtype(predictions.dtype)
    if "dtype" in inspect.signature(kind).parameters:
        return kind(reduction=REDUCTIONS[reduction], dtype=dtype, **settings)
    loss = kind(reduction=REDUCTIONS[reduction], **settings)
    loss.dtype = dtype  # before Keras 3.6 the argument is missing, and the attribute is what counts
    return loss


def ranked(weights, rank):
    """Weights with leading axes of length 1: Keras would give a missing axis at the end, not at the front."""
    if weights is None or len(weights.shape) == 0:
        return weights
    for _ in range(rank - len(weights.shape)):
        weights = keras.ops.expand_dims(weights, 0)
    return weights


def elementwise_loss(kind, predictions, targets, weights, reduction, **settings):
    """A loss class that averages over the last axis, under a canonical reduction."""
    if weights is None and reduction == "mean_last_axis":
        return loss_object(kind, predictions, "none", **settings)(targets, predictions)
    if weights is None and reduction == "mean":
        return loss_object(kind, predictions, "mean", **settings)(targets, predictions)
    loss = loss_object(kind, predictions, reduction, **settings)
    weights = ranked(weights, len(predictions.shape))
    return loss(keras.ops.expand_dims(targets, -1), keras.ops.expand_dims(predictions, -1), sample_weight=weights)


def elementwise_function(function, predictions, targets, reduction, **settings):
    """A loss function that averages over the last axis: mean_last_axis, or none through an axis of length 1."""
    if reduction == "mean_last_axis":
        return function(targets, predictions, **settings)
    if reduction == "none":
        return function(keras.ops.expand_dims(targets, -1), keras.ops.expand_dims(predictions, -1), **settings)
    raise Unsupported("the loss functions of Keras have no reductions; its classes have")


def unreduced(losses, weights, reduction):
    """`keras.ops` reduces nothing: its own mean and sum follow."""
    if weights is not None:
        losses = losses * weights
    if reduction == "none":
        return losses
    if reduction == "sum":
        return keras.ops.sum(losses)
    if reduction == "mean":
        return keras.ops.mean(losses)
    if reduction == "mean_last_axis":
        return keras.ops.mean(losses, axis=-1)
    raise Unsupported("keras.ops has no reductions of losses, and '{}' is no single call of it".format(reduction))


def only_none(reduction):
    if reduction != "none":
        raise Unsupported("the functions of Keras have no reductions; its classes have")


def by_label(class_weights, labels, ignore_index):
    """What Keras' fit(class_weight=...) does: the weight of a sample is that of its label."""
    if class_weights is None:
        return None
    if ignore_index is not None:
        raise Unsupported("sample weights taken by label have none for an ignored label")
    return keras.ops.take(class_weights, labels, axis=0)


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


# activations


@implements("sigmoid", call="keras.activations.sigmoid")
def activations_sigmoid(x):
    return keras.activations.sigmoid(x)


@implements("sigmoid", call="keras.ops.sigmoid")
def ops_sigmoid(x):
    return keras.ops.sigmoid(x)


@implements("log_sigmoid", call="keras.activations.log_sigmoid")
def activations_log_sigmoid(x):
    return keras.activations.log_sigmoid(x)


@implements("log_sigmoid", call="keras.ops.log_sigmoid")
def ops_log_sigmoid(x):
    return keras.ops.log_sigmoid(x)


@implements("softplus", call="keras.activations.softplus", **SOFTPLUS)
def activations_softplus(x):
    return keras.activations.softplus(x)


@implements("softplus", call="keras.ops.softplus", **SOFTPLUS)
def ops_softplus(x):
    return keras.ops.softplus(x)


@implements("softmax", call="keras.activations.softmax")
def activations_softmax(x, *, axis=-1):
    return keras.activations.softmax(x, axis=axis)


@implements("softmax", call="keras.ops.softmax")
def ops_softmax(x, *, axis=-1):
    return keras.ops.softmax(x, axis=axis)


@implements("log_softmax", call="keras.activations.log_softmax")
def activations_log_softmax(x, *, axis=-1):
    return keras.activations.log_softmax(x, axis=axis)


@implements("log_softmax", call="keras.ops.log_softmax")
def ops_log_softmax(x, *, axis=-1):
    return keras.ops.log_softmax(x, axis=axis)


@implements("logsumexp", call="keras.ops.logsumexp")
def ops_logsumexp(x, *, axis=-1):
    return keras.ops.logsumexp(x, axis=axis)


@implements("one_hot", call="keras.ops.one_hot", differentiable=False)
def ops_one_hot(labels, *, classes):
    return keras.ops.one_hot(labels, classes)


# binary


@implements("binary_cross_entropy", call="keras.losses.BinaryCrossentropy", **CLIPPED)
def binary_crossentropy_class(probabilities, targets, *, label_smoothing=0.0, weights=None, reduction="none"):
    kind = keras.losses.BinaryCrossentropy
    return elementwise_loss(kind, probabilities, targets, weights, reduction, label_smoothing=label_smoothing)


@implements("binary_cross_entropy", call="keras.losses.binary_crossentropy", **CLIPPED)
def binary_crossentropy(probabilities, targets, *, label_smoothing=0.0, reduction="none"):
    function = keras.losses.binary_crossentropy
    return elementwise_function(function, probabilities, targets, reduction, label_smoothing=label_smoothing)


@implements("binary_cross_entropy", call="keras.ops.binary_crossentropy", **CLIPPED)
def ops_binary_crossentropy(probabilities, targets, *, weights=None, reduction="none"):
    return unreduced(keras.ops.binary_crossentropy(targets, probabilities), weights, reduction)


@implements("binary_cross_entropy_with_logits", call="keras.losses.BinaryCrossentropy")
def binary_crossentropy_class_of_logits(logits, targets, *, label_smoothing=0.0, weights=None, reduction="none"):
    settings = {"from_logits": True, "label_smoothing": label_smoothing}
    return elementwise_loss(keras.losses.BinaryCrossentropy, logits, targets, weights, reduction, **settings)


@implements("binary_cross_entropy_with_logits", call="keras.losses.binary_crossentropy")
def binary_crossentropy_of_logits(logits, targets, *, label_smoothing=0.0, reduction="none"):
    settings = {"from_logits": True, "label_smoothing": label_smoothing}
    return elementwise_function(keras.losses.binary_crossentropy, logits, targets, reduction, **settings)


@implements("binary_cross_entropy_with_logits", call="keras.ops.binary_crossentropy")
def ops_binary_crossentropy_of_logits(logits, targets, *, weights=None, reduction="none"):
    return unreduced(keras.ops.binary_crossentropy(targets, logits, from_logits=True), weights, reduction)


# categorical


@implements("categorical_cross_entropy", call="keras.losses.CategoricalCrossentropy", **NORMALISED)
def categorical_crossentropy_class(
    probabilities, targets, *, axis=-1, label_smoothing=0.0, weights=None, reduction="none"
):
    kind = keras.losses.CategoricalCrossentropy
    loss = loss_object(kind, probabilities, reduction, label_smoothing=label_smoothing, axis=axis)
    return loss(targets, probabilities, sample_weight=ranked(weights, len(targets.shape) - 1))


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
    logits, targets, *, axis=-1, label_smoothing=0.0, weights=None, reduction="none"
):
    kind = keras.losses.CategoricalCrossentropy
    loss = loss_object(kind, logits, reduction, from_logits=True, label_smoothing=label_smoothing, axis=axis)
    return loss(targets, logits, sample_weight=ranked(weights, len(targets.shape) - 1))


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
    probabilities, labels, *, axis=-1, ignore_index=None, weights=None, reduction="none"
):
    kind = keras.losses.SparseCategoricalCrossentropy
    settings = accepted(kind, ignore_class=ignore_index, axis=last_is_default(axis))
    loss = loss_object(kind, probabilities, reduction, **settings)
    return loss(labels, probabilities, sample_weight=ranked(weights, len(labels.shape)))


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
    logits, labels, *, class_weights=None, axis=-1, ignore_index=None, weights=None, reduction="none"
):
    kind = keras.losses.SparseCategoricalCrossentropy
    settings = accepted(kind, ignore_class=ignore_index, axis=last_is_default(axis))
    loss = loss_object(kind, logits, reduction, from_logits=True, **settings)
    weights = product(by_label(class_weights, labels, ignore_index), ranked(weights, len(labels.shape)))
    return loss(labels, logits, sample_weight=weights)


@implements("sparse_softmax_cross_entropy", call="keras.losses.sparse_categorical_crossentropy")
def sparse_categorical_crossentropy_of_logits(logits, labels, *, axis=-1, ignore_index=None, reduction="none"):
    only_none(reduction)
    function = keras.losses.sparse_categorical_crossentropy
    return function(labels, logits, from_logits=True, ignore_class=ignore_index, axis=axis)


@implements("sparse_softmax_cross_entropy", call="keras.ops.sparse_categorical_crossentropy")
def ops_sparse_categorical_crossentropy_of_logits(logits, labels, *, axis=-1, weights=None, reduction="none"):
    losses = keras.ops.sparse_categorical_crossentropy(labels, logits, from_logits=True, axis=axis)
    return unreduced(losses, weights, reduction)


# focal


@implements("binary_focal_cross_entropy", call="keras.losses.BinaryFocalCrossentropy", **FOCAL_CLIPPED)
def binary_focal_crossentropy_class(
    probabilities, targets, *, alpha=None, gamma=2.0, label_smoothing=0.0, weights=None, reduction="none"
):
    settings = dict(balancing(alpha), gamma=gamma, label_smoothing=label_smoothing)
    kind = keras.losses.BinaryFocalCrossentropy
    return elementwise_loss(kind, probabilities, targets, weights, reduction, **settings)


@implements("binary_focal_cross_entropy", call="keras.losses.binary_focal_crossentropy", **FOCAL_CLIPPED)
def binary_focal_crossentropy(probabilities, targets, *, alpha=None, gamma=2.0, label_smoothing=0.0, reduction="none"):
    settings = dict(balancing(alpha), gamma=gamma, label_smoothing=label_smoothing)
    function = keras.losses.binary_focal_crossentropy
    return elementwise_function(function, probabilities, targets, reduction, **settings)


@implements("sigmoid_focal_loss", call="keras.losses.BinaryFocalCrossentropy", **FOCAL_OF_LOGITS)
def binary_focal_crossentropy_class_of_logits(
    logits, targets, *, alpha=None, gamma=2.0, label_smoothing=0.0, weights=None, reduction="none"
):
    settings = dict(balancing(alpha), gamma=gamma, label_smoothing=label_smoothing, from_logits=True)
    return elementwise_loss(keras.losses.BinaryFocalCrossentropy, logits, targets, weights, reduction, **settings)


@implements("sigmoid_focal_loss", call="keras.losses.binary_focal_crossentropy", **FOCAL_OF_LOGITS)
def binary_focal_crossentropy_of_logits(
    logits, targets, *, alpha=None, gamma=2.0, label_smoothing=0.0, reduction="none"
):
    settings = dict(balancing(alpha), gamma=gamma, label_smoothing=label_smoothing, from_logits=True)
    return elementwise_function(keras.losses.binary_focal_crossentropy, logits, targets, reduction, **settings)


@implements("categorical_focal_cross_entropy", call="keras.losses.CategoricalFocalCrossentropy", **NORMALISED)
def categorical_focal_crossentropy_class(
    probabilities, targets, *, axis=-1, alpha=1.0, gamma=2.0, label_smoothing=0.0, weights=None, reduction="none"
):
    settings = {"alpha": alpha, "gamma": gamma, "label_smoothing": label_smoothing, "axis": axis}
    loss = loss_object(keras.losses.CategoricalFocalCrossentropy, probabilities, reduction, **settings)
    return loss(targets, probabilities, sample_weight=ranked(weights, len(targets.shape) - 1))


@implements("categorical_focal_cross_entropy", call="keras.losses.categorical_focal_crossentropy", **NORMALISED)
def categorical_focal_crossentropy(
    probabilities, targets, *, axis=-1, alpha=1.0, gamma=2.0, label_smoothing=0.0, reduction="none"
):
    only_none(reduction)
    settings = {"alpha": alpha, "gamma": gamma, "label_smoothing": label_smoothing, "axis": axis}
    return keras.losses.categorical_focal_crossentropy(targets, probabilities, **settings)


# metrics


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
