"""Whether a training loop trains, and where its losses are. Runs in the sandbox."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from cnn_conformance.adapt import runtime
from cnn_conformance.adapt.plan import Plan
from cnn_conformance.adapt.trials import NoFit, compiled
from cnn_conformance.implementation import probes

SAMPLES, INPUTS, CLASSES, EPOCHS, BATCH = 6, 4, 3, 5, 4
"""Sizes that tell an epoch from a batch, of which there are two in each."""
ACCURACY, OTHER = re.compile("acc"), re.compile("val|test")
PARTS = ("loss.forward", "loss.backward", "model.backward", "optimizer.step")


def explore(candidate: dict[str, Any], modules: runtime.Code, likely: list[str]) -> dict[str, Any]:
    """Return the plan for a loop that fits: see `probe.explore`."""
    if candidate["why"]:
        return {"problem": candidate["why"], "stage": 0}
    plan = Plan(candidate["unit"], candidate["what"], dict(candidate["files"]))
    (make,), (steps,), (plan.run,) = candidate["makes"], candidate["steps"], candidate["runs"]
    plan.make, plan.steps = make["text"], steps
    plan.facts = {"calls": dict(candidate["calls"]), "takes": dict(make["takes"])}
    try:
        if plan.unit == "predict":
            _predicts(plan, modules)
        else:
            form = dict(candidate["forms"][0])
            plan.facts |= form
            _trains(plan, modules)
    except NoFit as error:
        return {"problem": str(error), "stage": 0}
    except BaseException as error:
        return {"problem": f"{type(error).__name__}: {error}", "stage": 0}
    return {"plan": plan.as_dict(), "stage": 2, "problem": ""}


def _model(log: list[str]) -> probes.Model:
    random = np.random.default_rng(0)
    weight, bias = random.standard_normal((CLASSES, INPUTS)), np.zeros(CLASSES)
    return probes.Model(probes.Linear(weight, bias, log))


def _predicts(plan: Plan, modules: runtime.Code) -> None:
    """Predict.

    Raises
    ------
    NoFit
        If no outputs come back.
    """
    x = np.random.default_rng(1).standard_normal((SAMPLES, INPUTS))
    y = np.asarray(compiled(plan, modules)()(_model([]), x))
    if y.shape == (SAMPLES,):
        raise NoFit("it returns classes, and not the outputs of the model")
    if y.shape != (SAMPLES, CLASSES):
        raise NoFit(f"x of shape {x.shape} gives {y.shape}")
    twice = np.asarray(compiled(plan, modules)()(_model([]), 2 * x))
    if not np.allclose(twice, 2 * y):
        raise NoFit("it does more than to call its layers: it is not linear where they are")


def _trains(plan: Plan, modules: runtime.Code) -> None:
    """Train, and note where the losses are.

    Raises
    ------
    NoFit
        If not every batch goes through the model, the loss and the optimizer.
    """
    log: list[str] = []
    random = np.random.default_rng(1)
    x, y = random.standard_normal((SAMPLES, INPUTS)), np.eye(CLASSES)[np.arange(SAMPLES) % CLASSES]
    fit = compiled(plan, modules)()
    loss, descent = probes.Loss("MSE", "mean", log), probes.Descent(0.01, log)
    if "batch_size" not in plan.facts["takes"]:
        raise NoFit("the size of a batch is no argument of it")
    epochs = EPOCHS if "epochs" in plan.facts["takes"] else 1
    kept: dict[str, Any] = {}
    own_run = fit.run
    fit.run = lambda *given: kept.setdefault("returned", own_run(*given))
    fit(_model(log), loss, descent, x, y, epochs=epochs, batch_size=BATCH, shuffle=False)
    counts = [log.count(part) for part in PARTS]
    if len({*counts}) > 1 or not counts[0]:
        said = ", ".join(f"{part} {n} times" for part, n in zip(PARTS, counts, strict=True))
        raise NoFit(f"not every batch has a loss, a gradient and a step: {said}")
    found = [*_lists(kept["returned"], "returned", epochs), *_lists(fit.layer, "layer", epochs)]
    found = [path for path in found if not OTHER.search(path)]
    losses = [path for path in found if not ACCURACY.search(path)]
    accuracies = [path for path in found if ACCURACY.search(path)]
    plan.facts["losses"] = losses[0] if losses else ""
    plan.facts["accuracies"] = accuracies[0] if accuracies else ""
    if not losses:
        plan.questions.append("no loss of each epoch is returned or kept: the history is empty")


def _lists(value: Any, path: str, epochs: int, depth: int = 0) -> Iterator[str]:
    """Yield where there are lists with a number for each epoch."""
    if isinstance(value, (list, np.ndarray)) and len(value) == epochs:
        if all(isinstance(each, (float, np.floating)) for each in value):
            yield path
        return
    inside: list[tuple[str, Any]] = []
    if isinstance(value, Mapping):
        inside = [
            (f"{path}['{key}']", each) for key, each in value.items() if str(key).isidentifier()
        ]
    elif isinstance(value, tuple):
        inside = [(f"{path}[{place}]", each) for place, each in enumerate(value)]
    elif hasattr(value, "__dict__"):
        inside = [(f"{path}.{name}", each) for name, each in vars(value).items()]
    for place, each in inside if depth < 2 else []:
        yield from _lists(each, place, epochs, depth + 1)
