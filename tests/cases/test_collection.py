"""What the collection of cases must hold, whatever is added to it."""

import ast
import importlib.resources
import re
from collections import defaultdict
from pathlib import Path

import pytest

from conformance.host import adapters_folder
from conformance.linting import implemented
from conformance.loading import load
from conformance.oracle.exact import DEFINITIONS
from conformance.oracle.operation import OPERATIONS

CATALOGUE = load()
IMPLEMENTED: dict[str, set[str]] = defaultdict(set)
for _operation, _name in implemented(adapters_folder()):
    IMPLEMENTED[_operation].add(_name)
# Inputs and parameters that some implementation takes by name.
TAKEN: dict[str, set[str]] = defaultdict(set)
for _file in adapters_folder().rglob("*.py"):
    for _node in ast.walk(ast.parse(_file.read_text("utf-8"))):
        if isinstance(_node, ast.FunctionDef):
            for _decorator in _node.decorator_list:
                if (
                    isinstance(_decorator, ast.Call)
                    and _decorator.args
                    and isinstance(_decorator.args[0], ast.Constant)
                ):
                    TAKEN[str(_decorator.args[0].value)] |= {argument.arg for argument in _node.args.kwonlyargs}
CATALOGUE_OF_LOSSES = {name for name, of in OPERATIONS.items() if of.family in ("binary", "categorical", "focal")}
# Lines that say where something is printed or reported.
CITATIONS = ("source:", "references:", "flags.references:")
# Piecewise linear functions have no second derivative.
WITHOUT_SECOND_ORDER = {"smooth_labels", "absolute_error"}
# Operations on a batch of a fixed form: rows of a matrix, one vector, a batch of sequences.
OF_A_FIXED_RANK = {
    "multi_margin", "multilabel_margin", "sparsemax", "in_top_k", "ntxent", "circle", "cosine_embedding", "r2_score",
    "cohen_kappa", "matthews_correlation", "pearson_correlation", "concordance_correlation", "ctc",
    "mean_pairwise_squared_error", "triplet_semihard", "triplet_hard",
}  # fmt: skip
# Their inputs are literal rows, or lists whose entries cannot be laid out in another way.
WITHOUT_LAYOUT = {"ctc", "circle", "ntxent", "multilabel_margin"} | {
    "cohen_kappa", "matthews_correlation", "pearson_correlation", "concordance_correlation", "running_sum",
}  # fmt: skip
# Here int64 is the one dtype that is asked for.
LABELS_OF_INT64 = {"ctc", "circle", "ntxent", "multilabel_margin"}
INTEGERS = {"int8", "uint8", "int16", "int32"}
# No implementation reduces these over samples.
NEVER_REDUCED = {"pairwise_distance", "tversky_with_logits"}
FILES = sorted(Path(str(importlib.resources.files("conformance.cases"))).rglob("*.yaml"))

# Each kind of case, and the flags that mark one.
KINDS = {
    "grid or random batch": {"grid", "random-batch"},
    "few or no samples": {"empty-batch", "single-sample", "single-class"},
}
# What an operation with a gradient has beside these.
DIFFERENTIABLE_KINDS = {
    "end of its range": {
        "saturated", "tail", "dominant-class", "extreme-values", "exact-zero-and-one", "label-width", "scale-free",
        "impossible-class", "infinite-numbers", "infinite-logits", "large-offset",
    },
    "nan or infinity": {"nan-propagates", "infinite-logits", "invalid-label", "zero-vector", "without-opponent"},
}  # fmt: skip
# Rows of the edge-case table that an operation must answer beside the kinds above.
EDGES: dict[str, set[str]] = {
    "binary_cross_entropy": {
        "exact-zero-and-one", "soft-targets", "nan-with-zero-weight", "zero-weight", "zero-total-weight", "smoothing",
        "broadcast-weights", "invalid-probability", "sum-overflow", "extreme-values",
    },
    "binary_cross_entropy_with_logits": {
        "infinite-logits", "soft-targets", "tail", "extreme-values", "subnormal", "asymmetric-parameter", "smoothing",
        "nan-with-zero-weight", "zero-weight", "zero-total-weight", "broadcast-weights", "sum-overflow",
    },
    "categorical_cross_entropy": {
        "exact-zero-and-one", "zero-target-row", "unnormalised-targets", "unnormalised-probabilities", "class-axis",
        "soft-targets", "smoothing", "zero-weight", "zero-total-weight", "nan-with-zero-weight",
    },
    "sparse_categorical_cross_entropy": {
        "exact-zero-and-one", "unnormalised-probabilities", "class-axis", "ignored-rows", "ignored-rows-hold-nonsense",
        "all-ignored", "invalid-label", "label-width", "zero-weight", "zero-total-weight", "nan-with-zero-weight",
    },
    "softmax_cross_entropy": {
        "infinite-logits", "zero-target-row", "unnormalised-targets", "dominant-class", "class-weights", "smoothing",
        "class-axis", "ties", "shift-invariance", "zero-total-weight", "extreme-values", "sum-overflow",
    },
    "sparse_softmax_cross_entropy": {
        "infinite-logits", "dominant-class", "invalid-label", "ignored-rows", "ignored-rows-hold-nonsense",
        "all-ignored", "class-weights", "smoothing", "label-width", "zero-total-weight", "class-axis", "single-class",
    },
    "sigmoid_focal_loss": {"small-gamma", "tail", "infinite-logits", "soft-targets", "asymmetric-parameter"},
    "binary_focal_cross_entropy": {"small-gamma", "exact-zero-and-one", "soft-targets", "asymmetric-parameter"},
    "categorical_focal_cross_entropy": {"small-gamma", "exact-zero-and-one", "class-axis", "asymmetric-parameter"},
    "softmax_focal_loss": {"small-gamma", "dominant-class", "invalid-label", "ties"},
    "class_weighted_pixelwise_cross_entropy": {"class-weights", "zero-total-weight", "exact-zero-and-one"},
    "predicted_class_weighted_cross_entropy": {"predicted-class", "ties", "infinite-logits"},
    "binary_accuracy": {"decision-boundary", "zero-weight"},
    "categorical_accuracy": {"ties", "nan-propagates"},
    "sparse_categorical_accuracy": {"ties", "nan-propagates", "label-width", "invalid-label"},
    "sigmoid": {"infinite-logits", "extreme-values", "subnormal", "tail"},
    "log_sigmoid": {"infinite-logits", "extreme-values", "subnormal", "tail"},
    "softplus": {"infinite-logits", "extreme-values", "subnormal", "tail", "asymmetric-parameter"},
    "softmax": {"infinite-logits", "ties", "dominant-class", "class-axis", "extreme-values", "shift-invariance"},
    "log_softmax": {"infinite-logits", "ties", "dominant-class", "class-axis", "extreme-values", "shift-invariance"},
    "logsumexp": {"infinite-logits", "ties", "dominant-class", "class-axis", "extreme-values", "shift-invariance"},
    "one_hot": {"invalid-label", "label-width"},
    "smooth_labels": {"zero-target-row", "soft-targets", "class-axis"},
}  # fmt: skip


def cases_of(operation):
    return [case for case in CATALOGUE.cases if case.operation == operation]


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_an_operation_has_cases_of_every_kind(operation):
    flags = {flag for case in cases_of(operation) for flag in case.flags}
    kinds = {**KINDS, **DIFFERENTIABLE_KINDS} if OPERATIONS[operation].differentiable else KINDS
    assert {kind for kind, marks in kinds.items() if not flags & marks} == set()


@pytest.mark.parametrize("operation", sorted(EDGES))
def test_an_operation_answers_its_rows_of_the_edge_case_table(operation):
    flags = {flag for case in cases_of(operation) for flag in case.flags}
    assert EDGES[operation] - flags == set()


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_an_operation_has_edges_beyond_ordinary_numbers(operation):
    flags = {flag for case in cases_of(operation) for flag in case.flags}
    assert len(flags - {"grid", "random-batch", "representative", "second-order", "metamorphic"}) >= 3


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_an_operation_is_defined_twice(operation):
    assert operation in DEFINITIONS


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_an_operation_has_representative_cases_and_a_relation(operation):
    cases = cases_of(operation)
    assert any("representative" in case.flags for case in cases)
    assert any(case.relations for case in cases)


@pytest.mark.parametrize("operation", sorted(name for name, of in OPERATIONS.items() if of.differentiable))
def test_an_operation_with_a_gradient_has_a_case_of_second_order(operation):
    assert any(2 in case.orders for case in cases_of(operation)) or operation in WITHOUT_SECOND_ORDER


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_an_operation_has_two_implementations_or_is_marked_single(operation):
    assert (len(IMPLEMENTED[operation]) >= 2) is not OPERATIONS[operation].single


def test_the_readme_says_how_much_there_is():
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    variants = sum(1 for case in CATALOGUE.cases for variant in case.variants() if variant.relation is None)
    assert f"{len(OPERATIONS)} operations" in readme
    assert f"{len(CATALOGUE.cases):,} cases, in {variants:,} variants" in readme


@pytest.mark.parametrize(
    "operation", sorted(name for name, of in OPERATIONS.items() if of.reduces and name not in NEVER_REDUCED)
)
def test_a_loss_is_asked_for_each_entry_and_in_sum_or_mean(operation):
    asked = {v.parameters.get("reduction", "none") for case in cases_of(operation) for v in case.variants()}
    assert "none" in asked
    assert {"sum", "mean", "batch_mean"} & asked
    if operation in CATALOGUE_OF_LOSSES:
        assert "sum" in asked


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_every_parameter_takes_more_than_its_default(operation):
    of = OPERATIONS[operation]
    for name, parameter in of.parameters.items():
        taken = {str(v.parameters.get(name, parameter.default)) for c in cases_of(operation) for v in c.variants()}
        assert len(taken) > 1 or name in ("classes", "label_dtype") or operation in NEVER_REDUCED, name


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_every_optional_input_is_given_somewhere(operation):
    optional = {i.name for i in OPERATIONS[operation].inputs if i.optional} & TAKEN[operation]
    given = {name for case in cases_of(operation) for name in case.inputs}
    assert optional - given - {"mask"} == set()


def first_input(case):
    return case.inputs.get(OPERATIONS[case.operation].required[0])


def ranks_of(cases):
    return {len(first_input(case).shape) for case in cases if first_input(case) is not None}


@pytest.mark.parametrize(
    "operation", sorted(name for name, of in DEFINITIONS.items() if not of.rows and of.entries is None)
)
def test_an_elementwise_operation_is_asked_for_arrays_of_no_axis_and_of_up_to_five(operation):
    assert {0, 1, 2, 3, 4, 5} - ranks_of(cases_of(operation)) == set()


@pytest.mark.parametrize(
    "operation", sorted(name for name, of in DEFINITIONS.items() if of.rows and name not in OF_A_FIXED_RANK)
)
def test_an_operation_of_rows_is_asked_for_one_axis_or_two_and_for_five(operation):
    ranks = ranks_of(cases_of(operation))
    assert ranks & {1, 2, 3}
    assert 5 in ranks


@pytest.mark.parametrize(
    "operation", sorted(n for n, of in OPERATIONS.items() if "axis" in of.parameters and n not in OF_A_FIXED_RANK)
)
def test_the_classes_stand_on_another_axis_than_the_last_of_three_and_of_five(operation):
    elsewhere = [
        case
        for case in cases_of(operation)
        if first_input(case) is not None
        and any(
            isinstance(axis := variant.parameters.get("axis", -1), int)
            and axis not in (-1, len(first_input(case).shape) - 1)
            for variant in case.variants()
        )
    ]
    assert {3, 5} - ranks_of(elsewhere) == set()


@pytest.mark.parametrize("operation", sorted(set(OPERATIONS) - WITHOUT_LAYOUT))
def test_an_operation_meets_entries_that_do_not_lie_one_after_the_other(operation):
    laid = [case.layout for case in cases_of(operation) if case.layout]
    assert laid
    assert {"transposed"} <= {how for layout in laid for how in layout.values()}


@pytest.mark.parametrize(
    "operation",
    sorted(
        name
        for name, of in OPERATIONS.items()
        if name not in LABELS_OF_INT64
        and any(i.kind == "label" and i.name != "mask" and not i.optional for i in of.inputs)
    ),
)
def test_labels_come_in_every_integer_dtype(operation):
    casts = {dtype for case in cases_of(operation) for dtype in (case.cast or {}).values()}
    given = {str(v.parameters.get("label_dtype")) for case in cases_of(operation) for v in case.variants()}
    assert INTEGERS - casts - given == set()


@pytest.mark.parametrize(
    "operation",
    sorted(
        name
        for name, of in OPERATIONS.items()
        if of.differentiable and {"targets", "log_targets", "other", "second", "positives"} & set(of.required[1:])
    ),
)
def test_two_float_inputs_come_in_two_dtypes(operation):
    assert any(set((case.cast or {}).values()) & {"float32"} for case in cases_of(operation))


def spread_of(case):
    """The shapes of the first input and of those that broadcast against it."""
    of = OPERATIONS[case.operation]
    return [case.inputs[name].shape for name in (of.required[0], *of.broadcasts)]


@pytest.mark.parametrize("operation", sorted(name for name, of in OPERATIONS.items() if of.broadcasts))
def test_inputs_that_broadcast_come_as_a_column_a_row_and_a_single_number(operation):
    asked = [(case, spread_of(case)) for case in cases_of(operation) if "broadcast-inputs" in case.flags]
    forms = {tuple(shapes[-1]) for case, shapes in asked if case.outcome != "raises" and len(shapes[0]) == 2}
    assert {(4, 1), (3,), ()} <= forms
    if OPERATIONS[operation].reduces:
        assert any(case.outcome == "raises" and shapes[0] == (3,) and shapes[-1] == (3, 1) for case, shapes in asked)


@pytest.mark.parametrize(
    "operation",
    sorted(
        name
        for name, of in DEFINITIONS.items()
        if OPERATIONS[name].differentiable and not of.rows and of.entries is None and len(OPERATIONS[name].required) > 1
    ),
)
def test_an_elementwise_operation_of_two_inputs_broadcasts(operation):
    assert OPERATIONS[operation].broadcasts


def test_two_shapes_are_no_slip_of_the_pen():
    asked = [case for case in CATALOGUE.cases if OPERATIONS[case.operation].broadcasts and case.outcome != "raises"]
    unlike = [case for case in asked if len(set(spread_of(case))) > 1]
    assert [case.id for case in unlike if "broadcast-inputs" not in case.flags] == []


def test_masks_are_given_somewhere():
    assert any("mask" in case.inputs for case in CATALOGUE.cases)


def test_no_case_file_names_a_framework():
    names = re.compile(r"(?<!documents/)\b(tensorflow|keras|py?torch|jax|optax|numpy|tf\.|sklearn|scikit)", re.I)
    for path in FILES:
        if path.parent.name == "published":
            continue  # what a publication is called, and where it stands
        said = [line for line in path.read_text("utf-8").splitlines() if not line.strip().startswith(CITATIONS)]
        assert names.findall("\n".join(said)) == [], path.name


def test_every_flag_is_used():
    used = {flag for case in CATALOGUE.cases for flag in case.flags}
    assert set(CATALOGUE.flags) - used == set()


def test_every_case_carries_a_flag_that_says_why_it_exists():
    assert [case.id for case in CATALOGUE.cases if not case.flags] == []


def test_what_a_case_says_is_one_sentence_that_no_other_case_of_its_operation_says():
    for operation in OPERATIONS:
        said = [case.says for case in cases_of(operation)]
        assert [s for s in said if not s.endswith(".") or "\n" in s or s.count(". ")] == []
        assert len(said) == len(set(said)), sorted(s for s in said if said.count(s) > 1)


def test_no_right_value_is_always_explained():
    for case in CATALOGUE.cases:
        if case.outcome == "one_of":
            assert len(case.choices) >= 2
            assert all(len(choice.because.split()) > 3 for choice in case.choices)


def test_arrays_stay_small_enough_to_be_one_check():
    from math import prod

    largest = max((prod(spec.shape or ()), case.id) for case in CATALOGUE.cases for spec in case.inputs.values())
    assert largest[0] <= 10_000, largest


def test_shapes_are_shared_so_that_compilers_are_asked_seldom():
    """A compiling framework pays once for each shape of an operation; its arrays have one layout."""
    shapes = {(case.operation, next(iter(case.inputs.values())).shape) for case in CATALOGUE.cases if not case.layout}
    assert len(shapes) <= 12 * len(OPERATIONS)
