"""Trying hypotheses: runs in the sandbox, where the code under test runs.

The shape of what comes back tells the order of axes, as all sizes differ; structure tells the rest:
which weight changes which output, what is linear in dout. No value is ever compared with a right
one.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from cnn_conformance import units
from cnn_conformance.adapt import (
    gradients,
    loop_probe,
    losses,
    modal_probe,
    modes,
    parameters,
    recurrent_probe,
    runtime,
    stacking,
    steps,
)
from cnn_conformance.adapt.layout import Layout, of_joined, of_shape
from cnn_conformance.adapt.places import arrays
from cnn_conformance.adapt.plan import Plan
from cnn_conformance.adapt.recurrent import ORDERS
from cnn_conformance.adapt.sizes import IMAGES, LAYOUTS, SIZES, VECTORS
from cnn_conformance.adapt.trials import NoFit, Trial
from cnn_conformance.arrays import Array
from cnn_conformance.implementation import definitions

SECONDS = 2.5
"""Seconds after which no more hypotheses about one candidate are tried."""
MAX_MISFITS = 8
"""Ways to call forward with one layout that may give a wrong shape, before the next is tried."""

BROKEN = "no call of backward has worked"
EARLY = (
    "argument|tuple|unpack|out of range|subscriptable|dimension|axis|axes|aligned|broadcast|"
    "mismatch|not match"
)
"""What is said of an input whose axes are not as expected."""


def explore(root: str, candidate: dict[str, Any], likely: list[str]) -> dict[str, Any]:
    """Return the plan for a candidate that fits, and how far it got.

    Parameters
    ----------
    root : str
        The code.
    candidate : dict
        A `hypotheses.Candidate`.
    likely : list of str
        Layouts that other units of the code have been found to have.
    """
    definitions.target = str(Path(root).resolve())
    modules = runtime.code(root)
    try:
        for file in candidate["files"].values():
            _ = modules[file]
    except runtime.AdapterError as error:
        return {"problem": str(error), "stage": 0}
    unit = candidate["unit"]
    for kinds, kind in (
        (units.LOSSES, losses),
        (units.OPTIMIZERS, steps),
        (units.LOOPS, loop_probe),
        ((units.SEQUENTIAL,), stacking),
        (ORDERS, recurrent_probe),
    ):
        if unit in kinds:
            answer: dict[str, Any] = kind.explore(candidate, modules, likely)
            return answer
    search = Search(unit, candidate, modules, likely)
    first: dict[str, Any] | None = None
    skipped: set[str] = set()
    while plan := search.forward(skipped):
        stage = _complete(plan, search.trial, candidate)
        if parameters.NO_WEIGHT in plan.questions:  # setting it would change nothing
            return {"problem": parameters.NO_WEIGHT, "stage": 0}
        found = {"plan": plan.as_dict(), "stage": stage, "problem": ""}
        if stage < 2 and candidate["backs"] and len(candidate["steps"]) > 1:
            built = _built(plan, search, candidate)
            found, stage = (built, 2) if built is not None else (found, stage)
        first = first or found
        skipped.add(plan.facts["x"])
        if stage == 2 and unit == "Dense" and "N" not in plan.facts["x"]:
            return _of_batches(search, skipped, candidate) or found
        if stage == 2 or not candidate["backs"] or not plan.facts["x"]:
            return found if stage == 2 else first
    if first is not None:
        return first
    return {"problem": search.problem, "stage": 1, "plan": search.by_name().as_dict()}


def _built(plan: Plan, search: Search, candidate: dict[str, Any]) -> dict[str, Any] | None:
    """Return the plan with what is called before forward, if backward alone needs that."""
    if plan.steps:
        return None
    for steps_ in candidate["steps"][1:]:
        built = Search(
            plan.unit, {**candidate, "steps": [steps_]}, search.modules, [plan.facts["x"]]
        )
        found = built.forward({each for each in built.layouts() if each != plan.facts["x"]})
        if found is not None and _complete(found, built.trial, candidate) == 2:
            return {"plan": found.as_dict(), "stage": 2, "problem": ""}
    return None


def _of_batches(
    search: Search, skipped: set[str], candidate: dict[str, Any]
) -> dict[str, Any] | None:
    """Return the plan in which a layer gets whole batches, if all of it works, with sums over them.

    What divides by their number would be hidden by batches of one.
    """
    while plan := search.forward(skipped | {each for each in VECTORS if "N" not in each}):
        stage = _complete(plan, search.trial, candidate)
        gradients_ = [place for *_, place in (plan.facts.get("parameters") or {}).values()]
        doubts = [q for q in plan.questions if gradients.BY_NAME in q or gradients.NOTHING in q]
        if stage == 2 and gradients_ and all(gradients_) and not doubts:
            return {"plan": plan.as_dict(), "stage": stage, "problem": ""}
        skipped.add(plan.facts["x"])
    return None


def _complete(plan: Plan, trial: Trial, candidate: dict[str, Any]) -> float:
    """Find what there is besides forward; return 2 if backward works with it, 1.5 if not."""
    if plan.facts.get("parameters") is None and plan.unit in ("Conv2D", "Dense"):
        parameters.locate(plan, trial)
    if plan.unit in modes.UNITS:
        modal_probe.complete(plan, trial, candidate)
    if candidate["backs"]:
        gradients.find(plan, trial, candidate["backs"], candidate["reset"])
    else:
        plan.questions.append("no backward was found: it counts as not supported")
    parameters.ask_for_pairs(plan, trial)
    if plan.unit == "Conv2D":
        parameters.ask_for_size(plan, trial)
    if plan.unit in ("Conv2D", "Dense"):
        parameters.ask_for_activation(plan, trial)
    if units.of(plan.unit).family == "pooling" and not plan.facts.get("takes"):
        plan.facts["only_kernel"] = trial.sizes["U"]
        plan.evidence["only_kernel"] = "the constructor takes no size"
    works = candidate["backs"] and not any(BROKEN in text for text in plan.questions)
    if plan.unit in modes.UNITS and plan.unit != "Dropout":
        works = works and "parameters" in plan.facts
        works = works and (plan.unit != "BatchNorm2D" or len(plan.facts["running"]) == 2)
    return 2.0 if works else 1.5


def _flat(x: Array, is_one: bool) -> dict[str, tuple[int, ...]]:
    """Return the shapes that images made into vectors may have."""
    N, D = len(x), x[0].size
    if is_one:
        return {"D": (D,), "1D": (1, D), "D1": (D, 1)}
    return {"": (N, D), "DN": (D, N)}


class Search:
    """The search for a way to call forward."""

    def __init__(
        self, unit: str, candidate: dict[str, Any], modules: runtime.Code, likely: list[str]
    ) -> None:
        self.unit, self.candidate, self.modules = unit, candidate, modules
        self.likely = likely
        self.problem = "no way to call it was found"
        self.end = time.monotonic() + SECONDS
        family = "Pool" if "Pool" in unit else unit
        self.all_sizes = SIZES.get(family, SIZES["Pool"])
        self.trial = Trial(modules, self.all_sizes[0])
        self.refuted: list[str] = []
        self.misfits: dict[str, int] = {}
        self.furthest: tuple[int, Plan | None] = (-1, None)

    def layouts(self) -> list[str]:
        """Return the layouts of x to try, the likely ones first."""
        if self.unit in LAYOUTS:
            known: tuple[str, ...] = LAYOUTS[self.unit]
        elif self.unit == "Dense":
            known = VECTORS
            if self.likely and not any("N" in layout for layout in self.likely):
                known = tuple(sorted(VECTORS, key=lambda layout: "N" in layout))  # one at a time
        elif self.unit in ("Conv2D", "MaxPool2D", "AvgPool2D"):
            known = IMAGES
        elif self.unit == "Flatten":
            known = ("", "CHW", "CHWN", "HWC", "HWCN")
        elif self.unit in ("Softmax", "LogSoftmax"):
            by_columns = [each for each in self.likely if each in VECTORS[1:]]
            by_one = ["I"] if any("N" not in each for each in self.likely) else []
            if by_one and self.candidate["layout"] == "I":
                return ["I1", "I"] if {"IN", "I1"} & {*self.likely} else ["I", "1I", ""]
            return [*by_columns, *by_one, "", "I"]
        else:
            return ["", "CHW", "HWC"]
        if self.unit == "Flatten":
            return list(known)
        if self.candidate["layout"] in known:
            known = (self.candidate["layout"], *known)
        if self.candidate["layout"]:
            return [*known]
        return [*(each for each in self.likely if each in known), *known]

    def plans(self, layout: str) -> Iterator[Plan]:
        """Yield the ways to call forward with one layout."""
        for make in self.candidate["makes"]:
            for between in self.candidate["steps"]:
                for run in self.candidate["runs"]:
                    plan = Plan(self.unit, self.candidate["what"], dict(self.candidate["files"]))
                    plan.make, plan.steps, plan.run = make["text"], list(between), run
                    to = str.maketrans(
                        {"Conv2D": {"C": "K"}, "Dense": {"I": "O"}}.get(self.unit, {})
                    )
                    plan.facts = {"x": layout, "y": layout.translate(to)}
                    if make["takes"]:
                        plan.facts["takes"] = dict(make["takes"])
                    if make["shape"] or any("self.at.shape" in step for step in between):
                        plan.facts["made_for_shape"] = True
                    if "self.at." in make["text"].replace("self.at.shape", ""):
                        plan.facts["made_for_call"] = True
                    if self.candidate["modes"] and "self.training" not in run:
                        plan.facts |= self.candidate["modes"][0]
                    yield from parameters.of_functions(plan)

    def forward(self, skipped: set[str]) -> Plan | None:
        """Return the first plan whose forward fits, with none of the layouts that are skipped."""
        for sizes in self.all_sizes:
            for layout in dict.fromkeys(self.layouts()):
                if layout in skipped:
                    continue
                one = "C" not in layout and self.unit in ("Conv2D", "MaxPool2D", "AvgPool2D")
                self.trial = Trial(self.modules, {**sizes, "C": 1} if one else sizes)
                self.misfits.clear()
                for plan in self.plans(layout):
                    if self.misfits.get(layout, 0) >= MAX_MISFITS:
                        break
                    if time.monotonic() > self.end:
                        return None
                    try:
                        self.fit(plan)
                    except NoFit as error:
                        self._refuted(layout, str(error))
                        self._got(2, plan, str(error))
                        continue
                    except BaseException as error:
                        self._refuted(layout, f"it raises {type(error).__name__}", misfit=False)
                        early = re.search(EARLY, str(error))
                        self._got(0 if early else 1, plan, f"{type(error).__name__}: {error}")
                        continue
                    self._note_sizes(plan, sizes)
                    plan.rivals += [r for r in self.refuted if not r.startswith(f"{layout}:")][:2]
                    return plan
        return None

    def _note_sizes(self, plan: Plan, sizes: dict[str, int]) -> None:
        if sizes is self.all_sizes[0]:
            return
        if sizes["H"] == sizes["W"]:
            plan.questions.append(
                "it works with square images only; rows are assumed to come before columns"
            )
            if self.candidate["square"]:
                plan.facts["square_only"] = True
                plan.evidence["square_only"] = self.candidate["square"]
        else:
            plan.questions.append(
                "windows of 2 with a stride of 2 do not work, those of 3 with 1 do"
            )

    def _got(self, far: int, plan: Plan, problem: str) -> None:
        """Remember the hypothesis that got furthest."""
        if far > self.furthest[0]:
            self.furthest = far, plan
            self.problem = problem

    def _refuted(self, layout: str, text: str, misfit: bool = True) -> None:
        """Remember why a layout was not taken."""
        self.misfits[layout] = self.misfits.get(layout, 0) + misfit
        known = {said.partition(":")[0] for said in self.refuted}
        if layout and layout not in known:
            self.refuted.append(f"{layout}: {text}")

    def fit(self, plan: Plan) -> None:
        """Run forward, and note what comes back where.

        Raises
        ------
        NoFit
            If nothing that comes back has the shape of an output.
        """
        unit = self.trial.unit(plan)
        x = self.trial.x(plan)
        unit.forward(x)
        theirs = np.shape(unit.at.x)
        places = [*arrays(unit.at.returned, "returned")]
        if not places and unit.at.returned is None and unit.layer is not None:
            places = [
                (path, y)
                for path, y in arrays(unit.layer, "layer")
                if y is not unit.at.x or ("out" in path.lower() and path.count(".") == 1)
            ]
        if self.candidate_has_layout():
            places = [(path, y) for path, y in places if y is not unit.at.x]
        if not self.candidate_has_layout():
            self._elementwise(plan, unit, x, places)
            return
        expected = self._expected(plan)
        kept = self.unit == "Conv2D" and "padding" not in plan.facts.get("takes", {})
        same = {**expected, "H": self.trial.sizes["H"], "W": self.trial.sizes["W"]} if kept else {}
        for path, y in places[:12]:
            letters = of_shape(y.shape, expected) or of_joined(y.shape, expected)
            if letters is None and same and of_shape(y.shape, same):
                letters = of_shape(y.shape, same)
                plan.facts["keeps_size"] = True
                plan.evidence["keeps_size"] = f"x of shape {theirs} gives {y.shape}"
            if letters and "W" in letters.partition("H")[0]:
                continue  # rows and columns that change places are a mistake of the code
            if (
                letters is not None
                and (unit.at.x is None or y.shape != theirs or "Pool" not in self.unit)
                and (self.unit not in modes.UNITS or letters == plan.facts["x"])
            ):
                plan.facts["y"] = letters
                plan.facts["output"] = path
                plan.evidence["x"] = f"x of shape {theirs} gives {y.shape}"
                if path != "returned":
                    plan.evidence["output"] = "what comes back there has the shape of an output"
                parameters.check_functions(plan, self.trial, NoFit)
                return
        shapes = ", ".join(str(y.shape) for _, y in places[:3]) or "no array"
        raise NoFit(f"x of shape {theirs} gives {shapes}")

    def candidate_has_layout(self) -> bool:
        """Tell whether the order of axes matters for this unit."""
        return self.unit in ("Conv2D", "MaxPool2D", "AvgPool2D", "Dense", *LAYOUTS)

    def _expected(self, plan: Plan) -> dict[str, int]:
        """Return the axes of an output by their letters, with their lengths."""
        sizes = self.trial.sizes
        if "Global" in self.unit:
            return {letter: sizes[letter] for letter in plan.facts["x"] if letter in "NC"}
        if self.unit in LAYOUTS:
            return {letter: sizes[letter] for letter in LAYOUTS[self.unit][0]}
        batch = (
            {}
            if Layout(plan.facts["x"], "NCHW" if self.unit != "Dense" else "NI").is_by_sample
            else {"N": sizes["N"]}
        )
        if self.unit == "Dense":
            return {**batch, "O": sizes["O"]}
        channels = {"K": sizes["K"]} if self.unit == "Conv2D" else {"C": sizes["C"]}
        return {**batch, **channels, "H": sizes["OH"], "W": sizes["OW"]}

    def _elementwise(
        self, plan: Plan, unit: Any, x: Array, places: list[tuple[str, Array]]
    ) -> None:
        """Note where an output is: of the shape of x, or a vector of it for Flatten."""
        layout = plan.facts["x"]
        axes = "NCHW" if x.ndim == 4 else "NI"
        is_one = bool(layout) and Layout(layout, axes).is_by_sample
        wanted = {"": x.shape} if self.unit != "Flatten" else _flat(x, is_one)
        if layout and self.unit != "Flatten":
            wanted = {layout: np.shape(unit.at.x)}
        for path, y in places:
            for letters, shape in wanted.items():
                if y.shape == shape:
                    plan.facts["output"], plan.facts["y"] = path, letters
                    if layout:
                        plan.evidence["x"] = f"x of shape {np.shape(unit.at.x)} gives {y.shape}"
                    return
        shapes = ", ".join(str(y.shape) for _, y in places[:3]) or "no array"
        raise NoFit(f"x of shape {np.shape(unit.at.x)} gives {shapes}")

    def by_name(self) -> Plan:
        """Return a plan that rests on names alone, for code that does not run."""
        plan = self.furthest[1] or next(self.plans(self.layouts()[0]))
        plan.questions.append(f"no call of it has worked: {self.problem}")
        if self.candidate["backs"]:
            plan.back = self.candidate["backs"][0]
        if self.unit in ("Conv2D", "Dense") and "parameters" not in plan.facts:
            parameters.locate_by_name(plan, self.trial)
            gradients.by_name(plan)
        return plan
