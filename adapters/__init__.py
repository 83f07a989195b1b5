"""Adapters: one module for each framework, imported only inside a worker.

A module here holds `adapter`, an instance of `conformance.worker.adapter.Adapter`, and a table of
functions, one for each public call, marked with `@implements`. It needs NumPy and its framework
and nothing else, and runs on every Python from 3.7 on.
"""
