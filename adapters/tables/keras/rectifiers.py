"""Activations in pieces, as Keras 3 offers them: functions, operations and layers."""

import keras
from conformance.adapters.tables.keras.common import implements


def layer(kind, x, roundtrip, **settings):
    """A layer that computes in the dtype of x, made anew of its configuration where a case asks for that."""
    made = kind(dtype=keras.backend.standardize_dtype(x.dtype), **settings)
    return kind.from_config(made.get_config()) if roundtrip else made


@implements("relu", call="keras.activations.relu")
def activations_relu(x):
    return keras.activations.relu(x)


@implements("relu", call="keras.ops.relu")
def ops_relu(x):
    return keras.ops.relu(x)


@implements("relu", call="keras.layers.ReLU")
def layers_relu(x, *, roundtrip=False):
    return layer(keras.layers.ReLU, x, roundtrip)(x)


@implements("relu6", call="keras.activations.relu6")
def activations_relu6(x):
    return keras.activations.relu6(x)


@implements("relu6", call="keras.ops.relu6")
def ops_relu6(x):
    return keras.ops.relu6(x)


@implements("relu6", call="keras.activations.relu")
def activations_relu_up_to_6(x):
    return keras.activations.relu(x, max_value=6.0)


@implements("relu6", call="keras.layers.ReLU")
def layers_relu_up_to_6(x, *, roundtrip=False):
    return layer(keras.layers.ReLU, x, roundtrip, max_value=6.0)(x)


@implements("hard_tanh", call="keras.activations.hard_tanh")
def activations_hard_tanh(x):
    return keras.activations.hard_tanh(x)


@implements("hard_tanh", call="keras.ops.hard_tanh")
def ops_hard_tanh(x):
    return keras.ops.hard_tanh(x)


@implements("threshold", call="keras.activations.threshold")
def activations_threshold(x, *, threshold=0.5, value=0.0):
    return keras.activations.threshold(x, threshold, value)


@implements("threshold", call="keras.ops.threshold")
def ops_threshold(x, *, threshold=0.5, value=0.0):
    return keras.ops.threshold(x, threshold, value)


@implements("leaky_relu", call="keras.activations.leaky_relu")
def activations_leaky_relu(x, *, negative_slope=0.01):
    return keras.activations.leaky_relu(x, negative_slope=negative_slope)


@implements("leaky_relu", call="keras.ops.leaky_relu")
def ops_leaky_relu(x, *, negative_slope=0.01):
    return keras.ops.leaky_relu(x, negative_slope=negative_slope)


@implements("leaky_relu", call="keras.activations.relu")
def activations_relu_leaky(x, *, negative_slope=0.01):
    return keras.activations.relu(x, negative_slope=negative_slope)


@implements("leaky_relu", call="keras.layers.LeakyReLU")
def layers_leaky_relu(x, *, negative_slope=0.01, roundtrip=False):
    return layer(keras.layers.LeakyReLU, x, roundtrip, negative_slope=negative_slope)(x)


@implements("elu", call="keras.activations.elu")
def activations_elu(x, *, alpha=1.0):
    return keras.activations.elu(x, alpha=alpha)


@implements("elu", call="keras.ops.elu")
def ops_elu(x, *, alpha=1.0):
    return keras.ops.elu(x, alpha=alpha)


@implements("elu", call="keras.layers.ELU")
def layers_elu(x, *, alpha=1.0, roundtrip=False):
    return layer(keras.layers.ELU, x, roundtrip, alpha=alpha)(x)


@implements("selu", call="keras.activations.selu")
def activations_selu(x):
    return keras.activations.selu(x)


@implements("selu", call="keras.ops.selu")
def ops_selu(x):
    return keras.ops.selu(x)


@implements("celu", call="keras.activations.celu")
def activations_celu(x, *, alpha=1.0):
    return keras.activations.celu(x, alpha=alpha)


@implements("celu", call="keras.ops.celu")
def ops_celu(x, *, alpha=1.0):
    return keras.ops.celu(x, alpha=alpha)


@implements("hard_sigmoid", call="keras.activations.hard_sigmoid")
def activations_hard_sigmoid(x):
    return keras.activations.hard_sigmoid(x)


@implements("hard_sigmoid", call="keras.ops.hard_sigmoid")
def ops_hard_sigmoid(x):
    return keras.ops.hard_sigmoid(x)


@implements("hard_swish", call="keras.activations.hard_silu")
def activations_hard_silu(x):
    return keras.activations.hard_silu(x)


@implements("hard_swish", call="keras.ops.hard_silu")
def ops_hard_silu(x):
    return keras.ops.hard_silu(x)


@implements("hard_shrink", call="keras.activations.hard_shrink")
def activations_hard_shrink(x, *, threshold=0.5):
    return keras.activations.hard_shrink(x, threshold=threshold)


@implements("hard_shrink", call="keras.ops.hard_shrink")
def ops_hard_shrink(x, *, threshold=0.5):
    return keras.ops.hard_shrink(x, threshold=threshold)


@implements("soft_shrink", call="keras.activations.soft_shrink")
def activations_soft_shrink(x, *, threshold=0.5):
    return keras.activations.soft_shrink(x, threshold=threshold)


@implements("soft_shrink", call="keras.ops.soft_shrink")
def ops_soft_shrink(x, *, threshold=0.5):
    return keras.ops.soft_shrink(x, threshold=threshold)


@implements("sparse_plus", call="keras.activations.sparse_plus")
def activations_sparse_plus(x):
    return keras.activations.sparse_plus(x)


@implements("sparse_plus", call="keras.ops.sparse_plus")
def ops_sparse_plus(x):
    return keras.ops.sparse_plus(x)


@implements("sparse_sigmoid", call="keras.activations.sparse_sigmoid")
def activations_sparse_sigmoid(x):
    return keras.activations.sparse_sigmoid(x)


@implements("sparse_sigmoid", call="keras.ops.sparse_sigmoid")
def ops_sparse_sigmoid(x):
    return keras.ops.sparse_sigmoid(x)
