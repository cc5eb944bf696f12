"""Whether a unit gives the same twice: new layers of the same case, beside what came in grading."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cnn_conformance.checks.grader import CaseResult, Grader
from cnn_conformance.checks.observation import Observation, observe
from cnn_conformance.checks.registry import manifest
from cnn_conformance.diagnosis.comparisons import case_of
from cnn_conformance.findings import Finding
from cnn_conformance.implementation.values import same_values
from cnn_conformance.oracle.cases import Case
from cnn_conformance.outcomes import Outcome

CASES = 4
ROUNDS = 3
"""Memory that is not set is often what it was, the more so right after the same call."""


def differences(grader: Grader, failing: dict[str, CaseResult]) -> list[Finding]:
    """Return which outputs differ from one new layer to the next, in one finding or none.

    Parameters
    ----------
    grader : Grader
        After its run. Its implementation is started again if it has ended.
    failing : dict
        The failing checks of a layer or a loss that draws no random numbers.
    """
    names = unsteady(grader, failing)
    return [Finding("differs from layer to layer", names=names)] if names else []


def unsteady(grader: Grader, failing: dict[str, CaseResult]) -> tuple[str, ...]:
    """Return the names of the outputs that differ in some of the cases behind failing checks."""
    cases = list(dict.fromkeys(_cases(grader, failing)))[:CASES]
    again = (_differing(grader, case) for _ in range(ROUNDS) for case in cases)
    return tuple(dict.fromkeys(name for names in again for name in names))


def _cases(grader: Grader, failing: dict[str, CaseResult]) -> Iterator[Case]:
    """Yield the cases of the failing checks that have come to an answer."""
    for key, result in failing.items():
        case = case_of(grader, key)
        seen = grader.implementation.memo.get((case, "float64"))
        wrong = result.outcome is Outcome.FAILED and manifest()[key].kind == "case"
        if wrong and isinstance(seen, Observation) and not seen.failures:
            yield case


def _differing(grader: Grader, case: Case) -> list[str]:
    """Return which results of a case are not what they were in grading."""
    memo = grader.implementation.memo
    before = memo.pop((case, "float64"))
    try:
        now = observe(grader.implementation, case)
    finally:
        memo[case, "float64"] = before
    return [
        name
        for name, array in before.results.items()
        if isinstance(array, np.ndarray)
        and name in now.results
        and not same_values(now.results[name], array)
    ]
