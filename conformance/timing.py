"""The lines of a run file that say how long calls take: `timing` and `ceiling`. Times are nanoseconds, sizes bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Ceiling:
    """The `ceiling` line: what one framework reaches on one device at best, measured in the same run.

    What is copied is a float32 array, its sign changed; bytes are those read and written.

    bandwidth        the most GB/s (10^9 bytes) that a copy reached, of those whose inputs did not come from the cache
    copies           [bytes, nanoseconds] of copies of several sizes
    launch           of the cheapest call: x + x of one entry
    harness          of a call that does nothing: what is ours in every time
    synchronisation  of waiting for a device that is done; taken out of times of `clock` "synchronised batches"
    threads, cores   threads of the processor that a call may use, as the framework says; cores that the process may use
    cache            bytes of the device's last cache
    load             load average of the machine over a minute, when it was measured
    """

    adapter: str
    mode: str
    device: str
    bandwidth: float
    copies: tuple[tuple[float, float], ...]
    launch: float
    harness: float
    clock: str
    synchronisation: float = 0.0
    threads: int | None = None
    cores: int | None = None
    cache: int | None = None
    load: float | None = None


@dataclass(frozen=True)
class Timing:
    """The `timing` line: one call at one size. `median` is 0 where there is no time, and `reason` says why.

    id           operation@size:adapter/implementation:dtype:mode:device:order
    order        "value" is forward, "gradient" is forward and backward
    size         entries of the largest input; `shapes` of all inputs, by name
    case         the case whose inputs were enlarged; `parameters` are those asked
    verdict      of the result at this size: timed are "conforms", "documented", and "diverges" within grade B
    expectation  "expected" where there is a time, no such call, or a divergence record that knows what is wrong;
                 else "unexpected"
    samples      of each lap, which had a process of its own: the mean time of one call over `calls` calls, or that of
                 each call where a device's events tell them apart
    median, low, high   of all samples, and the ends of its 95 % confidence interval
    q1, q3, p95  quantiles
    disturbed    share of samples during which threads waited for a core; those are in `samples` only where
                 there were too few others
    ratio        median of the second lap over that of the first: the A/A comparison
    band         what the same code may differ by, as a fraction: see `bench.noise`
    first        of the first call, which compiles; `compile` is what it took beyond the median
    harness      of a call that does nothing: what is ours in every time
    launch       of the cheapest call of this framework in this mode
    launch_bound   the call is so short that it measures the framework's and the harness's overhead
    replay       median of the same call replayed as a graph of the device, where there is one
    sets, beyond_cache   how many copies of the inputs took turns; whether they were twice the size of the cache
    bytes        least traffic: every input read once, every output written once
    operations   arithmetic operations by the textbook formula, transcendental functions counted as one; None in a row
                 without a time
    bandwidth    GB/s: `bytes` over the median
    fraction     of the best copy bandwidth of this device in this run
    slowdown     median over that of the fastest call of the same operation, size, dtype, device and order
    device_memory, host_memory   most bytes in use during calls beyond those in use before; None where not to be had
    """

    id: str
    operation: str
    adapter: str
    implementation: str
    dtype: str
    mode: str
    device: str
    order: str
    size: int
    case: str
    verdict: str
    reason: str = ""
    expectation: str = "expected"
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    parameters: Mapping[str, object] = field(default_factory=dict)
    clock: str = ""
    calls: int = 0
    samples: tuple[tuple[float, ...], ...] = ()
    median: float = 0.0
    low: float = 0.0
    high: float = 0.0
    q1: float = 0.0
    q3: float = 0.0
    p95: float = 0.0
    disturbed: float = 0.0
    ratio: float = 1.0
    band: float = 0.0
    first: float = 0.0
    compile: float = 0.0
    harness: float = 0.0
    launch: float = 0.0
    launch_bound: bool = False
    replay: float | None = None
    sets: int = 0
    beyond_cache: bool = False
    bytes: int = 0
    operations: int | None = None
    bandwidth: float = 0.0
    fraction: float | None = None
    slowdown: float | None = None
    device_memory: int | None = None
    host_memory: int | None = None

    @property
    def call(self) -> str:
        """adapter/implementation."""
        return f"{self.adapter}/{self.implementation}"

    @property
    def variant(self) -> str:
        """What a check calls the variant: the case as it is timed."""
        return self.case

    @property
    def flags(self) -> tuple[str, ...]:
        """Those of a check; what is timed is an ordinary batch and has none."""
        return ()

    @property
    def group(self) -> str:
        """What calls are compared within."""
        return f"{self.operation}@{self.size}:{self.dtype}:{self.device}:{self.order}"

    @property
    def timed(self) -> bool:
        return self.median > 0

    @property
    def intensity(self) -> float | None:
        """Operations for each byte of the least traffic; None where either is not known."""
        return self.operations / self.bytes if self.operations is not None and self.bytes else None

    @property
    def throughput(self) -> float | None:
        """Gop/s: 10^9 operations of the textbook formula a second; None where there is no time or no count."""
        return self.operations / self.median if self.operations is not None and self.timed else None
