"""What all units of a kind have in common, so that a unit's list of checks says what is its own.

    test_contract = contract(relu, USUAL, latest_forward=[*USUAL, "rows"])

is the checks of the requirements that every layer, loss or optimizer has under the same number:
what is left unchanged, what is independent, precision, errors. A requirement that SPEC.md does not
have for a unit is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cnn_conformance import units
from cnn_conformance.checks import (
    functions,
    golden,
    gradient,
    hygiene,
    initial_state,
    initializers,
    loss_hygiene,
    optimizers,
    options,
    other_arguments,
    precision,
    robustness,
    schedules,
)
from cnn_conformance.checks.registry import Check, Checks, Function
from cnn_conformance.oracle import specification

LAYER: dict[str, tuple[int, Function]] = {
    "any_dout": (39, gradient.any_dout),
    "initial_parameters": (40, initial_state.initial_parameters),
    "set_parameters_are_used": (41, hygiene.set_parameters_are_used),
    "forward_changes_nothing": (42, hygiene.forward_changes_nothing),
    "backward_changes_nothing": (43, hygiene.backward_changes_nothing),
    "output_stays": (44, hygiene.output_stays),
    "latest_forward": (45, hygiene.latest_forward),
    "second_backward": (46, hygiene.second_backward),
    "instances_share_nothing": (47, hygiene.instances_share_nothing),
    "own_arguments": (47, other_arguments.of_layers),
    "any_memory_order": (48, hygiene.any_memory_order),
    "training_and_grads": (49, hygiene.training_and_grads),
    "without_bias": (50, initial_state.without_bias),
}
LOSS: dict[str, tuple[int, Function]] = {
    "forward_changes_nothing": (42, hygiene.forward_changes_nothing),
    "backward_changes_nothing": (43, hygiene.backward_changes_nothing),
    "latest_forward": (45, loss_hygiene.latest_forward),
    "second_backward": (46, loss_hygiene.second_backward),
    "instances_share_nothing": (47, loss_hygiene.share_nothing),
    "own_arguments": (47, other_arguments.of_losses),
    "any_memory_order": (48, loss_hygiene.any_memory_order),
}
OPTIMIZER: dict[str, tuple[int, Function]] = {
    "gradients_unchanged": (42, optimizers.gradients_unchanged),
    "instances_share_nothing": (47, optimizers.share_nothing),
    "own_arguments": (47, other_arguments.of_optimizers),
}
FUNCTION: dict[str, tuple[int, Function]] = {
    "arguments_unchanged": (42, functions.arguments_unchanged),
    "result_stays": (44, functions.result_stays),
    "calls_are_independent": (45, functions.calls_are_independent),
    "any_memory_order": (48, functions.any_memory_order),
}
STATE: dict[str, Mapping[str, tuple[int, Function]]] = {
    "layer": LAYER,
    "loss": LOSS,
    "optimizer": OPTIMIZER,
    "function": FUNCTION,
    "schedule": {"instances_share_nothing": (47, schedules.share_nothing)},
}
"""What is checked on chosen cases, by the kind of a unit: the number and what decides."""
PRECISION = {
    "float64": (60, "float64"),
    "float32": (61, "float32"),
    "float64_extended": (62, "float64"),
    "float32_extended": (63, "float32"),
}
"""What is checked on all cases of the profile, but for those that say otherwise, unless some are
chosen: the number and the dtype."""
ERROR_TEXTS = 74


def contract(
    checks: Checks, usual: Sequence[str], **chosen: Sequence[str]
) -> dict[str, list[Check]]:
    """Return the checks that every unit of a kind has, by name.

    Parameters
    ----------
    checks : Checks
        Those of a layer, a loss, an optimizer, a function or a schedule.
    usual : sequence of str
        The cases that are taken where no others are chosen.
    **chosen
        For a check's name the cases to take.
    """
    unit = units.of(checks.stem)
    module = {"optimizer": optimizers, "function": functions, "schedule": schedules}.get(
        unit.kind, precision
    )
    answers: dict[str, Function] = {
        "optimizer": optimizers.updates,
        "function": functions.works,
        "schedule": schedules.works,
    }
    works = answers.get(unit.kind, golden.forward)
    if unit.takes == "shape":
        works = initializers.works
    found: dict[str, list[Check]] = {}

    def known(number: int) -> str | None:
        id_ = f"{unit.name.upper()}-{number}"
        return id_ if id_ in specification.requirements() else None

    for name, (number, function) in STATE[unit.kind].items():
        takes = unit.arguments or name != "own_arguments"
        if takes and (id_ := known(number)):
            found[name] = checks.check(id_, function, list(chosen.pop(name, usual)))
    for name, (number, dtype) in PRECISION.items():
        if id_ := known(number):
            decide: Function = getattr(module, dtype)
            cases = chosen.pop(name, None)
            uses = [options.FLOAT32] if dtype == options.FLOAT32 else []
            found[name] = (
                checks.precise(id_, decide, *uses)
                if cases is None
                else checks.check(id_, decide, list(cases), *uses)
            )
    found["errors"] = checks.errors(robustness.raises, works)
    if id_ := known(ERROR_TEXTS):
        found["error_texts"] = checks.errors(robustness.names_what_came, works, id_)
    if chosen:
        raise ValueError(f"{unit.name} has no common check called {', '.join(chosen)}")
    return found
