"""Does `backward` fit the implementation's own `forward`? Differences along random directions.

The objective is Σ dout·y for a layer and the value for a loss. Along a direction v of ±1 its slope,
estimated from forward alone, must be <gradient, v>. Three directions for each tensor, so that a
failure names the tensor. How the slope is estimated depends on the kind of function:

- affine in each argument (convolution, dense, flatten): a central difference with step 1 is exact
  but for rounding;
- piecewise linear (ReLU, max pooling): on inputs that keep a gap of 1/8 from every kink, a step of
  1/32 crosses none, and the central difference is exact again;
- smooth (losses, sigmoids, normalization, recurrence): Richardson extrapolation, whose last two
  estimates tell how far it may be off. ELU is smooth on either side of its kink.

And is it one for every dout? The gradient of Σ dout·y is proportional to dout, however large.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.checks.observation import (
    Inputs,
    Observation,
    gradient_names,
    gradients,
    inputs_of,
    is_right,
    loss_inputs,
    make,
    named,
    observe,
    output_name,
    output_names,
    returned,
    returned_names,
    upstream_of,
)
from cnn_conformance.findings import Finding
from cnn_conformance.implementation.handles import Layer
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.oracle import tolerance
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.comparison import compare
from cnn_conformance.oracle.conversions import divisor
from cnn_conformance.outcomes import NotPassed, blocked, blocked_by, failed

DIRECTIONS = 3
KINKS = ("ties", "zeros", "minute", "vast", "far-below")
"""Kinds of input that stand on kinks, or on whose scale a step is far too long or too short."""
FACTORS = (2.0**-100, 2.0**100)
"""What a dout is multiplied with: about 1e-30 and 1e30, exactly, in float32 too."""
SPREAD = 4.0
"""How many times the root of the sum of squares the sum of errors of random sign may be."""

Objective = Callable[[dict[str, Array]], float]


def fits(implementation: Implementation, case: Case) -> float:
    """Check that backward is the gradient of forward, in the input and every parameter.

    Where the forward of the case is wrong, the golden gradient is right too.
    """
    observation = observe(implementation, case)
    if "forward" in observation.failures:
        raise blocked_by(observation.failures["forward"], "forward")
    forward_is_right = is_right(implementation, case, output_name(case))
    used = 0.0
    for name in gradient_names(case):
        try:
            used = max(used, _fit(implementation, case, name)[0])
        except NotPassed as mismatch:
            if forward_is_right:
                raise
            if not is_right(implementation, case, name):
                raise blocked("while forward is wrong", cause=mismatch.finding) from None
    return used


def any_dout(implementation: Implementation, case: Case) -> float:
    """Check that backward is proportional to dout: nothing is clipped, added or cut off.

    A small dout is asked for dx only: where a layer learns within backward, its other gradients are
    read off changes of the parameters, in which small ones are lost.
    """
    plain = observe(implementation, case)
    if "backward" in plain.failures:
        raise blocked_by(plain.failures["backward"], "backward")
    used = 0.0
    for factor in FACTORS:
        implementation.begin(case.unit)
        layer = make(implementation, case)
        layer.forward(*inputs_of(case))
        dout = tuple(factor * each for each in upstream_of(case))
        scaled = Observation(gradients(layer, case, dout))
        for name in gradient_names(case) if factor > 1 else returned_names(case):
            before = plain.array(name)
            bound = max(case.bound(name), float(np.abs(before).max(initial=0.0)))
            allowed = factor * tolerance.coarse(bound)
            when = Finding("with a dout multiplied", factor=factor)
            used = max(used, compare(scaled.array(name), factor * before, allowed, name, when))
    return used


def fits_own_forward(implementation: Implementation, case: Case, name: str) -> bool:
    """Tell whether one gradient fits a forward that is wrong, and is not zero where it matters.

    An output that never depends on its input has the gradient zero; that it "fits" shows nothing.
    """
    try:
        _, slopes = _fit(implementation, case, name)
    except NotPassed:
        return False
    nothing = 1e-3 * float(np.abs(case[name]).max(initial=0.0))
    return max(map(abs, slopes)) > nothing or _is_right_elsewhere(implementation, case, name)


def has_kinks(case: Case) -> bool:
    """Tell whether a case stands on kinks, where differences say nothing of the gradient."""
    inputs = case.table.get("inputs", {})
    return inputs.get("x", {}).get("kind") in KINKS


def _is_right_elsewhere(implementation: Implementation, case: Case, name: str) -> bool:
    """Tell whether forward and this gradient are right in another case that was computed before."""
    return any(
        is_right(implementation, other, output_name(other))
        and is_right(implementation, other, name)
        for other, dtype in list(implementation.memo)
        if dtype == "float64" and other.unit == case.unit and name in other
    )


def _fit(implementation: Implementation, case: Case, name: str) -> tuple[float, list[float]]:
    """Compare slopes with the gradient of one tensor; return the share used, and the slopes."""
    implementation.begin(case.unit)
    tensor = name.removeprefix("d")
    if case.unit in units.LOSSES:
        objective, point, analytic, bound = _loss(implementation, case, name)
    else:
        objective, point, analytic, bound = _layer(implementation, case, name)
    if analytic.shape != point[tensor].shape:
        raise failed(
            "shape", tensor=name, got=analytic.shape, expected=point[tensor].shape
        ).showing("shape", got=analytic, expected=point[tensor].shape)
    rng = np.random.default_rng(0)
    factor = _declared_factor(case, name)
    analytic = analytic / factor
    rounding = SPREAD * analytic.size**0.5 * tolerance.coarse(case.bound(name)) / factor
    used, slopes = 0.0, []
    for _ in range(DIRECTIONS):
        direction = rng.choice([-1.0, 1.0], size=analytic.shape)
        slope, error = _slope(objective, point, tensor, direction, case.unit, bound)
        projected = (analytic * direction).sum()
        allowed = error + rounding
        slopes.append(slope)
        if not abs(projected - slope) <= allowed:
            raise failed(
                "slope",
                tensor=name,
                direction=direction,
                objective="the loss" if case.unit in units.LOSSES else "Σ dout·y",
                slope=float(slope),
                projected=float(projected),
                allowed=float(allowed),
            ).showing("values", got=projected, expected=slope, allowed=allowed)
        used = max(used, float(abs(projected - slope) / allowed))
    return used, slopes


def _declared_factor(case: Case, name: str) -> float:
    """Return how many times the gradient of mathematics a gradient is declared to be."""
    if case.unit in units.LOSSES:
        mean = case.options.get("reduction", case.dialect.get(f"{case.unit}.reduction", "mean"))
        undivided = case.dialect.get(f"{case.unit}.gradient") == "sum" and mean == "mean"
        return len(case[name.removeprefix("d")]) if undivided else 1
    return 1 if name in returned_names(case) else 1 / divisor(case, case.unit, len(case["x"]))


def _layer(
    implementation: Implementation, case: Case, name: str
) -> tuple[Objective, dict[str, Array], Array, float]:
    """Return Σ dout·y as a function of a layer's input and parameters, and its gradient."""
    layer = make(implementation, case)
    came = _outputs(layer, case, inputs_of(case))
    dout = upstream_of(case)
    if came[0].shape != dout[0].shape:  # a forward of the wrong size is asked about its own output
        dout = (np.random.default_rng(1).standard_normal(came[0].shape), *dout[1:])
    value, _ = layer.call("backward", *dout)
    if name in returned_names(case):
        results = returned(case, value)
    else:
        results = {f"d{key}": array for key, array in layer.arrays("grads").items()}
    analytic = Observation(results).array(name)

    def objective(point: dict[str, Array]) -> float:
        there = make(implementation, case, params=point)
        now = _outputs(there, case, tuple(point[each] for each in inputs))
        for each, weights in zip(now, dout, strict=True):
            if each.shape != weights.shape:
                raise failed("shape changes", got=each.shape, before=weights.shape).showing(
                    "shape", got=each, expected=weights.shape
                )
        first, *others = ((w * each).sum() for w, each in zip(dout, now, strict=True))
        slope: float = sum(others, start=first)
        return slope

    names = zip(dout, output_names(case), strict=True)
    bound = SPREAD * sum(float(np.sqrt((d**2).sum())) * case.bound(name) for d, name in names)
    inputs = {each: case[each] for each in units.of(case.unit).inputs if each in case}
    return objective, {**inputs, **case.params}, analytic, bound


def _outputs(layer: Layer, case: Case, inputs: Inputs) -> list[Array]:
    """Return all that forward returns, checked to be arrays."""
    results = Observation(named(output_names(case), layer.call("forward", *inputs)[0]))
    return [results.array(name) for name in output_names(case)]


def _loss(
    implementation: Implementation, case: Case, name: str
) -> tuple[Objective, dict[str, Array], Array, float]:
    """Return a loss as a function of its prediction, and its gradient."""
    loss = implementation.layer(case.unit, case.args, case.options)
    prediction, target, _ = loss_inputs(case)
    loss.loss(prediction, target)
    analytic = Observation({name: loss.call("backward")[0]}).array(name)

    def objective(point: dict[str, Array]) -> float:
        return loss.loss(point[name.removeprefix("d")], target)

    return objective, {name.removeprefix("d"): prediction}, analytic, case.bound("loss")


def _slope(
    objective: Objective,
    point: dict[str, Array],
    tensor: str,
    direction: Array,
    unit: str,
    bound: float,
) -> tuple[float, float]:
    """Return the slope of an objective along a direction, and how far it may be off."""

    def central(step: float) -> float:
        there, back = (
            objective({**point, tensor: point[tensor] + sign * step * direction})
            for sign in (1.0, -1.0)
        )
        return (there - back) / (2 * step)

    step = units.of(unit).step
    if units.of(unit).smoothness != "smooth":
        return central(step), tolerance.coarse(bound) / step
    coarse, middle, small = (central(step / 2**k) for k in range(3))
    first = (4 * middle - coarse) / 3
    second = (4 * small - middle) / 3
    best = (16 * second - first) / 15
    rounding = tolerance.coarse(bound) / (step / 4)
    disagreement = abs(best - second)
    if not np.isfinite(disagreement):
        raise failed("slope not finite", unit=unit, got=float(small)).showing("finite", got=small)
    if disagreement > 0.05 * (1 + abs(best)) + rounding:  # no verdict can be taken from this
        raise blocked(
            "slope does not converge", unit=unit, first=float(first), second=float(second)
        )
    return best, disagreement + rounding
