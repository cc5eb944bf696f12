"""How a failure of each kind of check becomes a script. A recipe writes the calls of one kind."""

from __future__ import annotations

from cnn_conformance.checks.registry import Check, manifest
from cnn_conformance.reproduce.recipes import (
    buffers,
    containers,
    dropout,
    errors,
    golden,
    hygiene,
    laws,
    loops,
    networks,
    optimizers,
    recurrence,
)
from cnn_conformance.reproduce.script import Recipe

RECIPES: dict[object, Recipe] = {
    **golden.RECIPES,
    **laws.RECIPES,
    **hygiene.RECIPES,
    **dropout.RECIPES,
    **buffers.RECIPES,
    **recurrence.RECIPES,
    **optimizers.RECIPES,
    **errors.RECIPES,
    **containers.RECIPES,
    **networks.RECIPES,
    **loops.RECIPES,
}


def recipe(check: Check) -> Recipe | None:
    """Return the recipe for a check, None where its kind has none."""
    return RECIPES.get(check.function)


def is_supported(key: str) -> bool:
    """Tell whether failures of a check, `test_conv2d.py::test_dx[stride-2]`, can be reproduced."""
    check = manifest().get(key)
    return check is not None and recipe(check) is not None
