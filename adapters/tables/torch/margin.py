"""Margin losses, as PyTorch offers them."""
