"""What `Sequential` does with its layers: small probe layers, so that only it is judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.findings import Finding
from cnn_conformance.implementation.handles import Layer
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.implementation.values import name_of, same_values
from cnn_conformance.oracle import tolerance
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.comparison import compare
from cnn_conformance.outcomes import NotPassed, failed, standing_on

NAMES = ("weight", "bias")


@dataclass
class Stack:
    """A Sequential, the layers in it, and every probe layer by the beginning of its keys."""

    model: Layer
    layers: list[Layer]
    probes: dict[str, Layer]


def _stack(implementation: Implementation, case: Case, fresh: bool = True) -> Stack:
    if fresh:
        implementation.begin(case.unit)
    probes: dict[str, Layer] = {}
    for place, kind in _leaves(case.table["layers"]):
        params = [case[f"{place}{name}"] for name in NAMES if kind == "Scale"]
        probes[place] = implementation.probe(kind, *params)

    def made(table: list[Any], place: str = "") -> list[Layer]:
        return [
            implementation.layer(units.SEQUENTIAL, [made(rest[0], f"{place}{index}.")], {})
            if kind == units.SEQUENTIAL
            else probes[f"{place}{index}."]
            for index, (kind, *rest) in enumerate(table)
        ]

    layers = made(case.table["layers"])
    return Stack(implementation.layer(units.SEQUENTIAL, [layers], {}), layers, probes)


def _leaves(table: list[Any], place: str = "") -> Iterator[tuple[str, str]]:
    """Yield the beginning of the keys and the kind of every layer that is no Sequential."""
    for index, (kind, *rest) in enumerate(table):
        if kind == units.SEQUENTIAL:
            yield from _leaves(rest[0], f"{place}{index}.")
        else:
            yield f"{place}{index}.", kind


def _keys(case: Case) -> list[str]:
    leaves = _leaves(case.table["layers"])
    return [f"{place}{name}" for place, kind in leaves for name in NAMES if kind == "Scale"]


def _own(stack: Stack, key: str) -> Array | None:
    """Return what the layer of a key has under its name."""
    place, dot, name = key.rpartition(".")
    return stack.probes[place + dot].arrays("params").get(name)


def forward(implementation: Implementation, case: Case) -> float:
    """Check that x goes through the layers in their order, in training and out of it."""
    stack = _stack(implementation, case)
    allowed = tolerance.coarse(case.bound("y"))
    used = compare(stack.model.forward(case["x"]), case["y"], allowed, "y")
    try:
        stack.model.set("training", False)
    except NotPassed:  # that is another requirement's
        return used
    y = stack.model.forward(case["x"])
    return max(used, compare(y, case["y"], allowed, "y", Finding("in evaluation")))


def backward(implementation: Implementation, case: Case) -> float:
    """Check that dout goes through the layers in reverse order."""
    stack = _run_forward(implementation, case)
    allowed = tolerance.coarse(case.bound("dx"))
    return compare(stack.model.backward(case["dout"]), case["dx"], allowed, "dx")


def params(implementation: Implementation, case: Case) -> None:
    """Check the keys and values of the flat dict."""
    stack = _stack(implementation, case)
    got = stack.model.arrays("params")
    _demand_keys("params", got, case)
    for key in _keys(case):
        if not same_values(got[key], case[key]):
            raise failed("parameter not of its layer", name=key).showing(
                "values", got=got[key], expected=case[key], allowed=0.0
            )


def own_arrays(implementation: Implementation, case: Case) -> None:
    """Check that writing into the flat dict's arrays changes the layers."""
    stack = _stack(implementation, case)
    stack.model.set_params({key: 2.0 * case[key] for key in _keys(case)}, "in place")
    for key in _keys(case):
        if not same_values(got := _own(stack, key), 2.0 * case[key]):
            raise failed("parameter not the layer's", name=key).showing(
                "values", got=got, expected=2.0 * case[key], allowed=0.0
            )


def grads(implementation: Implementation, case: Case) -> float:
    """Check the gradients after backward."""
    stack = _run_forward(implementation, case)
    used = 0.0
    for dout in (-2.0 * case["dout"], case["dout"]):
        with standing_on("backward"):
            stack.model.forward(case["x"])
            stack.model.call("backward", dout)
        got = stack.model.arrays("grads")
    if set(got) != set(_keys(case)):
        raise failed(
            "keys", attribute="grads", got=tuple(got), expected=tuple(_keys(case))
        ).showing("keys", attribute="grads", expected=_keys(case))
    for key in _keys(case):
        allowed = tolerance.coarse(case.bound(f"d{key}"))
        used = max(used, compare(got[key], case[f"d{key}"], allowed, f'grads["{key}"]'))
    return used


def layers(implementation: Implementation, case: Case) -> None:
    """Check that `layers` holds what was given."""
    stack = _run_forward(implementation, case)
    if not stack.model.holds("layers", stack.layers):
        got = stack.model.get("layers")
        length = len(got) if isinstance(got, (list, tuple)) else None
        raise failed(
            "layers attribute", got=name_of(got), length=length, count=len(stack.layers)
        ).showing("holds")


def training(implementation: Implementation, case: Case) -> None:
    """Check that training reaches every layer, both ways."""
    stack = _run_forward(implementation, case)
    if not stack.model.flag("training"):
        raise failed("not training at first").showing("flag", expected=True)
    for value in (False, True):
        stack.model.set("training", value)
        now = [layer.flag("training") for layer in stack.probes.values()]
        if stack.model.flag("training") != value or now != [value] * len(now):
            raise failed("training not passed on", value=value, got=now).showing(
                "flag", expected=value, of=[*stack.probes.values(), stack.model]
            )


def changes_nothing(implementation: Implementation, case: Case) -> None:
    """Check the arguments and the parameters after forward and backward."""
    _run(implementation, case)
    stack = _stack(implementation, case)
    x, dout = implementation.put(case["x"]), implementation.put(case["dout"])
    stack.model.call("forward", x)
    stack.model.call("backward", dout)
    for name, remote in (("x", x), ("dout", dout)):
        if not remote.is_still(case[name]):
            raise failed("caller's array changed", name=name).showing(
                "changed", expected=case[name]
            )
    for key in _keys(case):
        if not same_values(got := _own(stack, key), case[key]):
            raise failed("parameter is changed", name=key).showing(
                "values", got=got, expected=case[key], allowed=0.0
            )


def again(implementation: Implementation, case: Case) -> None:
    """Check that a second use, with another batch, is like the first of a new model."""
    used = _run(implementation, case)
    x, dout = case["x"][::-1] * 0.5, case["dout"][::-1] * 2.0
    x, dout = np.concatenate([x, x[:1]]), np.concatenate([dout, dout[:1]])
    got = _outputs(used, x, dout)
    expected = _outputs(_stack(implementation, case, fresh=False), x, dout)
    _demand_same(got, expected, case, Finding("second use"))


def share_nothing(implementation: Implementation, case: Case) -> None:
    """Check that two models can be used in turn."""
    _run(implementation, case)
    first = _stack(implementation, case)
    expected = _outputs(_stack(implementation, case, fresh=False), case["x"], case["dout"])
    y = first.model.forward(case["x"])
    second = _stack(implementation, case, fresh=False)
    second.model.forward(-case["x"])
    dx = first.model.backward(case["dout"])
    _demand_same({"y": y, "dx": dx}, expected, case, Finding("second model"))


# ---------------------------------------------------------------- a Sequential among the layers


def nested_forward(implementation: Implementation, case: Case) -> float:
    """Check the output through a Sequential among the layers."""
    return _nested(implementation, case, forward)


def nested_params(implementation: Implementation, case: Case) -> None:
    """Check keys, values and arrays of the layers of a Sequential among the layers."""
    _nested(implementation, case, params, own_arrays)


def nested_backward(implementation: Implementation, case: Case) -> float:
    """Check dx and all gradients through a Sequential among the layers."""
    return _nested(implementation, case, backward, grads)


def nested_training(implementation: Implementation, case: Case) -> None:
    """Check that training reaches the layers of a Sequential among the layers."""
    _nested(implementation, case, training)


def _nested(
    implementation: Implementation,
    case: Case,
    *checks: Callable[[Implementation, Case], float | None],
) -> float:
    """Check a case that is right where all its layers are in one row."""
    with standing_on("the same layers in one row"):
        for check in checks:
            check(implementation, _in_one_row(case))
    return max(check(implementation, case) or 0.0 for check in checks)


def _in_one_row(case: Case) -> Case:
    """Return a case with the same layers in one Sequential."""
    arrays, layers = dict(case.arrays), []
    for number, (place, kind) in enumerate(_leaves(case.table["layers"])):
        layers.append([kind])
        for name in NAMES if kind == "Scale" else ():
            for begin, end in (("", ""), ("d", ""), ("d", ".bound")):
                arrays[f"{begin}{number}.{name}{end}"] = case[f"{begin}{place}{name}{end}"]
    return replace(case, table={**case.table, "layers": layers}, arrays=arrays)


# ---------------------------------------------------------------- helpers


def _run_forward(implementation: Implementation, case: Case) -> Stack:
    with standing_on("forward"):
        stack = _stack(implementation, case)
        stack.model.call("forward", case["x"])
    return stack


def _run(implementation: Implementation, case: Case) -> Stack:
    stack = _run_forward(implementation, case)
    with standing_on("backward"):
        stack.model.backward(case["dout"])
    return stack


def _outputs(stack: Stack, x: Array, dout: Array) -> dict[str, Array]:
    return {"y": stack.model.forward(x), "dx": stack.model.backward(dout)}


def _demand_same(
    got: dict[str, Array], expected: dict[str, Array], case: Case, when: Finding
) -> None:
    for name, value in expected.items():
        compare(got[name], value, tolerance.coarse(8 * case.bound(name)), name, when)


def _demand_keys(attribute: str, got: dict[str, Array], case: Case) -> None:
    if list(got) != _keys(case):
        raise failed(
            "keys", attribute=attribute, got=tuple(got), expected=tuple(_keys(case))
        ).showing("keys", attribute=attribute, expected=_keys(case))
