"""Class labels and indices of any integer dtype, judged where the same labels of int64 are right.

What is wrong for those too is another requirement's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from cnn_conformance.checks.registry import Function
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.oracle.cases import Case
from cnn_conformance.outcomes import standing_on


def of_any_dtype(check: Callable[[Implementation, Case], float]) -> Function:
    """Return a check on a case with its own labels or indices, after the same with int64."""

    def judged(implementation: Implementation, case: Case) -> float:
        with standing_on("the same in int64"):
            check(implementation, _with_int64(implementation, case))
        return check(implementation, case)

    judged.__doc__ = check.__doc__
    return judged


def _with_int64(implementation: Implementation, case: Case) -> Case:
    """Return a case whose labels are int64, always the same one, which is observed once."""
    key, name = (case, "int64"), "target" if "target" in case else "x"
    if key not in implementation.memo:
        labels = case[name].astype(np.int64)
        implementation.memo[key] = replace(case, arrays={**case.arrays, name: labels})
    plain: Case = implementation.memo[key]
    return plain
