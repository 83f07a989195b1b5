"""A test module of an adapter is collected only where its framework is installed; the others are named at the end."""

import importlib.util

NEEDS = {
    "test_flax.py": ("flax",),
    "test_jax.py": ("jax", "optax"),
    "test_keras.py": ("keras",),
    "test_keras_jax.py": ("keras", "jax"),
    "test_keras_tensorflow.py": ("keras", "tensorflow"),
    "test_keras_torch.py": ("keras", "torch"),
    "test_tensorflow.py": ("tensorflow",),
    "test_tensorflow_addons.py": ("tensorflow_addons",),
    "test_tf_keras.py": ("tf_keras",),
    "test_torch.py": ("torch",),
    "test_torchmetrics.py": ("torchmetrics",),
}
left_out = {}


def pytest_ignore_collect(collection_path):
    missing = [m for m in NEEDS.get(collection_path.name, ()) if importlib.util.find_spec(m) is None]
    if missing:
        left_out[collection_path.name] = missing
        return True
    return None


def pytest_terminal_summary(terminalreporter):
    for name, missing in sorted(left_out.items()):
        terminalreporter.write_line(f"not collected: tests/adapters/{name}: {' and '.join(missing)} not installed")
