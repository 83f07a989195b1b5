"""Keras 3: losses, metrics, activations and `keras.ops`, one table for its three backends.

The backend is chosen by KERAS_BACKEND before Keras is imported: `keras_tensorflow.py`, `keras_jax.py` and
`keras_torch.py` do that. Only Keras' own public calls are used here.

Keras averages elementwise losses over the last axis. Where the loss of each element is asked for, the tensors
get one more axis of length 1, whose mean is the element. Loss classes cast to their dtype, which is float32
unless the caller says otherwise: here they are given the dtype of the predictions.
"""

import inspect

import keras
from conformance.adapters.mechanics.calling import of_one_rank, offered

from conformance.worker.adapter import Implementations, Unsupported

BACKEND = keras.backend.backend()
VERSION = keras.__version__
if VERSION.startswith("2."):  # TensorFlow up to 2.15 brings it
    raise ModuleNotFoundError("Keras is {} here, which the adapter tf-keras judges".format(VERSION), name="Keras 3")
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


def elementwise_loss(kind, predictions, targets, weights, reduction, mask=None, **settings):
    """A loss class that averages over the last axis, under a canonical reduction."""
    if weights is None and mask is None and reduction == "mean_last_axis":
        return loss_object(kind, predictions, "none", **settings)(targets, predictions)
    if weights is None and mask is None and reduction == "mean":
        return loss_object(kind, predictions, "mean", **settings)(targets, predictions)
    of_one_rank(predictions, targets)
    loss = loss_object(kind, predictions, reduction, **settings)
    weights = ranked(weights, len(predictions.shape))
    predictions = masked(keras.ops.expand_dims(predictions, -1), mask, len(predictions.shape))
    return loss(keras.ops.expand_dims(targets, -1), predictions, sample_weight=weights)


def masked(predictions, mask, rank):
    """Predictions that carry a mask for losses of this rank, as those of a layer do that was given masked inputs."""
    if mask is None:
        return predictions
    mask = ranked(keras.ops.not_equal(mask, 0), rank)
    predictions = predictions + 0  # a tensor of our own: the mask becomes an attribute of it
    try:
        predictions._keras_mask = mask
    except AttributeError:  # JAX's arrays take none: Keras keeps a table beside them
        from keras.src.backend.common.masking import set_keras_mask

        set_keras_mask(predictions, mask)
    return predictions


def elementwise_function(function, predictions, targets, reduction, **settings):
    """A loss function that averages over the last axis: mean_last_axis, or none through an axis of length 1."""
    if reduction == "mean_last_axis":
        return function(targets, predictions, **settings)
    if reduction == "none":
        of_one_rank(predictions, targets)
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


def axes(axis):
    """One axis, or several as the tuple that Keras asks for."""
    return axis if isinstance(axis, int) else tuple(axis)


def balancing(alpha):
    """Keras' two arguments for the canonical alpha, which is None for no class balancing."""
    return {} if alpha is None else {"apply_class_balancing": True, "alpha": alpha}


def measured(metric, predictions, targets, weights, reduction):
    """A new metric's result after one batch: the mean, weighted by the sample weights if there are any."""
    if reduction != ("mean" if weights is None else "weighted_mean"):
        raise Unsupported("a Keras metric is a mean; with sample weights it is divided by their sum")
    metric.update_state(targets, predictions, sample_weight=weights)
    return metric.result()
