"""Flax's adapter: a table that names what exists, and metrics whose state is fed, reset and taken apart."""

import importlib
import warnings

import numpy as np
import pytest

from conformance.oracle.operation import OPERATIONS
from conformance.worker.arrays import Array

pytestmark = pytest.mark.framework("flax")


@pytest.fixture(scope="module")
def adapter():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("conformance.adapters.flax").adapter


def test_every_row_speaks_of_its_operation_in_canonical_names(adapter):
    for (operation, _), row in adapter.table.rows.items():
        known = OPERATIONS[operation]
        optional = {i.name for i in known.inputs if i.optional}
        assert row.inputs == list(known.required)
        assert set(row.keywords) <= optional | set(known.asked), row.name


@pytest.mark.parametrize("mode", ["eager", "jit"])
def test_a_batch_in_pieces_is_the_same_batch(adapter, mode):
    row = adapter.table.rows["running_mean", "nnx.metrics.Average"]
    values = adapter.put(Array("float32", np.array([1, 2, 3, 6], "float32")))
    value = adapter.evaluate(row, {"values": values}, {"pieces": 2, "roundtrip": True}, mode)
    assert adapter.take(value)[0].storage == 3.0
