"""Divergences and negative log-likelihoods, as Keras 3 offers them."""
