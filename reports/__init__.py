"""Report formats: renderers of run files.

A format is a function `render(runs: Sequence[Run]) -> str`, named by an entry point of the group
`conformance.reports`. It reads run files (`conformance.run_file`) and nothing else: no case, no oracle, no framework.

    html, markdown, junit   one module for each format
    words                   the words of verdicts and expectations, and how things are written
    observed                columns (adapter and version), and every check with its column
    groups                  checks that deviate in one way, gathered
    tables                  matrix, edge cases, published numbers, tallies
    records                 divergence records, numbered
    facts                   one check in full, as labelled lines
    templates               the page of the HTML report
"""
