"""What an observation means: its distance from the oracle, a verdict, and whether a record explains it."""
