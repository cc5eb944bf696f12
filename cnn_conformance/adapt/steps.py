"""How an optimizer is called, and where new values are after a step. Runs in the sandbox."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance.adapt import runtime
from cnn_conformance.adapt.plan import Plan
from cnn_conformance.adapt.trials import NoFit, compiled
from cnn_conformance.adapt.updating import NEW

SHAPES = {"0.weight": (3, 5), "0.bias": (3,), "2.weight": (2, 7)}


def explore(candidate: dict[str, Any], modules: runtime.Code, likely: list[str]) -> dict[str, Any]:
    """Return the plan for an optimizer that fits: see `probe.explore`."""
    problem = "no way to call it was found"
    furthest: Plan | None = None
    has_run = False
    for make in candidate["makes"]:
        for run, form in zip(candidate["runs"], candidate["forms"], strict=True):
            for new in NEW if not isinstance(form["holds"], dict) else NEW[:1]:
                plan = Plan(candidate["unit"], candidate["what"], dict(candidate["files"]))
                plan.make, plan.run = make["text"], run
                plan.facts = {**form, "takes": dict(make["takes"]), "new": new}
                plan.facts["made_with_parameters"] = "self.at." in make["text"]
                furthest = furthest or plan
                try:
                    _takes_a_step(compiled(plan, modules))
                except NoFit as error:
                    if not has_run:
                        furthest, problem, has_run = plan, str(error), True
                except BaseException as error:
                    problem = problem if has_run else f"{type(error).__name__}: {error}"
                else:
                    plan.evidence["new"] = "a step changes every parameter there"
                    return {"plan": plan.as_dict(), "stage": 2, "problem": ""}
    if furthest is None:
        return {"problem": problem, "stage": 0}
    furthest.questions.append(f"no call of it has worked: {problem}")
    return {"plan": furthest.as_dict(), "stage": 1, "problem": problem}


def _takes_a_step(made: type) -> None:
    """Take two steps: each changes every parameter, by its own gradient.

    Raises
    ------
    NoFit
        If they do not.
    """
    random = np.random.default_rng(0)
    params = {key: random.standard_normal(shape) for key, shape in SHAPES.items()}
    grads = {key: random.standard_normal(shape) for key, shape in SHAPES.items()}
    optimizer = made(*((0.1,) if made.__name__ == "SGD" else ()))
    for _ in range(2):
        before = {key: value.copy() for key, value in params.items()}
        optimizer.step(params, grads)
        same = [key for key in params if np.array_equal(before[key], params[key])]
        if same:
            raise NoFit(f"a step does not change {' and '.join(same)}")
        if not all(np.isfinite(value).all() for value in params.values()):
            raise NoFit("a step gives numbers that are not finite")
