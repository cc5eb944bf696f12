"""How a container is called, and whether it goes through its layers. Runs in the sandbox."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance.adapt import runtime
from cnn_conformance.adapt.plan import Plan
from cnn_conformance.adapt.trials import NoFit, compiled
from cnn_conformance.arrays import Array

SHAPE = (3, 5)


class Seen:
    """A layer that notes whether it is called; which one is first is the code's to say."""

    def __init__(self) -> None:
        self.params: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}
        self.training = True
        self.called: list[str] = []

    def forward(self, x: Array) -> Array:
        """Return twice x."""
        self.called.append("forward")
        return 2 * x

    def backward(self, dout: Array) -> Array:
        """Return twice dout."""
        self.called.append("backward")
        return 2 * dout


def explore(candidate: dict[str, Any], modules: runtime.Code, likely: list[str]) -> dict[str, Any]:
    """Return the plan for a container that fits: see `probe.explore`."""
    problem = "no way to call it was found"
    for make in candidate["makes"]:
        for run in candidate["runs"]:
            plan = Plan(candidate["unit"], candidate["what"], dict(candidate["files"]))
            plan.make, plan.run = make["text"], run
            plan.facts = {"calls": dict(candidate["calls"])}
            try:
                _forward(plan, modules)
            except NoFit as error:
                problem = str(error)
                continue
            except BaseException as error:
                problem = f"{type(error).__name__}: {error}"
                continue
            if any(_backward(plan, modules, back) for back in candidate["backs"]):
                return {"plan": plan.as_dict(), "stage": 2, "problem": ""}
            problem = "nothing in it goes backward through its layers"
    return {"problem": problem, "stage": 0}


def _forward(plan: Plan, modules: runtime.Code) -> None:
    """Run forward.

    Raises
    ------
    NoFit
        If it does not return an array, calls none of a layer, or does something else besides: the
        layers are linear, and so is what only calls them, in whatever order.
    """
    layers = [Seen(), Seen()]
    model = compiled(plan, modules)(layers)
    x = np.random.default_rng(0).standard_normal(SHAPE)
    y = np.array(model.forward(x))
    if np.shape(y) != SHAPE:
        raise NoFit(f"x of shape {SHAPE} gives {np.shape(y)}")
    if not np.allclose(np.asarray(model.forward(2 * x)), 2 * y):
        raise NoFit("it does more than to call its layers: it is not linear where they are")
    if not all(layer.called for layer in layers):
        raise NoFit("it leaves out a layer")


def _backward(plan: Plan, modules: runtime.Code, back: str) -> bool:
    """Tell whether backward goes through the layers; ask where it returns no gradient."""
    layers = [Seen(), Seen()]
    plan.back = back
    try:
        model = compiled(plan, modules)(layers)
        model.forward(np.ones(SHAPE))
        dx = model.backward(np.ones(SHAPE))
    except BaseException:
        return False
    if np.shape(dx) != SHAPE:
        plan.questions.append("backward returns no gradient for x")
    return all("backward" in layer.called for layer in layers)
