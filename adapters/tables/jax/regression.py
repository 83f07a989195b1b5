"""Regression losses, as JAX and Optax offers them."""
