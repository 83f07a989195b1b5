"""Further primitives as Keras 3 offers them: the largest of a row, masked rows, the sum of two exponentials."""

import keras
from conformance.adapters.tables.keras.common import implements


@implements("logaddexp", call="keras.ops.logaddexp")
def ops_logaddexp(x, other):
    return keras.ops.logaddexp(x, other)


@implements("argmax", call="keras.ops.argmax", differentiable=False)
def ops_argmax(x, *, axis=-1):
    return keras.ops.argmax(x, axis=axis)


@implements("reduce_max", call="keras.ops.max")
def ops_max(x, *, axis=-1):
    return keras.ops.max(x, axis=axis)


@implements("reduce_max", call="keras.ops.amax")
def ops_amax(x, *, axis=-1):
    return keras.ops.amax(x, axis=axis)


@implements("top_k_values", call="keras.ops.top_k")
def ops_top_k_values(x, *, k=1):
    return keras.ops.top_k(x, k)[0]


@implements("top_k_indices", call="keras.ops.top_k", differentiable=False)
def ops_top_k_indices(x, *, k=1):
    return keras.ops.top_k(x, k)[1]


@implements("masked_softmax", call="keras.layers.Softmax")
def layers_softmax(x, mask, *, axis=-1, roundtrip=False):
    layer = keras.layers.Softmax(axis=axis, dtype=keras.backend.standardize_dtype(x.dtype))
    if roundtrip:
        layer = keras.layers.Softmax.from_config(layer.get_config())
    return layer(x, mask=keras.ops.not_equal(mask, 0))
