"""What only a composition shows: a network of the implementation's own units, trained."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.checks.options import call
from cnn_conformance.findings import Finding
from cnn_conformance.implementation.handles import Layer
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.implementation.values import as_array, as_number
from cnn_conformance.oracle import tolerance
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.comparison import agree, compare
from cnn_conformance.oracle.conversions import divisor, laid_out
from cnn_conformance.outcomes import NotPassed, Outcome, failed
from cnn_conformance.units import EVALUATE, FIT, NETWORK, PREDICT, SEQUENTIAL


def parts(case: Case) -> set[str]:
    """Return the units that a network is made of."""
    layers = {entry[0] for entry in case.table["layers"]}
    stepping = {optimizer(case)[0]} if "epochs" in case.table else set()
    return layers | {case.table["loss"]} | stepping


def optimizer(case: Case) -> tuple[str, list[Any], dict[str, Any]]:
    """Return the optimizer of a case: its name, and the arguments and options to make it with."""
    table = case.table
    return call(table["optimizer"] if "optimizer" in table else ["SGD", table["lr"]])


@dataclass
class Pass:
    """What came of one pass through a network, forward and backward.

    Parameters
    ----------
    loss : float
        The value of the loss.
    outputs : list of ndarray
        What went into the first layer, and what came out of each.
    upstream : ndarray
        The gradient that the loss has given back.
    gradients : dict
        `dx`, and `dINDEX.NAME` of every parameter.
    """

    loss: float
    outputs: list[Array]
    upstream: Array
    gradients: dict[str, Array]


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
    for index, entry in enumerate(case.table["layers"]):
        layer = implementation.layer(*call(entry))
        names = ("weight", "bias")
        layer.set_params(
            {name: case[f"{index}.{name}"] for name in names if f"{index}.{name}" in case}
        )
        made.append(layer)
    return made


def _pass(layers: list[Layer], loss: Layer, x: Array, target: Array) -> Pass:
    """Go through a network by hand, without Sequential."""
    outputs: list[Any] = [x]
    value: Any = layers[0].implementation.put(x)
    for layer in layers:
        y, value = layer.call("forward", value)
        outputs.append(y)
    number, _ = loss.call("forward", value, target)
    number = as_number(number, "the loss")
    upstream, gradient = loss.call("backward")
    dx = upstream
    for layer in reversed(layers):
        dx, gradient = layer.call("backward", gradient)
    gradients = {"dx": dx}
    for index, layer in enumerate(layers):
        for name, array in layer.arrays("grads").items():
            gradients[f"d{index}.{name}"] = array
    return Pass(number, outputs, upstream, gradients)


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
    case = _begin(implementation, case)
    layers = _layers(implementation, case)
    loss = implementation.layer(case.table["loss"], [], {})
    stepping = implementation.layer(*optimizer(case))
    size = case.table["batch_size"]
    for _ in range(case.table["epochs"]):
        for start in range(0, len(case["x"]), size):
            batch = slice(start, start + size)
            came = _pass(layers, loss, case["x"][batch], case["target"][batch])
            steps.losses.append(came.loss)
            steps.gradients = steps.gradients or came.gradients
            arrays = (implementation.merged(layers, name) for name in ("params", "grads"))
            stepping.call("step", *arrays)
    for index, layer in enumerate(layers):
        for name, array in layer.arrays("params").items():
            steps.params[f"{index}.{name}"] = array


def _begin(implementation: Implementation, case: Case, *more: str) -> Case:
    """Begin a check; return its case, with one-hot rows if the loss refuses class indices.

    The losses are the same, and which targets a loss takes is no question about a network.
    """
    implementation.begin(NETWORK)
    for unit in (*sorted(parts(case)), *more):
        implementation.require(unit)
    target = case["target"]
    if target.ndim == 2:
        return case
    classes = np.eye(case.table["inputs"]["target"]["classes"])
    loss = implementation.layer(case.table["loss"], [], {})
    try:
        loss.call("forward", classes[:1], target[:1])
    except NotPassed as failure:
        if failure.outcome is Outcome.UNSUPPORTED:
            return replace(case, arrays={**case.arrays, "target": classes[target]})
    return case


def losses(implementation: Implementation, case: Case) -> float:
    """Check the loss of every step."""
    got = _by_hand(implementation, case).whole().losses
    bound = tolerance.coarse(case.bound("steps.loss"))
    return compare(got, case["steps.loss"], bound, Finding("losses of the steps"))


def parameters(implementation: Implementation, case: Case) -> float:
    """Check the parameters after training."""
    got = _by_hand(implementation, case).whole().params
    return _compare_all(got, case, _parameters(case), ".after", Finding("after training"))


def gradients(implementation: Implementation, case: Case) -> float:
    """Check the gradients of the first step."""
    steps = _by_hand(implementation, case)
    got = steps.gradients or steps.whole().gradients
    return _compare_all(got, case, _gradients(case), "", Finding("in the first step"))


def gradients_in_evaluation(implementation: Implementation, case: Case) -> float:
    """Check the gradients of a network that is not in training."""
    case = _begin(implementation, case)
    layers = _layers(implementation, case)
    for layer in layers:
        layer.set("training", False)
    loss = implementation.layer(case.table["loss"], [], {})
    got = _pass(layers, loss, case["x"], case["target"]).gradients
    return _compare_all(got, case, _gradients(case), "", Finding("while not training"))


def gradients_of_survivors(implementation: Implementation, case: Case) -> float:
    """Check the gradients of dense, ReLU, dropout, dense: what was dropped passes nothing on.

    The mask is read off what dropout has made of its input, and the gradients that it leaves are
    worked out here, behind the gradient that the loss has given back.
    """
    case = _begin(implementation, case)
    loss = implementation.layer(case.table["loss"], [], {})
    came = _pass(_layers(implementation, case), loss, case["x"], case["target"])
    _, _, h, survived, y = (as_array(y, "forward") for y in came.outputs)
    dense = replace(case, unit="Dense")
    first, last = (laid_out(dense, "weight", case[name]) for name in ("0.weight", "3.weight"))
    x = case["x"]
    hidden, out = (len(x), len(first)), (len(x), len(last))
    upstream = as_array(came.upstream, "SoftmaxCrossEntropy.backward")
    for array, shape, what in (
        (h, hidden, Finding("output of", layer="ReLU")),
        (survived, hidden, Finding("output of", layer="Dropout")),
        (y, out, Finding("output of", layer="the network")),
        (upstream, out, Finding("gradient of the loss")),
    ):
        if array.shape != shape:
            raise failed("shape", tensor=what, got=array.shape, expected=shape).showing(
                "shape", got=array, expected=shape
            )
        if not np.isfinite(array).all():
            raise failed("not finite", tensor=what).showing("finite", got=array)
    mask = np.divide(survived, h, out=np.zeros(h.shape), where=h > 0)
    arrays = [upstream, survived, mask, x, first, last]
    expected, sums = _behind(*arrays), _behind(*map(np.abs, arrays))
    used = 0.0
    samples = divisor(case, "Dense", len(x))
    for name, array in expected.items():
        if name.endswith("bias") and name.removeprefix("d") not in case:
            continue
        if name != "dx":
            array = laid_out(dense, name.rpartition(".")[2], array) / samples
        allowed = tolerance.coarse(h.size * sums[name].max())
        when = Finding("in training")
        got = as_array(_demand(came.gradients, name, when), name)
        used = max(used, compare(got, array, allowed, name, when))
    return used


def _behind(
    dout: Array, survived: Array, mask: Array, x: Array, first: Array, last: Array
) -> dict[str, Array]:
    """Return the gradients of dense, ReLU, dropout, dense; `mask` is 0 where ReLU has cut off."""
    dz = (dout @ last) * mask
    return {
        "d3.weight": dout.T @ survived,
        "d3.bias": dout.sum(axis=0),
        "d0.weight": dz.T @ x,
        "d0.bias": dz.sum(axis=0),
        "dx": dz @ first,
    }


def fit(implementation: Implementation, case: Case) -> float:
    """Check fit, evaluate and predict on a Sequential of the layers, used before it is trained."""
    case = _begin(implementation, case, SEQUENTIAL, FIT, EVALUATE, PREDICT)
    model, loss = _sequential(implementation, case)
    stepping = implementation.layer(*optimizer(case))
    options = {key: case.table[key] for key in ("epochs", "batch_size")}
    x, y = case["x"], case["target"]
    _evaluated(implementation, case, model, loss)
    history = implementation.function(FIT, model, loss, stepping, x, y, shuffle=False, **options)
    results = {"epochs.loss": _get(history, "loss", FIT)}
    if "epochs.accuracy" in case:
        results["epochs.accuracy"] = _get(history, "accuracy", FIT)
    return _compare_results(results | _evaluated(implementation, case, model, loss), case)


def evaluation(implementation: Implementation, case: Case) -> float:
    """Check evaluate and predict on a Sequential of the layers that is not trained."""
    case = _begin(implementation, case, SEQUENTIAL, EVALUATE, PREDICT)
    return _compare_results(
        _evaluated(implementation, case, *_sequential(implementation, case)), case
    )


def _sequential(implementation: Implementation, case: Case) -> tuple[Layer, Layer]:
    """Make the network and its loss."""
    model = implementation.layer(SEQUENTIAL, [_layers(implementation, case)], {})
    return model, implementation.layer(case.table["loss"], [], {})


def _evaluated(
    implementation: Implementation, case: Case, model: Layer, loss: Layer
) -> dict[str, Array]:
    x, y = case["x"], case["target"]
    evaluation = implementation.function(EVALUATE, model, loss, x, y, batch_size=4)
    outputs = as_array(implementation.function(PREDICT, model, x, batch_size=4), PREDICT)
    results = {"evaluate.loss": _get(evaluation, "loss", EVALUATE), "predict": outputs}
    if "evaluate.accuracy" in case:
        results["evaluate.accuracy"] = _get(evaluation, "accuracy", EVALUATE)
    return results


def _compare_results(results: dict[str, Array], case: Case) -> float:
    """Compare what came; whichever variance batch normalization remembers is right here."""
    used = 0.0
    for name, got in results.items():
        allowed, other = tolerance.coarse(case.bound(name)), f"{name}.biased"
        if other not in case or not agree(got, case[other], allowed):
            used = max(used, compare(got, case[name], allowed, name, also=case.get(other)))
    return used


def _parameters(case: Case) -> list[str]:
    return [key for key in case.arrays if f"{key}.after" in case]


def _gradients(case: Case) -> list[str]:
    """Return the names of the gradients; that of the input comes last."""
    names = [f"d{key}" for key in case.arrays if f"d{key}" in case]
    return sorted(names, key=lambda name: name == "dx")


def _compare_all(
    got: dict[str, Array], case: Case, names: list[str], suffix: str, when: Finding
) -> float:
    assert names, f"{case.id} has nothing to compare"
    used = 0.0
    for name in names:
        array = as_array(_demand(got, name, when), name)
        allowed = tolerance.coarse(case.bound(name + suffix))
        used = max(used, compare(array, case[name + suffix], allowed, name, when))
    return used


def _demand(got: dict[str, Array], name: str, when: Finding) -> Array:
    if name not in got:
        raise failed("nothing of the name", name=name, when=when).showing(
            "missing", key=name.rpartition(".")[2]
        )
    return got[name]


def _get(result: Any, key: str, loop: str) -> Array:
    value = result.get(key) if isinstance(result, dict) else None
    if isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim > 0):
        numbers = [as_number(number, f"{loop}'s {key}") for number in value]
        return np.stack(numbers) if numbers else np.array([])
    return np.asanyarray(as_number(value, f"{loop}'s {key}"))
