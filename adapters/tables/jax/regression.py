"""Regression losses, as JAX and Optax offer them."""

from conformance.adapters.tables.jax.common import implements, optax, reduced


@implements("squared_error", call="optax.losses.squared_error")
def losses_squared_error(predictions, targets, *, weights=None, reduction="none"):
    return reduced(optax.losses.squared_error(predictions, targets), weights, reduction)


@implements("half_squared_error", call="optax.losses.l2_loss")
def losses_l2_loss(predictions, targets, *, weights=None, reduction="none"):
    return reduced(optax.losses.l2_loss(predictions, targets), weights, reduction)


@implements("huber", call="optax.losses.huber_loss")
def losses_huber_loss(predictions, targets, *, delta=1.0, weights=None, reduction="none"):
    return reduced(optax.losses.huber_loss(predictions, targets, delta=delta), weights, reduction)


@implements("log_cosh", call="optax.losses.log_cosh")
def losses_log_cosh(predictions, targets, *, weights=None, reduction="none"):
    return reduced(optax.losses.log_cosh(predictions, targets), weights, reduction)
