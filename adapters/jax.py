"""JAX and Optax, said in JAX: one function for each public call.

jax.nn and jax.scipy.special hold the activations, Optax the losses. Optax reduces and weighs nothing itself:
its users multiply by the weights and call mean or sum, and so do the functions below. It masks instead of
ignoring a label: `where` is False for such a row. Smoothing is a call of its own, before the loss.
"""

import inspect

import jax
import jax.numpy as jnp
from conformance.adapters.mechanics.calling import offered
from conformance.adapters.mechanics.jax import JaxAdapter

from conformance.worker.adapter import Implementations, Unsupported

try:
    import optax
except ImportError:
    optax = None

table = Implementations()
adapter = JaxAdapter("jax", table, companions={"optax": getattr(optax, "__version__", None)})

# What `conformance doctor` says to someone who lacks it.
INSTALL = "pip install jax optax"

SCRIPT = {
    "imports": (
        'import inspect\nimport jax\njax.config.update("jax_enable_x64", True)\nimport jax.numpy as jnp\nimport optax'
    ),
    "array": "jnp.asarray({literal}, dtype=jnp.{dtype})",
    "labels": "jnp.asarray({literal}, dtype=jnp.int64)",
    "value": "print({function}({arguments}))",
    "gradient": (
        "value, pull = jax.vjp(lambda {wrt}: {function}({arguments}), {wrt})\n"
        "print(pull(jnp.ones_like(value) if {cotangent} is None else {cotangent}))"
    ),
    "modes": {"jit": "{function} = jax.jit({function})"},
}


def implements(operation, call, **settings):
    """As `table.implements`, for calls that not every release offers; Optax need not be there at all."""
    package, path = call.split(".", 1)
    return offered(table, {"jax": jax, "optax": optax}[package], path, operation, call=call, **settings)


def reduced(losses, weights, reduction, kept=None):
    """The losses times the weights, then jax.numpy's sum or mean, as users of Optax do."""
    if weights is not None:
        losses = losses * weights
    if reduction == "none":
        return losses
    if reduction == "sum":
        return losses.sum()
    if reduction == "mean":
        return losses.mean(where=kept)
    if reduction == "mean_with_ignored":
        return losses.mean()
    if reduction == "mean_last_axis":
        return losses.mean(axis=-1)
    raise Unsupported("Optax reduces nothing, and jax.numpy has no reduction '" + reduction + "'")


def taken(call, **keywords):
    """The keywords, if this release's call takes them: `axis` and `where` came with Optax 0.2.4."""
    for name in keywords:
        if name not in inspect.signature(call).parameters:
            raise Unsupported("this release of Optax takes no '" + name + "'")
    return keywords


def along(call, axis, logits):
    """The axis as a keyword, unless it is the last one, which every release means by default."""
    return {} if axis in (-1, logits.ndim - 1) else taken(call, axis=axis)


def smoothed(targets, label_smoothing, axis):
    """optax.smooth_labels where a case smooths."""
    if label_smoothing == 0.0:
        return targets
    return optax.smooth_labels(targets, label_smoothing, **along(optax.smooth_labels, axis, targets))


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
    return jax.nn.log_softmax(x, axis=axis)


@implements("log_softmax", call="jax.scipy.special.log_softmax")
def special_log_softmax(x, *, axis=-1):
    return jax.scipy.special.log_softmax(x, axis=axis)


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


@implements(
    "binary_cross_entropy_with_logits",
    call="optax.sigmoid_binary_cross_entropy",
    name="optax.sigmoid_binary_cross_entropy",
)
def optax_sigmoid_binary_cross_entropy(logits, targets, *, weights=None, reduction="none"):
    return reduced(optax.sigmoid_binary_cross_entropy(logits, targets), weights, reduction)


@implements("softmax_cross_entropy", call="optax.softmax_cross_entropy", name="optax.softmax_cross_entropy")
def optax_softmax_cross_entropy(logits, targets, *, weights=None, axis=-1, label_smoothing=0.0, reduction="none"):
    targets = smoothed(targets, label_smoothing, axis)
    keywords = along(optax.softmax_cross_entropy, axis, logits)
    return reduced(optax.softmax_cross_entropy(logits, targets, **keywords), weights, reduction)


@implements(
    "softmax_cross_entropy",
    call="optax.safe_softmax_cross_entropy",
    name="optax.safe_softmax_cross_entropy",
)
def optax_safe_softmax_cross_entropy(logits, targets, *, weights=None, label_smoothing=0.0, reduction="none"):
    targets = smoothed(targets, label_smoothing, -1)
    return reduced(optax.safe_softmax_cross_entropy(logits, targets), weights, reduction)


@implements(
    "softmax_cross_entropy",
    call="optax.losses.poly_loss_cross_entropy",
    name="optax.losses.poly_loss_cross_entropy",
)
def optax_poly_loss_cross_entropy(logits, targets, *, weights=None, axis=-1, label_smoothing=0.0, reduction="none"):
    """With epsilon 0 the polynomial term of the PolyLoss vanishes, and cross-entropy is left."""
    targets = smoothed(targets, label_smoothing, axis)
    keywords = along(optax.losses.poly_loss_cross_entropy, axis, logits)
    losses = optax.losses.poly_loss_cross_entropy(logits, targets, epsilon=0.0, **keywords)
    return reduced(losses, weights, reduction)


@implements(
    "softmax_cross_entropy",
    call="optax.losses.ranking_softmax_loss",
    name="optax.losses.ranking_softmax_loss",
)
def optax_ranking_softmax_loss(logits, targets, *, class_weights=None, label_smoothing=0.0, reduction="none"):
    """The items of a list are the classes; its own weights are weights of the items."""
    reductions = {"none": None, "sum": jnp.sum, "mean": jnp.mean}
    if reduction not in reductions:
        raise Unsupported("reduce_fn is sum, mean or None: there is no '" + reduction + "'")
    return optax.losses.ranking_softmax_loss(
        logits, smoothed(targets, label_smoothing, -1), weights=class_weights, reduce_fn=reductions[reduction]
    )


@implements(
    "sparse_softmax_cross_entropy",
    call="optax.softmax_cross_entropy_with_integer_labels",
    name="optax.softmax_cross_entropy_with_integer_labels",
)
def optax_softmax_cross_entropy_with_integer_labels(
    logits, labels, *, weights=None, axis=-1, ignore_index=None, reduction="none"
):
    loss = optax.softmax_cross_entropy_with_integer_labels
    keywords = along(loss, axis, logits)
    kept = None
    if ignore_index is not None:
        kept = labels != ignore_index
        keywords.update(taken(loss, where=kept))
    losses = loss(logits, labels, **keywords)
    return reduced(losses, weights, reduction, kept)


@implements("sigmoid_focal_loss", call="optax.sigmoid_focal_loss", name="optax.sigmoid_focal_loss")
def optax_sigmoid_focal_loss(logits, targets, *, weights=None, alpha=None, gamma=2.0, reduction="none"):
    return reduced(optax.sigmoid_focal_loss(logits, targets, alpha=alpha, gamma=gamma), weights, reduction)
