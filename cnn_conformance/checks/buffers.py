"""Running statistics: what a layer learns without gradients, and what it does with it."""

from __future__ import annotations

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.checks.observation import make, observe
from cnn_conformance.implementation.remote import Implementation, Layer
from cnn_conformance.oracle import tolerance
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.comparison import agree, compare
from cnn_conformance.outcomes import WRONG, NotPassed, blocked_by, failed

FIRST = {"weight": 1.0, "bias": 0.0}
FIRST_BUFFERS = {"running_mean": 0.0, "running_var": 1.0}


def initial_state(implementation: Implementation, case: Case) -> None:
    """Check names, shapes, dtypes and values of the parameters and buffers of a new layer."""
    plain = observe(implementation, case).failures.get("forward")
    if plain is not None and plain.outcome not in WRONG:
        raise plain
    implementation.begin(case.unit)
    try:
        layer = implementation.layer(case.unit, case.args, case.options)
    except NotPassed as failure:
        raise blocked_by(failure, "the constructor") from None
    for attribute, first in (("params", FIRST), ("buffers", FIRST_BUFFERS)):
        arrays = layer.arrays(attribute)
        if set(arrays) != set(first):
            raise failed(f"{attribute} has the keys {list(arrays)}, expected {list(first)}")
        for name, value in first.items():
            expected = np.full(case["weight"].shape, value)
            compare(arrays[name], expected, 0.0, f'{attribute}["{name}"]')
            if arrays[name].dtype != np.float64:
                raise failed(
                    f'{attribute}["{name}"] starts as {arrays[name].dtype}, expected float64'
                )


def running_mean(implementation: Implementation, case: Case) -> float:
    """Check the running mean after each batch."""
    return _running(implementation, case, "running_mean", "running_mean.after")


def running_var(implementation: Implementation, case: Case) -> float:
    """Check the running variance after each batch, whichever variance of a batch goes into it."""
    try:
        return unbiased(implementation, case)
    except NotPassed as mismatch:
        try:
            return _running(implementation, case, "running_var", "running_var.biased")
        except NotPassed:
            raise mismatch from None


def unbiased(implementation: Implementation, case: Case) -> float:
    """Check the running variance after each batch: the unbiased variances go into it."""
    return _running(implementation, case, "running_var", "running_var.after")


def evaluated(implementation: Implementation, case: Case) -> float:
    """Check that what training has left is used in evaluation, whichever variance that is of."""
    layer = _trained(implementation, case)[0]
    layer.set("training", False)
    y = layer.forward(case["x"])
    if agree(y, case["evaluated.biased"], tolerance.coarse(case.bound("evaluated.biased"))):
        return 0.0
    return compare(y, case["evaluated"], tolerance.coarse(case.bound("evaluated")), "y")


def only_training_changes(implementation: Implementation, case: Case) -> None:
    """Check that backward and forward in evaluation leave the running statistics alone."""
    failures = observe(implementation, case).failures
    if "forward" in failures:
        raise blocked_by(failures["forward"], "forward")
    implementation.begin(case.unit)
    layer = make(implementation, case)
    before = layer.arrays("buffers") if case.buffers else None
    layer.forward(case["x"])
    after = layer.arrays("buffers")
    if before is not None:
        _demand_same(before, after, "forward changes, with training False,")
    if "backward" in failures:  # one that does nothing changes nothing
        return
    layer.backward(case["dout"])
    _demand_same(after, layer.arrays("buffers"), "backward changes")


def _demand_same(before: dict[str, Array], after: dict[str, Array], what: str) -> None:
    for name, array in before.items():
        if name not in after or not np.array_equal(array, after[name]):
            raise failed(f'{what} buffers["{name}"]')


def _running(implementation: Implementation, case: Case, name: str, golden: str) -> float:
    """Compare one of the buffers with golden values after each batch."""
    used = 0.0
    for number, buffers in enumerate(_trained(implementation, case)[1]):
        if name not in buffers:
            raise failed(f'buffers has no "{name}" but {list(buffers)}')
        what = f'buffers["{name}"] after batch {number + 1}'
        allowed = tolerance.coarse(case.bound(golden))
        used = max(used, compare(buffers[name], case[golden][number], allowed, what))
    return used


def _trained(implementation: Implementation, case: Case) -> tuple[Layer, list[dict[str, Array]]]:
    """Train a new layer on the parts of x; return it, and its buffers after each part."""
    implementation.begin(case.unit)
    layer = make(implementation, case)
    states = []
    for part in np.array_split(case["x"], case.table["batches"]):
        layer.forward(part)
        states.append(layer.arrays("buffers"))
    return layer, states
