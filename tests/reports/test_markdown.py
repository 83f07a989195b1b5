"""The Markdown summary: what needs a person first, bounded, with nothing that becomes markup."""

from dataclasses import replace

import pytest
from conformance.reports import markdown


def test_what_needs_a_person_stands_before_the_counts(run):
    text = markdown.render([run])
    assert text.index("## What needs a person") < text.index("0 where 2.0611536e-09 is right") < text.index("## Counts")


def test_counts_are_by_verdict_and_environment(make):
    text = markdown.render([make.run_of([make.tail(), make.tail(dtype="float16")])])
    assert "| verdict | all | torch 2.13.0 |" in text
    assert "| ≠ diverges | 2 | 2 |" in text


def test_a_run_with_nothing_to_explain_says_so(make):
    assert "Nothing: every check is as expected" in markdown.render([make.run_of(make.ordinary_checks(["torch"], 1))])


def test_failures_to_start_and_stopped_runs_are_said_first(make):
    run = make.run_of([make.tail()], environments=[make.environment("torch"), make.failed], complete=False)
    head = markdown.render([run]).partition("## What needs")[0]
    assert "**tensorflow-addons did not start.**" in head
    assert "**This run is incomplete**" in head


def test_a_published_number_is_shown_with_what_is_given(run):
    assert "| `11.522857` |  | ≠ `12.000716` | = `11.522857` | ≠ `75.000000` |" in markdown.render([run])


def test_a_record_links_upstream(run):
    assert "](https://github.com/pytorch/pytorch/issues/195529)" in markdown.render([run])


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "a | b\n| c | d |\n\n# e", "`x` [a](b) ![c](d)"])
def test_hostile_text_stays_in_its_cell(make, hostile):
    check = make.check(
        hostile,
        hostile,
        "torch",
        hostile,
        verdict="rejects",
        expectation="unexpected",
        message=hostile,
        outcome=hostile,
    )
    text = markdown.render([make.run_of([check])])
    (row,) = [line for line in text.splitlines() if line.startswith("| ⊘ rejects, ")]
    assert len(row.replace("\\|", "").strip("|").split("|")) == 6
    assert "\n# e" not in text


def test_literal_text_with_backquotes_gets_a_longer_fence():
    assert markdown.code("a `b` c") == "`` a `b` c ``"


def test_a_text_that_is_too_long_is_cut_at_a_line_and_says_what_is_missing():
    lines = ["## First", *["x" * 50] * 100, "## Second", "y"]
    text = markdown.bounded(lines, 2000)
    assert len(text.encode()) < 2000
    assert text.rstrip().endswith("with all of: Second. The HTML report holds everything.")
    assert "**Cut here:** 69 lines" in text


def test_the_bound_counts_bytes_not_characters():
    assert len(markdown.bounded(["é" * 100] * 100, 5000).encode()) < 5000


def test_a_large_run_stays_under_the_bound_of_job_summaries(make):
    checks = [
        make.check(
            f"case/{n}", "softmax", "torch", f"call{n}", verdict="rejects", expectation="unexpected", message="x" * 250
        )
        for n in range(3000)
    ]
    text = markdown.render([make.run_of(checks)])
    assert len(text.encode()) < 900_000
    assert "**Cut here:**" in text
    assert "Counts" in text[-500:]


def test_results_that_vary_are_named_with_how_many_there_were(make):
    run = make.run_of([make.tail(varying=True, distinct=3), make.tail(dtype="float16")])
    run.header = replace(run.header, repeat=3)
    text = markdown.render([run])
    assert "Asked 3 times in one process with the same inputs" in text
    assert "| nn.functional" not in text
    assert "| torch 2.13.0 | up to 3 | 1; `bce-logits/saturated-negative` |" in text


def test_that_nothing_varied_is_said_only_where_it_was_asked(make):
    run = make.run_of([make.tail()])
    assert "vary" not in markdown.render([run])
    run.header = replace(run.header, repeat=3)
    assert "None: every check gave the same bits, asked 3 times." in markdown.render([run])
