"""The libraries inside the page come with their licences, and say which version they are."""

import re

import pytest
from conformance.reports import html, vendored


@pytest.mark.parametrize("library", vendored.LIBRARIES, ids=lambda library: library.name)
def test_the_page_shows_each_library_with_its_licence(run, library):
    text = html.render([run])
    assert f"{library.name} {library.version}" in text
    assert "Permission is hereby granted, free of charge" in library.licence_text
    assert library.licence_text.splitlines()[2] in text


def test_the_stated_version_is_that_of_the_file():
    versions = {library.file: library.version for library in vendored.LIBRARIES}
    assert f"(v{versions['uplot']})" in (vendored.VENDOR / "uplot.min.js").read_text("utf-8")


def test_how_each_file_was_made_is_written_down():
    said = (vendored.VENDOR / "README.md").read_text("utf-8")
    for library in vendored.LIBRARIES:
        assert re.search(rf"{re.escape(library.file)}\.min\.js.*{re.escape(library.version)}", said)
