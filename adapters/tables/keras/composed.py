"""Losses of probabilities that the framework computed itself, whole models, and other ways to the calls of Keras 3.

A user's model ends in a sigmoid or a softmax unless its author knows better, and the loss then sees probabilities.
These rows say so in two calls: as an operation of logits, which loses what the probabilities round away and what Keras
clips at 1e-7. TensorFlow's graph, and Keras where it knows the activation, find the logits again and clip nothing.
float32, which is Keras' default, stands for all.
"""

import keras
from conformance.adapters.tables.keras.common import (
    BACKEND,
    CLIPPED,
    EAGER,
    accepted,
    implements,
    only_none,
)

from conformance.worker.adapter import Unsupported

FLOAT32 = {"dtypes": ("float32",)}


def on_tensorflow(operation, call, **settings):
    """As `implements`, for rows that need a call of TensorFlow: other backends do not have them."""
    if BACKEND == "tensorflow":
        return implements(operation, call, **settings)
    return lambda function: function


@implements(
    "binary_cross_entropy_with_logits",
    call="keras.losses.BinaryCrossentropy",
    name="BinaryCrossentropy-of-activations.sigmoid",
    **FLOAT32,
)
def binary_crossentropy_of_activation(logits, targets, *, reduction="none"):
    probabilities = keras.activations.sigmoid(logits)
    return elementwise_mean(keras.losses.BinaryCrossentropy, probabilities, targets, reduction)


@on_tensorflow(
    "binary_cross_entropy_with_logits",
    call="keras.losses.BinaryCrossentropy",
    name="BinaryCrossentropy-of-tf.sigmoid",
    **FLOAT32,
)
def binary_crossentropy_of_tf_sigmoid(logits, targets, *, reduction="none"):
    import tensorflow as tf

    return elementwise_mean(keras.losses.BinaryCrossentropy, tf.sigmoid(logits), targets, reduction)


def elementwise_mean(kind, probabilities, targets, reduction):
    """The loss class on probabilities as they are: another operation between would hide where they come from."""
    if reduction not in ("mean", "mean_last_axis"):
        raise Unsupported("this row asks for the mean over the last axis, or over everything")
    loss = kind(reduction="sum_over_batch_size" if reduction == "mean" else None)
    return loss(targets, probabilities)


@implements(
    "softmax_cross_entropy",
    call="keras.losses.CategoricalCrossentropy",
    name="CategoricalCrossentropy-of-activations.softmax",
    **FLOAT32,
)
def categorical_crossentropy_of_activation(logits, targets, *, reduction="none"):
    only_none(reduction)
    return keras.losses.CategoricalCrossentropy(reduction=None)(targets, keras.activations.softmax(logits))


@on_tensorflow(
    "softmax_cross_entropy",
    call="keras.losses.CategoricalCrossentropy",
    name="CategoricalCrossentropy-of-tf.softmax",
    **FLOAT32,
)
def categorical_crossentropy_of_tf_softmax(logits, targets, *, reduction="none"):
    import tensorflow as tf

    only_none(reduction)
    return keras.losses.CategoricalCrossentropy(reduction=None)(targets, tf.nn.softmax(logits))


@on_tensorflow(
    "sparse_softmax_cross_entropy",
    call="keras.losses.SparseCategoricalCrossentropy",
    name="SparseCategoricalCrossentropy-of-tf.softmax",
    **FLOAT32,
)
def sparse_categorical_crossentropy_of_tf_softmax(logits, labels, *, reduction="none"):
    import tensorflow as tf

    only_none(reduction)
    return keras.losses.SparseCategoricalCrossentropy(reduction=None)(labels, tf.nn.softmax(logits))


@implements(
    "sparse_softmax_cross_entropy",
    call="keras.losses.SparseCategoricalCrossentropy",
    name="SparseCategoricalCrossentropy-of-columns",
    **FLOAT32,
)
def sparse_categorical_crossentropy_of_columns(logits, labels, *, ignore_index=None, reduction="none"):
    """Labels of shape (N, 1), as they come out of many data sets: Keras takes them as those of shape (N,)."""
    only_none(reduction)
    kind = keras.losses.SparseCategoricalCrossentropy
    loss = kind(from_logits=True, reduction=None, **accepted(kind, ignore_class=ignore_index))
    return loss(keras.ops.expand_dims(labels, -1), logits)


@implements(
    "binary_cross_entropy",
    call="keras.Model",
    name="Model.evaluate",
    dtypes=("float32",),
    contract=CLIPPED["contract"],
    documented=CLIPPED["documented"],
    **EAGER,
)
def model_evaluate(probabilities, targets, *, reduction="none"):
    """What a model of two outputs reports as the loss of the first, which has a loss weight: the loss, unweighted."""
    if reduction != "mean" or len(probabilities.shape) != 2:
        raise Unsupported("a model reports means of a batch of rows")
    if not probabilities.shape[0]:
        raise Unsupported("a model refuses to evaluate an empty batch")
    given = keras.Input((probabilities.shape[1],))
    outputs = {name: keras.layers.Identity(name=name)(given) for name in ("first", "second")}
    model = keras.Model(given, outputs)
    model.compile(
        loss={name: keras.losses.BinaryCrossentropy() for name in outputs},
        loss_weights={"first": 10.0, "second": 1.0},
        run_eagerly=True,
    )
    arrays = {name: keras.ops.convert_to_numpy(targets) for name in outputs}
    rows = keras.ops.convert_to_numpy(probabilities)
    reported = model.evaluate(rows, arrays, batch_size=len(rows), verbose=0, return_dict=True)
    if "first_loss" not in reported:
        raise Unsupported("this release reports only the total of several outputs")
    return keras.ops.convert_to_tensor(reported["first_loss"], "float32")
