"""Divergences and negative log-likelihoods, as PyTorch offers them."""
