"""What tests of timing share: short settings, and a case that the misbehaving adapter has implementations of."""

import pytest

from conformance.bench.processes import Settings
from conformance.loading import load

CASE = """
about: A sigmoid.
operation: sigmoid
cases:
  - id: test/sigmoid
    says: A random batch.
    inputs: {x: {normal: {mean: 0, std: 2}, shape: [20, 10], seed: 1}}
"""


@pytest.fixture(scope="session")
def short():
    """As little time as gives samples: what they say is not tested."""
    return Settings(warm_up=100_000, sample=50_000, rounds=6, most_rounds=8, seconds=0.2, most_sets=3, deadline=5.0)


@pytest.fixture(scope="session")
def sigmoid_catalogue(tmp_path_factory):
    path = tmp_path_factory.mktemp("cases") / "sigmoid.yaml"
    path.write_text(CASE)
    return load([path])
