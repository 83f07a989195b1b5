"""Divergences and negative log-likelihoods, as TensorFlow offers them."""

import tensorflow as tf
from conformance.adapters.tables.tensorflow.common import implements, reduced


@implements("poisson_nll_with_log_rate", call="tf.nn.log_poisson_loss")
def nn_log_poisson_loss(log_rates, targets, *, full=False, weights=None, reduction="none"):
    losses = tf.nn.log_poisson_loss(targets=targets, log_input=log_rates, compute_full_loss=full)
    return reduced(losses, weights, reduction)


@implements("jensen_shannon", call="tf.math.xlogy")
def math_xlogy_twice(probabilities, targets, *, weights=None, axis=-1, reduction="none"):
    """tf.math has no divergence: Jensen-Shannon's is composed of x ln x and x ln m, as its users do."""
    middle = (probabilities + targets) / 2
    terms = tf.math.xlogy(probabilities, probabilities) - tf.math.xlogy(probabilities, middle)
    terms += tf.math.xlogy(targets, targets) - tf.math.xlogy(targets, middle)
    return reduced(tf.reduce_sum(terms, axis=axis) / 2, weights, reduction)
