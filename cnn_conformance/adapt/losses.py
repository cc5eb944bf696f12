"""How a loss is called, and where its gradient is. Runs in the sandbox."""

from __future__ import annotations

import itertools
import re
from typing import Any

import numpy as np

from cnn_conformance import units
from cnn_conformance.adapt import runtime
from cnn_conformance.adapt.places import arrays
from cnn_conformance.adapt.plan import Plan
from cnn_conformance.adapt.trials import compiled
from cnn_conformance.arrays import Array

N, K = 4, 6
IS_GRADIENT = re.compile(r"grad|delta|[._']d_?(x|in|inputs?|out|logits?|pred|y|z|a)\w*($|')", re.I)
KINDS = {"classes": ("labels", "one-hot"), "labels": ("labels", "one-hot")}
"""The forms of targets by what a unit's targets are, where there are several."""


def explore(candidate: dict[str, Any], modules: runtime.Code, likely: list[str]) -> dict[str, Any]:
    """Return the plan for a loss that fits: see `probe.explore`."""
    unit = candidate["unit"]
    x = _prediction(unit)
    problem, of_probabilities = "no way to call it was found", False
    kinds = KINDS.get(units.of(unit).targets, ("",))
    ways = ["rows", "one"]
    ways.sort(key=lambda way: way != "one" or all("N" in layout for layout in likely))
    by_one = candidate["layout"] == "I" and any("N" not in layout for layout in likely)
    ways = ["columns", *ways] if "IN" in likely and not by_one else ways
    ways.sort(key=lambda way: by_one and way != "one")
    tries = itertools.product(
        (False, True),
        ways if kinds != ("",) else [way for way in ways if way != "one"],
        candidate["makes"],
        candidate["runs"],
    )
    for averaged, way, make, run in tries:
        accepted: list[Plan] = []
        for kind in kinds:
            plan = Plan(unit, candidate["what"], dict(candidate["files"]))
            plan.make, plan.run = make["text"], run
            plan.facts = {"targets": kind, "by_sample": way == "one", "averaged": averaged}
            plan.facts["in_columns"] = way == "columns"
            plan.facts["made_for_shape"] = make["shape"]
            try:
                fits = _is_loss(plan, compiled(plan, modules), x)
                fits = fits and not (
                    kind == "labels" and _multiplies(plan, compiled(plan, modules), x)
                )
            except BaseException as error:
                problem = f"{type(error).__name__}: {error}"
                continue
            problem = problem if fits else "it returns no number for each batch"
            accepted += [plan] if fits else []
        if not accepted:
            continue
        plan = accepted[0]
        if len(accepted) == 2:
            plan.facts["targets"] = ""
        if unit == "SoftmaxCrossEntropy" and not _takes_logits(compiled(plan, modules), plan, x):
            of_probabilities = True
            continue
        if averaged:
            plan.questions.append("it returns a loss for each sample or element: they are averaged")
        _reduction(plan, compiled(plan, modules), x, candidate["divides"])
        _gradient(plan, candidate, modules, x)
        return {"plan": plan.as_dict(), "stage": 2, "problem": ""}
    if of_probabilities:
        problem = "it takes probabilities, and no softmax was found to go before it"
    return {"problem": problem, "stage": 0}


def _prediction(unit: str) -> Array:
    """Return predictions as a loss takes them."""
    x = np.random.default_rng(0).standard_normal((N, K))
    if unit == "BCE":
        x = 1 / (1 + np.exp(-x))
    return x - np.log(np.exp(x).sum(axis=1, keepdims=True)) if unit == "NLL" else x


def _target(kind: str, random: np.random.Generator) -> Array:
    labels = np.arange(N) % K
    if kind == "labels":
        return labels
    return np.eye(K)[labels] if kind == "one-hot" else random.standard_normal((N, K))


def _for(plan: Plan) -> Array:
    targets = units.of(plan.unit).targets
    kind = plan.facts.get("targets") or ("labels" if targets in KINDS else "")
    target = _target(kind, np.random.default_rng(2))
    return (target > 0).astype(float) if targets == "probabilities" else target


def _is_loss(plan: Plan, made: type, x: Array) -> bool:
    """Tell whether what comes back has a number; note where it is.

    A loss that takes a batch sees all its samples: changing the last one changes it.
    """
    target = _for(plan)
    loss = made()
    loss.value = "returned"
    if plan.facts["by_sample"]:
        loss._one(x[0].copy(), target[0])
    else:
        loss.forward(x.copy(), target.copy())
    returned = loss.at.returned
    if isinstance(returned, np.ndarray) and np.array_equal(returned, loss.at.x):
        return False
    accepts = _is_array_of if plan.facts["averaged"] else _is_number
    if isinstance(returned, tuple):
        places = [i for i, value in enumerate(returned) if accepts(value)]
        if not places:
            return False
        plan.facts["value"] = f"returned[{places[0]}]"
        return True
    return accepts(returned)


def _is_array_of(value: Any) -> bool:
    """Tell whether something has a loss for each sample or element, or is a number in brackets."""
    shapes = ((N,), (N, 1), (1, N), (N, K), (1,), (1, 1))
    return isinstance(value, np.ndarray) and value.shape in shapes and value.dtype.kind == "f"


def _multiplies(plan: Plan, made: type, x: Array) -> bool:
    """Tell whether labels are taken as factors and not as indices: those of 0 give no loss."""
    return float(made().forward(x.copy(), np.zeros(N, int))) == 0


def _is_number(value: Any) -> bool:
    kinds = (float, int, np.number, np.ndarray)
    return isinstance(value, kinds) and np.ndim(value) == 0 and bool(np.isreal(value))


def _takes_logits(made: type, plan: Plan, x: Array) -> bool:
    """Tell whether adding a number to all logits of a sample leaves the loss as it is."""
    target = _for(plan)
    try:
        first = float(made().forward(np.abs(x), target))
        other = float(made().forward(np.abs(x) + 0.25, target))
    except BaseException:
        return False
    return bool(np.isfinite(first) and abs(float(first) - float(other)) < 1e-6)


def _reduction(plan: Plan, made: type, x: Array, divides: bool) -> None:
    """Note a loss that is a sum over the samples: all of them twice give twice the loss."""
    target = _for(plan)
    if plan.facts["by_sample"]:
        plan.questions.append("it takes one sample at a time; the losses of a batch are averaged")
        return
    first = float(made().forward(x, target))
    twice = float(made().forward(np.concatenate([x, x]), np.concatenate([target, target])))
    if not first or abs(twice - 2 * first) > 1e-6 * abs(first):
        return
    if divides:
        plan.questions.append(
            "the same samples twice give twice the loss, though the source divides: taken as a mean"
        )
    else:
        plan.facts["reduction_taken"] = "sum"
        plan.evidence["reduction_taken"] = "the same samples twice give twice the loss"


def _gradient(plan: Plan, candidate: dict[str, Any], modules: runtime.Code, x: Array) -> None:
    """Note how the gradient is got: of a softmax and a loss, the rows of it add up to 0."""
    target = _for(plan)
    one = plan.facts["by_sample"]
    given = (x[0], target[0]) if one else (x, target)
    loss = compiled(plan, modules)(plan.facts.get("reduction_taken", "mean"))
    loss._one(given[0].copy(), given[1])
    problem = "there is no backward"
    fitting: list[tuple[bool, str, str]] = []
    for back in ("self.at.returned", *candidate["backs"]):
        plan.back = back
        try:
            loss = compiled(plan, modules)(plan.facts.get("reduction_taken", "mean"))
            loss._one(given[0].copy(), given[1])
            returned = loss.run_back()
        except BaseException as error:
            problem = f"{type(error).__name__}: {error}"
            continue
        places = [*arrays(returned, "returned")]
        if returned is None and loss.layer is not None:
            places = [p for p in arrays(loss.layer, "layer") if IS_GRADIENT.search(p[0])]
        value = plan.facts.get("value", "returned") if returned is loss.at.returned else ""
        for path, array in places:
            if array.size == given[0].size and array is not loss.at.p and path != value:
                rows = np.reshape(array.T if loss.in_columns else array, (-1, K)).sum(axis=1)
                fitting.append((bool(np.abs(rows).max() > 1e-6), back, path))
    if not fitting:
        plan.back = candidate["backs"][0] if candidate["backs"] else ""
        plan.questions.append(f"the gradient: {problem}")
        return
    of_both = "self.at.p" in plan.run or "kept" in plan.run
    of_classes = units.of(plan.unit).targets == "classes"
    fitting.sort(key=lambda each: (of_classes and each[0], of_both and -each[1].count("(")))
    does_not, plan.back, plan.facts["gradient"] = fitting[0]
    if plan.back == "self.at.returned":
        plan.evidence["gradient"] = "forward returns it together with the loss"
    if of_both and does_not:
        plan.questions.append(
            "the rows of the gradient do not add up to 0: does it go through the softmax, too?"
        )
