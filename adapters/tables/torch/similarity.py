"""Similarity and contrastive losses, as PyTorch offers them."""
