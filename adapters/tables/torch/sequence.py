"""Sequence losses, as PyTorch offers them."""
