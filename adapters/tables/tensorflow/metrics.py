"""Classification metrics, as TensorFlow offers them."""
