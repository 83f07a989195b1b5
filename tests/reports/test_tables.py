"""The tables of a report, as values."""

from conformance.reports import tables
from conformance.reports.observed import observe


def rows_of(run):
    return observe([run]).operations()


def test_a_cell_of_the_matrix_shows_the_worst_verdict_and_its_records(make):
    fine = make.check("bce-logits/fine", make.tail().operation, "torch", make.tail().implementation)
    covered = make.tail(expectation="expected", record="torch/bce-logits-tail")
    run = make.run_of([fine, covered, make.tail(dtype="float16")])
    cell = tables.matrix(rows_of(run))[make.tail().operation]["c1"]
    assert (cell.worst, cell.counts["diverges"], cell.judged, cell.urgent) == ("diverges", 2, 3, 1)
    assert cell.records == ("torch/bce-logits-tail",)


def test_an_edge_case_shows_the_literal_outcome_and_says_where_a_dtype_differs(run):
    (edge,) = [
        edge
        for edge in tables.edges(rows_of(run)["binary_cross_entropy_with_logits"])
        if edge.variant == "bce-logits/saturated-negative"
    ]
    shown = {key: [outcome.text for outcome in cell] for key, cell in edge.outcomes.items()}
    assert shown == {"c1": ["2.06e-09"], "c2": ["2.06e-09"], "c3": ["2.06e-09"], "c4": ["0"]}
    assert edge.outcomes["c4"][0].varies == ("float16: the same, unexpected",)


def test_a_documented_outcome_is_marked_as_such(run):
    edges = tables.edges(rows_of(run)["binary_cross_entropy"])
    texts = {outcome.text for edge in edges for cell in edge.outcomes.values() for outcome in cell}
    assert "100 (documented)" in texts


def test_a_case_without_right_value_is_an_edge_case_even_without_flag(make):
    run = make.run_of([make.check("a/b", "softmax", "torch", "softmax", outcome="nan", choice="nan")])
    (edge,) = tables.edges(rows_of(run)["softmax"])
    assert edge.right == "no right value"


def test_a_published_number_stands_beside_what_each_environment_gives(run):
    (row,) = tables.published(observe([run]).checks)
    given = {key: [(given.got, given.agrees) for given in cell] for key, cell in row.given.items()}
    assert row.digits == "11.522857"
    assert given == {"c2": [("12.000716", False)], "c3": [("11.522857", True)], "c4": [("75.000000", False)]}


def test_a_tally_has_the_largest_k_of_what_conforms(make):
    name = {"operation": "softmax", "adapter": "torch", "implementation": "softmax"}
    checks = [make.check(f"s/{k}", **name, agreement=make.agreement(k)) for k in (0.5, 3.0)]
    checks.append(make.check("s/bad", **name, verdict="diverges", agreement=make.agreement(1e9)))
    (tally,) = tables.tallies(rows_of(make.run_of(checks))["softmax"])
    assert (tally.worst, tally.counts) == ({"float32": 3.0}, {"conforms": 2, "diverges": 1})
