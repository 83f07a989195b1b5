"""Margin losses, as TensorFlow offers them."""
