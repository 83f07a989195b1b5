"""Cross-entropies, binary and categorical, focal and class-weighted ones included, as JAX and Optax offers them."""

import jax.numpy as jnp
from conformance.adapters.tables.jax.common import along, implements, optax, reduced, smoothed, taken

from conformance.worker.adapter import Unsupported


def where(call, mask, axis, logits):
    """(the rows that count, {"where": the same for every class}) of a mask of rows, which not every release takes."""
    if mask is None:
        return None, {}
    kept = jnp.broadcast_to(mask != 0, tuple(n for i, n in enumerate(logits.shape) if i != axis % logits.ndim))
    return kept, taken(call, where=jnp.broadcast_to(jnp.expand_dims(kept, axis), logits.shape))


@implements(
    "binary_cross_entropy_with_logits",
    call="optax.sigmoid_binary_cross_entropy",
    name="optax.sigmoid_binary_cross_entropy",
)
def optax_sigmoid_binary_cross_entropy(logits, targets, *, weights=None, reduction="none"):
    return reduced(optax.sigmoid_binary_cross_entropy(logits, targets), weights, reduction)


@implements("softmax_cross_entropy", call="optax.softmax_cross_entropy", name="optax.softmax_cross_entropy")
def optax_softmax_cross_entropy(
    logits, targets, *, weights=None, mask=None, axis=-1, label_smoothing=0.0, reduction="none"
):
    targets = smoothed(targets, label_smoothing, axis)
    kept, keywords = where(optax.softmax_cross_entropy, mask, axis, logits)
    keywords.update(along(optax.softmax_cross_entropy, axis, logits))
    return reduced(optax.softmax_cross_entropy(logits, targets, **keywords), weights, reduction, kept)


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
def optax_poly_loss_cross_entropy(
    logits, targets, *, weights=None, mask=None, axis=-1, label_smoothing=0.0, reduction="none"
):
    """With epsilon 0 the polynomial term of the PolyLoss vanishes, and cross-entropy is left."""
    targets = smoothed(targets, label_smoothing, axis)
    kept, keywords = where(optax.losses.poly_loss_cross_entropy, mask, axis, logits)
    keywords.update(along(optax.losses.poly_loss_cross_entropy, axis, logits))
    losses = optax.losses.poly_loss_cross_entropy(logits, targets, epsilon=0.0, **keywords)
    return reduced(losses, weights, reduction, kept)


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
    logits, labels, *, weights=None, mask=None, axis=-1, ignore_index=None, reduction="none"
):
    loss = optax.softmax_cross_entropy_with_integer_labels
    kept, keywords = where(loss, mask, axis, logits)
    keywords.update(along(loss, axis, logits))
    if ignore_index is not None:
        if mask is not None:
            raise Unsupported("`where` takes one mask: either the rows' own or that of an ignored label")
        kept = labels != ignore_index
        keywords.update(taken(loss, where=kept))
    losses = loss(logits, labels, **keywords)
    return reduced(losses, weights, reduction, kept)


@implements("sigmoid_focal_loss", call="optax.sigmoid_focal_loss", name="optax.sigmoid_focal_loss")
def optax_sigmoid_focal_loss(logits, targets, *, weights=None, alpha=None, gamma=2.0, reduction="none"):
    return reduced(optax.sigmoid_focal_loss(logits, targets, alpha=alpha, gamma=gamma), weights, reduction)
