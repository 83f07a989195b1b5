"""Judges the losses, activations and metrics of machine-learning frameworks against a proven oracle.

The engine knows no framework and no output format: adapters and reports plug in through the
entry points `conformance.adapters` and `conformance.reports`. Importing this package loads nothing else.
"""

__version__ = "0.1.0"
