"""Classification metrics, as JAX and Optax offers them."""
