"""Are the numbers as precise as their dtype? Right values in the wrong precision lose this alone.

Only tensors whose values are right are looked at: the others have lost their points already. Where
backward raises, the output is judged alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.checks.observation import (
    gradient_names,
    is_right,
    observe,
    output_name,
)
from cnn_conformance.findings import Finding
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.oracle import tolerance
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.comparison import compare
from cnn_conformance.outcomes import blocked, blocked_by, failed


def float64(implementation: Implementation, case: Case) -> float:
    """Check that float64 in gives float64 out, right to float64."""
    return _check(implementation, case, "float64")


def float32(implementation: Implementation, case: Case) -> float:
    """Check that float32 in gives float32 out, right to float32."""
    return _check(implementation, case, "float32")


def _check(implementation: Implementation, case: Case, dtype: str) -> float:
    plain = observe(implementation, case)
    if "forward" in plain.failures:
        raise blocked_by(plain.failures["forward"], "forward")
    names = [output_name(case), *gradient_names(case)]
    right = [name for name in names if is_right(implementation, case, name)]
    if not right:
        if "backward" in plain.failures:
            raise blocked_by(plain.failures["backward"], "backward")
        raise blocked("while wrong", names=" and ".join(names))
    observation = observe(implementation, case, dtype)
    used = 0.0
    for name in right:
        got = observation.array(name)
        is_output = name.removeprefix("d") not in case.params
        if is_output and name != "loss" and not observation.mixed:
            demand_dtype(got, dtype, name, Finding("for input and parameters", dtype=dtype))
        used = max(used, compare_finely(got, case, name, dtype, name))
    return used


def demand_dtype(got: Array, dtype: str, tensor: str, when: Finding) -> None:
    """Demand that an array has the dtype of what it came of."""
    if got.dtype != dtype:
        raise failed("dtype", tensor=tensor, got=str(got.dtype), expected=dtype, when=when).showing(
            "dtype", got=got, expected=dtype
        )


def compare_finely(got: Any, case: Case, name: str, dtype: str, tensor: str) -> float:
    """Compare an output to the precision of a dtype; return the share of the tolerance used."""
    allowed = tolerance.fine(case.bound(name), np.dtype(dtype))
    return compare(got, case[name], allowed, tensor, Finding("in dtype", dtype=dtype))
