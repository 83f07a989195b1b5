"""TorchMetrics' adapter: a table that names what exists, and metrics whose state is fed, reset and pickled."""

import importlib
import warnings

import numpy as np
import pytest

from conformance.oracle.operation import OPERATIONS
from conformance.worker.arrays import Array

pytestmark = pytest.mark.framework("torchmetrics")

BATCH = {"probabilities": [0.9, 0.25, 0.75, 0.875], "targets": [1.0, 1.0, 0.0, 1.0]}


@pytest.fixture(scope="module")
def adapter():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("conformance.adapters.torchmetrics").adapter


def evaluate(adapter, operation, name, inputs, **parameters):
    row = adapter.table.rows[operation, name]
    put = {key: adapter.put(Array("float32", np.asarray(values, "float32"))) for key, values in inputs.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return adapter.take(adapter.evaluate(row, put, parameters, "eager"))[0].storage


def test_every_row_names_a_public_call(adapter):
    import torchmetrics

    for row in adapter.table.rows.values():
        found = torchmetrics
        for name in row.call.split(".")[1:]:
            found = getattr(found, name)
        assert callable(found), row.call


def test_every_row_speaks_of_its_operation_in_canonical_names(adapter):
    for (operation, _), row in adapter.table.rows.items():
        known = OPERATIONS[operation]
        optional = {i.name for i in known.inputs if i.optional}
        assert row.inputs == list(known.required)
        assert set(row.keywords) <= optional | set(known.asked), row.name


@pytest.mark.parametrize("pieces", [1, 2, 4])
@pytest.mark.parametrize("roundtrip", [False, True])
def test_a_batch_in_pieces_is_the_same_batch(adapter, pieces, roundtrip):
    value = evaluate(adapter, "precision", "Precision", BATCH, pieces=pieces, roundtrip=roundtrip)
    assert value == pytest.approx(2 / 3)


def test_one_version_is_that_of_torchmetrics_and_one_that_of_torch(adapter):
    found = adapter.environment()
    assert found["framework"] == "torchmetrics"
    assert found["version"] == found["versions"]["torchmetrics"]
    assert "torch" in found["versions"]
