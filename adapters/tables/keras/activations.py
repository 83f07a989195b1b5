"""Activations and the primitives that losses are made of, as Keras 3 offers them."""

import keras
from conformance.adapters.tables.keras.common import SOFTPLUS, axes, implements


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
    return keras.activations.softmax(x, axis=axes(axis))


@implements("softmax", call="keras.ops.softmax")
def ops_softmax(x, *, axis=-1):
    return keras.ops.softmax(x, axis=axes(axis))


@implements("log_softmax", call="keras.activations.log_softmax")
def activations_log_softmax(x, *, axis=-1):
    return keras.activations.log_softmax(x, axis=axes(axis))


@implements("log_softmax", call="keras.ops.log_softmax")
def ops_log_softmax(x, *, axis=-1):
    return keras.ops.log_softmax(x, axis=axes(axis))


@implements("logsumexp", call="keras.ops.logsumexp")
def ops_logsumexp(x, *, axis=-1):
    return keras.ops.logsumexp(x, axis=axis)


@implements("one_hot", call="keras.ops.one_hot", differentiable=False)
def ops_one_hot(labels, *, classes):
    return keras.ops.one_hot(labels, classes)


@implements("tanh", call="keras.activations.tanh")
def activations_tanh(x):
    return keras.activations.tanh(x)


@implements("tanh", call="keras.ops.tanh")
def ops_tanh(x):
    return keras.ops.tanh(x)


@implements("tanh_shrink", call="keras.activations.tanh_shrink")
def activations_tanh_shrink(x):
    return keras.activations.tanh_shrink(x)


@implements("tanh_shrink", call="keras.ops.tanh_shrink")
def ops_tanh_shrink(x):
    return keras.ops.tanh_shrink(x)


@implements("silu", call="keras.activations.silu")
def activations_silu(x):
    return keras.activations.silu(x)


@implements("silu", call="keras.ops.silu")
def ops_silu(x):
    return keras.ops.silu(x)


@implements("mish", call="keras.activations.mish")
def activations_mish(x):
    return keras.activations.mish(x)


@implements("gelu", call="keras.activations.gelu")
def activations_gelu(x):
    return keras.activations.gelu(x, approximate=False)


@implements("gelu", call="keras.ops.gelu")
def ops_gelu(x):
    return keras.ops.gelu(x, approximate=False)


@implements("gelu_tanh", call="keras.activations.gelu")
def activations_gelu_tanh(x):
    return keras.activations.gelu(x, approximate=True)


@implements("gelu_tanh", call="keras.ops.gelu")
def ops_gelu_tanh(x):
    return keras.ops.gelu(x, approximate=True)


@implements("softsign", call="keras.activations.softsign")
def activations_softsign(x):
    return keras.activations.softsign(x)


@implements("softsign", call="keras.ops.softsign")
def ops_softsign(x):
    return keras.ops.softsign(x)


@implements("squareplus", call="keras.activations.squareplus")
def activations_squareplus(x, *, b=4.0):
    return keras.activations.squareplus(x, b=b)


@implements("squareplus", call="keras.ops.squareplus")
def ops_squareplus(x, *, b=4.0):
    return keras.ops.squareplus(x, b=b)


@implements("glu", call="keras.activations.glu")
def activations_glu(x, *, axis=-1):
    return keras.activations.glu(x, axis=axis)


@implements("glu", call="keras.ops.glu")
def ops_glu(x, *, axis=-1):
    return keras.ops.glu(x, axis=axis)
