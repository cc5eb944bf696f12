"""What `Residual` and `Repeat` do with a layer: a small probe layer, so that only they are judged.

With `way_past = "inside"` the layer of a case stands in a probe with a way past it, with "outside"
the unit does; with `nested` the unit stands in another of its kind.
"""

from __future__ import annotations

from dataclasses import dataclass

from cnn_conformance.arrays import Array
from cnn_conformance.checks import histories, other_arguments
from cnn_conformance.checks.agreement import Results, carried_over, demand_all
from cnn_conformance.checks.hygiene import gradients
from cnn_conformance.findings import Finding
from cnn_conformance.implementation.handles import Layer
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.implementation.values import same_values
from cnn_conformance.oracle import tolerance
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.comparison import compare
from cnn_conformance.outcomes import NotPassed, failed, standing_on

NAMES = ("weight", "bias")
WAY_PAST = "PlusInput"


@dataclass
class Block:
    """A Residual or a Repeat, and its layer."""

    model: Layer
    branch: Layer


def _block(implementation: Implementation, case: Case, fresh: bool = True) -> Block:
    if fresh:
        implementation.begin(case.unit)
    branch, way_past = _branch(implementation, case), case.table.get("way_past")
    if way_past == "inside":
        branch = implementation.probe(WAY_PAST, branch)
    if case.table.get("nested"):
        branch = implementation.layer(case.unit, [branch], case.options)
    model = implementation.layer(case.unit, [branch], case.options)
    if way_past == "outside":
        model = implementation.probe(WAY_PAST, model)
    return Block(model, branch)


def _branch(implementation: Implementation, case: Case, factor: float = 1.0) -> Layer:
    """Return a probe layer with the parameters of a case times a factor."""
    params = (factor * case[name] for name in _names(case))
    return implementation.probe(case.table["branch"], *params)


def _names(case: Case) -> list[str]:
    return [name for name in NAMES if name in case]


def _keys(case: Case) -> list[str]:
    """Return what the parameters are called in the branch."""
    number = "0." if case.table["branch"] == "Numbered" else ""
    return [f"{number}{name}" for name in _names(case)]


def forward(implementation: Implementation, case: Case) -> float:
    """Check what comes out."""
    y = _block(implementation, case).model.forward(case["x"])
    return compare(y, case["y"], tolerance.coarse(case.bound("y")), "y")


def backward(implementation: Implementation, case: Case) -> float:
    """Check the gradient of the input."""
    block = _after_forward(implementation, case)
    dx = block.model.backward(case["dout"])
    return compare(dx, case["dx"], tolerance.coarse(case.bound("dx")), "dx")


def params(implementation: Implementation, case: Case) -> None:
    """Check that params has the branch's names and values."""
    got = _block(implementation, case).model.arrays("params")
    _demand_keys("params", got, case)
    for key, name in zip(_keys(case), _names(case), strict=True):
        if not same_values(got[key], case[name]):
            raise failed("parameter not of its layer", name=key).showing(
                "values", got=got[key], expected=case[name], allowed=0.0
            )


def own_arrays(implementation: Implementation, case: Case) -> None:
    """Check that writing into the arrays of params changes the branch."""
    block = _block(implementation, case)
    block.model.set_params({name: 2.0 * case[name] for name in _names(case)}, "in place")
    for name in _names(case):
        got = block.branch.arrays("params").get(name)
        if not same_values(got, 2.0 * case[name]):
            raise failed("parameter not the layer's", name=name).showing(
                "values", got=got, expected=2.0 * case[name], allowed=0.0
            )


def grads(implementation: Implementation, case: Case) -> float:
    """Check the gradients of the branch, after the second of two backwards."""
    block = _after_forward(implementation, case)
    for dout in (-2.0 * case["dout"], case["dout"]):
        with standing_on("backward"):
            block.model.forward(case["x"])
            block.model.call("backward", dout)
    got = block.model.arrays("grads")
    _demand_keys("grads", got, case)
    return max(
        compare(
            got[key],
            case[f"d{name}"],
            tolerance.coarse(case.bound(f"d{name}")),
            f'grads["{key}"]',
        )
        for key, name in zip(_keys(case), _names(case), strict=True)
    )


def _demand_keys(attribute: str, got: dict[str, Array], case: Case) -> None:
    expected = _keys(case)
    if sorted(got) != sorted(expected):
        raise failed("keys", attribute=attribute, got=tuple(got), expected=tuple(expected)).showing(
            "keys", attribute=attribute, expected=expected
        )


def training(implementation: Implementation, case: Case) -> None:
    """Check that training reaches the branch, both ways."""
    block = _after_forward(implementation, case)
    if not block.model.flag("training"):
        raise failed("not training at first").showing("flag", expected=True)
    for value in (False, True):
        block.model.set("training", value)
        now = [block.branch.flag("training")]
        if block.model.flag("training") != value or now != [value]:
            raise failed("training not passed on", value=value, got=now).showing(
                "flag", expected=value, of=[block.branch, block.model]
            )


def changes_nothing(implementation: Implementation, case: Case) -> None:
    """Check that x and dout are the same after forward and backward."""
    _used(implementation, case)
    block = _block(implementation, case)
    x, dout = implementation.put(case["x"]), implementation.put(case["dout"])
    block.model.call("forward", x)
    block.model.call("backward", dout)
    for name, remote in (("x", x), ("dout", dout)):
        if not remote.is_still(case[name]):
            raise failed("caller's array changed", name=name).showing(
                "changed", expected=case[name]
            )


def output_stays(implementation: Implementation, case: Case) -> None:
    """Check that later calls do not change what forward has returned."""
    _used(implementation, case)
    block = _block(implementation, case)
    value, y = block.model.call("forward", case["x"])
    later = (("backward", "backward", case["dout"]), ("a later forward", "forward", -case["x"]))
    for by, method, array in later:
        block.model.call(method, array)
        if not y.is_still(value):
            raise failed("output changed", by=by).showing("changed", expected=value)


def latest_forward(implementation: Implementation, case: Case) -> None:
    """Check that backward belongs to the latest forward, whatever came before."""
    expected = _used(implementation, case)
    for before, when in (
        (histories.another(case["x"]), Finding("after a larger batch")),
        (-case["x"][::-1], Finding("after another batch of the size")),
    ):
        model = _block(implementation, case).model
        former = gradients(model, case, model.forward(before))
        y = model.forward(case["x"])
        got = {"y": y, **gradients(model, case, case["dout"])}
        demand_all(got, expected, case, when, carried_over(former, expected))


def second_backward(implementation: Implementation, case: Case) -> None:
    """Check that backward can be called again and starts from nothing."""
    expected = _used(implementation, case)
    model = _after_forward(implementation, case).model
    former = gradients(model, case, -2.0 * case["dout"])
    got, when = gradients(model, case, case["dout"]), Finding("from a second backward")
    demand_all({**expected, **got}, expected, case, when, carried_over(former, expected))


def share_nothing(implementation: Implementation, case: Case) -> None:
    """Check that two blocks can be used in turn."""
    expected = _used(implementation, case)
    first = _block(implementation, case).model
    second = implementation.layer(case.unit, [_branch(implementation, case, -2.0)], case.options)
    y = first.forward(case["x"])
    second.forward(-case["x"])
    got = {"y": y, **gradients(first, case, case["dout"])}
    demand_all(got, expected, case, Finding("second instance"))


def own_arguments(implementation: Implementation, case: Case) -> None:
    """Check that a block goes by its own arguments when another one has been made since."""
    expected = _used(implementation, case)
    for other in other_arguments.of(case):
        first = _block(implementation, case).model
        args, options = other.arguments
        try:
            implementation.layer(case.unit, [_branch(implementation, case), *args], options)
        except NotPassed:
            continue
        with other_arguments.naming(other):
            y = first.forward(case["x"])
            got = {"y": y, **gradients(first, case, case["dout"])}
        demand_all(got, expected, case, other.finding)


def _after_forward(implementation: Implementation, case: Case) -> Block:
    with standing_on("forward"):
        block = _block(implementation, case)
        block.model.forward(case["x"])
    return block


def _used(implementation: Implementation, case: Case) -> Results:
    """Return what a block gives that is used once."""
    with standing_on("forward"):
        model = _block(implementation, case).model
        y = model.forward(case["x"])
    with standing_on("backward"):
        return {"y": y, **gradients(model, case, case["dout"])}
