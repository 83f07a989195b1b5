"""Similarity and contrastive losses, as JAX and Optax offers them."""
