"""Which Python an environment gets where none is named. The installer is a table here: no index is asked."""

from pathlib import Path

import pytest

from conformance.environments.choosing import choose
from conformance.environments.installers import Resolution, Unresolvable
from conformance.environments.interpreters import Interpreter
from conformance.environments.spec import EnvironmentSpec

PYTHONS = [Interpreter(f"/python3.{minor}", (3, minor, 0)) for minor in (13, 12, 11, 7)]


class Table:
    """An installer that knows on which Pythons each requirement resolves, from wheels or by building."""

    name = "table"

    def __init__(self, wheels, built=None):
        self.wheels = wheels
        self.built = built or {}
        self.asked = []

    def resolve(self, wanted, python, *, build=True):
        (requirement,) = wanted.requirements
        self.asked.append((requirement, python.minor, build))
        if python.minor in self.wheels.get(requirement, ()) or (
            build and python.minor in self.built.get(requirement, ())
        ):
            return Resolution(((requirement, python.minor, ""),))
        if python.minor == "3.11":
            raise Unresolvable(f"{requirement}: a conflict")
        raise Unresolvable(f"{requirement}: No matching distribution found", absent=True)


@pytest.fixture(autouse=True)
def pythons(monkeypatch):
    monkeypatch.setattr("conformance.environments.choosing.installed", lambda _: PYTHONS)


def chosen(table, *requirements):
    specs = [EnvironmentSpec(name, requirements=(name,)) for name in requirements]
    return [python.minor for python, _ in choose(specs, table, Path(), lambda _: None)]


def test_the_newest_python_on_which_it_resolves():
    assert chosen(Table({"a": ["3.12", "3.11"]}), "a") == ["3.12"]


def test_both_sides_get_the_newest_python_that_they_have_in_common():
    assert chosen(Table({"old": ["3.11", "3.7"], "new": ["3.13", "3.12", "3.11"]}), "old", "new") == ["3.11", "3.11"]


def test_sides_that_have_no_python_in_common_get_their_newest():
    assert chosen(Table({"old": ["3.7"], "new": ["3.13", "3.12"]}), "old", "new") == ["3.7", "3.13"]


def test_building_is_tried_only_where_wheels_resolve_nowhere():
    table = Table({"new": ["3.13"]}, built={"old": ["3.7"]})
    assert chosen(table, "old", "new") == ["3.7", "3.13"]
    assert [build for name, _, build in table.asked if name == "old"] == [False] * 4 + [True] * 4


def test_the_most_telling_failure_is_shown_not_that_of_a_python_without_the_package():
    with pytest.raises(Unresolvable, match=r"a: a conflict\n  tried on Python 3.11.0, and on 3.13, 3.12, 3.7"):
        chosen(Table({}), "a")
