"""TensorFlow's own losses and activations: `tf.nn`, `tf.math`, `tf.one_hot`, `tf.compat.v1.losses`.

`tf.nn` has no reductions: a product with the weights and tf.reduce_* follow the call, as a user writes it.
`tf.compat.v1.losses` has its own reductions, under other names: see `V1_REDUCTIONS`.
"""

from conformance.adapters.mechanics.tensorflow import TensorFlowAdapter  # before tensorflow: it sets the environment

from conformance.worker.adapter import Implementations, Unsupported

import tensorflow as tf  # isort: skip

table = Implementations()
implements = table.implements

# Canonical reduction -> tf.compat.v1.losses.Reduction.
V1_REDUCTIONS = {
    "none": tf.compat.v1.losses.Reduction.NONE,
    "sum": tf.compat.v1.losses.Reduction.SUM,
    "mean": tf.compat.v1.losses.Reduction.SUM_OVER_BATCH_SIZE,
    "weighted_mean": tf.compat.v1.losses.Reduction.MEAN,
    "nonzero_weight_mean": tf.compat.v1.losses.Reduction.SUM_BY_NONZERO_WEIGHTS,
}

# The gradient with respect to the logits is softmax - labels whatever the labels sum to.
SOFTMAX_GRADIENT = {
    "contract": {"unnormalised_gradient": True},
    "documented": "tf.nn.softmax_cross_entropy_with_logits: where a row of labels is not a probability "
    "distribution, the computation of the gradient will be incorrect",
}

# What `conformance doctor` says to someone who lacks it.
INSTALL = "pip install tensorflow-cpu"

SCRIPT = {
    "imports": 'import os\nos.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"\nimport tensorflow as tf',
    "array": 'tf.constant({literal}, dtype="{dtype}")',
    "labels": 'tf.constant({literal}, dtype="int64")',
    "value": "print({function}({arguments}))",
    "gradient": "with tf.GradientTape() as tape:\n"
    "    tape.watch({wrt})\n"
    "    value = {function}({arguments})\n"
    "print(tape.gradient(value, {wrt}, output_gradients={cotangent}))",
    "cotangent": "tf.cast(cotangent, value.dtype)",
    "modes": {
        "graph": "{function} = tf.function({function}, autograph=False)",
        "xla": "{function} = tf.function({function}, autograph=False, jit_compile=True)",
    },
}


def reduced(losses, weights, reduction):
    """Weights and reduction by TensorFlow's own operations, as `tf.nn` leaves them to the caller."""
    if weights is not None:
        losses = losses * weights
    if reduction == "none":
        return losses
    if reduction == "sum":
        return tf.reduce_sum(losses)
    if reduction == "mean":
        return tf.reduce_mean(losses)
    if reduction == "mean_last_axis":
        return tf.reduce_mean(losses, axis=-1)
    raise Unsupported("tf.nn has no reductions, and '{}' is no tf.reduce_* call".format(reduction))


def v1_reduction(reduction):
    if reduction not in V1_REDUCTIONS:
        raise Unsupported("tf.compat.v1.losses.Reduction has no '{}'".format(reduction))
    return V1_REDUCTIONS[reduction]


# activations


@implements("sigmoid", call="tf.math.sigmoid")
def math_sigmoid(x):
    return tf.math.sigmoid(x)


@implements("log_sigmoid", call="tf.math.log_sigmoid")
def math_log_sigmoid(x):
    return tf.math.log_sigmoid(x)


@implements("softplus", call="tf.math.softplus")
def math_softplus(x):
    return tf.math.softplus(x)


@implements("softmax", call="tf.nn.softmax")
def nn_softmax(x, *, axis=-1):
    return tf.nn.softmax(x, axis=axis)


@implements("log_softmax", call="tf.nn.log_softmax")
def nn_log_softmax(x, *, axis=-1):
    return tf.nn.log_softmax(x, axis=axis)


@implements("logsumexp", call="tf.math.reduce_logsumexp")
def math_reduce_logsumexp(x, *, axis=-1):
    return tf.math.reduce_logsumexp(x, axis=axis)


@implements("one_hot", call="tf.one_hot", differentiable=False)
def one_hot(labels, *, classes):
    return tf.one_hot(labels, classes)


# binary


@implements(
    "binary_cross_entropy",
    call="tf.compat.v1.losses.log_loss",
    contract={"shift": 1e-7},
    documented="tf.compat.v1.losses.log_loss: epsilon, a small increment to avoid a log of zero",
)
def v1_log_loss(probabilities, targets, *, weights=None, reduction="none"):
    return tf.compat.v1.losses.log_loss(
        targets, probabilities, weights=1.0 if weights is None else weights, reduction=v1_reduction(reduction)
    )


@implements("binary_cross_entropy_with_logits", call="tf.nn.sigmoid_cross_entropy_with_logits")
def nn_sigmoid_cross_entropy_with_logits(logits, targets, *, weights=None, reduction="none"):
    return reduced(tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits), weights, reduction)


@implements("binary_cross_entropy_with_logits", call="tf.nn.weighted_cross_entropy_with_logits")
def nn_weighted_cross_entropy_with_logits(logits, targets, *, pos_weight=1.0, weights=None, reduction="none"):
    losses = tf.nn.weighted_cross_entropy_with_logits(
        labels=targets, logits=logits, pos_weight=tf.constant(pos_weight, dtype=logits.dtype)
    )
    return reduced(losses, weights, reduction)


@implements("binary_cross_entropy_with_logits", call="tf.compat.v1.losses.sigmoid_cross_entropy")
def v1_sigmoid_cross_entropy(logits, targets, *, label_smoothing=0.0, weights=None, reduction="none"):
    return tf.compat.v1.losses.sigmoid_cross_entropy(
        targets,
        logits,
        weights=1.0 if weights is None else weights,
        label_smoothing=label_smoothing,
        reduction=v1_reduction(reduction),
    )


# categorical


@implements("softmax_cross_entropy", call="tf.nn.softmax_cross_entropy_with_logits", **SOFTMAX_GRADIENT)
def nn_softmax_cross_entropy_with_logits(logits, targets, *, axis=-1, weights=None, reduction="none"):
    losses = tf.nn.softmax_cross_entropy_with_logits(labels=targets, logits=logits, axis=axis)
    return reduced(losses, weights, reduction)


@implements("softmax_cross_entropy", call="tf.compat.v1.nn.softmax_cross_entropy_with_logits", **SOFTMAX_GRADIENT)
def v1_nn_softmax_cross_entropy_with_logits(logits, targets, *, axis=-1, weights=None, reduction="none"):
    losses = tf.compat.v1.nn.softmax_cross_entropy_with_logits(labels=targets, logits=logits, dim=axis)
    return reduced(losses, weights, reduction)


@implements("softmax_cross_entropy", call="tf.compat.v1.losses.softmax_cross_entropy", **SOFTMAX_GRADIENT)
def v1_softmax_cross_entropy(logits, targets, *, label_smoothing=0.0, weights=None, reduction="none"):
    return tf.compat.v1.losses.softmax_cross_entropy(
        targets,
        logits,
        weights=1.0 if weights is None else weights,
        label_smoothing=label_smoothing,
        reduction=v1_reduction(reduction),
    )


@implements("sparse_softmax_cross_entropy", call="tf.nn.sparse_softmax_cross_entropy_with_logits")
def nn_sparse_softmax_cross_entropy_with_logits(logits, labels, *, weights=None, reduction="none"):
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    return reduced(losses, weights, reduction)


@implements("sparse_softmax_cross_entropy", call="tf.compat.v1.losses.sparse_softmax_cross_entropy")
def v1_sparse_softmax_cross_entropy(logits, labels, *, class_weights=None, weights=None, reduction="none"):
    if class_weights is not None:
        gathered = tf.gather(class_weights, labels)
        weights = gathered if weights is None else gathered * weights
    return tf.compat.v1.losses.sparse_softmax_cross_entropy(
        labels, logits, weights=1.0 if weights is None else weights, reduction=v1_reduction(reduction)
    )


adapter = TensorFlowAdapter("tensorflow", table)
