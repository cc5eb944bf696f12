"""Numerical gradients, where a step in float32 would be lost in rounding."""

from __future__ import annotations

import numpy as np

from cnn_conformance.checks import functions
from cnn_conformance.findings import Finding
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.oracle import tolerance
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.comparison import compare
from cnn_conformance.outcomes import standing_on


def steps_in_float64(implementation: Implementation, case: Case) -> float:
    """Check that x of float32 gives what the same x of float64 gives, in whatever dtype."""
    name, dtype = functions.RESULT, "float32"
    with standing_on("its plain use"):
        functions.works(implementation, case)
    plain = functions.observe(implementation, case).results[name]
    what = functions.tensor(case, name)
    functions.works(implementation, case, dtype)
    result = functions.observe(implementation, case, dtype).results[name]
    rounded = tolerance.fine(float(np.abs(plain).max()), np.dtype(dtype))
    allowed = tolerance.fine(case.bound(name), np.dtype("float64")) + rounded
    when = Finding("for input", dtype=dtype)
    return compare(result, plain, allowed, what, when)
