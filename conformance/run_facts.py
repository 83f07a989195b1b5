"""The lines of a run file that say what was asked and by whom, so that a report needs neither case files nor oracle.

Each is written once for a run, and only for what was asked: `case` before its first check, the others at the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Upper ends of the buckets of a histogram of ULP errors, after the first, which counts elements of a wrong class.
ULP_BOUNDS = (0.0, 0.5, *(2.0**n for n in range(21)))


@dataclass(frozen=True)
class WrittenCase:
    """The `case` line: a case as its author wrote it. It is the same for all variants, implementations and dtypes.

    file, line   where it stands: from the folder `cases` on if it is shipped, else from the working directory
    inputs       each array as YAML in one line, cut with "…" where it is long
    shapes       of those inputs; none where it depends on the dtype
    parameters   what every variant sets; `each` what they vary, a list for each name
    outcome      "value", "raises" or "one_of", then with `accepted`: [{"outcome", "because"}]
    published    the digits as printed; `source` says where
    cast, layout   {input: dtype}, {input: "strided" or "transposed"}
    """

    id: str
    says: str
    operation: str
    file: str
    line: int
    inputs: Mapping[str, str] = field(default_factory=dict)
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    each: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    outcome: str = "value"
    accepted: tuple[Mapping[str, str], ...] = ()
    published: str = ""
    source: str = ""
    because: str = ""
    relations: tuple[str, ...] = ()
    cast: Mapping[str, str] = field(default_factory=dict)
    layout: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Definition:
    """The `operation` line: what an operation is, and how exact its oracle is known to be.

    formula     LaTeX: the value of one element or of one sample, before any reduction
    gradients   LaTeX: {input: its partial derivative}, where it is short
    symbols     [[LaTeX, the input or parameter that it stands for or "", what that is in words]]
    references  papers, books, sections
    about       the definition in words
    grade, gradient_grade   what value and gradient must meet, A or B
    inputs      [{"name", "kind", "about", "differentiable", "optional"}]
    parameters, contract    {name: {"default", "about"}}: what a case may set, and what frameworks document
    limits      [low, high] of every unreduced value, or null
    proven      {"elements", "value", "gradient"}: the oracle's largest error in ULP of float64; empty where unproven
    """

    name: str
    family: str
    formula: str = ""
    gradients: Mapping[str, str] = field(default_factory=dict)
    symbols: tuple[tuple[str, str, str], ...] = ()
    references: tuple[str, ...] = ()
    about: str = ""
    grade: str = "B"
    gradient_grade: str = "B"
    inputs: tuple[Mapping[str, Any], ...] = ()
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    contract: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    limits: tuple[float, float] | None = None
    reduces: bool = False
    single: bool = False
    proven: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Curve:
    """The `curve` line: how the error of one check runs along one of its inputs, worst elements only.

    The range of the input is cut into pieces; of each piece stands the element of the largest ULP error: its input,
    its error in ULP and in K (three digits; "inf" where its class is wrong). Values of `x` ascend.

    check    id of the check; `case`, `operation`, `call` (adapter/implementation), `dtype`, `order` are those of it
    output   "value", or the name of the input whose gradient it is
    input    name of the input along which it runs
    """

    check: str
    case: str
    operation: str
    call: str
    dtype: str
    order: str
    output: str
    input: str
    x: tuple[float, ...]
    ulp: tuple[float, ...]
    k: tuple[float, ...]


@dataclass(frozen=True)
class Script:
    """The `script` line: what `conformance repro` prints for one check.

    There is one for each cause that needs a person, and one for each divergence record that explained something.

    check    id of the check that it shows
    because  "unexpected", "changed", "fixed", or "expected" where it is an example of a record
    record   id of that record, or ""
    """

    check: str
    because: str
    text: str
    record: str = ""
