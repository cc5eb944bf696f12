"""A case computed by an implementation, once, for all the checks that look at it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.implementation.handles import Layer
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.implementation.values import as_array, as_number, name_of
from cnn_conformance.oracle import tolerance
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.comparison import agree
from cnn_conformance.outcomes import NotPassed, blocked_by, failed

Inputs = tuple[Array, ...]


@dataclass
class Observation:
    """What an implementation made of a case: raw results, and what went wrong on the way."""

    results: dict[str, Any] = field(default_factory=dict)
    failures: dict[str, NotPassed] = field(default_factory=dict)
    prints: str = ""
    mixed: bool = False
    """Whether parameters stayed float64 because `params` does not keep what is put into it."""

    def array(self, name: str) -> Any:
        """Return a result, checked to be a plain array (the loss: a number)."""
        if name == "loss":
            if "forward" in self.failures:
                raise self.failures["forward"]
            return as_number(self.results["loss"], "forward")
        step = "forward" if name in units.OUTPUTS else "backward"
        if step in self.failures:
            raise self.failures[step]
        if name not in self.results:
            raise failed("no gradient", name=name.removeprefix("d")).showing(
                "missing", key=name.removeprefix("d")
            )
        of = name.removeprefix("d")
        what = step if step == "forward" or of in units.INPUTS else f'grads["{of}"]'
        return as_array(self.results[name], what)


def observe(implementation: Implementation, case: Case, dtype: str = "float64") -> Observation:
    """Compute a case, once for each dtype."""
    key = (case, dtype)
    if key not in implementation.memo:
        observation = Observation()
        run = _run_loss if case.unit in units.LOSSES else _run_layer
        run(implementation, case, dtype, observation)
        observation.prints = implementation.prints()
        implementation.memo[key] = observation
    observed: Observation = implementation.memo[key]
    return observed


def make(
    implementation: Implementation, case: Case, params: dict[str, Array] | None = None
) -> Layer:
    """Make a layer of a case, with the case's parameters or with those among `params`."""
    layer = implementation.layer_later(case.unit, case.args, case.options)
    params = params or case.params
    layer.set_params_later({name: params[name].astype("float64") for name in case.params})
    prepare(layer, case)
    return layer


def prepare(layer: Layer, case: Case, dtype: str = "float64") -> None:
    """Train a new layer on what a case has for that, and set the mode in which it is judged."""
    if "before" in case:
        before = layer.implementation.put(case["before"].astype(dtype))
        for _ in range(case.table["passes"]):
            layer.forward_later(before)
    if case.unit in units.WITH_MODES:
        layer.set_later("training", case.table.get("training", True))


def _run_layer(
    implementation: Implementation, case: Case, dtype: str, observation: Observation
) -> None:
    try:
        implementation.begin(case.unit)
        layer = implementation.layer_later(case.unit, case.args, case.options)
        kept = layer.set_params({name: p.astype(dtype) for name, p in case.params.items()})
        observation.mixed = not all(kept.values())
        prepare(layer, case, dtype)
        value, _ = layer.call("forward", *inputs_of(case, dtype))
        observation.results |= named(output_names(case), value)
    except NotPassed as failure:
        observation.failures["forward"] = failure
        observation.failures["backward"] = blocked_by(failure, "forward")
        return
    try:
        observation.results |= gradients(layer, case, upstream_of(case, dtype))
    except NotPassed as failure:
        observation.failures["backward"] = failure


def gradients(layer: Layer, case: Case, upstream: Inputs) -> dict[str, Any]:
    """Call backward; return dx and, where `grads` is a dict, what it has for the parameters."""
    value, grads = layer.backward_and_grads(*upstream)
    found = grads.items() if isinstance(grads, dict) else ()
    return returned(case, value) | {f"d{name}": a for name, a in found if name in case.params}


def returned(case: Case, value: Any) -> dict[str, Any]:
    """Return by name what a layer's backward has returned: a gradient, or a tuple of several."""
    return named(returned_names(case), value)


def named(names: list[str], value: Any) -> dict[str, Any]:
    """Return by name what a method has returned: an array, or a tuple of several."""
    if len(names) == 1:
        return {names[0]: value}
    if names and not isinstance(value, (tuple, list)):
        raise failed("no tuple", names=", ".join(names), got=name_of(value)).showing(
            "type", got=value, expected="tuple"
        )
    if names and len(value) != len(names):
        raise failed("no tuple", names=", ".join(names), got=f"{len(value)} of them")
    return dict(zip(names, value, strict=True)) if names else {}


def _run_loss(
    implementation: Implementation, case: Case, dtype: str, observation: Observation
) -> None:
    prediction, target, gradient_name = loss_inputs(case, dtype)
    try:
        implementation.begin(case.unit)
        loss = implementation.layer(case.unit, case.args, case.options)
        observation.results["loss"], _ = loss.call("forward", prediction, target)
    except NotPassed as failure:
        observation.failures["forward"] = failure
        observation.failures["backward"] = blocked_by(failure, "forward")
        return
    try:
        observation.results[gradient_name], _ = loss.call("backward")
    except NotPassed as failure:
        observation.failures["backward"] = failure


def loss_inputs(case: Case, dtype: str = "float64") -> tuple[Array, Array, str]:
    """Return a loss's prediction and target, and the name of its gradient."""
    name = "pred" if "pred" in case else "logits"
    return case[name].astype(dtype), in_dtype(case["target"], dtype), f"d{name}"


def is_right(implementation: Implementation, case: Case, name: str) -> bool:
    """Tell whether an output or a gradient agrees with the golden data."""
    try:
        got = observe(implementation, case).array(name)
    except NotPassed:
        return False
    return agree(got, case[name], tolerance.coarse(case.bound(name)))


def output_name(case: Case) -> str:
    """Return the name of what forward computes."""
    return "loss" if case.unit in units.LOSSES else "y"


def output_names(case: Case) -> list[str]:
    """Return the names of all that a layer's forward returns."""
    first, *others = units.of(case.unit).outputs
    return [first, *(name for name in others if name in case)]


def upstream_of(case: Case, dtype: str = "float64") -> Inputs:
    """Return what a layer's backward is given in a case: a gradient for each output."""
    return tuple(case[name].astype(dtype) for name in upstream_names(case))


def upstream_names(case: Case) -> list[str]:
    """Return the names of what a layer's backward is given in a case."""
    _, *others = output_names(case)
    return ["dout", *(f"d{name}" for name in others)]


def gradient_names(case: Case) -> list[str]:
    """Return the names of the gradients that backward computes."""
    if case.unit in units.LOSSES:
        return [loss_inputs(case)[2]]
    return [*returned_names(case), *(f"d{name}" for name in case.params)]


def returned_names(case: Case) -> list[str]:
    """Return the names of the gradients that a layer's backward returns: none for indices."""
    unit = units.of(case.unit)
    return [f"d{name}" for name in unit.inputs if name in case and name not in unit.constants]


def inputs_of(case: Case, dtype: str = "float64") -> Inputs:
    """Return what a layer's forward is given in a case."""
    return tuple(in_dtype(case[n], dtype) for n in units.of(case.unit).inputs if n in case)


def in_dtype(array: Array, dtype: str) -> Array:
    """Return numbers in a dtype; indices and masks stay what they are."""
    return array.astype(dtype) if array.dtype.kind == "f" else array
