"""Similarity and contrastive losses, as Keras 2 offers them."""
