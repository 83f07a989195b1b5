"""Activations in pieces, as TensorFlow offers them."""

import tensorflow as tf
from conformance.adapters.tables.tensorflow.common import implements


@implements("relu", call="tf.nn.relu")
def nn_relu(x):
    return tf.nn.relu(x)


@implements("relu6", call="tf.nn.relu6")
def nn_relu6(x):
    return tf.nn.relu6(x)


@implements("leaky_relu", call="tf.nn.leaky_relu")
def nn_leaky_relu(x, *, negative_slope=0.01):
    return tf.nn.leaky_relu(x, alpha=negative_slope)


@implements("elu", call="tf.nn.elu")
def nn_elu(x):
    return tf.nn.elu(x)


@implements("selu", call="tf.nn.selu")
def nn_selu(x):
    return tf.nn.selu(x)
