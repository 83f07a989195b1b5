"""Divergences and negative log-likelihoods, as JAX and Optax offers them."""
