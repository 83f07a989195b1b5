"""Regression losses, as PyTorch offers them."""
