"""Scripts that show one check with the framework alone, ready for an upstream issue.

The adapter's own function is copied with what it needs; inputs come from the case and are written so that every
number is exact. The run file says what came out, and what is right stands beside it as text.
"""

from __future__ import annotations

import ast
import math
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from conformance import literals
from conformance.adapter_source import Source, standalone
from conformance.case import Case
from conformance.errors import UsageError
from conformance.find import environment_of
from conformance.oracle import dtypes
from conformance.plan import PlannedCheck, plan
from conformance.reference import Reference
from conformance.run_file import Check, Environment, Record, Run
from conformance.selection import Selection
from conformance.witness import Witness, witness

LARGEST = 20_000
WIDTH = 100
# What a check's order asks for, in words.
WHAT = {
    "value": "value",
    "gradient": "gradient",
    "jvp": "Jacobian-vector product in forward mode",
    "hvp": "Hessian-vector product, forward over reverse",
    "hvp-reverse": "Hessian-vector product, reverse over reverse",
}


def repro(run: Run, check: Check, cases: Iterable[Case], source: Source, *, full: bool = False) -> str:
    """The script of one check, as text.

    cases    where the check's inputs come from; their digest must be that of the run
    source   the adapter's table module
    full     writes all inputs, not the row of the worst element

    Raises UsageError where the check was not asked of the framework, the case is not there or has changed, or
    the inputs are too many to be written.
    """
    if check.verdict == "unsupported":
        raise UsageError(f"{check.id}: unsupported, so there is nothing to show: {check.message}")
    environment = environment_of(run, check)
    if environment is None:
        raise UsageError(f"{run.path} does not say in which environment {check.adapter} ran")
    planned = _planned(check, environment, cases)
    reference = Reference(planned.variant, check.dtype)
    if check.inputs_digest and reference.digest != check.inputs_digest:
        raise UsageError(
            f"{check.variant}: the inputs are not those of the run (digest {reference.digest}, there "
            f"{check.inputs_digest})\n  the case has changed: run it again"
        )
    worst = check.worst
    place = (worst.output, worst.index) if worst else (None, ())
    shown = witness(reference, check.order, *place, full=full)
    size = sum(int(values.size) for values in shown.inputs.values())
    if size > LARGEST:
        raise UsageError(f"{check.id}: {size} numbers are too many for a script, and no part of them shows it alone")
    return _script(run, check, environment, planned, reference, shown, source)


def _planned(check: Check, environment: Environment, cases: Iterable[Case]) -> PlannedCheck:
    """The check as it was planned, with the parameters that the implementation is called with."""
    case = next((case for case in cases if case.id == check.case), None)
    if case is None:
        raise UsageError(f"no case '{check.case}' is loaded\n  name the file that holds it with --cases")
    rows = [
        {**row, "dtypes": [check.dtype], "modes": [check.mode]}
        for row in environment.implementations
        if row["name"] == check.implementation
    ]
    hello: Mapping[str, Any] = {
        "adapter": check.adapter,
        "device": environment.device,
        "modes": [check.mode],
        "orders": [check.order],
        "implementations": rows,
    }
    narrowed = replace(case, dtypes=(check.dtype,))
    for planned in plan(hello, [narrowed], Selection(modes=("all",), orders=(check.order,))):
        if planned.id == check.id:
            return planned
    raise UsageError(f"{check.id}: the case has changed since the run\n  run it again")


def _script(
    run: Run,
    check: Check,
    environment: Environment,
    planned: PlannedCheck,
    reference: Reference,
    shown: Witness,
    source: Source,
) -> str:
    script = source.script
    record = next((r for r in run.records if r.id == check.record), None)
    function = str(planned.implementation["function"])
    imports, helpers, main = standalone(source, function, planned.implementation.get("module"))
    arrays = [_array(script, name, reference, shown) for name in shown.inputs]
    for name in _primals(check, planned, shown):
        literal = literals.array(reference.tangents[name], check.dtype)
        arrays.append(f"tangent_of_{name} = {_filled(script['array'], literal=literal, dtype=check.dtype)}")
    if shown.cotangent is not None:
        literal = literals.array(shown.cotangent, check.dtype)
        arrays.append(f"cotangent = {_filled(script['array'], literal=literal, dtype=check.dtype)}")
    needs_numpy = any("np.zeros(" in text for text in arrays) and not _binds(script["imports"], "np")
    head = [script["imports"], *imports, *(["import numpy as np"] if needs_numpy and not imports else [])]
    if "printing" in script:
        head.append("\n" + _filled(script["printing"], digits=str(_digits(check.dtype))))
    blocks = [
        _header(check, environment, planned, shown, record),
        "\n".join(head),
        *(f"\n{helper}" for helper in helpers),
        f"\n{main}",
        "\n" + "\n".join(arrays),
        _call(check, planned, shown, source),
        _footer(check, shown),
    ]
    return "\n\n".join(blocks) + "\n"


def _call(check: Check, planned: PlannedCheck, shown: Witness, source: Source) -> str:
    """The lines that call the function and print. What is compiled takes arrays alone: parameters are constants.

    It is the function, or, where an adapter's SCRIPT says that it compiles derivatives `whole`, the derivative.
    """
    function, arguments = str(planned.implementation["function"]), _arguments(planned, shown)
    compiling = None if check.mode == "eager" else source.script.get("modes", {}).get(check.mode)
    if compiling is None and check.mode != "eager":
        raise UsageError(f"{source.file.name}: SCRIPT does not say how to compile for mode {check.mode}")
    template = source.script.get(check.order)
    if template is None:
        raise UsageError(f"{source.file.name}: SCRIPT does not say how to ask for {check.order}")
    primals = _primals(check, planned, shown)
    directions = [f"tangent_of_{name}" for name in primals]
    # A framework that wants the value's own dtype, whatever the inputs' is, says how to cast.
    cotangent = "None" if shown.cotangent is None else source.script.get("cotangent", "cotangent")
    words = {"wrt": _wrt(check, planned, shown) or "", "cotangent": cotangent}
    words |= {"primals": ", ".join(primals), "directions": ", ".join(directions)}
    if compiling is None:
        return _filled(template, function=function, arguments=arguments, **words)
    names = ", ".join(shown.inputs)
    body = f"return {function}({arguments})"
    asked = _filled(template, function="compiled", arguments=names, **words)
    if source.script.get("whole") and check.order != "value":
        names = ", ".join([*shown.inputs, *directions, *(["cotangent"] if shown.cotangent is not None else [])])
        body = _returning(_filled(template, function=function, arguments=arguments, **words))
        asked = f"print(compiled({names}))"
    text = f"\ndef compiled({names}):\n{textwrap.indent(body, '    ')}\n\n"
    return "\n".join([text, _filled(compiling, function="compiled"), asked])


def _returning(lines: str) -> str:
    """The lines with a return of what the last of them prints."""
    last = ast.parse(lines).body[-1]
    assert isinstance(last, ast.Expr)
    assert isinstance(last.value, ast.Call)
    printed = ast.get_source_segment(lines, last.value.args[0])
    return "\n".join([*lines.splitlines()[: last.lineno - 1], f"return {printed}"])


def _primals(check: Check, planned: PlannedCheck, shown: Witness) -> list[str]:
    """The inputs that are moved along a direction, in forward mode and second order."""
    return [name for name in planned.wrt if name in shown.inputs] if check.order not in ("value", "gradient") else []


def _array(script: Mapping[str, Any], name: str, reference: Reference, shown: Witness) -> str:
    storage = reference.storage[name].dtype
    literal = literals.array(shown.inputs[name], storage)
    if reference.operation.input(name).kind == "label":
        template = str(script["labels"]).replace("int64", storage)
        return f"{name} = {_filled(template, literal=literal, dtype=storage)}"
    return f"{name} = {_filled(script['array'], literal=literal, dtype=storage)}"


def _arguments(planned: PlannedCheck, shown: Witness) -> str:
    positional = [str(name) for name in planned.implementation["inputs"]]
    keywords = [f"{name}={name}" for name in shown.inputs if name not in positional]
    settings = [f"{name}={literals.parameter(value)}" for name, value in planned.parameters.items()]
    return ", ".join([*positional, *keywords, *settings])


def _wrt(check: Check, planned: PlannedCheck, shown: Witness) -> str | None:
    """The input by which the script differentiates; None for a value."""
    if check.order != "gradient":
        return None
    if check.worst and check.worst.output in shown.inputs:
        return check.worst.output
    return next(name for name in planned.operation.differentiable if name in shown.inputs)


def _digits(dtype: str) -> int:
    """How many decimal digits tell any two numbers of a dtype apart."""
    return math.ceil(1 - math.log10(dtypes.unit_roundoff(dtype)))


def _filled(template: str, **values: str) -> str:
    """The template with its fields replaced. Other braces stay: a template is source code."""
    for name, value in values.items():
        template = template.replace("{" + name + "}", value)
    return template


def _binds(imports: str, name: str) -> bool:
    return any(
        (alias.asname or alias.name) == name
        for node in ast.walk(ast.parse(imports))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    )


def _header(
    check: Check, environment: Environment, planned: PlannedCheck, shown: Witness, record: Record | None
) -> str:
    call = str(planned.implementation.get("call") or check.call)
    versions = {environment.framework: environment.version, **environment.versions}
    what = WHAT[check.order]
    paragraphs = [
        f"{call}: {what} in {check.dtype}, {check.mode} mode, on {check.device}",
        " ".join(check.says.split()),
        "Versions: " + ", ".join(f"{name} {version}" for name, version in versions.items() if name),
    ]
    if record is not None:
        paragraphs.append(f"Why: {' '.join(record.why.split())}")
        paragraphs.append(f"Upstream: {record.upstream}")
    if shown.cut:
        paragraphs.append(
            f"These are the inputs of the worst element, of {shown.elements} in all. Should it not show here, its "
            "place matters: `conformance repro --full` writes all of them."
        )
    return "\n".join(_comment(text) for text in paragraphs)


def _footer(check: Check, shown: Witness) -> str:
    return "\n".join([_comment(f"printed:  {_got(check, shown)}"), _comment(f"expected: {_expected(check, shown)}")])


def _got(check: Check, shown: Witness) -> str:
    if check.worst and shown.cut:
        return check.worst.got
    said = check.outcome or check.verdict
    return f"{said}: {check.message}" if check.verdict == "rejects" and check.message else said


def _expected(check: Check, shown: Witness) -> str:
    if check.worst is None:
        return check.right
    exact = f"{check.worst.exact} (exact; an error of {check.worst.bound} is allowed)"
    if shown.cut or check.shape in ((), (1,)):
        return exact
    place = "".join(f"[{i}]" for i in check.worst.index)
    return f"{check.right}; at {place}: {exact}, not {check.worst.got}" if place else f"{check.right}; {exact}"


def _comment(text: str) -> str:
    wrapped = textwrap.wrap(text, WIDTH - 2, subsequent_indent="  ", break_on_hyphens=False) or [""]
    return "\n".join(f"# {line}".rstrip() for line in wrapped)


def cases_of(run: Run) -> list[Path] | None:
    """The case files that a run was made from, as its header names them; None for the shipped ones."""
    return [Path(path) for path in run.header.selection.get("paths", ())] or None
