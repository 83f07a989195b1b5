"""A made-up run of any size, for what is measured of reports: figures differ from check to check, as real ones do."""

from __future__ import annotations

import base64

import numpy as np

from conformance.run_file import Agreement, Check, End, Environment, Header, Run, Worst

OPERATIONS, CALLS, VARIANTS = 100, 3, 40
DTYPES = ("float64", "float32", "float16", "bfloat16")
ORDERS = ("value", "gradient")
VERDICTS = ("conforms",) * 12 + ("unsupported",) * 4 + ("documented", "diverges", "unstable", "rejects")


def many_checks(count: int, adapters: int = 4) -> Run:
    """A run of `count` checks over 100 operations and some adapters, the same each time."""
    random = np.random.default_rng(7)
    checks = [_check(number, adapters, random) for number in range(count)]
    environments = [
        Environment(
            f"adapter-{number}", "cpu", started=True, framework=f"adapter-{number}", version="1.0",
            versions={"python": "3.11", "numpy": "2.4"}, devices=("cpu",), implementations=tuple(_calls()),
        )
        for number in range(adapters)
    ]  # fmt: skip
    flags = {f"flag-{n}": {"why": f"Reason {n}.", "effect": f"Harm {n}.", "references": []} for n in range(30)}
    end = End("2026-01-01T00:10:00Z", 600.0, count, {}, {}, True)
    header = Header("0.1.0", "0" * 64, "2026-01-01T00:00:00Z", {}, {"system": "Linux", "cores": 2})
    return Run("many.jsonl", header, environments, checks, [], flags, end)


def _calls() -> list[dict[str, object]]:
    return [
        {
            "name": f"losses.Loss{call}", "operation": f"operation_{number}", "call": f"framework.losses.Loss{call}",
            "inputs": ["logits", "targets"], "keywords": {"reduction": "mean"}, "contract": {}, "documented": None,
            "family": f"family {number % 8}",
        }
        for number in range(OPERATIONS)
        for call in range(CALLS)
    ]  # fmt: skip


def _check(number: int, adapters: int, random: np.random.Generator) -> Check:
    number, adapter = divmod(number, adapters)
    number, dtype = divmod(number, len(DTYPES))
    number, order = divmod(number, len(ORDERS))
    number, call = divmod(number, CALLS)
    variant, operation = divmod(number, OPERATIONS)
    name = f"operation-{operation}/case-{variant % VARIANTS}[reduction=r{variant // VARIANTS}]"
    verdict = VERDICTS[random.integers(len(VERDICTS))]
    got, k = float(random.normal()), float(random.gamma(0.5, 3.0))
    parts = f"adapter-{adapter}", f"losses.Loss{call}", DTYPES[dtype], "eager", "cpu", ORDERS[order]
    judged = verdict not in ("unsupported", "rejects")
    return Check(
        id=f"{name}:{parts[0]}/{':'.join(parts[1:])}",
        case=name.partition("[")[0],
        variant=name,
        says=f"What case {variant} of operation {operation} says must hold.",
        operation=f"operation_{operation}",
        adapter=parts[0],
        implementation=parts[1],
        dtype=parts[2],
        mode=parts[3],
        device=parts[4],
        order=parts[5],
        verdict=verdict,
        expectation="expected" if random.random() > 0.001 else "unexpected",
        flags=(f"flag-{variant % 30}",),
        outcome=f"{got:.8g}" if judged else "unsupported" if verdict == "unsupported" else "raises ValueError",
        right=f"{got * (1 + 1e-7):.8g}",
        message="" if judged else f"takes no 'weights' of kind {call}",
        agreement=Agreement("A", k, k, k / 2, k * 6e-8, k * 1e-7, k * 2) if judged else None,
        worst=_worst(got, random) if verdict in ("diverges", "unstable") else None,
        bits=base64.b64encode(np.float32(got).tobytes()).decode() if judged else None,
        shape=() if judged else None,
    )


def _worst(got: float, random: np.random.Generator) -> Worst:
    return Worst(
        "value", (int(random.integers(100)),), f"{got:.8g}", np.float32(got).tobytes().hex(), f"{got * 1.01:.17g}",
        (got * 1.01).hex(), f"[{got:.9g}, {got * 1.02:.9g}]", {"logits": f"{random.normal():.8g}", "targets": "1.0"},
    )  # fmt: skip
