"""Activations and the primitives that losses are made of, as Keras 2 offers them."""

from conformance.adapters.tables.tf_keras.common import implements, tf_keras


@implements("sigmoid", call="tf_keras.activations.sigmoid")
def activations_sigmoid(x):
    return tf_keras.activations.sigmoid(x)


@implements("softplus", call="tf_keras.activations.softplus")
def activations_softplus(x):
    return tf_keras.activations.softplus(x)


@implements("softmax", call="tf_keras.activations.softmax")
def activations_softmax(x, *, axis=-1):
    return tf_keras.activations.softmax(x, axis=axis)


@implements("log_softmax", call="tf_keras.activations.log_softmax")
def activations_log_softmax(x, *, axis=-1):
    return tf_keras.activations.log_softmax(x, axis=axis)


@implements("one_hot", call="tf_keras.backend.one_hot", differentiable=False)
def backend_one_hot(labels, *, classes):
    return tf_keras.backend.one_hot(labels, classes)


@implements("tanh", call="tf_keras.activations.tanh")
def activations_tanh(x):
    return tf_keras.activations.tanh(x)


@implements("silu", call="tf_keras.activations.swish")
def activations_swish(x):
    return tf_keras.activations.swish(x)


@implements("mish", call="tf_keras.activations.mish")
def activations_mish(x):
    return tf_keras.activations.mish(x)


@implements("gelu", call="tf_keras.activations.gelu")
def activations_gelu(x):
    return tf_keras.activations.gelu(x, approximate=False)


@implements("gelu_tanh", call="tf_keras.activations.gelu")
def activations_gelu_tanh(x):
    return tf_keras.activations.gelu(x, approximate=True)


@implements("softsign", call="tf_keras.activations.softsign")
def activations_softsign(x):
    return tf_keras.activations.softsign(x)
