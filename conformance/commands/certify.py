"""`conformance certify`: proves the oracle against arbitrary precision."""

from __future__ import annotations

import contextlib
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from conformance import proof
from conformance.certify import BOUND, CONDITIONED, Certificate, Progress, Summary, summarise, worst_of
from conformance.certify import certify as prove
from conformance.commands.options import unknown
from conformance.commands.output import console, print_json, print_rows
from conformance.errors import UsageError
from conformance.loading import load
from conformance.oracle import load_all
from conformance.oracle.operation import OPERATIONS
from conformance.selection import matcher

SHOWN = 20


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True), metavar="[PATH]...")
@click.option("-O", "--operation", multiple=True, help="Only this operation (repeatable).")
@click.option(
    "-k", "expression", default="", metavar="EXPR", help="Only variants whose id matches: 'focal and not sum'."
)
@click.option(
    "--write",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Keep what was proven of whole operations: conformance/oracle/proof.json is shown by reports.",
)
@click.option("--json", "as_json", is_flag=True, help="Print every certificate as JSON.")
def certify(
    paths: tuple[str, ...], operation: tuple[str, ...], expression: str, write: Path | None, as_json: bool
) -> None:
    """Prove the oracle: evaluate every case a second time, in arbitrary precision, and compare.

    Each operation has a second definition, a textbook formula in ball arithmetic that shares no code with the
    oracle; gradients come from automatic differentiation. Values and gradients must agree within 4 ULP of float64, or
    where no float64 formula can, within 4 · 2⁻⁵³ of a scale: then both numbers are shown. Without PATH, all cases of
    the suite. Status 0 if the oracle is proven on them, 1 if not.

    \b
    conformance certify
    conformance certify -O softmax_cross_entropy -k 'infinite or dominant'

    \b
    --json prints a list of objects
      variant, operation, dtype, order, output, under   what was compared
      passed, elements, faults, freed                   whether it is proven; what is wrong; what the oracle leaves open
      ulp, scaled, ruling                               largest errors; the one that counts is `ruling`
      worst                                             {index, inputs, oracle, exact}
    """
    load_all()
    for name in operation:
        if name not in OPERATIONS:
            raise UsageError(unknown("operation", name, list(OPERATIONS)))
    if write is not None and (paths or expression):
        raise UsageError(
            "--write keeps what was proven of whole operations, and PATH or -k may select a part of one\n"
            "  leave them out, or choose operations with -O"
        )
    match = matcher(expression)
    catalogue = load([Path(p) for p in paths] or None)
    chosen = [case for case in catalogue.cases if not operation or case.operation in operation]
    with _progress() as progress:
        certificates = prove(chosen, match=match, progress=progress)
    if not certificates:
        raise UsageError("no case is selected\n  `conformance list cases` shows what there is")
    if write is not None:
        proof.write(write, summarise(certificates), chosen)
    if as_json:
        print_json([_content(certificate) for certificate in certificates])
    else:
        _print(summarise(certificates), certificates)
    raise SystemExit(0 if all(certificate.passed for certificate in certificates) else 1)


@contextlib.contextmanager
def _progress() -> Iterator[Progress | None]:
    """A line on the terminal that says where the proof is; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    with Console(file=sys.stderr, highlight=False, markup=False).status("") as status:
        yield lambda certificate: status.update(f"{certificate.variant}  {certificate.dtype}")


def _print(summaries: Sequence[Summary], certificates: Sequence[Certificate]) -> None:
    out = console()
    print_rows(
        out,
        ("operation", "elements", "value", "gradient", "worst case"),
        [
            (
                summary.operation,
                f"{summary.elements:,}",
                _figure(summary.value),
                _figure(summary.gradient),
                _place(worst_of(c for c in (summary.value, summary.gradient) if c is not None)),
            )
            for summary in summaries
        ],
        indent=0,
    )
    out.print()
    failed = [certificate for certificate in certificates if not certificate.passed]
    for certificate in failed[:SHOWN]:
        out.print(_failure(certificate))
    if len(failed) > SHOWN:
        out.print(f"... and {len(failed) - SHOWN} more")
    for name, reason in CONDITIONED.items():
        if any(summary.operation == name for summary in summaries):
            out.print(f"{name} is judged on its condition: {reason}")
    worst = worst_of(certificates)
    assert worst is not None
    proven = "proven" if not failed else f"{len(failed)} of {len(certificates)} certificates failed"
    out.print(f"worst: {_figure(worst)} of at most {BOUND:g} ULP in {_place(worst)} ({proven})")


def _figure(certificate: Certificate | None) -> str:
    """The error that counts; where it is that on a scale, also the plain one."""
    if certificate is None:
        return "-"
    comparison = certificate.comparison
    if comparison.faults:
        return "wrong"
    on_scale = f" ({comparison.ulp:.3g} ULP)" if comparison.ulp > BOUND else ""
    return f"{comparison.ruling:.2f}{on_scale}"


def _place(certificate: Certificate | None) -> str:
    return "-" if certificate is None else f"{certificate.variant} {certificate.dtype} {certificate.order}"


def _failure(certificate: Certificate) -> str:
    comparison, worst = certificate.comparison, certificate.worst
    lines = [f"{_place(certificate)} ({certificate.output}): {_figure(certificate)}"]
    if certificate.under:
        lines.append(f"  under    {', '.join(f'{name}={value}' for name, value in certificate.under.items())}")
    lines += [f"  fault    {fault}" for fault in comparison.faults]
    if worst is not None:
        lines += [f"  element  {worst.index}", f"  oracle   {worst.oracle}", f"  exact    {worst.exact}"]
        lines += [f"  {name:<8} {numbers}" for name, numbers in worst.inputs.items()]
    return "\n".join(lines)


def _content(certificate: Certificate) -> dict[str, Any]:
    comparison, worst = certificate.comparison, certificate.worst
    content = {
        "variant": certificate.variant,
        "operation": certificate.operation,
        "dtype": certificate.dtype,
        "order": certificate.order,
        "output": certificate.output,
        "under": {name: str(value) for name, value in certificate.under.items()},
        "passed": certificate.passed,
        "elements": comparison.elements,
        "ulp": comparison.ulp,
        "scaled": comparison.scaled,
        "ruling": comparison.ruling,
        "freed": comparison.freed,
        "faults": list(comparison.faults),
        "worst": None,
    }
    if worst is not None:
        content["worst"] = {
            "index": list(worst.index), "inputs": dict(worst.inputs), "oracle": worst.oracle, "exact": worst.exact,
        }  # fmt: skip
    return {name: _number(value) if isinstance(value, float) else value for name, value in content.items()}


def _number(value: float) -> float | str:
    """JSON has no infinity and no nan: they are strings, as in a run file."""
    return value if math.isfinite(value) else str(value)
