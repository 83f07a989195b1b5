"""What Flax offers: the metrics of `flax.nnx`, in one table."""

from conformance.adapters.tables.flax.metrics import VERSION, table

__all__ = ["VERSION", "table"]
