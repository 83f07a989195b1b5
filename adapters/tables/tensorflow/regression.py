"""Regression losses, as TensorFlow offers them."""
