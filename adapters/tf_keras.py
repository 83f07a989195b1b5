"""Keras 2: losses, activations, metrics and backend functions of `tf_keras`, or of `tf.keras` before TensorFlow 2.16.

Keras averages elementwise losses over the last axis. Where the loss of each element is asked for, the tensors
get one more axis of length 1, whose mean is the element. Calls that this version of Keras lacks are left out.
"""

import inspect

from conformance.adapters.mechanics.calling import offered
from conformance.adapters.mechanics.tensorflow import TensorFlowAdapter  # before tensorflow: it sets the environment

from conformance.worker.adapter import Implementations, Unsupported

import tensorflow as tf  # isort: skip

try:
    import tf_keras
except ImportError:
    from tensorflow import keras as tf_keras


def keras_version():
    """The version of Keras 2. Raises ImportError where `tf.keras` is Keras 3 and `tf_keras` is not installed."""
    version = getattr(tf_keras, "__version__", None)
    if version is None:  # TensorFlow 2.6 to 2.15 hand out the package `keras` under another name
        import keras

        version = keras.__version__
    if not version.startswith("2."):
        raise ImportError("tf.keras is Keras {} here; Keras 2 needs the package tf_keras".format(version))
    return version.replace("-", "+")  # "2.2.4-tf" of TensorFlow 2.1, as a local version that can be compared


VERSION = keras_version()
table = Implementations()

# Canonical reduction -> tf_keras.losses.Reduction. Weights never enter the divisor.
REDUCTIONS = {"none": "none", "sum": "sum", "mean": "sum_over_batch_size"}

EPSILON = 1e-7
CLIPPED = {
    "contract": {"clip": (EPSILON, 1 - EPSILON), "shift": EPSILON},
    "documented": "tf_keras.backend.binary_crossentropy (source): clips to [epsilon, 1 - epsilon], then adds epsilon "
    "inside both logarithms; keras-team/keras#15249",
}
NORMALISED = {
    "contract": {"normalise": True, "clip": (EPSILON, 1 - EPSILON)},
    "documented": "tf_keras.backend.categorical_crossentropy (source): divides by the sum of the classes, "
    "then clips to [epsilon, 1 - epsilon]",
}
RENORMALISED = {
    "contract": {"clip": (EPSILON, 1 - EPSILON), "renormalise": True},
    "documented": "tf_keras.backend.sparse_categorical_crossentropy (source): clips to [epsilon, 1 - epsilon], "
    "takes the logarithm, and gives that to the softmax cross-entropy of logits, which normalises",
}
SOFTMAX_GRADIENT = {
    "contract": {"unnormalised_gradient": True},
    "documented": "tf.nn.softmax_cross_entropy_with_logits, which Keras calls: where a row of labels is not a "
    "probability distribution, the computation of the gradient will be incorrect",
}

# What `conformance doctor` says to someone who lacks it.
INSTALL = "pip install tensorflow-cpu && pip install --no-deps tf_keras"

SCRIPT = {
    "imports": 'import inspect\nimport os\nos.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"\n'
    "import tensorflow as tf\n"
    "try:\n"
    "    import tf_keras\n"
    "except ImportError:\n"
    "    from tensorflow import keras as tf_keras",
    "array": 'tf.constant({literal}, dtype="{dtype}")',
    "labels": 'tf.constant({literal}, dtype="int64")',
    "value": "print({function}({arguments}))",
    "gradient": "with tf.GradientTape() as tape:\n"
    "    tape.watch({wrt})\n"
    "    value = {function}({arguments})\n"
    "print(tape.gradient(value, {wrt}, output_gradients={cotangent}))",
    "modes": {
        "graph": "{function} = tf.function({function}, autograph=False)",
        "xla": "{function} = tf.function({function}, autograph=False, jit_compile=True)",
    },
}


def implements(operation, call, **settings):
    """Registers the function where this Keras has the call."""
    return offered(table, tf_keras, call.split(".", 1)[1], operation, call=call, **settings)


def named(reduction):
    if reduction not in REDUCTIONS:
        raise Unsupported("tf_keras.losses.Reduction has no '{}'".format(reduction))
    return REDUCTIONS[reduction]


def accepted(call, **settings):
    """The settings that are not None. `Unsupported` where this version's call has no such argument."""
    asked = {name: value for name, value in settings.items() if value is not None}
    for name in asked:
        if name not in inspect.signature(call).parameters:
            raise Unsupported("{} has no argument '{}' in this version".format(call.__name__, name))
    return asked


def ranked(weights, rank):
    """Weights with leading axes of length 1: Keras would give missing axes at the end, not at the front."""
    if weights is None or weights.shape.ndims == 0:
        return weights
    for _ in range(rank - weights.shape.ndims):
        weights = weights[tf.newaxis]
    return weights


def elementwise_loss(kind, predictions, targets, weights, reduction, **settings):
    """A loss class that averages over the last axis, under a canonical reduction."""
    if weights is None and reduction == "mean_last_axis":
        return kind(reduction="none", **settings)(targets, predictions)
    if weights is None and reduction == "mean":
        return kind(reduction="sum_over_batch_size", **settings)(targets, predictions)
    loss = kind(reduction=named(reduction), **settings)
    weights = ranked(weights, predictions.shape.ndims)
    return loss(targets[..., tf.newaxis], predictions[..., tf.newaxis], sample_weight=weights)


def elementwise_function(function, predictions, targets, reduction, **settings):
    """A loss function that averages over the last axis: mean_last_axis, or none through an axis of length 1."""
    if reduction == "mean_last_axis":
        return function(targets, predictions, **settings)
    if reduction == "none":
        return function(targets[..., tf.newaxis], predictions[..., tf.newaxis], **settings)
    raise Unsupported("the loss functions of Keras have no reductions; its classes have")


def unreduced(losses, weights, reduction):
    """The functions of the backend reduce nothing: TensorFlow's own operations follow."""
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
    raise Unsupported("the backend functions of Keras have no reductions, and '{}' is no tf.reduce_*".format(reduction))


def only_none(reduction):
    if reduction != "none":
        raise Unsupported("the loss functions of Keras have no reductions; its classes have")


def by_label(class_weights, labels, ignore_index):
    """What Keras' fit(class_weight=...) does: the weight of a sample is that of its label."""
    if class_weights is None:
        return None
    if ignore_index is not None:
        raise Unsupported("sample weights taken by label have none for an ignored label")
    return tf.gather(class_weights, labels)


def product(first, second):
    if first is None or second is None:
        return second if first is None else first
    return first * second


def last_is_default(axis):
    return None if axis == -1 else axis


def balancing(alpha):
    """Keras' two arguments for the canonical alpha, which is None for no class balancing."""
    return {} if alpha is None else {"apply_class_balancing": True, "alpha": alpha}


# activations


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


# binary


@implements("binary_cross_entropy", call="tf_keras.losses.BinaryCrossentropy", **CLIPPED)
def binary_crossentropy_class(probabilities, targets, *, label_smoothing=0.0, weights=None, reduction="none"):
    kind = tf_keras.losses.BinaryCrossentropy
    return elementwise_loss(kind, probabilities, targets, weights, reduction, label_smoothing=label_smoothing)


@implements("binary_cross_entropy", call="tf_keras.losses.binary_crossentropy", **CLIPPED)
def binary_crossentropy(probabilities, targets, *, label_smoothing=0.0, reduction="none"):
    function = tf_keras.losses.binary_crossentropy
    return elementwise_function(function, probabilities, targets, reduction, label_smoothing=label_smoothing)


@implements("binary_cross_entropy", call="tf_keras.backend.binary_crossentropy", **CLIPPED)
def backend_binary_crossentropy(probabilities, targets, *, weights=None, reduction="none"):
    return unreduced(tf_keras.backend.binary_crossentropy(targets, probabilities), weights, reduction)


@implements("binary_cross_entropy_with_logits", call="tf_keras.losses.BinaryCrossentropy")
def binary_crossentropy_class_of_logits(logits, targets, *, label_smoothing=0.0, weights=None, reduction="none"):
    kind = tf_keras.losses.BinaryCrossentropy
    return elementwise_loss(
        kind, logits, targets, weights, reduction, from_logits=True, label_smoothing=label_smoothing
    )


@implements("binary_cross_entropy_with_logits", call="tf_keras.losses.binary_crossentropy")
def binary_crossentropy_of_logits(logits, targets, *, label_smoothing=0.0, reduction="none"):
    function = tf_keras.losses.binary_crossentropy
    return elementwise_function(function, logits, targets, reduction, from_logits=True, label_smoothing=label_smoothing)


@implements("binary_cross_entropy_with_logits", call="tf_keras.backend.binary_crossentropy")
def backend_binary_crossentropy_of_logits(logits, targets, *, weights=None, reduction="none"):
    losses = tf_keras.backend.binary_crossentropy(targets, logits, from_logits=True)
    return unreduced(losses, weights, reduction)


# categorical


@implements("categorical_cross_entropy", call="tf_keras.losses.CategoricalCrossentropy", **NORMALISED)
def categorical_crossentropy_class(
    probabilities, targets, *, axis=-1, label_smoothing=0.0, weights=None, reduction="none"
):
    kind = tf_keras.losses.CategoricalCrossentropy
    settings = accepted(kind, axis=last_is_default(axis))
    loss = kind(label_smoothing=label_smoothing, reduction=named(reduction), **settings)
    return loss(targets, probabilities, sample_weight=ranked(weights, targets.shape.ndims - 1))


@implements("categorical_cross_entropy", call="tf_keras.losses.categorical_crossentropy", **NORMALISED)
def categorical_crossentropy(probabilities, targets, *, axis=-1, label_smoothing=0.0, reduction="none"):
    only_none(reduction)
    function = tf_keras.losses.categorical_crossentropy
    settings = accepted(function, axis=last_is_default(axis))
    return function(targets, probabilities, label_smoothing=label_smoothing, **settings)


@implements("softmax_cross_entropy", call="tf_keras.losses.CategoricalCrossentropy", **SOFTMAX_GRADIENT)
def categorical_crossentropy_class_of_logits(
    logits, targets, *, axis=-1, label_smoothing=0.0, weights=None, reduction="none"
):
    kind = tf_keras.losses.CategoricalCrossentropy
    settings = accepted(kind, axis=last_is_default(axis))
    loss = kind(from_logits=True, label_smoothing=label_smoothing, reduction=named(reduction), **settings)
    return loss(targets, logits, sample_weight=ranked(weights, targets.shape.ndims - 1))


@implements("softmax_cross_entropy", call="tf_keras.losses.categorical_crossentropy", **SOFTMAX_GRADIENT)
def categorical_crossentropy_of_logits(logits, targets, *, axis=-1, label_smoothing=0.0, reduction="none"):
    only_none(reduction)
    function = tf_keras.losses.categorical_crossentropy
    settings = accepted(function, axis=last_is_default(axis))
    return function(targets, logits, from_logits=True, label_smoothing=label_smoothing, **settings)


@implements("sparse_categorical_cross_entropy", call="tf_keras.losses.SparseCategoricalCrossentropy", **RENORMALISED)
def sparse_categorical_crossentropy_class(probabilities, labels, *, ignore_index=None, weights=None, reduction="none"):
    kind = tf_keras.losses.SparseCategoricalCrossentropy
    loss = kind(reduction=named(reduction), **accepted(kind, ignore_class=ignore_index))
    return loss(labels, probabilities, sample_weight=ranked(weights, labels.shape.ndims))


@implements("sparse_categorical_cross_entropy", call="tf_keras.losses.sparse_categorical_crossentropy", **RENORMALISED)
def sparse_categorical_crossentropy(probabilities, labels, *, axis=-1, ignore_index=None, reduction="none"):
    only_none(reduction)
    function = tf_keras.losses.sparse_categorical_crossentropy
    return function(labels, probabilities, axis=axis, **accepted(function, ignore_class=ignore_index))


@implements("sparse_softmax_cross_entropy", call="tf_keras.losses.SparseCategoricalCrossentropy")
def sparse_categorical_crossentropy_class_of_logits(
    logits, labels, *, class_weights=None, ignore_index=None, weights=None, reduction="none"
):
    kind = tf_keras.losses.SparseCategoricalCrossentropy
    loss = kind(from_logits=True, reduction=named(reduction), **accepted(kind, ignore_class=ignore_index))
    weights = ranked(weights, labels.shape.ndims)
    return loss(labels, logits, sample_weight=product(by_label(class_weights, labels, ignore_index), weights))


@implements("sparse_softmax_cross_entropy", call="tf_keras.losses.sparse_categorical_crossentropy")
def sparse_categorical_crossentropy_of_logits(logits, labels, *, axis=-1, ignore_index=None, reduction="none"):
    only_none(reduction)
    function = tf_keras.losses.sparse_categorical_crossentropy
    settings = accepted(function, ignore_class=ignore_index)
    return function(labels, logits, from_logits=True, axis=axis, **settings)


# focal


@implements("binary_focal_cross_entropy", call="tf_keras.losses.BinaryFocalCrossentropy", **CLIPPED)
def binary_focal_crossentropy_class(
    probabilities, targets, *, alpha=None, gamma=2.0, label_smoothing=0.0, weights=None, reduction="none"
):
    settings = dict(balancing(alpha), gamma=gamma, label_smoothing=label_smoothing)
    kind = tf_keras.losses.BinaryFocalCrossentropy
    return elementwise_loss(kind, probabilities, targets, weights, reduction, **settings)


@implements("binary_focal_cross_entropy", call="tf_keras.losses.binary_focal_crossentropy", **CLIPPED)
def binary_focal_crossentropy(probabilities, targets, *, alpha=None, gamma=2.0, label_smoothing=0.0, reduction="none"):
    settings = dict(balancing(alpha), gamma=gamma, label_smoothing=label_smoothing)
    function = tf_keras.losses.binary_focal_crossentropy
    return elementwise_function(function, probabilities, targets, reduction, **settings)


@implements("sigmoid_focal_loss", call="tf_keras.losses.BinaryFocalCrossentropy")
def binary_focal_crossentropy_class_of_logits(
    logits, targets, *, alpha=None, gamma=2.0, label_smoothing=0.0, weights=None, reduction="none"
):
    settings = dict(balancing(alpha), gamma=gamma, label_smoothing=label_smoothing, from_logits=True)
    kind = tf_keras.losses.BinaryFocalCrossentropy
    return elementwise_loss(kind, logits, targets, weights, reduction, **settings)


@implements("sigmoid_focal_loss", call="tf_keras.losses.binary_focal_crossentropy")
def binary_focal_crossentropy_of_logits(
    logits, targets, *, alpha=None, gamma=2.0, label_smoothing=0.0, reduction="none"
):
    settings = dict(balancing(alpha), gamma=gamma, label_smoothing=label_smoothing, from_logits=True)
    function = tf_keras.losses.binary_focal_crossentropy
    return elementwise_function(function, logits, targets, reduction, **settings)


@implements("categorical_focal_cross_entropy", call="tf_keras.losses.CategoricalFocalCrossentropy", **NORMALISED)
def categorical_focal_crossentropy_class(
    probabilities,
    targets,
    *,
    axis=-1,
    alpha=1.0,
    gamma=2.0,
    label_smoothing=0.0,
    weights=None,
    reduction="none",
):
    loss = tf_keras.losses.CategoricalFocalCrossentropy(
        alpha=alpha, gamma=gamma, label_smoothing=label_smoothing, axis=axis, reduction=named(reduction)
    )
    return loss(targets, probabilities, sample_weight=ranked(weights, targets.shape.ndims - 1))


@implements("categorical_focal_cross_entropy", call="tf_keras.losses.categorical_focal_crossentropy", **NORMALISED)
def categorical_focal_crossentropy(
    probabilities, targets, *, axis=-1, alpha=1.0, gamma=2.0, label_smoothing=0.0, reduction="none"
):
    only_none(reduction)
    return tf_keras.losses.categorical_focal_crossentropy(
        targets, probabilities, alpha=alpha, gamma=gamma, label_smoothing=label_smoothing, axis=axis
    )


# metrics


@implements("binary_accuracy", call="tf_keras.metrics.binary_accuracy", differentiable=False)
def metrics_binary_accuracy(probabilities, targets, *, threshold=0.5, reduction="none"):
    function = tf_keras.metrics.binary_accuracy
    return elementwise_function(function, probabilities, targets, reduction, threshold=threshold)


@implements("categorical_accuracy", call="tf_keras.metrics.categorical_accuracy", differentiable=False)
def metrics_categorical_accuracy(probabilities, targets, *, reduction="none"):
    only_none(reduction)
    return tf_keras.metrics.categorical_accuracy(targets, probabilities)


@implements("sparse_categorical_accuracy", call="tf_keras.metrics.sparse_categorical_accuracy", differentiable=False)
def metrics_sparse_categorical_accuracy(probabilities, labels, *, reduction="none"):
    only_none(reduction)
    return tf_keras.metrics.sparse_categorical_accuracy(labels, probabilities)


def measured(metric, predictions, targets, weights, reduction):
    """A new metric's result after one batch: the mean, weighted by the sample weights if there are any."""
    if reduction != ("mean" if weights is None else "weighted_mean"):
        raise Unsupported("a Keras metric is a mean; with sample weights it is divided by their sum")
    metric.update_state(targets, predictions, sample_weight=weights)
    return metric.result()


@implements("binary_accuracy", call="tf_keras.metrics.BinaryAccuracy", differentiable=False, modes=("eager",))
def metrics_binary_accuracy_class(probabilities, targets, *, threshold=0.5, weights=None, reduction="none"):
    metric = tf_keras.metrics.BinaryAccuracy(threshold=threshold)
    if weights is None:
        return measured(metric, probabilities, targets, None, reduction)
    # One more axis, because a sample weight belongs to a row.
    probabilities, targets = probabilities[..., tf.newaxis], targets[..., tf.newaxis]
    return measured(metric, probabilities, targets, ranked(weights, targets.shape.ndims - 1), reduction)


@implements(
    "categorical_accuracy",
    call="tf_keras.metrics.CategoricalAccuracy",
    differentiable=False,
    modes=("eager",),
)
def metrics_categorical_accuracy_class(probabilities, targets, *, weights=None, reduction="none"):
    weights = ranked(weights, targets.shape.ndims - 1)
    return measured(tf_keras.metrics.CategoricalAccuracy(), probabilities, targets, weights, reduction)


@implements(
    "sparse_categorical_accuracy",
    call="tf_keras.metrics.SparseCategoricalAccuracy",
    differentiable=False,
    modes=("eager",),
)
def metrics_sparse_categorical_accuracy_class(probabilities, labels, *, weights=None, reduction="none"):
    weights = ranked(weights, labels.shape.ndims)
    return measured(tf_keras.metrics.SparseCategoricalAccuracy(), probabilities, labels, weights, reduction)


adapter = TensorFlowAdapter("tf-keras", table, library=("tf-keras", VERSION), companions={"tf-keras": VERSION})
