"""What a schedule makes of a learning rate, step by step.

It is given something that has a rate, `lr`, and nothing else of an optimizer. Output `first` is the
rate before any step, `rates` are those after each one; both are stored as `rates`, the first of
which has the number 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cnn_conformance.checks import other_arguments
from cnn_conformance.checks.observation import Observation
from cnn_conformance.findings import Finding
from cnn_conformance.implementation.handles import Layer
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.implementation.values import as_number
from cnn_conformance.oracle import tolerance
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.comparison import agree, compare
from cnn_conformance.outcomes import failed, standing_on

RATES = "rates"


class Bench:
    """A schedule with a rate of its own on the other side."""

    def __init__(self, implementation: Implementation, case: Case, times: float = 1.0) -> None:
        self.rate = implementation.probe("Rate", float(case["lr"]) * times)
        arguments = [self.rate, *case.args]
        self.schedule: Layer = implementation.layer(case.unit, arguments, case.options)

    def lr(self) -> float:
        """Return the rate as it is now."""
        return as_number(self.rate.get("lr"), "optimizer.lr")

    def step(self) -> None:
        """Do a step."""
        self.schedule.call("step")


def first(implementation: Implementation, case: Case) -> float:
    """Check the rate before the first step, of a schedule that can be stepped."""
    with standing_on("step"):
        works(implementation, case)
    implementation.begin(case.unit)
    return _compare(Bench(implementation, case), case, 0)


def rates(implementation: Implementation, case: Case) -> float:
    """Check the rate after every step."""
    works(implementation, case)
    implementation.begin(case.unit)
    return _steps(Bench(implementation, case), case)


def float64(implementation: Implementation, case: Case) -> float:
    """Check that the rates are right to float64."""
    with standing_on("step"):
        rates(implementation, case)
    implementation.begin(case.unit)
    return _steps(Bench(implementation, case), case, "float64")


def works(implementation: Implementation, case: Case) -> None:
    """Raise what a case's schedule raises; return where it can be stepped."""
    _alone(implementation, case)


def share_nothing(implementation: Implementation, case: Case) -> None:
    """Check that two schedules can be used in turn, and that each goes by its own arguments."""
    with standing_on("step"):
        alone = _alone(implementation, case)
    implementation.begin(case.unit)
    bench = Bench(implementation, case)
    second = Bench(implementation, case, times=3.0)
    for step in range(1, len(alone)):
        bench.step()
        second.step()
        _demand(bench.lr(), alone[step], case, Finding("second instance"))
    for other in other_arguments.of(case):
        implementation.begin(case.unit)
        bench = Bench(implementation, case)
        args, options = other.arguments
        rate = implementation.probe("Rate", float(case["lr"]))
        made = other_arguments.goes(implementation.layer, case.unit, [rate, *args], options)
        for step in range(1, len(alone) if made else 0):
            bench.step()
            _demand(bench.lr(), alone[step], case, other.finding)


def _demand(got: Any, expected: float, case: Case, when: Finding) -> None:
    allowed = tolerance.coarse(case.bound(RATES))
    if not agree(got, expected, allowed):
        raise failed("not as in a call alone", tensor="optimizer.lr", when=when).showing(
            "values", got=got, expected=expected, allowed=allowed
        )


def _alone(implementation: Implementation, case: Case) -> Sequence[float]:
    """Return the rates of a schedule that is used alone, computed once."""
    key = (case, "float64")
    if key not in implementation.memo:
        implementation.begin(case.unit)
        bench = Bench(implementation, case)
        found = [float(bench.lr())]
        for _ in range(len(case[RATES]) - 1):
            bench.step()
            found.append(float(bench.lr()))
        implementation.memo[key] = Observation(results={RATES: np.array(found)})
    observed: Observation = implementation.memo[key]
    return [float(rate) for rate in observed.results[RATES]]


def _steps(bench: Bench, case: Case, dtype: str = "") -> float:
    """Compare the rates after all steps."""
    used = 0.0
    for step in range(1, len(case[RATES])):
        bench.step()
        used = max(used, _compare(bench, case, step, dtype))
    return used


def _compare(bench: Bench, case: Case, step: int, dtype: str = "") -> float:
    bound = case.bound(RATES)
    allowed = tolerance.fine(bound, np.dtype(dtype)) if dtype else tolerance.coarse(bound)
    when = Finding("after step", step=step) if step else Finding("before the first step")
    return compare(bench.lr(), case[RATES][step], allowed, "optimizer.lr", when)
