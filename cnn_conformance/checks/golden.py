"""Is the number right? Outputs and gradients against the golden data.

A case is computed once and observed; each check then looks at one tensor of the observation, so
that every tensor has its own outcome.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from cnn_conformance.checks import gradient
from cnn_conformance.checks.observation import gradient_names, is_right, make, observe, output_name
from cnn_conformance.findings import Finding
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.oracle import tolerance
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.comparison import agree, compare
from cnn_conformance.outcomes import NotPassed, blocked, passed_on


@cache
def of(name: str) -> Callable[[Implementation, Case], float]:
    """Return the check of one tensor, by its name in the golden data.

    Parameters
    ----------
    name : str
        What forward gives, such as "y", "loss" or "h_n", or a gradient, such as "dx" or "dweight".
    """

    def judged(implementation: Implementation, case: Case) -> float:
        judge = _gradient if name in gradient_names(case) else _output
        return judge(implementation, case, name)

    return judged


def forward(implementation: Implementation, case: Case) -> float:
    """Check the output of a layer or the value of a loss."""
    return _output(implementation, case, output_name(case))


def _output(implementation: Implementation, case: Case, name: str) -> float:
    """Check what forward gives."""
    got = observe(implementation, case).array(name)
    try:
        return compare(got, case[name], tolerance.coarse(case.bound(name)), name)
    except NotPassed:
        if case.table.get("bias_apart") and _is_right_without_bias(implementation, case):
            return 0.0
        if _is_right_but_averaged(case, name, got):
            return 0.0
        raise


def _is_right_without_bias(implementation: Implementation, case: Case) -> bool:
    """Tell whether a layer is right with a bias of zero: the bias has its own requirement."""
    params = {**case.params, "bias": np.zeros_like(case["bias"])}
    try:
        implementation.begin(case.unit)
        y = make(implementation, case, params).forward(case["x"])
    except NotPassed:
        return False
    expected = case["y"] - case["bias"].reshape(-1, *[1] * (case["y"].ndim - 2))
    return agree(y, expected, tolerance.coarse(case.bound("y")))


def _is_right_but_averaged(case: Case, name: str, got: Any) -> bool:
    """Tell whether a loss, or its gradient, is right but for being a mean where the sum is due."""
    if not case.table.get("reduction_apart"):
        return False
    return agree(got * len(case["logits"]), case[name], tolerance.coarse(case.bound(name)))


def _gradient(implementation: Implementation, case: Case, name: str) -> float:
    """Check a gradient against the golden one.

    Where the forward of the case is wrong, a gradient that fits the implementation's own forward is
    right too: the forward has lost its points already.
    """
    observation = observe(implementation, case)
    try:
        got = observation.array(name)
        if _is_right_but_averaged(case, name, got):
            return 0.0
        return compare(got, case[name], tolerance.coarse(case.bound(name)), name)
    except NotPassed as mismatch:
        forward_came = "forward" not in observation.failures
        if not forward_came or is_right(implementation, case, output_name(case)):
            raise
        if gradient.fits_own_forward(implementation, case, name):
            return 0.0
        if gradient.has_kinks(case):
            raise blocked("while forward is wrong here", cause=mismatch.finding) from None
        raise passed_on(mismatch, Finding("fits neither", cause=mismatch.finding)) from None
