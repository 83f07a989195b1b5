"""Similarity and contrastive losses, as Keras 3 offers them."""
