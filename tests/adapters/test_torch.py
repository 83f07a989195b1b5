"""PyTorch's adapter: bits in and out, gradients, modes, and a table that names what exists."""

import importlib
import math
from functools import partial

import numpy as np
import pytest
import torch
from conformance.adapters.tables.torch.activations import functional_softplus
from conformance.adapters.torch import adapter, table

from conformance.adapter_source import read_source
from conformance.host import adapters
from conformance.oracle.operation import OPERATIONS
from conformance.telling import implementation
from conformance.worker.adapter import Implementations, Unsupported
from conformance.worker.arrays import FLOATS, Array, storage_dtype

pytestmark = pytest.mark.framework("torch")


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


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64", "uint8"])
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


def test_a_transposed_result_comes_out_in_its_own_order():
    assert take(put([[1.0, 2.0], [3.0, 4.0]]).T).tolist() == [[1.0, 3.0], [2.0, 4.0]]


def test_a_tensor_has_memory_of_its_own():
    storage = np.zeros(3)
    tensor = adapter.put(Array("float64", storage))
    tensor += 1
    assert storage.tolist() == [0.0, 0.0, 0.0]


def test_a_result_that_is_no_tensor_is_an_error():
    with pytest.raises(TypeError, match="float, not a tensor"):
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
    assert set(implementation.contract or ()) <= set(operation.contract)


def test_every_loss_of_pytorch_that_is_an_operation_has_a_function_and_a_class():
    names = {name for _, name in table.rows}
    assert {
        "nn.functional.binary_cross_entropy", "nn.BCELoss",
        "nn.functional.binary_cross_entropy_with_logits", "nn.BCEWithLogitsLoss",
        "nn.functional.cross_entropy", "nn.CrossEntropyLoss", "nn.functional.nll_loss", "nn.NLLLoss",
    } <= names  # fmt: skip


@pytest.mark.parametrize("dtype", FLOATS)
def test_the_gradient_of_a_sigmoid_is_the_closed_form(dtype):
    x = put([-2.0, 0.0, 3.0]).to(getattr(torch, dtype))
    gradient = adapter.differentiate(row("sigmoid", "sigmoid"), {"x": x}, {}, "eager", ["x"], x * 0 + 1)["x"]
    sigma = [1 / (1 + math.exp(2.0)), 0.5, 1 / (1 + math.exp(-3.0))]
    assert gradient.dtype == x.dtype
    assert gradient.double().tolist() == pytest.approx([s * (1 - s) for s in sigma], rel=2e-2)


def test_a_gradient_is_the_product_with_the_cotangent():
    x, g = put([1.0, 2.0, 3.0]), put([1.0, -0.5, 2.0])
    gradient = adapter.differentiate(row("softmax", "softmax"), {"x": x}, {}, "eager", ["x"], g)["x"]
    s = np.exp([1.0, 2.0, 3.0]) / np.exp([1.0, 2.0, 3.0]).sum()
    assert take(gradient) == pytest.approx(s * (take(g) - (s * take(g)).sum()), rel=1e-12)


def test_a_scalar_loss_needs_no_cotangent():
    inputs = {"logits": put([0.5, -1.0]), "targets": put([1.0, 0.0])}
    implementation = row("binary_cross_entropy_with_logits", "nn.functional.binary_cross_entropy_with_logits")
    gradient = adapter.differentiate(implementation, inputs, {"reduction": "sum"}, "eager", ["logits"], None)
    sigma = 1 / (1 + np.exp([-0.5, 1.0]))
    assert take(gradient["logits"]) == pytest.approx(sigma - [1.0, 0.0], rel=1e-12)


def test_a_vector_without_a_cotangent_has_no_gradient():
    with pytest.raises(RuntimeError, match="scalar"):
        adapter.differentiate(row("sigmoid", "sigmoid"), {"x": put([1.0, 2.0])}, {}, "eager", ["x"], None)


def test_differentiation_leaves_the_inputs_as_they_were():
    inputs = {"logits": put([[1.0, 2.0, 0.5]]), "labels": put([1], "int64")}
    before = {name: take(tensor).tobytes() for name, tensor in inputs.items()}
    implementation = row("sparse_softmax_cross_entropy", "nn.functional.cross_entropy")
    adapter.differentiate(implementation, inputs, {"reduction": "sum"}, "eager", ["logits"], None)
    assert {name: take(tensor).tobytes() for name, tensor in inputs.items()} == before
    assert not inputs["logits"].requires_grad
    assert inputs["logits"].grad is None


def test_the_class_axis_may_be_any():
    logits = np.random.default_rng(1).normal(size=(2, 3, 4))
    labels = put([[0, 1, 2, 0], [2, 2, 1, 0]], "int64")
    implementation = row("sparse_softmax_cross_entropy", "nn.functional.cross_entropy")
    middle = adapter.evaluate(implementation, {"logits": put(logits), "labels": labels}, {"axis": 1}, "eager")
    last = np.moveaxis(logits, 1, -1)
    moved = adapter.evaluate(implementation, {"logits": put(last), "labels": labels}, {"axis": -1}, "eager")
    first = np.moveaxis(logits, 1, 0)
    front = adapter.evaluate(implementation, {"logits": put(first), "labels": labels}, {"axis": 0}, "eager")
    assert take(middle).shape == (2, 4)
    assert take(moved) == pytest.approx(take(middle))
    assert take(front) == pytest.approx(take(middle))


@pytest.mark.parametrize(
    ("operation", "name", "parameters", "reason"),
    [
        ("binary_cross_entropy", "nn.BCELoss", {"reduction": "batch_mean"}, "no reduction 'batch_mean'"),
        ("binary_cross_entropy_with_logits", "nn.MultiLabelSoftMarginLoss", {"reduction": "sum"}, "last axis"),
    ],
)
def test_a_reduction_that_pytorch_lacks_is_unsupported(operation, name, parameters, reason):
    inputs = {name: put([[0.5, 0.25]]) for name in table.rows[operation, name].inputs}
    with pytest.raises(Unsupported, match=reason):
        adapter.evaluate(row(operation, name), inputs, parameters, "eager")


def test_with_class_weights_the_plain_mean_is_unsupported_and_the_weighted_mean_is_pytorchs():
    inputs = {
        "logits": put([[2.0, -1.0, 0.5], [0.0, 0.0, 0.0], [1.0, 2.0, 3.0]]),
        "labels": put([0, 1, 2], "int64"),
        "class_weights": put([1.0, 2.0, 0.5]),
    }
    implementation = row("sparse_softmax_cross_entropy", "nn.CrossEntropyLoss")
    with pytest.raises(Unsupported, match="sum of the weights"):
        adapter.evaluate(implementation, inputs, {"reduction": "mean"}, "eager")
    value = adapter.evaluate(implementation, inputs, {"reduction": "weighted_mean"}, "eager")
    losses = [0.24131129665715703, 2.0 * math.log(3.0), 0.5 * math.log(1 + math.exp(-1) + math.exp(-2))]
    assert float(value) == pytest.approx(sum(losses) / 3.5, rel=1e-9)


def test_soft_targets_are_unsupported_by_the_soft_margin_loss():
    inputs = {"logits": put([1.0]), "targets": put([0.5])}
    with pytest.raises(Unsupported, match="no soft targets"):
        adapter.evaluate(row("binary_cross_entropy_with_logits", "nn.SoftMarginLoss"), inputs, {}, "eager")


@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch", "ignore::UserWarning:torch")
def test_a_compiled_call_agrees_with_the_eager_one_and_keeps_its_parameters_apart():
    implementation, x = row("softplus", "nn.functional.softplus"), put([-1.0, 0.0, 2.0])
    for beta in (1.0, 2.0):
        eager, compiled = (
            take(adapter.evaluate(implementation, {"x": x}, {"beta": beta}, mode)) for mode in adapter.modes
        )
        assert compiled == pytest.approx(eager, rel=1e-12)
    eager, compiled = (
        take(adapter.differentiate(implementation, {"x": x}, {}, mode, ["x"], x * 0 + 1)["x"]) for mode in adapter.modes
    )
    assert compiled == pytest.approx(eager, rel=1e-12)


def test_the_environment_says_what_decides_numbers():
    said = adapter.environment()
    assert said["framework"] == "torch"
    assert said["version"] == said["versions"]["torch"] == torch.__version__
    assert said["switches"]["threads"] == 1
    assert "cudnn.allow_tf32" in said["switches"]
    assert said["devices"][0] == "cpu"


def test_a_sigmoid_that_loses_its_subnormal_values_is_said_to_flush():
    lost = [d for d in FLOATS if float(torch.sigmoid(torch.full((64,), -90.0, dtype=getattr(torch, d)))[0]) == 0]
    assert {"float32", "bfloat16"} & set(lost) <= set(adapter.flushes_subnormals)
    assert "float16" not in adapter.flushes_subnormals


def test_the_parts_of_a_script_make_one_that_runs(capsys):
    spec = adapters()["torch"]
    script = read_source(spec.file, spec.module).script
    words = {"function": "functional_softplus", "arguments": "x, beta=2.0", "wrt": "x", "cotangent": "g"}
    lines = [
        script["imports"],
        "x = " + script["array"].format(literal="[0.0]", dtype="float64"),
        "g = " + script["array"].format(literal="[3.0]", dtype="float64"),
        script["value"].format(**words),
        script["gradient"].format(**words),
    ]
    exec("\n".join(lines), {"functional_softplus": functional_softplus})
    printed = capsys.readouterr().out
    assert "0.3466" in printed
    assert "1.5000" in printed


@pytest.mark.filterwarnings("ignore:.*torch.jit.script.*:DeprecationWarning")  # PyTorch's own, of its forward mode
def test_forward_mode_and_both_hessian_products_agree_with_the_closed_forms():
    row = table.rows["softplus", "nn.functional.softplus"]
    x, v = torch.tensor([0.5, -2.0], dtype=torch.float64), torch.tensor([1.0, -0.5], dtype=torch.float64)
    s = torch.sigmoid(x)
    pushed = adapter.push_forward(row, {"x": x}, {}, "eager", {"x": v})
    torch.testing.assert_close(pushed, s * v)
    for forward in (True, False):
        products = adapter.hessian_product(row, {"x": x}, {}, "eager", torch.ones_like(x), {"x": v}, forward)
        torch.testing.assert_close(products["x"], s * (1 - s) * v)


def test_a_strided_and_a_transposed_tensor_hold_the_same_entries():
    x = torch.arange(6.0).reshape(2, 3)
    for layout in ("strided", "transposed"):
        laid = adapter.laid(x, layout)
        assert not laid.is_contiguous()
        torch.testing.assert_close(laid, x)


def test_torch_itself_says_how_its_calls_are_said():
    """By its own signatures, and the names that the adapter passes its inputs by."""
    spec = adapters()["torch"]
    said = {
        (i["operation"], i["name"]): i for r in table.rows.values() for i in [implementation(r.describe(adapter), spec)]
    }
    loss = said["binary_cross_entropy", "nn.functional.binary_cross_entropy"]
    assert loss["signature"].startswith("torch.nn.functional.binary_cross_entropy(input, target, weight=None")
    names = {"probabilities": "input", "targets": "target", "weights": "weight", "reduction": "reduction"}
    assert loss["arguments"] == names
    module = said["binary_cross_entropy", "nn.BCELoss"]
    assert module["signature"].startswith("torch.nn.BCELoss(weight=None")
    assert module["used_as"] == "forward(input, target)"
    assert module["arguments"] == names
    plain = [i for i in said.values() if set(i["inputs"]) <= set(i.get("arguments", {}))]
    assert len(plain) > 0.9 * len(said)


def test_what_a_compiled_call_breaks_into_is_compiled_for_every_signature(monkeypatch):
    """Dynamo runs a code object eagerly once it was compiled eight times: for all signatures after that."""
    mechanics = importlib.import_module("conformance.adapters.mechanics.torch")
    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend="eager"))  # what matters is Dynamo

    def part(x):
        x = x + float(torch.compiler.is_compiling())
        torch._dynamo.graph_break()
        return x

    def whole(x):
        return part(x) * 1.0

    table = Implementations()
    table.implements("relu", call="test.whole")(whole)
    row = table.rows["relu", "whole"]
    found = [mechanics._compile(row, {})({"x": torch.zeros(size)}).sum().item() for size in range(1, 13)]
    assert found == [float(size) for size in range(1, 13)]
