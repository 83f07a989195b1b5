"""Divergences and negative log-likelihoods, as Keras 2 offers them."""

from conformance.adapters.tables.tf_keras.common import (
    EPSILON,
    elementwise_function,
    elementwise_loss,
    implements,
    named,
    only_none,
    ranked,
    tf_keras,
)

DIVERGENCE = {
    "contract": {"clip": (EPSILON, 1.0)},
    "documented": "tf_keras/src/losses.py, kl_divergence: clips both arguments to [epsilon, 1]",
}
POISSON = {
    "contract": {"shift": EPSILON},
    "documented": "tf_keras/src/losses.py, poisson: adds epsilon inside the logarithm",
}


@implements("kl_divergence", call="tf_keras.losses.KLDivergence", **DIVERGENCE)
def kl_divergence_class(probabilities, targets, *, weights=None, reduction="none"):
    loss = tf_keras.losses.KLDivergence(reduction=named(reduction))
    return loss(targets, probabilities, sample_weight=ranked(weights, targets.shape.ndims - 1))


@implements("kl_divergence", call="tf_keras.losses.kl_divergence", **DIVERGENCE)
def kl_divergence(probabilities, targets, *, reduction="none"):
    only_none(reduction)
    return tf_keras.losses.kl_divergence(targets, probabilities)


@implements("poisson_nll", call="tf_keras.losses.Poisson", **POISSON)
def poisson_class(rates, targets, *, weights=None, reduction="none"):
    return elementwise_loss(tf_keras.losses.Poisson, rates, targets, weights, reduction)


@implements("poisson_nll", call="tf_keras.losses.poisson", **POISSON)
def poisson(rates, targets, *, reduction="none"):
    return elementwise_function(tf_keras.losses.poisson, rates, targets, reduction)
