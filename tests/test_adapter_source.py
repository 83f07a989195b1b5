"""What one function of an adapter needs is taken out of its source, without importing it."""

import textwrap

import pytest

from conformance.adapter_source import read_source, standalone
from conformance.errors import UsageError

TABLE = '''
"""An adapter of a framework that nobody has."""

import functools
import nothing_like_it as framework
from conformance.adapters.mechanics.nothing import Mechanics

from conformance.worker.adapter import Implementations, Unsupported
from conformance.worker.arrays import of_numpy

try:
    import rarely_there
except ImportError:
    rarely_there = None

table = Implementations()
SCRIPT = {
    "imports": "import nothing_like_it as framework",
    "array": "framework.array({literal})",
    "labels": "framework.labels({literal})",
    "value": "print({function}({arguments}))",
    "gradient": "print(framework.grad({function})({arguments}))",
}
SECOND = 2.0  # why it is two
FIRST = SECOND + 1
UNUSED = 5.0


def scaled(x):
    """Twice or thrice."""
    return functools.reduce(lambda a, b: a * b, [x, FIRST])


def named(reduction):
    if reduction != "none":
        raise Unsupported(reduction)
    return reduction


@table.implements("sigmoid", call="framework.sigmoid", contract={"unused": UNUSED})
def sigmoid(x, *, reduction="none", beta=SECOND):
    # a comment that stays
    return framework.sigmoid(scaled(x), named(reduction))


@table.implements("softmax", call="framework.softmax")
def softmax(x):
    return rarely_there.softmax(x)


@table.implements("one_hot", call="framework.one_hot")
def one_hot(labels):
    return of_numpy(labels)


adapter = Mechanics("nothing", table)
'''


@pytest.fixture
def source(tmp_path):
    def read(text, name="table.py"):
        path = tmp_path / name
        path.write_text(textwrap.dedent(text))
        return read_source(path, f"third_party.{path.stem}")

    return read


def test_helpers_and_constants_come_in_the_order_of_the_source(source):
    _, helpers, _ = standalone(source(TABLE), "sigmoid")
    assert [text.splitlines()[0] for text in helpers] == [
        "class Unsupported(Exception):",
        "SECOND = 2.0  # why it is two",
        "FIRST = SECOND + 1",
        "def scaled(x):",
        "def named(reduction):",
    ]


def test_the_function_is_as_written_without_its_decorators(source):
    _, _, function = standalone(source(TABLE), "sigmoid")
    assert function.startswith('def sigmoid(x, *, reduction="none", beta=SECOND):\n    # a comment that stays')
    assert "implements" not in function


def test_imports_are_copied_unless_the_script_gives_them(source):
    assert standalone(source(TABLE), "sigmoid")[0] == ["import functools"]


def test_of_an_import_that_may_fail_the_import_is_copied(source):
    assert standalone(source(TABLE), "softmax")[0] == ["import rarely_there"]


def test_what_the_decorator_alone_uses_is_left_out(source):
    assert not any("UNUSED" in text for text in standalone(source(TABLE), "sigmoid")[1])


def test_a_function_that_uses_the_suite_is_refused(source):
    with pytest.raises(UsageError, match="one_hot uses of_numpy of the suite"):
        standalone(source(TABLE), "one_hot")


def test_an_unknown_function_is_refused(source):
    with pytest.raises(UsageError, match="defines no function other"):
        standalone(source(TABLE), "other")


@pytest.mark.parametrize(
    "statement", ["from third_party.table import table", "from . import table", "from .table import table"]
)
def test_a_table_beside_is_read_too(source, statement):
    source(TABLE)
    thin = source(
        f"""
        import os
        os.environ["BACKEND"] = "nothing"
        {statement}
        SCRIPT = {{"imports": "import os\\nimport nothing_like_it as framework", "value": "the thin one's"}}
        """,
        "thin.py",
    )
    assert thin.script["value"] == "the thin one's"
    assert standalone(thin, "sigmoid")[2].startswith("def sigmoid(x")


def test_an_adapter_without_script_is_refused(source):
    with pytest.raises(UsageError, match="has no SCRIPT"):
        source("table = None\n")


def test_a_script_that_is_computed_is_refused(source):
    with pytest.raises(UsageError, match=r"table\.py:1: SCRIPT is no literal dictionary"):
        source("SCRIPT = dict(imports='')\n")


def test_a_source_that_is_no_python_is_refused(source):
    with pytest.raises(UsageError, match="cannot be read"):
        source("def (\n")
