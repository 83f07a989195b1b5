"""Environments are made once for what they resolve to, wholly or not at all."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from conformance.environments import EnvironmentSpec, interpreter_of, make
from conformance.environments.installers import telling
from conformance.environments.interpreters import behind, installed, named
from conformance.environments.making import READY
from conformance.errors import IncompleteError

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


def output(program, code):
    command = [program, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd="/").stdout.strip()


def own(name, *requirements):
    return EnvironmentSpec(name, requirements=requirements, python=HERE)


def test_an_environment_holds_what_was_asked_and_nothing_of_the_suite(cache):
    (made,) = make([own("old", "six==1.16.0")], cache=cache)
    assert made.packages == ("six==1.16.0",)
    assert output(made.program, "import six; print(six.__version__)") == "1.16.0"
    assert output(made.program, "import importlib.util as u; print(u.find_spec('conformance'))") == "None"


def test_requirements_that_resolve_to_the_same_share_an_environment(cache):
    (pinned,) = make([own("old", "six==1.16.0")], cache=cache)
    (bounded,) = make([own("other", "six>=1.16,<1.17")], cache=cache)
    assert bounded.program == pinned.program
    assert not bounded.fresh


def test_another_resolution_is_another_environment(cache):
    (old, new) = make([own("old", "six==1.16.0"), own("new", "six==1.15.0")], cache=cache)
    assert old.key != new.key
    assert output(new.program, "import six; print(six.__version__)") == "1.15.0"


def test_a_half_made_environment_is_made_anew(cache):
    (made,) = make([own("old", "six==1.16.0")], cache=cache)
    folder = cache / made.key
    (folder / READY).unlink()
    for file in folder.glob("lib/*/site-packages/six.py"):
        file.write_text("raise SystemExit('half made')")
    (again,) = make([own("old", "six==1.16.0")], cache=cache)
    assert again.fresh
    assert output(again.program, "import six; print(six.__version__)") == "1.16.0"


def test_two_at_once_make_one_environment(cache):
    found = []
    spec = own("old", "six==1.14.0")
    threads = [threading.Thread(target=lambda: found.append(make([spec], cache=cache)[0])) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made.fresh for made in found) == [False, True]
    assert len({made.program for made in found}) == 1


def test_what_was_installed_has_bytecode_even_where_the_shell_forbids_it(cache, monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    (made,) = make([own("old", "six==1.13.0")], cache=cache)
    assert list((cache / made.key).glob("lib/*/site-packages/__pycache__/six.*.pyc"))


def test_what_an_environment_holds_can_be_read_in_it(cache):
    (made,) = make([own("old", "six==1.16.0")], cache=cache)
    written = json.loads((cache / made.key / READY).read_text())
    assert written["packages"] == ["six==1.16.0"]
    assert written["installer"] == "pip"


def test_uv_makes_what_pip_makes_in_an_environment_of_its_own(cache):
    (by_pip,) = make([own("old", "six==1.16.0")], cache=cache)
    (by_uv,) = make([own("old", "six==1.16.0")], installer_name="uv", cache=cache)
    assert by_uv.packages == by_pip.packages
    assert by_uv.key != by_pip.key
    assert output(by_uv.program, "import six; print(six.__version__)") == "1.16.0"


def test_what_uv_cannot_resolve_is_said_in_its_words(cache):
    with pytest.raises(IncompleteError, match=r"old cannot be resolved\n(.|\n)*there is no version of six==99"):
        make([own("old", "six==99")], installer_name="uv", cache=cache)


def test_an_unresolvable_requirement_says_what_the_installer_says(cache):
    with pytest.raises(
        IncompleteError, match=r"old cannot be resolved\n(.|\n)*six==99(.|\n)*tried on Python"
    ) as raised:
        make([own("old", "six==99")], cache=cache)
    assert raised.value.status == 3
    assert "No matching distribution found for six==99" in str(raised.value)


def test_an_interpreter_that_is_not_installed_is_said_with_those_that_are(cache):
    with pytest.raises(IncompleteError, match=rf"Python 3.5 is not installed\n  found: .*{HERE}"):
        make([EnvironmentSpec("old", requirements=("six",), python="3.5")], cache=cache)


def test_what_is_no_interpreter_is_said(tmp_path):
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho no python here >&2\nexit 7\n")
    program.chmod(0o755)
    with pytest.raises(IncompleteError, match="status 7\n  no python here"):
        behind(str(program))


def test_the_running_interpreter_is_among_those_that_are_installed(cache):
    found = installed(cache)
    assert HERE in [one.minor for one in found]
    assert [one.version for one in found] == sorted((one.version for one in found), reverse=True)
    assert named(HERE, cache).minor == HERE


def test_an_overlay_comes_before_the_packages_of_its_base(cache):
    code = "import click, packaging; print(click.__version__, packaging.__file__)"
    program = interpreter_of(EnvironmentSpec("laid over", over=("click==8.1.0",)), sys.executable, cache)
    version, beneath = output(program, code).split()
    assert version == "8.1.0"
    assert beneath == output(sys.executable, "import packaging; print(packaging.__file__)")


def test_an_overlay_that_lacks_what_it_depends_on_is_refused(cache):
    with pytest.raises(IncompleteError, match=r"werkzeug is not there(.|\n)*add it to the requirements|Werkzeug"):
        interpreter_of(EnvironmentSpec("laid over", over=("flask==3.0.0",)), sys.executable, cache)


def test_the_telling_lines_of_an_installer_leave_out_warnings():
    said = (
        "WARNING: Location is ignored\nCollecting a\nERROR: Could not find a version\nERROR: No matching distribution"
    )
    assert telling(said) == "ERROR: Could not find a version\n  ERROR: No matching distribution"


def test_an_environment_without_requirements_is_the_interpreter_that_is_there(tmp_path):
    assert interpreter_of(EnvironmentSpec("newest"), "/usr/bin/python", tmp_path) == "/usr/bin/python"


def test_a_prelude_runs_before_everything_else(tmp_path):
    spec = EnvironmentSpec("patched", prelude="import math; math.tau = 6")
    python = interpreter_of(spec, sys.executable, tmp_path)
    assert output(python, "import math; print(math.tau)") == "6"
    assert interpreter_of(spec, sys.executable, tmp_path) == python
    assert Path(python).exists()
