"""Activations in pieces, as Keras 2 offers them: functions and layers."""

from conformance.adapters.tables.tf_keras.common import implements, tf_keras

HARD_SIGMOID = {
    "contract": {"slope": 0.2},
    "documented": "tf_keras.activations.hard_sigmoid: 0 below -2.5, 1 above 2.5, 0.2 * x + 0.5 between",
}


def layer(kind, x, roundtrip, **settings):
    """A layer that computes in the dtype of x, made anew of its configuration where a case asks for that."""
    made = kind(dtype=x.dtype.name, **settings)
    return kind.from_config(made.get_config()) if roundtrip else made


@implements("relu", call="tf_keras.activations.relu")
def activations_relu(x):
    return tf_keras.activations.relu(x)


@implements("relu", call="tf_keras.layers.ReLU")
def layers_relu(x, *, roundtrip=False):
    return layer(tf_keras.layers.ReLU, x, roundtrip)(x)


@implements("relu6", call="tf_keras.activations.relu")
def activations_relu_up_to_6(x):
    return tf_keras.activations.relu(x, max_value=6.0)


@implements("relu6", call="tf_keras.layers.ReLU")
def layers_relu_up_to_6(x, *, roundtrip=False):
    return layer(tf_keras.layers.ReLU, x, roundtrip, max_value=6.0)(x)


@implements("leaky_relu", call="tf_keras.activations.relu")
def activations_relu_leaky(x, *, negative_slope=0.01):
    return tf_keras.activations.relu(x, alpha=negative_slope)


@implements("leaky_relu", call="tf_keras.layers.LeakyReLU")
def layers_leaky_relu(x, *, negative_slope=0.01, roundtrip=False):
    return layer(tf_keras.layers.LeakyReLU, x, roundtrip, alpha=negative_slope)(x)


@implements("elu", call="tf_keras.activations.elu")
def activations_elu(x, *, alpha=1.0):
    return tf_keras.activations.elu(x, alpha=alpha)


@implements("elu", call="tf_keras.layers.ELU")
def layers_elu(x, *, alpha=1.0, roundtrip=False):
    return layer(tf_keras.layers.ELU, x, roundtrip, alpha=alpha)(x)


@implements("selu", call="tf_keras.activations.selu")
def activations_selu(x):
    return tf_keras.activations.selu(x)


@implements("hard_sigmoid", call="tf_keras.activations.hard_sigmoid", **HARD_SIGMOID)
def activations_hard_sigmoid(x):
    return tf_keras.activations.hard_sigmoid(x)
