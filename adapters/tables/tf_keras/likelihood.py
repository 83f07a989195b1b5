"""Divergences and negative log-likelihoods, as Keras 2 offers them."""
