"""Activations and the primitives that losses are made of, as JAX and Optax offers them."""

import jax
from conformance.adapters.tables.jax.common import hashable, implements, optax


@implements("sigmoid", call="jax.nn.sigmoid")
def nn_sigmoid(x):
    return jax.nn.sigmoid(x)


@implements("sigmoid", call="jax.scipy.special.expit")
def special_expit(x):
    return jax.scipy.special.expit(x)


@implements("sigmoid", call="jax.lax.logistic")
def lax_logistic(x):
    return jax.lax.logistic(x)


@implements("log_sigmoid", call="jax.nn.log_sigmoid")
def nn_log_sigmoid(x):
    return jax.nn.log_sigmoid(x)


@implements("softplus", call="jax.nn.softplus")
def nn_softplus(x):
    return jax.nn.softplus(x)


@implements("softmax", call="jax.nn.softmax")
def nn_softmax(x, *, axis=-1):
    return jax.nn.softmax(x, axis=axis)


@implements("softmax", call="jax.scipy.special.softmax")
def special_softmax(x, *, axis=-1):
    return jax.scipy.special.softmax(x, axis=axis)


@implements("log_softmax", call="jax.nn.log_softmax")
def nn_log_softmax(x, *, axis=-1):
    return jax.nn.log_softmax(x, axis=hashable(axis))


@implements("log_softmax", call="jax.scipy.special.log_softmax")
def special_log_softmax(x, *, axis=-1):
    return jax.scipy.special.log_softmax(x, axis=hashable(axis))


@implements("logsumexp", call="jax.nn.logsumexp")
def nn_logsumexp(x, *, axis=-1):
    return jax.nn.logsumexp(x, axis=axis)


@implements("logsumexp", call="jax.scipy.special.logsumexp")
def special_logsumexp(x, *, axis=-1):
    return jax.scipy.special.logsumexp(x, axis=axis)


@implements("one_hot", call="jax.nn.one_hot", differentiable=False)
def nn_one_hot(labels, *, classes):
    return jax.nn.one_hot(labels, classes)


@implements("smooth_labels", call="optax.smooth_labels", name="optax.smooth_labels")
def optax_smooth_labels(targets, *, alpha=0.0):
    return optax.smooth_labels(targets, alpha)


@implements("tanh", call="jax.nn.tanh")
def nn_tanh(x):
    return jax.nn.tanh(x)


@implements("tanh", call="jax.numpy.tanh")
def numpy_tanh(x):
    return jax.numpy.tanh(x)


@implements("silu", call="jax.nn.silu")
def nn_silu(x):
    return jax.nn.silu(x)


@implements("mish", call="jax.nn.mish")
def nn_mish(x):
    return jax.nn.mish(x)


@implements("gelu", call="jax.nn.gelu")
def nn_gelu(x):
    return jax.nn.gelu(x, approximate=False)


@implements("gelu_tanh", call="jax.nn.gelu")
def nn_gelu_tanh(x):
    return jax.nn.gelu(x, approximate=True)


@implements("softsign", call="jax.nn.soft_sign")
def nn_soft_sign(x):
    return jax.nn.soft_sign(x)


@implements("squareplus", call="jax.nn.squareplus")
def nn_squareplus(x, *, b=4.0):
    return jax.nn.squareplus(x, b=b)


@implements("glu", call="jax.nn.glu")
def nn_glu(x, *, axis=-1):
    return jax.nn.glu(x, axis=axis)
