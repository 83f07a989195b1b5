"""What a SPEC says: requirements, files of them, or an interpreter."""

import sys
from pathlib import Path

import pytest

from conformance.environments import parse
from conformance.errors import UsageError


def test_a_requirement_with_commas_is_one():
    assert parse(["jax>=0.4,<0.5"], "--from").requirements == ("jax>=0.4,<0.5",)


def test_spaces_separate_requirements_and_the_option_repeats():
    side = parse(["optax==0.2.5 chex==0.1.91", "numpy<2"], "--from")
    assert side.requirements == ("optax==0.2.5", "chex==0.1.91", "numpy<2")


def test_spaces_inside_one_requirement_separate_nothing():
    assert parse(["numpy >=1.26, <2 ; python_version < '3.13'"], "--from").requirements == (
        "numpy >=1.26, <2 ; python_version < '3.13'",
    )


def test_a_file_of_requirements_is_kept_as_a_file(tmp_path):
    lock = tmp_path / "old.lock"
    lock.write_text("six==1.16.0\n")
    side = parse([str(lock), "packaging"], "--from")
    assert (side.files, side.requirements) == ((lock,), ("packaging",))


def test_a_wheel_is_a_requirement(tmp_path):
    wheel = tmp_path / "six-1.16.0-py2.py3-none-any.whl"
    wheel.touch()
    assert parse([str(wheel)], "--from").requirements == (str(wheel),)


def test_an_interpreter_is_kept_as_it_is_written_because_a_virtual_environment_only_links_to_another():
    assert parse([sys.executable], "--from").interpreter == sys.executable


def test_the_folder_of_an_environment_is_its_interpreter(tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    assert Path(parse([str(tmp_path)], "--from").interpreter) == tmp_path / "bin" / "python"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["keras=3.4.1"], r"--to: 'keras=3.4.1' is no requirement(.|\n)*did you mean 'keras==3.4.1'\?"),
        (["/nowhere/bin/python"], "--to: /nowhere/bin/python: no such file"),
        (["new.lock"], "--to: new.lock: no such file"),
        ([""], "--to: is empty"),
        ([sys.executable, "six"], "is an interpreter, which nothing can be added to\n  name it alone"),
    ],
)
def test_what_is_neither_is_refused_with_the_way_out(values, said):
    with pytest.raises(UsageError, match=said):
        parse(values, "--to")


def test_a_folder_without_an_interpreter_is_refused(tmp_path):
    with pytest.raises(UsageError, match="a folder without an interpreter"):
        parse([str(tmp_path)], "--to")
