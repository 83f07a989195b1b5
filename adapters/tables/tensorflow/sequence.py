"""Sequence losses, as TensorFlow offers them."""
