"""What only a composition shows: a network of the implementation's own units, trained."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from conformance.arrays import Array
from conformance.implementation.remote import Implementation, Layer, Remote, as_array, as_number
from conformance.oracle import tolerance
from conformance.oracle.cases import Case
from conformance.oracle.comparison import compare
from conformance.outcomes import NotPassed, failed


def units(case: Case) -> set[str]:
    """Return the units that a network is made of."""
    return {entry[0] for entry in case.table["layers"]} | {case.table["loss"], "SGD"}


@dataclass
class Steps:
    """What came of training by hand, as far as it went."""

    losses: list[float] = field(default_factory=list)
    gradients: dict[str, Array] = field(default_factory=dict)
    params: dict[str, Array] = field(default_factory=dict)
    failure: NotPassed | None = None

    def whole(self) -> Steps:
        """Return this, if the training came to its end."""
        if self.failure is not None:
            raise self.failure
        return self


def _layers(implementation: Implementation, case: Case) -> list[Layer]:
    """Make the layers, with the case's parameters."""
    made = []
    for index, (unit, *rest) in enumerate(case.table["layers"]):
        options = rest.pop() if rest and isinstance(rest[-1], dict) else {}
        layer = implementation.layer(unit, rest, options)
        names = ("weight", "bias")
        layer.set_params(
            {name: case[f"{index}.{name}"] for name in names if f"{index}.{name}" in case}
        )
        made.append(layer)
    return made


def _by_hand(implementation: Implementation, case: Case) -> Steps:
    """Train step by step with layers, loss and optimizer, without Sequential and fit."""
    if (case, "steps") not in implementation.memo:
        implementation.memo[case, "steps"] = steps = Steps()
        try:
            _train(implementation, case, steps)
        except NotPassed as failure:
            steps.failure = failure
    known: Steps = implementation.memo[case, "steps"]
    return known


def _train(implementation: Implementation, case: Case, steps: Steps) -> None:
    implementation.begin("Network")
    for unit in sorted(units(case)):
        implementation.require(unit)
    layers = _layers(implementation, case)
    loss = implementation.layer(case.table["loss"], [], {})
    optimizer = implementation.layer("SGD", [case.table["lr"]], {})
    with_params = [layer for layer in layers if layer.arrays("params")]
    size = case.table["batch_size"]
    for _ in range(case.table["epochs"]):
        for start in range(0, len(case["x"]), size):
            batch = slice(start, start + size)
            value: Any = implementation.put(case["x"][batch])
            for layer in layers:
                _, value = layer.call("forward", value)
            number, _ = loss.call("forward", value, case["target"][batch])
            steps.losses.append(float(as_number(number, "the loss")))
            gradient: Remote = loss.call("backward")[1]
            for layer in reversed(layers):
                dx, gradient = layer.call("backward", gradient)
            if not steps.gradients:
                steps.gradients = {"dx": dx}
                for index, layer in enumerate(layers):
                    for name, array in layer.arrays("grads").items():
                        steps.gradients[f"d{index}.{name}"] = array
            for layer in with_params:
                optimizer.call("step", layer.handle("params"), layer.handle("grads"))
    for index, layer in enumerate(layers):
        for name, array in layer.arrays("params").items():
            steps.params[f"{index}.{name}"] = array


def losses(implementation: Implementation, case: Case) -> float:
    """Check the loss of every step."""
    got = _by_hand(implementation, case).whole().losses
    bound = tolerance.coarse(case.bound("steps.loss"))
    return compare(got, case["steps.loss"], bound, "the loss of the steps")


def parameters(implementation: Implementation, case: Case) -> float:
    """Check the parameters after training."""
    got = _by_hand(implementation, case).whole().params
    return _compare_all(got, case, ".after", "after training")


def gradients(implementation: Implementation, case: Case) -> float:
    """Check the gradients of the first step."""
    steps = _by_hand(implementation, case)
    got = steps.gradients or steps.whole().gradients
    used = _compare_all(got, case, "", "in the first step")
    allowed = tolerance.coarse(case.bound("dx"))
    return max(used, compare(as_array(got["dx"], "dx"), case["dx"], allowed, "dx"))


def fit(implementation: Implementation, case: Case) -> float:
    """Check fit, evaluate and predict on a Sequential of the layers."""
    implementation.begin("Network")
    for unit in ("Sequential", "fit", "evaluate", "predict"):
        implementation.require(unit)
    model = implementation.layer("Sequential", [_layers(implementation, case)], {})
    loss = implementation.layer(case.table["loss"], [], {})
    optimizer = implementation.layer("SGD", [case.table["lr"]], {})
    x, y = case["x"], case["target"]
    options = {key: case.table[key] for key in ("epochs", "batch_size")}
    history = implementation.function("fit", model, loss, optimizer, x, y, shuffle=False, **options)
    evaluation = implementation.function("evaluate", model, loss, x, y, batch_size=4)
    outputs = as_array(implementation.function("predict", model, x, batch_size=4), "predict")
    results = {
        "epochs.loss": _get(history, "loss", "fit"),
        "evaluate.loss": _get(evaluation, "loss", "evaluate"),
        "predict": outputs,
    }
    if "epochs.accuracy" in case:
        results["epochs.accuracy"] = _get(history, "accuracy", "fit")
        results["evaluate.accuracy"] = _get(evaluation, "accuracy", "evaluate")
    return max(
        compare(got, case[name], tolerance.coarse(case.bound(name)), name)
        for name, got in results.items()
    )


def _compare_all(got: dict[str, Array], case: Case, suffix: str, when: str) -> float:
    used = 0.0
    for key in (key for key in case.arrays if f"{key}.after" in case):
        name = key + suffix if suffix else f"d{key}"
        mine = key if suffix else name
        if mine not in got:
            raise failed(f"there is no {mine} {when}")
        allowed = tolerance.coarse(case.bound(name))
        used = max(used, compare(as_array(got[mine], mine), case[name], allowed, f"{mine} {when}"))
    return used


def _get(result: Any, key: str, loop: str) -> Array:
    value = result.get(key) if isinstance(result, dict) else None
    if isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim > 0):
        return np.array([as_number(number, f"{loop}'s {key}") for number in value])
    return np.array(as_number(value, f"{loop}'s {key}"))
