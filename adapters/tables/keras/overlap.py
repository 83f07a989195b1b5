"""Overlap losses, as Keras 3 offers them; they add epsilon to the denominator against 0/0."""

import keras
from conformance.adapters.tables.keras.common import EPSILON, accepted, implements, loss_object, only_none

DICE = {
    "contract": {"epsilon": EPSILON},
    "documented": "keras/src/losses/losses.py, dice: adds epsilon to the denominator",
}
TVERSKY = {
    "contract": {"epsilon": EPSILON},
    "documented": "keras/src/losses/losses.py, tversky: adds epsilon to the denominator",
}


def over(axes):
    """The axes as Keras takes them: a tuple, or None for all."""
    return None if axes is None else tuple(axes)


def again(loss, roundtrip):
    """The loss object, or one that is made anew of its configuration."""
    return type(loss).from_config(loss.get_config()) if roundtrip else loss


@implements("dice", call="keras.losses.Dice", **DICE)
def dice_class(probabilities, targets, *, axes=None, roundtrip=False, reduction="none"):
    kind = keras.losses.Dice
    loss = loss_object(kind, probabilities, reduction, **accepted(kind, axis=over(axes)))
    return again(loss, roundtrip)(targets, probabilities)


@implements("dice", call="keras.losses.dice", **DICE)
def dice(probabilities, targets, *, axes=None, reduction="none"):
    only_none(reduction)
    return keras.losses.dice(targets, probabilities, **accepted(keras.losses.dice, axis=over(axes)))


@implements("tversky", call="keras.losses.Tversky", **TVERSKY)
def tversky_class(probabilities, targets, *, axes=None, alpha=0.5, beta=0.5, roundtrip=False, reduction="none"):
    kind = keras.losses.Tversky
    settings = accepted(kind, axis=over(axes), alpha=alpha, beta=beta)
    return again(loss_object(kind, probabilities, reduction, **settings), roundtrip)(targets, probabilities)


@implements("tversky", call="keras.losses.tversky", **TVERSKY)
def tversky(probabilities, targets, *, axes=None, alpha=0.5, beta=0.5, reduction="none"):
    only_none(reduction)
    settings = accepted(keras.losses.tversky, axis=over(axes))
    return keras.losses.tversky(targets, probabilities, alpha=alpha, beta=beta, **settings)
