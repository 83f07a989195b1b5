"""JAX and Optax, said in JAX: one function for each public call.

jax.nn and jax.scipy.special hold the activations, Optax the losses. Optax reduces and weighs nothing itself:
its users multiply by the weights and call mean or sum, and so do the functions below. It masks instead of
ignoring a label: `where` is False for such a row. Smoothing is a call of its own, before the loss.
"""

import inspect

import jax
from conformance.adapters.mechanics.calling import offered

from conformance.worker.adapter import Implementations, Unsupported

try:
    import optax
except ImportError:
    optax = None
table = Implementations()


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


def hashable(axis):
    """Several axes as a tuple: JAX compiles for each choice of them."""
    return tuple(axis) if isinstance(axis, list) else axis
