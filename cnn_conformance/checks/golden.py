"""Is the number right? Outputs and gradients against the golden data.

A case is computed once and observed; each check then looks at one tensor of the observation, so
that every tensor has its own outcome.
"""

from __future__ import annotations

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


def forward(implementation: Implementation, case: Case) -> float:
    """Check the output of a layer or the value of a loss."""
    name = output_name(case)
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


def last_state(implementation: Implementation, case: Case) -> float:
    """Check the last state that a recurrent layer returns beside its output."""
    return _beside(implementation, case, "h_n")


def last_cell(implementation: Implementation, case: Case) -> float:
    """Check the last cell that LSTM returns beside its output."""
    return _beside(implementation, case, "c_n")


def _beside(implementation: Implementation, case: Case, name: str) -> float:
    got = observe(implementation, case).array(name)
    return compare(got, case[name], tolerance.coarse(case.bound(name)), name)


def dx(implementation: Implementation, case: Case) -> float:
    """Check what a layer's backward returns."""
    return _gradient(implementation, case, "dx")


def dweight(implementation: Implementation, case: Case) -> float:
    """Check the gradient of the weight."""
    return _gradient(implementation, case, "dweight")


def dbias(implementation: Implementation, case: Case) -> float:
    """Check the gradient of the bias."""
    return _gradient(implementation, case, "dbias")


def dweight_ih(implementation: Implementation, case: Case) -> float:
    """Check the gradient of a recurrent layer's weight for its input."""
    return _gradient(implementation, case, "dweight_ih_l0")


def dweight_hh(implementation: Implementation, case: Case) -> float:
    """Check the gradient of a recurrent layer's weight for its state."""
    return _gradient(implementation, case, "dweight_hh_l0")


def dbias_ih(implementation: Implementation, case: Case) -> float:
    """Check the gradient of a recurrent layer's first bias."""
    return _gradient(implementation, case, "dbias_ih_l0")


def dbias_hh(implementation: Implementation, case: Case) -> float:
    """Check the gradient of a recurrent layer's second bias."""
    return _gradient(implementation, case, "dbias_hh_l0")


def dh0(implementation: Implementation, case: Case) -> float:
    """Check the gradient of a state that a recurrent layer is given."""
    return _gradient(implementation, case, "dh0")


def dc0(implementation: Implementation, case: Case) -> float:
    """Check the gradient of a cell that LSTM is given."""
    return _gradient(implementation, case, "dc0")


def dquery(implementation: Implementation, case: Case) -> float:
    """Check the first gradient that attention returns."""
    return _gradient(implementation, case, "dquery")


def dkey(implementation: Implementation, case: Case) -> float:
    """Check the second gradient that attention returns."""
    return _gradient(implementation, case, "dkey")


def dvalue(implementation: Implementation, case: Case) -> float:
    """Check the third gradient that attention returns."""
    return _gradient(implementation, case, "dvalue")


def din_proj_weight(implementation: Implementation, case: Case) -> float:
    """Check the gradient of the weight for query, key and value."""
    return _gradient(implementation, case, "din_proj_weight")


def din_proj_bias(implementation: Implementation, case: Case) -> float:
    """Check the gradient of the bias for query, key and value."""
    return _gradient(implementation, case, "din_proj_bias")


def dout_proj_weight(implementation: Implementation, case: Case) -> float:
    """Check the gradient of the weight for what the heads have given."""
    return _gradient(implementation, case, "dout_proj.weight")


def dout_proj_bias(implementation: Implementation, case: Case) -> float:
    """Check the gradient of the bias for what the heads have given."""
    return _gradient(implementation, case, "dout_proj.bias")


def dprediction(implementation: Implementation, case: Case) -> float:
    """Check what a loss's backward returns."""
    return _gradient(implementation, case, gradient_names(case)[0])


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
