"""Further primitives as TensorFlow offers them: x log y, the largest of a row, running sums."""

import tensorflow as tf
from conformance.adapters.mechanics.calling import offered
from conformance.adapters.tables.tensorflow.common import table

XLOGY = {
    "contract": {"zero_wins": True},
    "documented": "tf.math.xlogy: returns 0 if x == 0, and x * log(y) otherwise",
}
XLOG1PY = {
    "contract": {"zero_wins": True},
    "documented": "tf.math.xlog1py: computes x * log1p(y), except 0 where x is 0",
}


def implements(operation, call, **settings):
    """As `table.implements`, for calls that not every release offers."""
    return offered(table, tf, call.split(".", 1)[1], operation, call=call, **settings)


@implements("xlogy", call="tf.math.xlogy", **XLOGY)
def math_xlogy(x, other):
    return tf.math.xlogy(x, other)


@implements("xlog1py", call="tf.math.xlog1py", **XLOG1PY)
def math_xlog1py(x, other):
    return tf.math.xlog1py(x, other)


@implements("logaddexp", call="tf.experimental.numpy.logaddexp")
def numpy_logaddexp(x, other):
    return tf.experimental.numpy.logaddexp(x, other)


@implements("argmax", call="tf.math.argmax", differentiable=False)
def math_argmax(x, *, axis=-1):
    return tf.math.argmax(x, axis=axis)


@implements("reduce_max", call="tf.math.reduce_max")
def math_reduce_max(x, *, axis=-1):
    return tf.math.reduce_max(x, axis=axis)


@implements("top_k_values", call="tf.math.top_k")
def math_top_k_values(x, *, k=1):
    return tf.math.top_k(x, k).values


@implements("top_k_indices", call="tf.math.top_k", differentiable=False)
def math_top_k_indices(x, *, k=1):
    return tf.math.top_k(x, k).indices


@implements("log_cumsum_exp", call="tf.math.cumulative_logsumexp")
def math_cumulative_logsumexp(x, *, axis=-1):
    return tf.math.cumulative_logsumexp(x, axis=axis)
