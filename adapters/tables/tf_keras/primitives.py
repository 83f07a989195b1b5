"""Further primitives as Keras 2 offers them: the largest of a row, masked rows."""

from conformance.adapters.tables.tf_keras.common import implements, tf_keras

import tensorflow as tf  # isort: skip


@implements("argmax", call="tf_keras.backend.argmax", differentiable=False)
def backend_argmax(x, *, axis=-1):
    return tf_keras.backend.argmax(x, axis=axis)


@implements("reduce_max", call="tf_keras.backend.max")
def backend_max(x, *, axis=-1):
    return tf_keras.backend.max(x, axis=axis)


@implements("logsumexp", call="tf_keras.backend.logsumexp")
def backend_logsumexp(x, *, axis=-1):
    return tf_keras.backend.logsumexp(x, axis=axis)


@implements("masked_softmax", call="tf_keras.layers.Softmax")
def layers_softmax(x, mask, *, axis=-1):
    return tf_keras.layers.Softmax(axis=axis, dtype=x.dtype.name)(x, mask=tf.not_equal(mask, 0))
