"""Which of their arguments takes which input of ours: followed through helpers and local names, never guessed."""

import pytest

from conformance.argument_names import spoken
from conformance.host import AdapterSpec

TABLE = """
import framework as fw
from framework import functional as F

SCRIPT = {"imports": "import framework"}


def same(reduction):
    return reduction


def reloaded(made, roundtrip):
    return fw.copy(made) if roundtrip else made


def made_of(kind, x, reduction, **settings):
    return kind(reduction=NAMES[reduction], dtype=x.dtype, **settings)


def by_name(x, y, *, weights=None, reduction="none"):
    return F.loss(x, fw.last(y, -1), weight=weights, reduction=same(reduction))


def of_an_object(x, y, *, delta=1.0, roundtrip=False):
    return reloaded(fw.Loss(delta=delta), roundtrip)(x, y)


def through_a_helper(x, y, *, delta=1.0, reduction="none"):
    kind = fw.Loss
    loss = made_of(kind, x, reduction, delta=delta)
    return loss(x, y)


def helped_by_another(x, y, *, scale=1.0):
    how = fw.spread(scale, x)
    return F.loss(x, y, scale=how)


def twice(x, y):
    return F.loss(x, fw.middle(x, y)) + F.loss(y, fw.middle(x, y))


def of_both(x, y):
    return F.loss(x + y, 0)


def starred(x, y):
    return F.loss(*[x, y])


def of_another_call(x, y):
    return fw.other(x, y)
"""
FUNCTION = {"takes": ["input", "target", "weight"]}
CLASS = {"takes": ["delta"], "methods": {"forward": {"signature": "forward(input, target)",
                                                      "takes": ["input", "target"]}}}  # fmt: skip


@pytest.fixture
def said(tmp_path):
    (tmp_path / "table.py").write_text(TABLE)
    spec = AdapterSpec("planted", "third_party.table", tmp_path / "table.py")

    def of(function, call="framework.functional.loss", public=FUNCTION):
        row = {"function": function, "module": "third_party.table", "call": call, "inputs": ["x", "y"],
               "public": public}  # fmt: skip
        return spoken(row, spec)

    return of


def test_positions_become_names_and_what_is_changed_on_the_way_is_shown(said):
    found = said("by_name")
    assert found.arguments == {"x": "input", "y": "target", "weights": "weight", "reduction": "reduction"}
    assert found.conversions == {"y": "fw.last(y, -1)"}


def test_an_object_takes_some_when_it_is_made_and_some_when_it_is_used(said):
    found = said("of_an_object", "fw.Loss", CLASS)
    assert found.arguments == {"x": "input", "y": "target", "delta": "delta"}


def test_helpers_are_followed_with_the_settings_that_they_pass_on(said):
    found = said("through_a_helper", "framework.Loss", CLASS)
    assert found.arguments == {"x": "input", "y": "target", "delta": "delta", "reduction": "reduction"}
    assert found.conversions == {"reduction": "NAMES[reduction]"}


def test_what_is_made_with_the_help_of_another_input_is_the_one_that_nothing_else_takes(said):
    found = said("helped_by_another")
    assert found.arguments == {"x": "input", "y": "target", "scale": "scale"}
    assert found.conversions == {"scale": "fw.spread(scale, x)"}


def test_without_names_there_are_places(said):
    assert said("by_name", public={}).arguments["y"] == 1


@pytest.mark.parametrize("function", ["twice", "of_both", "starred", "of_another_call", "no_such_function"])
def test_what_is_passed_in_two_ways_or_not_seen_is_left_out(said, function):
    found = said(function)
    assert not {"x", "y"} & set(found.arguments)
