"""Activations and the primitives that losses are made of, as TensorFlow offers them."""

import tensorflow as tf
from conformance.adapters.mechanics.calling import offered
from conformance.adapters.tables.tensorflow.common import implements, one_axis, table


def offers(operation, call):
    """As `implements`, for calls that came after TensorFlow 2.1."""
    return offered(table, tf, call.split(".", 1)[1], operation, call=call)


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
    return tf.nn.softmax(x, axis=one_axis(axis))


@implements("log_softmax", call="tf.nn.log_softmax")
def nn_log_softmax(x, *, axis=-1):
    return tf.nn.log_softmax(x, axis=one_axis(axis))


@implements("logsumexp", call="tf.math.reduce_logsumexp")
def math_reduce_logsumexp(x, *, axis=-1):
    return tf.math.reduce_logsumexp(x, axis=axis)


@implements("one_hot", call="tf.one_hot", differentiable=False)
def one_hot(labels, *, classes):
    return tf.one_hot(labels, classes)


@implements("tanh", call="tf.math.tanh")
def math_tanh(x):
    return tf.math.tanh(x)


@offers("silu", call="tf.nn.silu")
def nn_silu(x):
    return tf.nn.silu(x)


@offers("gelu", call="tf.nn.gelu")
def nn_gelu(x):
    return tf.nn.gelu(x, approximate=False)


@offers("gelu_tanh", call="tf.nn.gelu")
def nn_gelu_tanh(x):
    return tf.nn.gelu(x, approximate=True)


@implements("softsign", call="tf.nn.softsign")
def nn_softsign(x):
    return tf.nn.softsign(x)
