"""The adapter of JAX and Optax: bits in and out, gradients, modes, and a table that names what exists."""

import importlib
import math

import jax
import numpy as np
import pytest
from conformance.adapters.jax import adapter, table
from conformance.adapters.mechanics.calling import frozen, offered
from conformance.adapters.tables.jax.activations import nn_softmax

from conformance.adapter_source import read_source
from conformance.host import adapters
from conformance.oracle.operation import OPERATIONS
from conformance.worker.adapter import Unsupported
from conformance.worker.arrays import FLOATS, Array, storage_dtype

pytestmark = pytest.mark.framework("jax")


def put(values, dtype="float64"):
    return adapter.put(Array(dtype, np.asarray(values, dtype)))


def take(tensor):
    return adapter.take(tensor)[0].storage


def row(operation, name):
    return table.rows[operation, name]


def special_bits(dtype):
    """Patterns of every kind: all of 16 bits; of wider ones the special values and random bits."""
    width = storage_dtype(dtype).itemsize * 8
    if width == 16:
        return np.arange(1 << 16, dtype=np.uint16).view(storage_dtype(dtype))
    random = np.random.default_rng(5).integers(0, 1 << width, 4096, dtype=f"u{width // 8}", endpoint=False)
    low = np.arange(64, dtype=random.dtype)
    return np.concatenate([random, low, low[1:] * np.asarray(-1).astype(random.dtype)]).view(dtype)


@pytest.mark.parametrize("dtype", FLOATS)
def test_every_pattern_of_bits_survives_the_way_in_and_out(dtype):
    storage = special_bits(dtype)
    back, device = adapter.take(adapter.put(Array(dtype, storage)))
    assert (back.dtype, device) == (dtype, "cpu")
    assert back.storage.tobytes() == storage.tobytes()


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"])
def test_integers_survive_the_way_in_and_out(dtype):
    storage = np.array([np.iinfo(dtype).min, 0, 1, np.iinfo(dtype).max], dtype)
    back, _ = adapter.take(adapter.put(Array(dtype, storage)))
    assert back.dtype == dtype
    assert back.storage.tolist() == storage.tolist()


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (2, 3)])
@pytest.mark.parametrize("dtype", FLOATS)
def test_shapes_survive_the_way_in_and_out(shape, dtype):
    back, _ = adapter.take(adapter.put(Array(dtype, np.ones(shape, storage_dtype(dtype)))))
    assert back.shape == shape


def test_an_array_has_memory_of_its_own():
    storage = np.zeros(3)
    array = adapter.put(Array("float64", storage))
    storage += 1
    assert take(array).tolist() == [0.0, 0.0, 0.0]


def test_a_result_that_is_no_array_is_an_error():
    with pytest.raises(TypeError, match="float, not an array"):
        adapter.take(0.5)


@pytest.mark.parametrize("key", table.rows, ids=str)
def test_every_row_names_a_public_call(key):
    module, *path = table.rows[key].call.split(".")
    found = importlib.import_module(module)
    for name in path:
        found = getattr(found, name)
    assert callable(found)


@pytest.mark.parametrize("key", table.rows, ids=str)
def test_every_row_speaks_of_its_operation_in_canonical_names(key):
    operation, implementation = OPERATIONS[key[0]], table.rows[key]
    optional = {i.name for i in operation.inputs if i.optional}
    assert implementation.inputs == list(operation.required)
    assert set(implementation.keywords) <= optional | set(operation.asked)
    contract = implementation.contract or {}
    assert set(contract("float32") if callable(contract) else contract) <= set(operation.contract)


def test_what_a_release_does_not_offer_is_left_out_of_the_table():
    before = len(table.rows)
    offered(table, jax, "nn.no_such_call", "sigmoid", call="jax.nn.no_such_call")(lambda x: x)
    offered(table, None, "softmax", "sigmoid", call="absent.softmax")(lambda x: x)
    assert len(table.rows) == before


def test_parameters_that_differ_in_type_or_in_the_sign_of_zero_are_kept_apart():
    values = [1, 1.0, True, 0.0, -0.0, "1", [1], [[1]], {"a": 1}, {"a": 1.0}]
    assert len({frozen(value) for value in values}) == len(values)


@pytest.mark.parametrize("mode", adapter.modes)
@pytest.mark.parametrize("dtype", FLOATS)
def test_the_gradient_of_a_sigmoid_is_the_closed_form(dtype, mode):
    x = put([-2.0, 0.0, 1.0]).astype(dtype)
    gradient = adapter.differentiate(row("sigmoid", "nn.sigmoid"), {"x": x}, {}, mode, ["x"], x * 0 + 1)["x"]
    sigma = [1 / (1 + math.exp(2.0)), 0.5, 1 / (1 + math.exp(-1.0))]
    assert gradient.dtype == x.dtype
    assert gradient.astype("float64").tolist() == pytest.approx([s * (1 - s) for s in sigma], rel=2e-2)


@pytest.mark.parametrize("mode", adapter.modes)
def test_a_gradient_is_the_product_with_the_cotangent(mode):
    x, g = put([1.0, 2.0, 3.0]), put([1.0, -0.5, 2.0])
    gradient = adapter.differentiate(row("softmax", "nn.softmax"), {"x": x}, {}, mode, ["x"], g)["x"]
    s = np.exp([1.0, 2.0, 3.0]) / np.exp([1.0, 2.0, 3.0]).sum()
    assert take(gradient) == pytest.approx(s * (take(g) - (s * take(g)).sum()), rel=1e-12)


@pytest.mark.parametrize("mode", adapter.modes)
def test_a_scalar_loss_needs_no_cotangent(mode):
    inputs = {"logits": put([0.5, -1.0]), "targets": put([1.0, 0.0])}
    implementation = row("binary_cross_entropy_with_logits", "optax.sigmoid_binary_cross_entropy")
    gradient = adapter.differentiate(implementation, inputs, {"reduction": "sum"}, mode, ["logits"], None)
    sigma = 1 / (1 + np.exp([-0.5, 1.0]))
    assert take(gradient["logits"]) == pytest.approx(sigma - [1.0, 0.0], rel=1e-12)


def test_a_vector_without_a_cotangent_has_no_gradient():
    with pytest.raises(ValueError, match="shape"):
        adapter.differentiate(row("sigmoid", "nn.sigmoid"), {"x": put([1.0, 2.0])}, {}, "eager", ["x"], None)


@pytest.mark.parametrize("mode", adapter.modes)
def test_differentiation_leaves_the_inputs_as_they_were_and_labels_alone(mode):
    inputs = {"logits": put([[1.0, 2.0, 0.5]]), "labels": put([1], "int64")}
    before = {name: take(tensor).tobytes() for name, tensor in inputs.items()}
    implementation = row("sparse_softmax_cross_entropy", "optax.softmax_cross_entropy_with_integer_labels")
    gradients = adapter.differentiate(implementation, inputs, {"reduction": "sum"}, mode, ["logits"], None)
    assert list(gradients) == ["logits"]
    assert {name: take(tensor).tobytes() for name, tensor in inputs.items()} == before


def test_ignored_labels_are_masked_and_leave_the_mean():
    inputs = {"logits": put([[0.0, 0.0], [5.0, 1.0]]), "labels": put([0, -1], "int64")}
    implementation = row("sparse_softmax_cross_entropy", "optax.softmax_cross_entropy_with_integer_labels")
    kept, everything = (
        float(adapter.evaluate(implementation, inputs, {"ignore_index": -1, "reduction": how}, "eager"))
        for how in ("mean", "mean_with_ignored")
    )
    assert kept == pytest.approx(math.log(2.0))
    assert everything == pytest.approx(math.log(2.0) / 2)


def test_smoothing_is_along_the_class_axis():
    logits, targets = np.array([[1.0, 2.0, 4.0]]), np.array([[0.0, 1.0, 0.0]])
    implementation = row("softmax_cross_entropy", "optax.softmax_cross_entropy")
    for axis, turned in ((-1, np.asarray), (0, np.transpose)):
        inputs = {"logits": put(turned(logits)), "targets": put(turned(targets))}
        value = adapter.evaluate(implementation, inputs, {"axis": axis, "label_smoothing": 0.3}, "eager")
        total = math.log(sum(map(math.exp, logits[0])))
        assert float(value[0]) == pytest.approx(total - (0.1 * 1.0 + 0.8 * 2.0 + 0.1 * 4.0), rel=1e-12)


def test_a_reduction_that_nobody_offers_is_unsupported():
    inputs = {"logits": put([1.0]), "targets": put([1.0])}
    implementation = row("binary_cross_entropy_with_logits", "optax.sigmoid_binary_cross_entropy")
    with pytest.raises(Unsupported, match="no reduction 'batch_mean'"):
        adapter.evaluate(implementation, inputs, {"reduction": "batch_mean"}, "eager")


@pytest.mark.parametrize("axis", [0, 1])
def test_a_compiled_call_agrees_with_the_eager_one_and_keeps_its_parameters_apart(axis):
    x = put([[1.0, 2.0], [4.0, 0.0]])
    eager, compiled = (
        take(adapter.evaluate(row("softmax", "nn.softmax"), {"x": x}, {"axis": axis}, mode)) for mode in adapter.modes
    )
    assert compiled == pytest.approx(eager, rel=1e-12)
    assert compiled.sum(axis=axis) == pytest.approx([1.0, 1.0])


def test_the_environment_says_what_decides_numbers():
    said = adapter.environment()
    assert said["framework"] == "jax"
    assert said["version"] == jax.__version__
    assert {"jax", "jaxlib", "optax"} <= set(said["versions"])
    assert said["switches"]["JAX_ENABLE_X64"] is True


def test_xla_flushes_what_the_adapter_says_it_flushes():
    tiny = put(np.full(64, np.finfo(np.float32).tiny), "float32")
    assert bool((take(tiny / 4) == 0).all()) == ("float32" in adapter.flushes_subnormals)
    assert "float16" not in adapter.flushes_subnormals


@pytest.mark.parametrize("mode", adapter.modes)
def test_the_parts_of_a_script_make_one_that_runs(mode, capsys):
    spec = adapters()["jax"]
    script = read_source(spec.file, spec.module).script
    words = {"function": "nn_softmax", "arguments": "x", "wrt": "x", "cotangent": "g"}
    lines = [
        script["imports"],
        "x = " + script["array"].format(literal="[0.0, 0.0]", dtype="float64"),
        "g = " + script["array"].format(literal="[4.0, 0.0]", dtype="float64"),
        script["modes"].get(mode, "").format(**words),
        script["value"].format(**words),
        script["gradient"].format(**words),
    ]
    exec("\n".join(lines), {"nn_softmax": nn_softmax})
    printed = capsys.readouterr().out
    assert "[0.5 0.5]" in printed
    assert "[ 1., -1.]" in printed
