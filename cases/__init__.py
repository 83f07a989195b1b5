"""Cases: what is asked of every framework, in YAML alone.

To write one: say in `says` what must hold, give inputs (literal or generated) and parameters, and an
id that is never used again. No file here names a framework; expected values come from the oracle, or are
`published` digits with their source. `conformance lint` checks every file; `CONTRIBUTING.md` shows an example.
"""
