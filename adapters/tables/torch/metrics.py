"""Classification metrics, as PyTorch offers them."""
