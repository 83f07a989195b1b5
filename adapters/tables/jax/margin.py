"""Margin losses, as JAX and Optax offers them."""

from conformance.adapters.tables.jax.common import implements, optax, reduced


@implements("hinge", call="optax.hinge_loss", name="optax.hinge_loss")
def optax_hinge_loss(scores, targets, *, weights=None, reduction="none"):
    return reduced(optax.hinge_loss(scores, targets), weights, reduction)


@implements("perceptron", call="optax.losses.perceptron_loss", name="optax.losses.perceptron_loss")
def optax_perceptron_loss(scores, targets, *, weights=None, reduction="none"):
    return reduced(optax.losses.perceptron_loss(scores, targets), weights, reduction)


@implements("binary_sparsemax", call="optax.losses.sparsemax_loss", name="optax.losses.sparsemax_loss")
def optax_sparsemax_loss(scores, targets, *, weights=None, reduction="none"):
    """Labels are 0 or 1, and choose the sign of the score."""
    return reduced(optax.losses.sparsemax_loss(scores, targets > 0), weights, reduction)


@implements("multiclass_hinge", call="optax.losses.multiclass_hinge_loss", name="optax.losses.multiclass_hinge_loss")
def optax_multiclass_hinge_loss(scores, labels, *, weights=None, reduction="none"):
    return reduced(optax.losses.multiclass_hinge_loss(scores, labels), weights, reduction)


@implements(
    "multiclass_perceptron",
    call="optax.losses.multiclass_perceptron_loss",
    name="optax.losses.multiclass_perceptron_loss",
)
def optax_multiclass_perceptron_loss(scores, labels, *, weights=None, reduction="none"):
    return reduced(optax.losses.multiclass_perceptron_loss(scores, labels), weights, reduction)


@implements("sparsemax", call="optax.losses.multiclass_sparsemax_loss", name="optax.losses.multiclass_sparsemax_loss")
def optax_multiclass_sparsemax_loss(scores, labels, *, weights=None, reduction="none"):
    return reduced(optax.losses.multiclass_sparsemax_loss(scores, labels), weights, reduction)
