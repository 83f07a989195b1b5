"""Report formats: renderers of run files.

A format is a function `render(runs: Sequence[Run]) -> str`, named by an entry point of the group
`conformance.reports`. It reads run files (`conformance.run_file`) and nothing else: no case, no oracle, no framework.

    html, markdown, junit, badge   one module for each format
    words                   the words of verdicts and expectations, and how things are written
    observed                columns (adapter and version), and every check with its column
    groups                  checks that deviate in one way, gathered
    tables                  matrix, counts, published numbers
    changes                 what changed from one run to the next, by the gate
    records                 divergence records, numbered
    facts                   one check in full, as labelled lines

The HTML report writes its essentials out and holds every check as data:

    index, details, asked, operations   what the data holds; `packed` says how it stands in the page
    formulas                LaTeX as MathML
    templates               the page: parts, style, and its script in modules
    vendor, vendored        the libraries inside the page, with their licences
"""
