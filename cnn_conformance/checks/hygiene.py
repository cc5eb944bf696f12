"""What is left unchanged, what is independent, which inputs are taken.

These checks compare an implementation with itself: a fresh instance that is used once says what the
answer should be, whether or not it is the right one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.checks import buffers, histories
from cnn_conformance.checks.agreement import Results, Wrong, carried_over, demand, demand_all
from cnn_conformance.checks.observation import (
    Inputs,
    gradient_names,
    inputs_of,
    is_right,
    loss_inputs,
    make,
    observe,
    output_name,
    returned,
)
from cnn_conformance.findings import Finding
from cnn_conformance.implementation.handles import Layer, Remote
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.implementation.values import as_array, same_values
from cnn_conformance.oracle import tolerance
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.comparison import agree
from cnn_conformance.outcomes import NotPassed, adding, blocked, failed, standing_on

STRANGE_LAYOUTS = ("fortran", "strided", "reversed", "read-only")


def when_it_works(check: Callable[[Implementation, Case], None]) -> Callable[..., None]:
    """Run a check only for a unit whose plain use gives an output and a gradient."""
    return _judged(check, ("forward", "backward"))


def _when_forward_works(check: Callable[[Implementation, Case], None]) -> Callable[..., None]:
    """Run a check only for a unit whose plain use gives an output."""
    return _judged(check, ("forward",))


def _judged(
    check: Callable[[Implementation, Case], None], steps: tuple[str, ...]
) -> Callable[..., None]:
    def judged(implementation: Implementation, case: Case) -> None:
        observation = observe(implementation, case)
        for step in steps:
            with standing_on(step):
                name = output_name(case) if step == "forward" else gradient_names(case)[0]
                observation.array(name)
        implementation.begin(case.unit)
        check(implementation, case)

    judged.__doc__ = check.__doc__
    return judged


# ---------------------------------------------------------------- layers


@when_it_works
def set_parameters_are_used(implementation: Implementation, case: Case) -> None:
    """Check that forward uses parameters that are set between two calls, in both ways."""
    other = _other_parameters(case)
    expected = fresh(implementation, case, inputs_of(case), params=other)["y"]
    first = fresh(implementation, case, inputs_of(case))["y"]
    if agree(first, expected, tolerance.coarse(case.bound("y"))):
        raise failed("parameters not used").showing("unlike", got=first, expected=expected)
    for how in ("in place", "replace"):
        layer = make(implementation, case)
        layer.forward(*inputs_of(case))
        kept = layer.set_params(other, how)
        if how == "replace" and not all(kept.values()):
            continue  # a params that does not keep what is put into it
        when = Finding("parameters set", how=how)
        demand(layer.forward(*inputs_of(case)), expected, case, "y", when, Finding("forward"))


@_when_forward_works
def forward_changes_nothing(implementation: Implementation, case: Case) -> None:
    """Check that the arguments and the parameters are the same after forward."""
    subject = (
        make(implementation, case)
        if case.unit not in units.LOSSES
        else make_loss(implementation, case)
    )
    arguments = _put_arguments(implementation, case)
    subject.call("forward", *(remote for remote, _ in arguments.values()))
    unchanged(arguments, subject, case.params, "forward")


@when_it_works
def backward_changes_nothing(implementation: Implementation, case: Case) -> None:
    """Check that dout, the arguments of forward and the parameters are the same after backward."""
    if case.unit in units.LOSSES:
        subject = make_loss(implementation, case)
        arguments = _put_arguments(implementation, case)
        subject.call("forward", *(remote for remote, _ in arguments.values()))
        before = {name: (remote, remote.now()) for name, (remote, _) in arguments.items()}
        params = {}
        subject.call("backward")
    else:
        subject = make(implementation, case)
        arguments = _put_arguments(implementation, case)
        y = subject.forward(*(remote for remote, _ in arguments.values()))
        dout = dout_of(case, y)
        before = {name: (remote, remote.now()) for name, (remote, _) in arguments.items()}
        before["dout"] = (implementation.put(dout), dout)
        params = subject.arrays("params")
        subject.call("backward", before["dout"][0])
    unchanged(before, subject, params, "backward")


@_when_forward_works
def output_stays(implementation: Implementation, case: Case) -> None:
    """Check that later calls do not change what forward has returned."""
    layer = make(implementation, case)
    value, y = layer.call("forward", *inputs_of(case))
    other = histories.larger(inputs_of(case))
    if "backward" not in observe(implementation, case).failures:
        layer.call("backward", dout_of(case, as_array(value, "forward")))
        if not y.is_still(value):
            raise failed("output changed", by="backward").showing("changed", expected=value)
    layer.forward(*histories.negated(inputs_of(case)))
    layer.forward(*other)
    if not y.is_still(value):
        raise failed("output changed", by="a later forward").showing("changed", expected=value)


@when_it_works
def latest_forward(implementation: Implementation, case: Case) -> None:
    """Check that backward belongs to the latest forward, whatever came before and in which size."""
    for history in histories.of_layer(inputs_of(case), units.of(case.unit)):
        try:
            expected = fresh(implementation, case, history.latest)
        except NotPassed:
            if history.optional:
                continue
            raise
        layer = make(implementation, case)
        with adding("raised then", when=history.when):
            for before in history.earlier:
                y = layer.forward(*before)
                former = {"y": y}
                if history.backward:
                    former |= gradients(layer, case, _normal(y.shape, 3))
            if history.evaluates:
                layer.set_later("training", False)
            try:
                got = _use(layer, case, history.latest)
            except NotPassed:
                if history.evaluates:
                    continue
                raise
        earlier = partial(fresh, implementation, case, history.earlier[-1])
        wrong: list[Wrong] = [*carried_over(former, expected), ("of the forward before", earlier)]
        demand_all(got, expected, case, history.when, wrong)
    if case.params:
        _after_new_parameters(implementation, case)


def _after_new_parameters(implementation: Implementation, case: Case) -> None:
    """Check that backward has the parameters of the latest forward, where forward has them."""
    other = _other_parameters(case)
    expected = fresh(implementation, case, inputs_of(case), params=other)
    layer = make(implementation, case)
    _use(layer, case, inputs_of(case))
    layer.set_params_later(other)
    got = _use(layer, case, inputs_of(case))
    if agree(got["y"], expected["y"], tolerance.coarse(8 * case.bound("y"))):
        demand_all(got, expected, case, Finding("after other parameters"))


@when_it_works
def mode_of_forward(implementation: Implementation, case: Case) -> None:
    """Check that backward is that of the mode in which forward was, whatever `training` is now."""
    expected = fresh(implementation, case, inputs_of(case))
    layer = make(implementation, case)
    y = layer.forward(*inputs_of(case))
    layer.set_later("training", not case.table.get("training", True))
    got = {"y": y, **gradients(layer, case, dout_of(case, y))}
    demand_all(got, expected, case, Finding("training switched"))


@when_it_works
def evaluation_after_training(implementation: Implementation, case: Case) -> None:
    """Check that nothing of a forward in training is left in one in evaluation."""
    if not all(is_right(implementation, case, name) for name in ("y", "dx")):
        raise blocked("wrong in evaluation")
    expected = None if "before" in case else fresh(implementation, case, inputs_of(case))
    layer = make(implementation, case)
    layer.set_later("training", True)
    layer.forward(*inputs_of(case))
    layer.set_later("training", False)
    if expected is None:
        expected = buffers.in_evaluation(case, *buffers.statistics(layer, case))
    got = _use(layer, case, inputs_of(case))
    right = [name for name in got if is_right(implementation, case, name)]
    got, expected = ({name: each[name] for name in right} for each in (got, expected))
    demand_all(got, expected, case, Finding("after a forward in training"))


@when_it_works
def training_after_evaluation(implementation: Implementation, case: Case) -> None:
    """Check that nothing of a forward in evaluation is left in one in training."""
    expected = fresh(implementation, case, inputs_of(case))
    layer = make(implementation, case)
    layer.set_later("training", False)
    with standing_on("forward in evaluation"):
        layer.forward(*histories.reversed_(histories.negated(inputs_of(case))))
    layer.set_later("training", True)
    got = _use(layer, case, inputs_of(case))
    demand_all(got, expected, case, Finding("after a forward in evaluation"))


@when_it_works
def second_backward(implementation: Implementation, case: Case) -> None:
    """Check that backward can be called again and starts from nothing."""
    layer = make(implementation, case)
    y = layer.forward(*inputs_of(case))
    former = gradients(layer, case, _normal(y.shape, 3))
    dout = dout_of(case, y)
    for when in (Finding("from a second backward"), Finding("from a third backward")):
        expected = fresh(implementation, case, inputs_of(case))
        got = gradients(layer, case, dout)
        demand_all({"y": y, **got}, expected, case, when, carried_over(former, expected))
        former = got


@when_it_works
def instances_share_nothing(implementation: Implementation, case: Case) -> None:
    """Check that two layers can be used in turn."""
    large = histories.larger(inputs_of(case))
    other = _other_parameters(case)
    expected = fresh(implementation, case, inputs_of(case))
    first, second = make(implementation, case), make(implementation, case)
    second.set_params(other)
    y = first.forward(*inputs_of(case))
    y2 = second.forward(*large)
    got = {"y": y, **gradients(first, case, dout_of(case, y))}
    demand_all(got, expected, case, Finding("second instance"))
    second.call("backward", _normal(y2.shape, 3))
    got |= {f"d{name}": array for name, array in first.arrays("grads").items()}
    demand_all(got, expected, case, Finding("another's backward"))
    first, second = make(implementation, case), make(implementation, case)
    y = first.forward(*inputs_of(case))
    second.forward(*histories.reversed_(histories.negated(inputs_of(case))))
    got = {"y": y, **gradients(first, case, dout_of(case, y))}
    demand_all(got, expected, case, Finding("second instance of the same sizes"))


@when_it_works
def any_memory_order(implementation: Implementation, case: Case) -> None:
    """Check read-only inputs and views, against the same values in plain memory order."""
    expected = fresh(implementation, case, inputs_of(case))
    dout = dout_of(case, expected["y"])
    for layout in STRANGE_LAYOUTS:
        with adding("with memory order of x and dout", layout=layout):
            layer = make(implementation, case)
            y = layer.forward(*(implementation.put(x, layout) for x in inputs_of(case)))
            got = {"y": y, **gradients(layer, case, implementation.put(dout, layout))}
        demand_all(got, expected, case, Finding("memory order of x and dout", layout=layout))


@when_it_works
def training_and_grads(implementation: Implementation, case: Case) -> None:
    """Check the attributes: training, and grads after backward."""
    if not implementation.layer(case.unit, case.args, case.options).flag("training"):
        raise failed("not training at first").showing("flag", expected=True)
    layer = make(implementation, case)
    y = layer.forward(*inputs_of(case))
    layer.call("backward", dout_of(case, y))
    params, grads = layer.arrays("params"), layer.arrays("grads")
    shapes = {name: array.shape for name, array in params.items()}
    got = {name: array.shape for name, array in grads.items()}
    if got != shapes:
        raise failed(
            "grads and params", got=tuple(got.items()), params=tuple(shapes.items())
        ).showing("shapes")
    if not case.params and params:
        raise failed("keys", attribute="params", got=tuple(params), expected=()).showing(
            "keys", attribute="params", expected=[]
        )


# ---------------------------------------------------------------- helpers


def fresh(
    implementation: Implementation,
    case: Case,
    inputs: Inputs,
    params: dict[str, Array] | None = None,
) -> Results:
    """Return what a new layer gives for its inputs, used once."""
    layer = make(implementation, case)
    if params:
        layer.set_params(params)
    return _use(layer, case, inputs)


def _use(layer: Layer, case: Case, inputs: Inputs) -> Results:
    y = layer.forward(*inputs)
    return {"y": y, **gradients(layer, case, dout_of(case, y))}


def gradients(layer: Layer, case: Case, dout: Array | Remote) -> Results:
    """Return dx, and the gradients of the parameters if the case has any."""
    value, grads = layer.backward_and_grads(dout)
    what = f"{layer.unit}.backward"
    results = {name: as_array(each, what) for name, each in returned(case, value).items()}
    if case.params:
        grads = layer.as_arrays("grads", grads)
        results |= {f"d{name}": grad for name, grad in grads.items() if name in case.params}
    return results


def _other_parameters(case: Case) -> dict[str, Array]:
    return {name: -2.0 * array[::-1] for name, array in case.params.items()}


def make_loss(implementation: Implementation, case: Case) -> Layer:
    """Make the loss of a case."""
    return implementation.layer(case.unit, case.args, case.options)


def dout_of(case: Case, y: Array) -> Array:
    """Return a gradient for an output: the case's if that has its shape."""
    return case["dout"] if case["dout"].shape == y.shape else _normal(y.shape, 2)


def _normal(shape: tuple[int, ...], seed: int) -> Array:
    return np.random.default_rng(seed).standard_normal(shape)


def _put_arguments(implementation: Implementation, case: Case) -> dict[str, tuple[Remote, Array]]:
    """Put the arguments of forward on the other side, where they can be looked at later."""
    if case.unit in units.LOSSES:
        prediction, target, gradient = loss_inputs(case)
        values = {gradient.removeprefix("d"): prediction, "target": target}
    else:
        values = {name: case[name] for name in units.of(case.unit).inputs if name in case}
    return {name: (implementation.put(value), value) for name, value in values.items()}


def unchanged(
    arguments: dict[str, tuple[Remote, Array]],
    subject: Layer,
    params: dict[str, Array],
    method: str,
) -> None:
    """Demand that arguments, and the parameters if any, are what they were before a call."""
    for name, (remote, before) in arguments.items():
        if not remote.is_still(before):
            raise failed("argument changed", method=method, name=name).showing(
                "changed", expected=before
            )
    if params:
        now = subject.arrays("params")
        for name, value in params.items():
            if not same_values(now.get(name), value):
                raise failed("parameter changed", method=method, name=name).showing(
                    "values", got=now.get(name), expected=value, allowed=0.0
                )
