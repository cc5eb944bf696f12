"""Where normalizations keep parameters and statistics, and what a dropout drops. In the sandbox."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from cnn_conformance.adapt.layout import of_shape
from cnn_conformance.adapt.parameters import GRADIENT, is_used
from cnn_conformance.adapt.places import arrays, read, write
from cnn_conformance.adapt.plan import Plan

NAMES = {
    "weight": re.compile(r"[._'](gammas?|weights?|scale|w|g)($|'|_|\.)", re.I),
    "bias": re.compile(r"[._'](betas?|bias(es)?|shift|offset|b)($|'|_|\.)", re.I),
    "running_mean": re.compile(
        r"(run|mov|ema|avg|test|glob|pop|infer|ra_)\w*(mean|mu)|mean_?(run|mov|avg|ema|test)|(run|mov)\w*_?m$",
        re.I,
    ),
    "running_var": re.compile(
        r"(run|mov|ema|avg|test|glob|pop|infer|ra_)\w*(var|sigma|std)|var\w*_?(run|mov|avg|ema|test)|(run|mov)\w*_?v$",
        re.I,
    ),
}


PLAIN = {
    "running_mean": re.compile(r"[._'](mean|mu|avg|moy|media|mittel)($|'|\.)", re.I),
    "running_var": re.compile(r"[._'](var|variance|sigma_?2?|std)($|'|\.)", re.I),
}
"""How running statistics are called where nothing says that they run."""


def complete(plan: Plan, trial: Any, candidate: dict[str, Any]) -> None:
    """Note what there is besides forward."""
    if plan.unit != "LayerNorm" and not plan.facts.get("mode") and "self.training" not in plan.run:
        plan.facts["only_training"] = True
        plan.questions.append("nothing tells it whether this is training: evaluation is refused")
    if plan.unit == "Dropout":
        _share(plan, trial, candidate)
    else:
        _locate(plan, trial)
    if plan.unit == "BatchNorm1D":
        _sequences(plan, trial)


def _sequences(plan: Plan, trial: Any) -> None:
    """Find out whether rows are all that a normalization takes."""
    x = trial.random.standard_normal((trial.sizes["N"], trial.sizes["C"], 4))
    try:
        y = np.asarray(trial.unit(plan).forward(x))
        why = "" if y.shape == x.shape else f"gives {y.shape}"
    except BaseException as error:
        why = f"raises {type(error).__name__}"
    if why:
        plan.facts["only_rows"] = True
        plan.evidence["only_rows"] = f"a sequence of shape {x.shape} {why}"


def _locate(plan: Plan, trial: Any) -> None:
    """Find weight, bias and running statistics of a normalization."""
    unit = trial.unit(plan)
    unit.forward(trial.x(plan))
    if unit.layer is None:
        return
    letter = unit.axes[0][1]
    data = [unit.at.x, unit.at.y, unit.at.returned]
    known = []
    for path, array in arrays(unit.layer, "layer"):
        letters = of_shape(array.shape, {letter: trial.sizes[letter]})
        if letters and not any(array is one for one in data):
            known.append((path, letters, array.shape))
    places: dict[str, tuple[str, str, str]] = {}
    for name, pattern in NAMES.items():
        fitting = [k for k in known if pattern.search(k[0]) and k[0] not in _paths(places)]
        if name in ("weight", "bias"):
            fitting = [k for k in fitting if not GRADIENT.search(k[0].replace("beta", "shift"))]
        if fitting:
            path, letters, shape = min(fitting, key=lambda k: (k[0].count("."), len(k[0])))
            places[name] = (letters, path, "")
            plan.evidence[name] = f"its shape is {shape}, and it is called so"
    free = [k for k in known if k[0] not in _paths(places) and not GRADIENT.search(k[0])]
    for name in ("weight", "bias"):
        used = [k for k in free if name not in places and is_used(plan, trial, k[0])]
        if used and name not in places:
            places[name] = (used[0][1], used[0][0], "")
            plan.evidence[name] = f"its shape is {used[0][2]}; changing it changes the output"
            free.remove(used[0])
    if {"weight", "bias"} <= places.keys():
        plan.facts["parameters"] = {name: places[name] for name in ("weight", "bias")}
    else:
        plan.questions.append("no arrays that could be weight and bias were found")
    if plan.unit != "LayerNorm" and not {*PLAIN} & places.keys():
        for name, pattern in PLAIN.items():
            plain = [k for k in known if pattern.search(k[0]) and _in_evaluation(plan, trial, k[0])]
            if plain:
                places[name] = (plain[0][1], plain[0][0], "")
                plan.evidence[name] = "changing it changes the output in evaluation"
    running = {name: places[name] for name in ("running_mean", "running_var") if name in places}
    if plan.unit != "LayerNorm":
        plan.facts["running"] = running
        if len(running) < 2:
            plan.questions.append("no running statistics were found")


def _in_evaluation(plan: Plan, trial: Any, path: str) -> bool:
    """Tell whether the output in evaluation changes with an array."""
    try:
        unit = trial.unit(plan)
        x = trial.x(plan)
        unit.forward(x)
        unit.training = False
        first = np.array(unit.forward(x))
        write(unit.layer, path, np.array(read(unit.layer, path), float) + 0.5)
        return bool(np.abs(np.array(unit.forward(x)) - first).max() > 1e-9)
    except BaseException:
        return False


def _paths(places: dict[str, tuple[str, str, str]]) -> set[str]:
    return {path for _, path, _ in places.values()}


def _share(plan: Plan, trial: Any, candidate: dict[str, Any]) -> None:
    """Tell whether a probability is that of what is kept, where no name says so.

    It is if that share is kept, and if what is kept is not divided by the rest.
    """
    texts = [make["text"] for make in candidate["makes"]]
    other = plan.make.replace("1 - p", "p").replace("1 - self.p", "self.p")
    kept = next((t for t in texts if t != plan.make and t in (_kept(plan.make), other)), "")
    if not kept:
        return
    try:
        unit = trial.unit(plan, p=0.25)
        y = np.asarray(unit.forward(np.ones(trial.x(plan).shape)))
    except BaseException:
        return
    share, factor = float((y != 0).mean()), float(y.max())
    if abs(share - 0.25) < 0.1 and abs(factor - 1 / 0.75) > 1e-6:
        plan.make = kept
        plan.evidence["takes"] = f"of p = 0.25 the share {share:.2f} is kept, times {factor:.2f}"
    elif abs(share - 0.25) < 0.1:
        plan.questions.append("p is the share that is kept, but the rest is divided by 1 - p")


def _kept(text: str) -> str:
    return text.replace("'p'", "'1 - p'").replace("=self.p", "=1 - self.p")
