"""What an optimizer makes of parameters in all steps: a check stops at the first that is wrong."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.checks.optimizers import Bench
from cnn_conformance.diagnosis.same_way import same_arrays
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.tolerance import coarse
from cnn_conformance.outcomes import NotPassed

DIGITS = 1e-5
"""Which share of a parameter that grows they may be apart: one may compute in float32."""
FACTOR = 4
"""How many tolerances two implementations may be apart: both round, and steps add up."""


def differ(mine: Implementation, theirs: Implementation, case: Case) -> bool:
    """Tell whether two optimizers part ways in some step of a case; False for other units."""
    if case.unit not in units.OPTIMIZERS or not case.arrays:
        return False
    one, other = _trajectory(mine, case), _trajectory(theirs, case)
    return any(
        not same_arrays(step[name], beside[name], _allowed(case, name, beside[name]))
        for step, beside in zip(one, other, strict=False)
        for name in step
    )


def _allowed(case: Case, name: str, values: Array) -> float:
    """Return how far parameters may be apart."""
    largest = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
    return max(FACTOR * coarse(case.bound(f"{name}.after")), DIGITS * largest)


def _trajectory(implementation: Implementation, case: Case) -> list[dict[str, Array]]:
    """Return the parameters after every step, computed once; fewer where a step fails."""
    memo: dict[Any, Any] = implementation.memo
    if (case, "trajectory") not in memo:
        steps: list[dict[str, Array]] = []
        memo[case, "trajectory"] = steps
        with contextlib.suppress(NotPassed):  # what came before it tells enough
            implementation.begin(case.unit)
            bench = Bench(implementation, case)
            for step in range(bench.steps):
                bench.step(step)
                steps.append(bench.values())
    found: list[dict[str, Array]] = memo[case, "trajectory"]
    return found
