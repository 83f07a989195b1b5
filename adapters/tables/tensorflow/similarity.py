"""Similarity and contrastive losses, as TensorFlow offers them."""
