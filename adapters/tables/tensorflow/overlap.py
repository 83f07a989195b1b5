"""Overlap losses, as TensorFlow offers them."""
