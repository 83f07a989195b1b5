"""Divergences and negative log-likelihoods, as TensorFlow offers them."""
