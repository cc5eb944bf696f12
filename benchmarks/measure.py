"""Ratios of times, taken in turn.

A machine that is shared slows everything down for a while, so a time means little and a ratio
of two times taken one after the other means much. The median of many such ratios is reported,
with the quartiles as its spread.
"""

import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from .worker import ENVIRONMENT

BURST_SECONDS = 0.1


class Worker:
    """A process that does one workload with one runtime."""

    def __init__(self, runtime: str, workload: str, dtype: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", runtime, workload, dtype],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | ENVIRONMENT,
        )
        self.description: dict[str, Any] = json.loads(self._answer())
        self.calls = 1
        self.calls = max(1, round(BURST_SECONDS / self.burst()))

    def _answer(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{' '.join(self.process.args[2:])} ended early")  # type: ignore[index, arg-type]
        return line

    def burst(self) -> float:
        """Return the seconds of one call, as the mean of a burst of calls."""
        assert self.process.stdin is not None
        print(self.calls, file=self.process.stdin, flush=True)
        return float(self._answer()) / self.calls

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.communicate()


@dataclass(frozen=True)
class Comparison:
    """How long the reference takes for a workload, as a multiple of a peer's time."""

    workload: str
    dtype: str
    peer: str
    ratio: float
    quartiles: tuple[float, float]
    milliseconds: float
    peer_milliseconds: float
    pairs: int


def compare(
    workload: str, dtype: str, peer: str, pairs: int
) -> tuple[Comparison, dict[str, dict[str, Any]]]:
    """Measure the reference and a peer in turn; return the ratio and who was measured."""
    with Worker("reference", workload, dtype) as ours, Worker(peer, workload, dtype) as theirs:
        times = [(ours.burst(), theirs.burst()) for _ in range(pairs)]
    ratios = [own / other for own, other in times]
    low, median, high = statistics.quantiles(ratios, n=4, method="inclusive")
    comparison = Comparison(
        workload,
        dtype,
        peer,
        ratio=median,
        quartiles=(low, high),
        milliseconds=1000 * statistics.median(own for own, _ in times),
        peer_milliseconds=1000 * statistics.median(other for _, other in times),
        pairs=pairs,
    )
    return comparison, {"reference": ours.description, peer: theirs.description}
