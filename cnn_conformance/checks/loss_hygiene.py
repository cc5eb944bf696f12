"""What is left unchanged and independent by losses, which inputs they take: see `hygiene`."""

from __future__ import annotations

from typing import Any

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.checks.agreement import demand
from cnn_conformance.checks.histories import another, more
from cnn_conformance.checks.hygiene import STRANGE_LAYOUTS, make_loss, when_it_works
from cnn_conformance.checks.observation import gradient_names, loss_inputs
from cnn_conformance.findings import Finding
from cnn_conformance.implementation.handles import Layer
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.implementation.values import as_number
from cnn_conformance.oracle.cases import Case
from cnn_conformance.outcomes import adding


@when_it_works
def latest_forward(implementation: Implementation, case: Case) -> None:
    """Check that a loss's backward belongs to the latest forward."""
    small = loss_inputs(case)[:2]
    large, alone, many, turned = (
        (change(small[0]), change(small[1]))
        for change in (another, lambda array: array[:1], more, lambda array: array[::-1])
    )
    for earlier, latest, backward in (
        ([small], large, True),
        ([large], small, True),
        ([small, alone], many, True),
        ([turned], small, False),
    ):
        expected = fresh_loss(implementation, case, *latest)
        loss = make_loss(implementation, case)
        for before in earlier:
            loss.loss(*before)
            if backward:
                loss.backward()
        demand_loss(_use_loss(loss, *latest), expected, case, Finding("after another batch"))


@when_it_works
def second_backward(implementation: Implementation, case: Case) -> None:
    """Check that a loss's backward can be called again."""
    expected = fresh_loss(implementation, case, *loss_inputs(case)[:2])
    loss = make_loss(implementation, case)
    loss.loss(*loss_inputs(case)[:2])
    loss.backward()
    demand_loss((expected[0], loss.backward()), expected, case, Finding("from a second backward"))


@when_it_works
def share_nothing(implementation: Implementation, case: Case) -> None:
    """Check that two losses can be used in turn."""
    inputs = loss_inputs(case)[:2]
    expected = fresh_loss(implementation, case, *inputs)
    first, second = make_loss(implementation, case), make_loss(implementation, case)
    value = first.loss(*inputs)
    second.loss(another(_other(case, inputs[0])), another(inputs[1]))
    demand_loss((value, first.backward()), expected, case, Finding("second instance"))
    first, second = make_loss(implementation, case), make_loss(implementation, case)
    value = first.loss(*inputs)
    second.loss(_other(case, inputs[0]), inputs[1][::-1])
    when = Finding("second instance of the same sizes")
    demand_loss((value, first.backward()), expected, case, when)


def _other(case: Case, prediction: Array) -> Array:
    """Return other predictions of the same shape: probabilities stay such."""
    if units.of(case.unit).targets == "probabilities":
        return 1.0 - prediction
    return -2.0 * prediction


@when_it_works
def any_memory_order(implementation: Implementation, case: Case) -> None:
    """Check read-only inputs and views of a loss."""
    inputs = loss_inputs(case)[:2]
    expected = fresh_loss(implementation, case, *inputs)
    for layout in STRANGE_LAYOUTS:
        with adding("with memory order", layout=layout):
            loss = make_loss(implementation, case)
            got = _use_loss(loss, *(implementation.put(array, layout) for array in inputs))
        demand_loss(got, expected, case, Finding("memory order", layout=layout))


def fresh_loss(
    implementation: Implementation, case: Case, prediction: Array, target: Array
) -> tuple[Any, Array]:
    """Return what a new loss gives, used once: the loss and its gradient."""
    return _use_loss(make_loss(implementation, case), prediction, target)


def _use_loss(loss: Layer, prediction: Any, target: Any) -> tuple[Any, Array]:
    value = as_number(loss.call("forward", prediction, target)[0], "forward")
    return value, loss.backward()


def demand_loss(
    got: tuple[Any, Array], expected: tuple[Any, Array], case: Case, when: Finding
) -> None:
    """Demand that a loss and its gradient agree with what is expected."""
    demand(got[0], expected[0], case, "loss", when, Finding("the loss"))
    demand(got[1], expected[1], case, gradient_names(case)[0], when, Finding("the gradient"))
