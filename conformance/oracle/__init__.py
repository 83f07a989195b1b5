"""What is right: every operation in float64, one file for each family.

`load_all` imports the families, and each registers its operations in `operation.OPERATIONS`.
"""

FAMILIES = (
    "primitives",
    "special",
    "selection",
    "sequence",
    "binary",
    "regression",
    "categorical",
    "focal",
    "segmentation",
    "metrics",
    "similarity",
    "metric_learning",
    "mined_triplets",
    "counts",
    "curves",
    "averages",
    "correlations",
    "margin",
    "multiclass_margin",
    "activations",
    "rectifiers",
    "divergence",
    "likelihood",
    "overlap",
)


def load_all() -> None:
    """Registers every operation. Importing this package alone stays light."""
    from importlib import import_module

    for family in FAMILIES:
        import_module(f"{__name__}.{family}")
