"""Activations and the primitives that losses are made of, as Keras 3 offers them."""

import keras
from conformance.adapters.tables.keras.common import SOFTPLUS, implements


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
