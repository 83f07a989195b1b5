"""Timing: which calls, in which order, and what their times mean. The timing loop itself runs in the worker."""
