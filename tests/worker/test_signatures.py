"""The signature of a public call is read off the callable; what it does not say is left out."""

import functools
import types

from conformance.worker.signatures import describe


def plain(input, target=None, *, reduction="mean"):
    """Not plain(at, all)."""


class Loss:
    """A loss that is made and then called."""

    def __init__(self, weight=None, about=plain):
        self.weight = weight

    def forward(self, input, target):
        pass


class Anything:
    """Passes on whatever it is given."""

    def __init__(self, *args, **kwargs):
        pass

    def __call__(self, *args, **kwargs):
        pass


class BuiltIn:
    """softplus(input, beta=1, threshold=20) -> Tensor"""

    __signature__ = "none"

    def __call__(self, *args):
        pass


framework = types.SimpleNamespace(plain=plain, Loss=Loss, Anything=Anything, number=3, softplus=BuiltIn())
NAMES = {"framework": framework}


def test_a_function_says_its_parameters_and_defaults_without_annotations():
    said = describe("framework.plain", NAMES)
    assert said == {
        "signature": "framework.plain(input, target=None, *, reduction='mean')",
        "takes": ["input", "target"],
    }


def test_a_class_says_how_it_is_made_and_how_it_is_used():
    said = describe("framework.Loss", NAMES)
    assert said["signature"] == "framework.Loss(weight=None, about=plain)"  # no address of a function
    assert said["methods"] == {"forward": {"signature": "forward(input, target)", "takes": ["input", "target"]}}


def test_a_method_that_takes_anything_says_nothing():
    assert describe("framework.Anything", NAMES) == {
        "signature": "framework.Anything(*args, **kwargs)",
        "takes": [],
        "methods": {},
    }


def test_where_there_is_no_signature_the_first_line_of_the_docstring_says_it():
    said = describe("framework.softplus", NAMES)
    assert said["signature"] == "framework.softplus(input, beta=1, threshold=20)"
    assert said["takes"] == ["input", "beta", "threshold"]


def test_what_is_not_there_or_no_callable_says_nothing():
    assert describe("framework.missing.function", NAMES) == {}
    assert describe("framework.number", NAMES) == {}
    assert describe("no_such_framework.relu", NAMES) == {}


def test_a_wrapped_function_says_what_it_wraps():
    framework.wrapped = functools.wraps(plain)(lambda *args: None)
    assert describe("framework.wrapped", NAMES)["takes"] == ["input", "target"]
