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


def test_a_published_number_stands_beside_what_each_environment_gives(run):
    (row,) = tables.published(observe([run]).checks)
    given = {key: [(given.got, given.agrees) for given in cell] for key, cell in row.given.items()}
    assert row.digits == "11.522857"
    assert given == {"c2": [("12.000716", False)], "c3": [("11.522857", True)], "c4": [("75.000000", False)]}
