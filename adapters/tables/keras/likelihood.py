"""Divergences and negative log-likelihoods, as Keras 3 offers them."""

import keras
from conformance.adapters.tables.keras.common import (
    EPSILON,
    elementwise_function,
    elementwise_loss,
    implements,
    loss_object,
    only_none,
    ranked,
)

DIVERGENCE = {
    "contract": {"clip": (EPSILON, 1.0)},
    "documented": "keras/src/losses/losses.py, kl_divergence: clips both arguments to [epsilon, 1]",
}
POISSON = {
    "contract": {"shift": EPSILON},
    "documented": "keras/src/losses/losses.py, poisson: adds epsilon inside the logarithm",
}


@implements("kl_divergence", call="keras.losses.KLDivergence", **DIVERGENCE)
def kl_divergence_class(probabilities, targets, *, weights=None, reduction="none"):
    loss = loss_object(keras.losses.KLDivergence, probabilities, reduction)
    return loss(targets, probabilities, sample_weight=ranked(weights, len(targets.shape) - 1))


@implements("kl_divergence", call="keras.losses.kl_divergence", **DIVERGENCE)
def kl_divergence(probabilities, targets, *, reduction="none"):
    only_none(reduction)
    return keras.losses.kl_divergence(targets, probabilities)


@implements("poisson_nll", call="keras.losses.Poisson", **POISSON)
def poisson_class(rates, targets, *, weights=None, reduction="none"):
    return elementwise_loss(keras.losses.Poisson, rates, targets, weights, reduction)


@implements("poisson_nll", call="keras.losses.poisson", **POISSON)
def poisson(rates, targets, *, reduction="none"):
    return elementwise_function(keras.losses.poisson, rates, targets, reduction)
