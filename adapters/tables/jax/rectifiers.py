"""Activations in pieces, as JAX offers them: rectifiers and their leaky, exponential and clipped relatives."""

import jax
from conformance.adapters.tables.jax.common import implements


@implements("relu", call="jax.nn.relu")
def nn_relu(x):
    return jax.nn.relu(x)


@implements("relu6", call="jax.nn.relu6")
def nn_relu6(x):
    return jax.nn.relu6(x)


@implements("hard_tanh", call="jax.nn.hard_tanh")
def nn_hard_tanh(x):
    return jax.nn.hard_tanh(x)


@implements("leaky_relu", call="jax.nn.leaky_relu")
def nn_leaky_relu(x, *, negative_slope=0.01):
    return jax.nn.leaky_relu(x, negative_slope=negative_slope)


@implements("elu", call="jax.nn.elu")
def nn_elu(x, *, alpha=1.0):
    return jax.nn.elu(x, alpha=alpha)


@implements("selu", call="jax.nn.selu")
def nn_selu(x):
    return jax.nn.selu(x)


@implements("celu", call="jax.nn.celu")
def nn_celu(x, *, alpha=1.0):
    return jax.nn.celu(x, alpha=alpha)


@implements("hard_sigmoid", call="jax.nn.hard_sigmoid")
def nn_hard_sigmoid(x):
    return jax.nn.hard_sigmoid(x)


@implements("hard_swish", call="jax.nn.hard_silu")
def nn_hard_silu(x):
    return jax.nn.hard_silu(x)


@implements("sparse_plus", call="jax.nn.sparse_plus")
def nn_sparse_plus(x):
    return jax.nn.sparse_plus(x)


@implements("sparse_sigmoid", call="jax.nn.sparse_sigmoid")
def nn_sparse_sigmoid(x):
    return jax.nn.sparse_sigmoid(x)
