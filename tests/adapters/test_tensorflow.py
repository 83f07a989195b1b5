"""TensorFlow's adapter: bits in and out, gradients, modes, and a table that names what exists.

TensorFlow is imported by the first test that needs it, not by collecting this module: it takes seconds.
"""

import importlib
import math
import warnings

import numpy as np
import pytest

from conformance.adapter_source import read_source
from conformance.host import adapters
from conformance.oracle.operation import OPERATIONS
from conformance.worker.adapter import Unsupported
from conformance.worker.arrays import FLOATS, Array, storage_dtype

pytestmark = pytest.mark.framework("tensorflow")


@pytest.fixture(scope="module")
def module():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("conformance.adapters.tensorflow")


@pytest.fixture(scope="module")
def adapter(module):
    return module.adapter


def put(adapter, values, dtype="float64"):
    return adapter.put(Array(dtype, np.asarray(values, dtype)))


def take(adapter, tensor):
    return adapter.take(tensor)[0].storage


def special_bits(dtype):
    """Patterns of every kind: all of 16 bits; of wider ones the special values and random bits."""
    width = storage_dtype(dtype).itemsize * 8
    if width == 16:
        return np.arange(1 << 16, dtype=np.uint16).view(storage_dtype(dtype))
    random = np.random.default_rng(5).integers(0, 1 << width, 4096, dtype=f"u{width // 8}", endpoint=False)
    low = np.arange(64, dtype=random.dtype)
    return np.concatenate([random, low, low[1:] * np.asarray(-1).astype(random.dtype)]).view(dtype)


@pytest.mark.parametrize("dtype", FLOATS)
def test_every_pattern_of_bits_survives_the_way_in_and_out(adapter, dtype):
    storage = special_bits(dtype)
    back, device = adapter.take(adapter.put(Array(dtype, storage)))
    assert (back.dtype, device) == (dtype, "cpu")
    assert back.storage.tobytes() == storage.tobytes()


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8"])
def test_integers_survive_the_way_in_and_out(adapter, dtype):
    storage = np.array([np.iinfo(dtype).min, 0, 1, np.iinfo(dtype).max], dtype)
    back, _ = adapter.take(adapter.put(Array(dtype, storage)))
    assert back.dtype == dtype
    assert back.storage.tolist() == storage.tolist()


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (2, 3)])
@pytest.mark.parametrize("dtype", FLOATS)
def test_shapes_survive_the_way_in_and_out(adapter, shape, dtype):
    back, _ = adapter.take(adapter.put(Array(dtype, np.ones(shape, storage_dtype(dtype)))))
    assert back.shape == shape


def test_a_tensor_has_memory_of_its_own(adapter):
    storage = np.zeros(3)
    tensor = adapter.put(Array("float64", storage))
    storage += 1
    assert take(adapter, tensor).tolist() == [0.0, 0.0, 0.0]


def test_a_result_that_is_no_tensor_is_an_error(adapter):
    with pytest.raises(TypeError, match="float, not a tensor"):
        adapter.take(0.5)


def test_every_row_names_a_public_call(adapter):
    import tensorflow as tf

    for row in adapter.table.rows.values():
        found = tf
        for name in row.call.split(".")[1:]:
            found = getattr(found, name)
        assert callable(found), row.call


def test_every_row_speaks_of_its_operation_in_canonical_names(adapter):
    for (operation, _), row in adapter.table.rows.items():
        known = OPERATIONS[operation]
        optional = {i.name for i in known.inputs if i.optional}
        assert row.inputs == list(known.required)
        assert set(row.keywords) <= optional | set(known.asked), row.name
        assert set(row.contract or ()) <= set(known.contract), row.name


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("mode", ["eager", "graph", "xla"])
def test_the_gradient_of_a_sigmoid_is_the_closed_form_in_every_mode(adapter, dtype, mode):
    import tensorflow as tf

    x = tf.cast(put(adapter, [-2.0, 0.0, 3.0]), dtype)
    row = adapter.table.rows["sigmoid", "math.sigmoid"]
    gradient = adapter.differentiate(row, {"x": x}, {}, mode, ["x"], tf.ones_like(x))["x"]
    sigma = [1 / (1 + math.exp(2.0)), 0.5, 1 / (1 + math.exp(-3.0))]
    assert gradient.dtype == x.dtype
    assert tf.cast(gradient, "float64").numpy().tolist() == pytest.approx([s * (1 - s) for s in sigma], rel=2e-2)


@pytest.mark.parametrize("mode", ["eager", "graph", "xla"])
def test_a_gradient_is_the_product_with_the_cotangent(adapter, mode):
    x, g = put(adapter, [1.0, 2.0, 3.0]), put(adapter, [1.0, -0.5, 2.0])
    row = adapter.table.rows["softmax", "nn.softmax"]
    gradient = adapter.differentiate(row, {"x": x}, {}, mode, ["x"], g)["x"]
    s = np.exp([1.0, 2.0, 3.0]) / np.exp([1.0, 2.0, 3.0]).sum()
    cotangent = np.array([1.0, -0.5, 2.0])
    assert take(adapter, gradient) == pytest.approx(s * (cotangent - (s * cotangent).sum()), rel=1e-12)


def test_a_scalar_loss_needs_no_cotangent_and_the_inputs_stay_as_they_were(adapter):
    inputs = {"logits": put(adapter, [[1.0, 2.0, 0.5]]), "labels": put(adapter, [1], "int64")}
    before = {name: take(adapter, tensor).tobytes() for name, tensor in inputs.items()}
    row = adapter.table.rows["sparse_softmax_cross_entropy", "nn.sparse_softmax_cross_entropy_with_logits"]
    for mode in adapter.modes:
        gradient = adapter.differentiate(row, inputs, {"reduction": "sum"}, mode, ["logits"], None)["logits"]
        s = np.exp([1.0, 2.0, 0.5]) / np.exp([1.0, 2.0, 0.5]).sum()
        assert take(adapter, gradient)[0] == pytest.approx(s - [0.0, 1.0, 0.0], rel=1e-12)
    assert {name: take(adapter, tensor).tobytes() for name, tensor in inputs.items()} == before


@pytest.mark.parametrize("mode", ["eager", "graph"])
def test_a_gradient_that_tensorflow_does_not_have_is_an_error_and_never_zero(adapter, mode):
    row = adapter.table.rows["one_hot", "one_hot"]
    labels = put(adapter, [0, 1], "int64")
    cotangent = put(adapter, [[1.0, 1.0], [1.0, 1.0]], "float32")
    with pytest.raises(ValueError, match=r"GradientTape gives None: tf\.one_hot is cut from labels"):
        adapter.differentiate(row, {"labels": labels}, {"classes": 2}, mode, ["labels"], cotangent)


def test_a_compiled_call_keeps_its_parameters_apart(adapter):
    row = adapter.table.rows["softmax", "nn.softmax"]
    x = put(adapter, [[1.0, 2.0], [3.0, 5.0]])
    for mode in adapter.modes:
        rows, columns = (take(adapter, adapter.evaluate(row, {"x": x}, {"axis": axis}, mode)) for axis in (-1, 0))
        assert rows.sum(1) == pytest.approx([1.0, 1.0])
        assert columns.sum(0) == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize(
    ("reduction", "divisor"), [("sum", 1.0), ("mean", 3.0), ("weighted_mean", 2.5), ("nonzero_weight_mean", 2.0)]
)
def test_each_reduction_of_the_v1_losses_divides_by_its_own_divisor(adapter, reduction, divisor):
    row = adapter.table.rows["sparse_softmax_cross_entropy", "compat.v1.losses.sparse_softmax_cross_entropy"]
    inputs = {
        "logits": put(adapter, [[2.0, -1.0, 0.5], [0.0, 0.0, 0.0], [1.0, 2.0, 3.0]], "float32"),
        "labels": put(adapter, [0, 1, 2], "int64"),
        "class_weights": put(adapter, [0.0, 2.0, 0.5], "float32"),
    }
    value = float(adapter.evaluate(row, inputs, {"reduction": reduction}, "eager"))
    losses = [2.0 * math.log(3.0), 0.5 * math.log(1 + math.exp(-1) + math.exp(-2))]
    assert value == pytest.approx(sum(losses) / divisor, rel=1e-6)


@pytest.mark.parametrize(
    ("operation", "name", "reason"),
    [
        ("binary_cross_entropy", "compat.v1.losses.log_loss", "Reduction has no 'batch_mean'"),
        ("binary_cross_entropy_with_logits", "nn.sigmoid_cross_entropy_with_logits", "tf.nn has no reductions"),
    ],
)
def test_a_reduction_that_tensorflow_lacks_is_unsupported(adapter, operation, name, reason):
    row = adapter.table.rows[operation, name]
    inputs = {name: put(adapter, [[0.5, 0.25]]) for name in row.inputs}
    for mode in ("eager", "graph"):
        with pytest.raises(Unsupported, match=reason):
            adapter.evaluate(row, inputs, {"reduction": "batch_mean"}, mode)


def test_a_dtype_without_a_kernel_is_unsupported_and_not_a_failure(adapter):
    row = adapter.table.rows["sigmoid", "math.sigmoid"]
    with pytest.raises(Unsupported, match=r"no kernel: .*int32"):
        adapter.evaluate(row, {"x": put(adapter, [1, 2], "int32")}, {}, "eager")


def test_the_environment_says_what_decides_numbers(adapter):
    import tensorflow as tf

    said = adapter.environment()
    assert said["framework"] == "tensorflow"
    assert said["version"] == said["versions"]["tensorflow"] == tf.__version__
    assert said["switches"]["intra-op threads"] == 1
    assert "TF_ENABLE_ONEDNN_OPTS" in said["switches"]
    assert said["devices"][0] == "cpu"


def test_subnormals_of_float32_are_flushed_and_those_of_float16_are_kept(adapter):
    assert "float32" in adapter.flushes_subnormals
    assert "float16" not in adapter.flushes_subnormals


def test_the_parts_of_a_script_make_one_that_runs(module, capsys):
    spec = adapters()["tensorflow"]
    script = read_source(spec.file, spec.module).script
    words = {"function": "nn_softmax", "arguments": "x, axis=0", "wrt": "x", "cotangent": "g"}
    lines = [
        script["imports"],
        "x = " + script["array"].format(literal="[0.0, 0.0]", dtype="float64"),
        "g = " + script["array"].format(literal="[3.0, 1.0]", dtype="float64"),
        script["value"].format(**words),
        script["modes"]["graph"].format(**words),
        script["gradient"].format(**words),
    ]
    from conformance.adapters.tables.tensorflow.activations import nn_softmax

    exec("\n".join(lines), {"nn_softmax": nn_softmax})
    printed = capsys.readouterr().out
    assert "[0.5 0.5]" in printed
    assert "[ 0.5 -0.5]" in printed
