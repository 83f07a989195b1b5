"""Losses of probabilities that TensorFlow computed itself, as Keras 2 sees them.

A user's model ends in a sigmoid or a softmax unless its author knows better, and the loss then sees probabilities.
These rows say so in two calls: as an operation of logits, which loses what the probabilities round away and what Keras
clips at 1e-7. In a graph, and where Keras knows the activation, the logits are found again and nothing is clipped.
float32, which is Keras' default, stands for all.
"""

from conformance.adapters.tables.tf_keras.common import implements, only_none, tf_keras

from conformance.worker.adapter import Unsupported

import tensorflow as tf  # isort: skip

FLOAT32 = {"dtypes": ("float32",)}


def elementwise_mean(kind, probabilities, targets, reduction):
    """The loss class on probabilities as they are: another operation between would hide where they come from."""
    if reduction not in ("mean", "mean_last_axis"):
        raise Unsupported("this row asks for the mean over the last axis, or over everything")
    loss = kind(reduction="sum_over_batch_size" if reduction == "mean" else "none")
    return loss(targets, probabilities)


@implements(
    "binary_cross_entropy_with_logits",
    call="tf_keras.losses.BinaryCrossentropy",
    name="BinaryCrossentropy-of-activations.sigmoid",
    **FLOAT32,
)
def binary_crossentropy_of_activation(logits, targets, *, reduction="none"):
    probabilities = tf_keras.activations.sigmoid(logits)
    return elementwise_mean(tf_keras.losses.BinaryCrossentropy, probabilities, targets, reduction)


@implements(
    "binary_cross_entropy_with_logits",
    call="tf_keras.losses.BinaryCrossentropy",
    name="BinaryCrossentropy-of-tf.sigmoid",
    **FLOAT32,
)
def binary_crossentropy_of_tf_sigmoid(logits, targets, *, reduction="none"):
    return elementwise_mean(tf_keras.losses.BinaryCrossentropy, tf.sigmoid(logits), targets, reduction)


@implements(
    "softmax_cross_entropy",
    call="tf_keras.losses.CategoricalCrossentropy",
    name="CategoricalCrossentropy-of-activations.softmax",
    **FLOAT32,
)
def categorical_crossentropy_of_activation(logits, targets, *, reduction="none"):
    only_none(reduction)
    return tf_keras.losses.CategoricalCrossentropy(reduction="none")(targets, tf_keras.activations.softmax(logits))


@implements(
    "softmax_cross_entropy",
    call="tf_keras.losses.CategoricalCrossentropy",
    name="CategoricalCrossentropy-of-tf.softmax",
    **FLOAT32,
)
def categorical_crossentropy_of_tf_softmax(logits, targets, *, reduction="none"):
    only_none(reduction)
    return tf_keras.losses.CategoricalCrossentropy(reduction="none")(targets, tf.nn.softmax(logits))


@implements(
    "sparse_softmax_cross_entropy",
    call="tf_keras.losses.SparseCategoricalCrossentropy",
    name="SparseCategoricalCrossentropy-of-tf.softmax",
    **FLOAT32,
)
def sparse_categorical_crossentropy_of_tf_softmax(logits, labels, *, reduction="none"):
    only_none(reduction)
    return tf_keras.losses.SparseCategoricalCrossentropy(reduction="none")(labels, tf.nn.softmax(logits))
