"""Overlap losses, as PyTorch offers them."""
