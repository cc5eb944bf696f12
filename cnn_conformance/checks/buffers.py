"""Running statistics: what a layer learns without gradients, and what it does with it."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.checks.observation import make, observe
from cnn_conformance.findings import Finding
from cnn_conformance.implementation.handles import Layer
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.oracle import tolerance
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.comparison import compare
from cnn_conformance.oracle.conversions import divisor
from cnn_conformance.outcomes import NotPassed, blocked, blocked_by, failed, standing_on

RUNNING = ("running_mean", "running_var")


def with_own_statistics(implementation: Implementation, case: Case) -> Case:
    """Return a case of evaluation with what the layer's own running statistics make of it.

    They are reached by training, and whether training moves them rightly is judged elsewhere: what
    evaluation makes of them is judged alone. Where a layer shows none that make sense, the case
    stays as it is.
    """
    if "before" not in case:
        return case
    key = (case, "own statistics")
    if key not in implementation.memo:
        implementation.memo[key] = case
        with contextlib.suppress(NotPassed):  # the check says so
            implementation.begin(case.unit)
            mean, var = statistics(make(implementation, case), case)
            arrays = {**case.arrays, **in_evaluation(case, mean, var)}
            implementation.memo[key] = replace(case, arrays=arrays)
    own: Case = implementation.memo[key]
    return own


def statistics(layer: Layer, case: Case) -> tuple[Array, Array]:
    """Return the running mean and variance that a layer shows, if they make sense.

    Raises
    ------
    NotPassed
        BLOCKED, if they do not.
    """
    arrays = shown(layer)
    found = [arrays.get(name) for name in RUNNING]
    shape = case["weight"].shape
    mean, var = (
        a.astype(np.float64) if a is not None and a.shape == shape else np.full(shape, np.nan)
        for a in found
    )
    if not (np.isfinite(mean).all() and np.isfinite(var).all() and (var >= 0).all()):
        raise blocked("wrong statistics")
    return mean, var


def in_evaluation(case: Case, mean: Array, var: Array) -> dict[str, Array]:
    """Return what evaluation has to give with these running statistics, and the bounds."""
    x, dout, weight, bias = (case[name] for name in ("x", "dout", "weight", "bias"))
    eps = case.options.get("eps", case.dialect.get(f"{case.unit}.eps", 1e-5))
    samples = divisor(case, case.unit, len(x))
    axes = _axes(x)

    def wide(array: Array) -> Array:
        return array.reshape(-1, *[1] * (x.ndim - 2))

    scale = wide(1 / np.sqrt(var + eps))
    normalized = (x - wide(mean)) * scale
    size = (np.abs(x) + np.abs(wide(mean))) * scale
    values = {
        "y": (
            wide(weight) * normalized + wide(bias),
            np.abs(wide(weight)) * size + np.abs(wide(bias)),
        ),
        "dx": (wide(weight) * scale * dout, np.abs(wide(weight) * scale * dout)),
        "dweight": ((dout * normalized).sum(axes), (np.abs(dout) * size).sum(axes)),
        "dbias": (dout.sum(axes), np.abs(dout).sum(axes)),
    }
    for name in ("dweight", "dbias"):
        values[name] = values[name][0] / samples, values[name][1] / samples
    n = x[:, 0].size + 8
    bounds = {f"{name}.bound": np.array(n * sums.max()) for name, (_, sums) in values.items()}
    return {name: array for name, (array, _) in values.items()} | bounds


def shown(layer: Layer) -> dict[str, Array]:
    """Return the running statistics; what a layer counts beside them is its own business."""
    found = layer.get("buffers")
    if isinstance(found, dict):
        found = {name: value for name, value in found.items() if name in RUNNING}
    return layer.as_arrays("buffers", found)


def _axes(x: Array) -> tuple[int, ...]:
    """Return all axes but that of the channels."""
    return (0, *range(2, x.ndim))


def running_mean(implementation: Implementation, case: Case) -> float:
    """Check the running mean after each batch."""
    return _running(implementation, case, "running_mean", "running_mean.after")


def running_var(implementation: Implementation, case: Case) -> float:
    """Check the running variance after each batch, whichever variance of a batch goes into it."""
    try:
        return _running(
            implementation, case, "running_var", "running_var.after", "running_var.biased"
        )
    except NotPassed as mismatch:
        try:
            return _running(implementation, case, "running_var", "running_var.biased")
        except NotPassed:
            raise mismatch from None


def unbiased(implementation: Implementation, case: Case) -> float:
    """Check the running variance after each batch: the unbiased variances go into it."""
    with standing_on("the running variance"):
        running_var(implementation, case)
    return _unbiased(implementation, case)


def _unbiased(implementation: Implementation, case: Case) -> float:
    return _running(implementation, case, "running_var", "running_var.after")


def evaluated(implementation: Implementation, case: Case) -> float:
    """Check that evaluation uses what training has left, whether or not that is right."""
    layer = _trained(implementation, case)[0]
    expected = in_evaluation(case, *statistics(layer, case))
    layer.set_later("training", False)
    y = layer.forward(case["x"])
    return compare(y, expected["y"], tolerance.coarse(float(expected["y.bound"])), "y")


def only_training_changes(implementation: Implementation, case: Case) -> None:
    """Check that backward and forward in evaluation leave the running statistics alone."""
    failures = observe(implementation, case).failures
    if "forward" in failures:
        raise blocked_by(failures["forward"], "forward")
    implementation.begin(case.unit)
    layer = make(implementation, case)
    before = shown(layer) if "before" in case else None
    layer.forward(case["x"])
    after = shown(layer)
    if before is not None:
        _demand_same(before, after, Finding("forward changes"))
    if "backward" in failures:  # one that does nothing changes nothing
        return
    layer.backward(case["dout"])
    _demand_same(after, shown(layer), Finding("backward changes"))


def _demand_same(before: dict[str, Array], after: dict[str, Array], what: Finding) -> None:
    for name, array in before.items():
        if name not in after or not np.array_equal(array, after[name]):
            raise failed("buffer changed", what=what, name=name).showing(
                "values", got=after.get(name), expected=array, allowed=0.0
            )


def _running(
    implementation: Implementation, case: Case, name: str, golden: str, other: str = ""
) -> float:
    """Compare one of the buffers with golden values after each batch.

    `other` names golden values that are taken elsewhere.
    """
    used, tensor = 0.0, f'buffers["{name}"]'
    for number, buffers in enumerate(_trained(implementation, case)[1]):
        if name not in buffers:
            raise failed("no buffer", name=name, got=list(buffers)).showing(
                "missing", key=name, attribute="buffers"
            )
        when = Finding("after batch", batch=number + 1)
        allowed = tolerance.coarse(case.bound(golden))
        also = case[other][number] if other else None
        expected = case[golden][number]
        used = max(used, compare(buffers[name], expected, allowed, tensor, when, also=also))
    return used


def _trained(implementation: Implementation, case: Case) -> tuple[Layer, list[dict[str, Array]]]:
    """Train a new layer on the parts of x; return it, and its buffers after each part."""
    implementation.begin(case.unit)
    layer = make(implementation, case)
    states = []
    for part in np.array_split(case["x"], case.table["batches"]):
        layer.forward(part)
        states.append(shown(layer))
    return layer, states
