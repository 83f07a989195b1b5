"""Every key and value of a TOML file is found where it stands."""

import datetime

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from conformance.toml_nodes import parse
from conformance.yaml_nodes import Fields, Items, Scalar

TEXT = """\
# a comment with [brackets] and = signs
fail = ["broken", # why
  'changed']
a . "b c" = 1

[[rules]]
operations = ['x', \"\"\"several
lines with \\\"\"\" inside\"\"\"]
  [rules.inner]
  day = 2026-01-01 10:00:00
[[rules]]
flag = true
[rules.inner]
table = {one = 1, list = [{deep = '#'}]}
"""


def leaves(node, path=()):
    """(path, scalar) of every value below a node."""
    if isinstance(node, Scalar):
        yield path, node
    children = node.values.items() if isinstance(node, Fields) else enumerate(getattr(node, "items", ()))
    for name, child in children:
        yield from leaves(child, (*path, name))


def test_every_value_has_its_place():
    faults = []
    found = {path: (node.value, node.line, node.column) for path, node in leaves(parse(TEXT.encode(), "f", faults))}
    assert faults == []
    assert found == {
        ("fail", 0): ("broken", 2, 9),
        ("fail", 1): ("changed", 3, 3),
        ("a", "b c"): (1, 4, 13),
        ("rules", 0, "operations", 0): ("x", 7, 15),
        ("rules", 0, "operations", 1): ('several\nlines with """ inside', 7, 20),
        ("rules", 0, "inner", "day"): (datetime.datetime(2026, 1, 1, 10), 10, 9),
        ("rules", 1, "flag"): (True, 12, 8),
        ("rules", 1, "inner", "table", "one"): (1, 14, 16),
        ("rules", 1, "inner", "table", "list", 0, "deep"): ("#", 14, 35),
    }


def test_keys_and_tables_have_theirs():
    tables = parse(TEXT.encode(), "f", [])
    rules = tables.values["rules"]
    assert [(rule.line, rule.column) for rule in rules.items] == [(6, 1), (11, 1)]
    assert (rules.items[1].keys["inner"].line, rules.items[1].keys["inner"].column) == (13, 8)


keys = st.text(st.characters(codec="utf-8", exclude_characters="\x7f", exclude_categories=("Cs", "Cc")), max_size=5)
scalars = st.integers(-9, 9) | st.booleans() | st.text(max_size=6) | st.dates() | st.floats(allow_nan=False)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3))


@given(st.dictionaries(keys, values, max_size=4), st.booleans())
def test_whatever_is_written_is_found_where_it_is_written(document, multiline):
    text = tomli_w.dumps(document, multiline_strings=multiline)
    faults = []
    node = parse(text.encode(), "f", faults)
    assert faults == []
    lines = text.split("\n")
    for path, scalar in leaves(node):
        value = document
        for name in path:
            value = value[name]
        assert scalar.value == value
        rest = lines[scalar.line - 1][scalar.column - 1 :]
        if isinstance(value, str):
            assert rest[0] == '"'
        else:
            assert rest.startswith(tomli_w.dumps({"k": value}).removeprefix("k = ").rstrip())


@pytest.mark.parametrize(
    ("content", "line", "column"),
    [(b"a = ", 1, 5), (b"a = 1\nb = [1,\n", 3, 1), (b"a = 1\na = 2\n", 2, 6), (b'a = "\\q"', 1, 8), (b"\xff", 1, 1)],
)
def test_what_is_not_toml_is_a_fault_with_its_place(content, line, column):
    faults = []
    assert parse(content, "f", faults) is None
    (fault,) = faults
    assert fault.line == line
    assert abs(fault.column - column) <= 2  # parsers differ in what they call the place


def test_windows_line_ends_move_nothing():
    (found,) = (node for path, node in leaves(parse(b"a = 1\r\nb = 2\r\n", "f", [])) if path == ("b",))
    assert (found.line, found.column) == (2, 5)


def test_a_list_is_a_list_of_nodes():
    assert isinstance(parse(b"a = [1]", "f", []).values["a"], Items)
