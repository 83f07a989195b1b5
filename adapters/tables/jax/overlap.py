"""Overlap losses, as Optax offers them: over the axes of an image, one loss for each class on the last axis.

Optax multiplies by class weights and averages over the classes itself; there the weights are one for each class.
"""

from conformance.adapters.tables.jax.common import implements, optax

from conformance.worker.adapter import Unsupported


def over(axes, rank):
    """The axes as Optax takes them: neither the first, the batch, nor the last, the classes, is summed over."""
    if axes is None or any(axis % rank in (0, rank - 1) for axis in axes):
        raise Unsupported("dice_loss sums over the axes between the first and the last, and averages over the last")
    return tuple(axes)


def class_reduction(reduction):
    """Optax's name of a reduction over the classes."""
    names = {"none": "none", "mean_last_axis": "mean"}
    if reduction not in names:
        raise Unsupported("dice_loss reduces over the classes alone: '" + reduction + "' cannot be had")
    return names[reduction]


@implements("dice", call="optax.losses.dice_loss", name="optax.losses.dice_loss")
def optax_dice_loss(probabilities, targets, *, axes=None, smooth=0.0, weights=None, reduction="none"):
    return optax.losses.dice_loss(
        probabilities,
        targets,
        class_weights=weights,
        smooth=smooth,
        apply_softmax=False,
        reduction=class_reduction(reduction),
        axis=over(axes, probabilities.ndim),
    )


@implements("tversky", call="optax.losses.dice_loss", name="optax.losses.dice_loss")
def optax_dice_loss_with_weights(
    probabilities, targets, *, axes=None, alpha=0.5, beta=0.5, smooth=0.0, weights=None, reduction="none"
):
    return optax.losses.dice_loss(
        probabilities,
        targets,
        class_weights=weights,
        smooth=smooth,
        alpha=alpha,
        beta=beta,
        apply_softmax=False,
        reduction=class_reduction(reduction),
        axis=over(axes, probabilities.ndim),
    )


@implements("tversky_with_logits", call="optax.losses.dice_loss", name="optax.losses.dice_loss")
def optax_dice_loss_of_logits(
    logits, targets, *, axes=None, alpha=0.5, beta=0.5, smooth=0.0, weights=None, reduction="none"
):
    return optax.losses.dice_loss(
        logits,
        targets,
        class_weights=weights,
        smooth=smooth,
        alpha=alpha,
        beta=beta,
        reduction=class_reduction(reduction),
        axis=over(axes, logits.ndim),
    )


@implements("tversky_with_logits", call="optax.losses.binary_dice_loss", name="optax.losses.binary_dice_loss")
def optax_binary_dice_loss(logits, targets, *, axes=None, smooth=0.0, reduction="none"):
    if logits.shape[-1] != 1 or logits.ndim != 3 or over(axes, 3) != (1,):
        raise Unsupported("binary_dice_loss has one class, and sums over all of an image")
    if reduction != "mean_last_axis":
        raise Unsupported("binary_dice_loss yields one loss for each image")
    return optax.losses.binary_dice_loss(logits, targets, smooth=smooth)
