"""Sequence losses, as Keras 2 offers them."""
