"""Two instances that differ in one argument: what a constructor keeps is its instance's own.

The first instance is made, then another one with a legal value of one argument that the case does
not have, and only then is the first one used. It must give what it gives alone. The values stand in
`rows`. An argument that is refused is no matter here: who does not offer it loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.checks import histories, hygiene, loss_hygiene, optimizers
from cnn_conformance.checks.agreement import demand, demand_all
from cnn_conformance.checks.observation import Inputs, inputs_of, loss_inputs, prepare
from cnn_conformance.findings import Finding
from cnn_conformance.implementation.handles import Layer
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.oracle.cases import Case
from cnn_conformance.outcomes import NotPassed, Outcome, adding, standing_on

AXES = {
    **dict.fromkeys(["in_channels", "num_channels", "num_features"], 1),
    **dict.fromkeys(["in_features", "input_size", "normalized_shape", "embed_dim"], -1),
}
"""Which axis of x an argument is the size of."""

OTHER_KEYS = "other."
"""Before the keys of the other optimizer's parameters: it shares no state that is kept by key."""


@dataclass(frozen=True)
class Other:
    """One argument with another value.

    Parameters
    ----------
    case : Case
        The case whose arguments are meant.
    name : str
        The argument.
    value : object
        Its other value.
    """

    case: Case
    name: str
    value: Any

    @property
    def finding(self) -> Finding:
        """When it was."""
        return Finding("other argument", name=self.name, value=self.value)

    @property
    def arguments(self) -> tuple[list[Any], dict[str, Any]]:
        """The case's arguments but for this one, by position and by name."""
        args, options = list(self.case.args), dict(self.case.options)
        place = list(units.of(self.case.unit).arguments).index(self.name)
        if place < len(args):
            args[place] = self.value
        else:
            options[self.name] = self.value
        return args, options

    def make(self, implementation: Implementation) -> Layer | None:
        """Make an instance with these arguments; none if they are refused."""
        try:
            return implementation.layer(self.case.unit, *self.arguments)
        except NotPassed:
            return None

    @property
    def inputs(self) -> Inputs:
        """The case's inputs, in the size that the other instance asks for."""
        inputs = inputs_of(self.case)
        if (axis := AXES.get(self.name)) is None:
            return inputs
        shape = list(inputs[0].shape)
        shape[axis] = self.value
        return (np.resize(inputs[0], shape),)


def of(case: Case) -> Iterator[Other]:
    """Yield another value of each argument of a case's unit."""
    unit = units.of(case.unit)
    given = {**dict(zip(unit.arguments, case.args, strict=False)), **case.options}
    for name in unit.arguments:
        yield Other(case, name, unit.other(name, given))


@hygiene.when_it_works
def of_layers(implementation: Implementation, case: Case) -> None:
    """Check that a layer goes by its own arguments when another one has been made since.

    The other one is used too, but not before `forward` of a case that trains first: the plain case
    shows what that does, and the script for this one would be too long.
    """
    expected = hygiene.fresh(implementation, case, inputs_of(case))
    for other in of(case):
        implementation.begin(case.unit)
        first = implementation.layer(case.unit, case.args, case.options)
        second = other.make(implementation)
        if second is None:
            continue
        with naming(other):
            first.set_params(case.params)
        if "before" not in case and not goes(_use_layer, second, *other.inputs):
            continue
        with naming(other):
            prepare(first, case)
            y = first.forward(*inputs_of(case))
        if not goes(_use_layer, second, *histories.negated(other.inputs)):
            continue
        with naming(other):
            got = {"y": y, **hygiene.gradients(first, case, hygiene.dout_of(case, y))}
        demand_all(got, expected, case, other.finding)


@hygiene.when_it_works
def of_losses(implementation: Implementation, case: Case) -> None:
    """Check that a loss goes by its own arguments when another one has been made since."""
    inputs = loss_inputs(case)[:2]
    expected = loss_hygiene.fresh_loss(implementation, case, *inputs)
    for other in of(case):
        implementation.begin(case.unit)
        first = hygiene.make_loss(implementation, case)
        second = other.make(implementation)
        if second is None or not goes(_use_loss, second, *inputs):
            continue
        with naming(other):
            value = first.loss(*inputs)
        if not goes(_use_loss, second, -2.0 * inputs[0], inputs[1]):
            continue
        with naming(other):
            got = value, first.backward()
        loss_hygiene.demand_loss(got, expected, case, other.finding)


def of_optimizers(implementation: Implementation, case: Case) -> None:
    """Check that an optimizer goes by its own arguments when another one has been made since."""
    implementation.begin(case.unit)
    with standing_on("step"):
        alone = optimizers.run_alone(implementation, case)
    for other in of(case):
        implementation.begin(case.unit)
        bench = optimizers.Bench(implementation, case)
        second, params = other.make(implementation), bench.another_dict(OTHER_KEYS)
        if second is None:
            continue
        for step in range(bench.steps):
            if not goes(second.call, "step", params, bench.other_gradients(step, OTHER_KEYS)):
                break
            with naming(other):
                bench.step(step)
        else:
            for name, value in bench.values().items():
                demand(
                    value, alone[name], case, f"{name}.after", other.finding, f'params["{name}"]'
                )


def _use_layer(layer: Layer, *inputs: Array) -> None:
    layer.call("backward", np.ones(layer.forward(*inputs).shape))


def _use_loss(loss: Layer, prediction: Array, target: Array) -> None:
    loss.loss(prediction, target)
    loss.backward()


def goes(use: Callable[..., Any], *args: Any) -> bool:
    """Use the other instance, well or not; tell whether its process is still there."""
    try:
        use(*args)
    except NotPassed as failure:
        return failure.outcome not in (Outcome.TIMEOUT, Outcome.CRASHED)
    return True


def naming(other: Other) -> AbstractContextManager[None]:
    """Say of whatever is raised that there was another instance, and which."""
    return adding("with other argument", name=other.name, value=other.value)
