"""What a new layer has before it is used: the names, shapes, dtypes and variety of parameters."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

import numpy as np

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.checks import buffers
from cnn_conformance.checks.observation import make, observe
from cnn_conformance.implementation.handles import Layer
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.comparison import compare
from cnn_conformance.outcomes import WRONG, NotPassed, blocked_by, failed, standing_on


def initial_parameters(implementation: Implementation, case: Case) -> None:
    """Check names, shapes and dtypes of what a new layer has, and its values or their variety.

    Parameters of another name or shape cannot be set, so that forward fails: here is the place to
    say so. With the right ones, a layer whose forward fails is blocked as elsewhere.
    """
    plain = observe(implementation, case).failures.get("forward")
    if plain is not None and plain.outcome not in WRONG:
        raise plain
    implementation.begin(case.unit)
    with standing_on("the constructor"):
        layer = implementation.layer(case.unit, case.args, case.options)
    if starts := units.of(case.unit).starts:
        _demand_values(layer, case, starts)
    else:
        _demand_initial_parameters(layer.arrays("params"), case)
    if plain is not None:
        raise blocked_by(plain, "forward")


def without_bias(implementation: Implementation, case: Case) -> None:
    """Check that a layer without a bias has no parameter and no gradient for one."""
    observation = observe(implementation, case)
    for step in ("forward", "backward"):
        if step in observation.failures:
            raise blocked_by(observation.failures[step], step)
    implementation.begin(case.unit)
    with contextlib.suppress(NotPassed):  # what keeps gradients on its class has one for a bias now
        other = implementation.layer(case.unit, case.args, {})
        other.backward(np.ones(other.forward(case["x"]).shape))
    layer = make(implementation, case)
    layer.backward(np.ones(layer.forward(case["x"]).shape))
    for attribute in ("params", "grads"):
        got = tuple(layer.arrays(attribute))
        if got != tuple(case.params):
            raise failed("keys", attribute=attribute, got=got, expected=tuple(case.params)).showing(
                "keys", attribute=attribute, expected=list(case.params)
            )


def _demand_initial_parameters(params: dict[str, Array], case: Case) -> None:
    if list(params) != list(case.params):
        raise failed(
            "keys", attribute="params", got=tuple(params), expected=tuple(case.params)
        ).showing("keys", attribute="params", expected=list(case.params))
    for name, expected in case.params.items():
        got, tensor = params[name], f'params["{name}"]'
        if got.shape != expected.shape:
            raise failed("shape", tensor=tensor, got=got.shape, expected=expected.shape).showing(
                "shape", got=got, expected=expected.shape
            )
        if got.dtype != np.float64:
            raise failed("dtype at first", tensor=tensor, got=str(got.dtype)).showing(
                "dtype", got=got, expected="float64"
            )
        if not np.isfinite(got).all():
            raise failed("not finite at first", tensor=tensor).showing("finite", got=got)
    weights = [name for name in params if "weight" in name]
    for length in {len(params[name]): None for name in weights}:  # rows of one unit side by side
        names = [name for name in weights if len(params[name]) == length]
        kept = [params[name] for name in names]
        if case.dialect.get(f"{case.unit}.weight") == "(in, out)":
            kept = [weight.T for weight in kept]
        axes = units.of(case.unit).letters("weight", kept[0].ndim)
        if "K" in axes:  # the filters, which a transposed convolution does not have first
            kept = [np.moveaxis(weight, axes.index("K"), 0) for weight in kept]
        rows = np.hstack([weight.reshape(len(weight), -1) for weight in kept])
        if len(np.unique(rows, axis=0)) < len(rows):
            raise failed("alike at first", names=tuple(names)).showing("alike", got=rows)


def _demand_values(layer: Layer, case: Case, starts: Mapping[str, float]) -> None:
    """Demand parameters that are one number each, and such buffers if there are any."""
    mine = {"params": [n for n in starts if n in case.params]}
    mine["buffers"] = [n for n in starts if n not in case.params]
    for attribute, names in mine.items():
        if not names:
            continue
        arrays = layer.arrays(attribute) if attribute == "params" else buffers.shown(layer)
        if set(arrays) != set(names):
            raise failed(
                "keys", attribute=attribute, got=tuple(arrays), expected=tuple(names)
            ).showing("keys", attribute=attribute, expected=names)
        for name in names:
            tensor = f'{attribute}["{name}"]'
            compare(arrays[name], np.full(case["weight"].shape, starts[name]), 0.0, tensor)
            if arrays[name].dtype != np.float64:
                raise failed("dtype at first", tensor=tensor, got=str(arrays[name].dtype)).showing(
                    "dtype", got=arrays[name], expected="float64"
                )
