"""Divergences and negative log-likelihoods, as JAX and Optax offer them."""

import jax
import jax.numpy as jnp
from conformance.adapters.tables.jax.common import along, implements, optax, reduced


def divergence(call, log_probabilities, targets, axis):
    """One of Optax's divergences over the classes; before 0.2.4 they are over the last axis."""
    return call(log_probabilities, targets, **along(call, axis, log_probabilities))


@implements("kl_divergence", call="jax.scipy.special.rel_entr", name="scipy.special.rel_entr")
def scipy_rel_entr(probabilities, targets, *, weights=None, axis=-1, reduction="none"):
    """The terms of the divergence, which their users sum over the classes."""
    return reduced(jax.scipy.special.rel_entr(targets, probabilities).sum(axis=axis), weights, reduction)


@implements("kl_divergence_with_log_probabilities", call="optax.kl_divergence", name="optax.kl_divergence")
def optax_kl_divergence(log_probabilities, targets, *, weights=None, axis=-1, reduction="none"):
    return reduced(divergence(optax.kl_divergence, log_probabilities, targets, axis), weights, reduction)


@implements(
    "kl_divergence_with_log_targets",
    call="optax.losses.kl_divergence_with_log_targets",
    name="optax.kl_divergence_with_log_targets",
)
def optax_kl_divergence_with_log_targets(log_probabilities, log_targets, *, weights=None, axis=-1, reduction="none"):
    call = optax.losses.kl_divergence_with_log_targets
    return reduced(divergence(call, log_probabilities, log_targets, axis), weights, reduction)


@implements(
    "generalized_kl_divergence",
    call="optax.losses.generalized_kl_divergence",
    name="optax.generalized_kl_divergence",
)
def optax_generalized_kl_divergence(log_probabilities, targets, *, weights=None, axis=-1, reduction="none"):
    call = optax.losses.generalized_kl_divergence
    return reduced(divergence(call, log_probabilities, targets, axis), weights, reduction)


@implements(
    "generalized_kl_divergence",
    call="optax.losses.convex_kl_divergence",
    name="optax.convex_kl_divergence",
)
def optax_convex_kl_divergence(log_probabilities, targets, *, weights=None, axis=-1, reduction="none"):
    """The older name, which forwards with a warning."""
    call = optax.losses.convex_kl_divergence
    return reduced(divergence(call, log_probabilities, targets, axis), weights, reduction)


@implements("jensen_shannon", call="jax.scipy.special.rel_entr", name="scipy.special.rel_entr")
def scipy_rel_entr_twice(probabilities, targets, *, weights=None, axis=-1, reduction="none"):
    """JAX has no Jensen-Shannon divergence: two relative entropies to the middle, as its users compose it."""
    middle = (probabilities + targets) / 2
    terms = jax.scipy.special.rel_entr(probabilities, middle) + jax.scipy.special.rel_entr(targets, middle)
    return reduced(jnp.sum(terms, axis=axis) / 2, weights, reduction)


@implements("jensen_shannon", call="optax.losses.kl_divergence", name="optax.kl_divergence")
def optax_kl_divergence_twice(probabilities, targets, *, weights=None, axis=-1, reduction="none"):
    """Optax has no Jensen-Shannon divergence: two divergences from the middle, as its users compose it."""
    middle = jnp.log((probabilities + targets) / 2)
    call = optax.losses.kl_divergence
    both = divergence(call, middle, probabilities, axis) + divergence(call, middle, targets, axis)
    return reduced(both / 2, weights, reduction)


@implements(
    "poly_cross_entropy", call="optax.losses.poly_loss_cross_entropy", name="optax.losses.poly_loss_cross_entropy"
)
def optax_poly_loss(logits, targets, *, weights=None, axis=-1, epsilon=2.0, reduction="none"):
    call = optax.losses.poly_loss_cross_entropy
    return reduced(call(logits, targets, epsilon=epsilon, **along(call, axis, logits)), weights, reduction)
