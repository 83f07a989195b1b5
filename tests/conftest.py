"""What the tests share: an adapter that misbehaves in a real worker process."""

from pathlib import Path

import pytest

from conformance.host import AdapterSpec
from conformance.oracle import load_all

HELPERS = Path(__file__).parent / "helpers"
load_all()


@pytest.fixture(scope="session")
def misbehaving() -> AdapterSpec:
    return AdapterSpec("misbehaving", "misbehaving_adapter", HELPERS / "misbehaving.py")
