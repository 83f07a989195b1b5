"""Activations and the primitives that losses are made of, as TensorFlow offers them."""

import tensorflow as tf
from conformance.adapters.tables.tensorflow.common import implements


@implements("sigmoid", call="tf.math.sigmoid")
def math_sigmoid(x):
    return tf.math.sigmoid(x)


@implements("log_sigmoid", call="tf.math.log_sigmoid")
def math_log_sigmoid(x):
    return tf.math.log_sigmoid(x)


@implements("softplus", call="tf.math.softplus")
def math_softplus(x):
    return tf.math.softplus(x)


@implements("softmax", call="tf.nn.softmax")
def nn_softmax(x, *, axis=-1):
    return tf.nn.softmax(x, axis=axis)


@implements("log_softmax", call="tf.nn.log_softmax")
def nn_log_softmax(x, *, axis=-1):
    return tf.nn.log_softmax(x, axis=axis)


@implements("logsumexp", call="tf.math.reduce_logsumexp")
def math_reduce_logsumexp(x, *, axis=-1):
    return tf.math.reduce_logsumexp(x, axis=axis)


@implements("one_hot", call="tf.one_hot", differentiable=False)
def one_hot(labels, *, classes):
    return tf.one_hot(labels, classes)
