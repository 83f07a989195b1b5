"""Regression losses, as Keras 3 offers them."""
