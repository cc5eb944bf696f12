"""How a recurrent layer is called, where its gates are, and their gradients. Runs in the sandbox.

Shapes tell which arrays weigh the input, which the state and which both; names which gate is which.
What belongs to the state has no effect on the first step, which tells the two apart in one array.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from cnn_conformance.adapt import gates, recurrent_gates, runtime
from cnn_conformance.adapt.gradients import NOTHING, Run
from cnn_conformance.adapt.layout import Layout, of_shape
from cnn_conformance.adapt.parameters import GRADIENT
from cnn_conformance.adapt.places import arrays, read
from cnn_conformance.adapt.plan import Plan
from cnn_conformance.adapt.recurrent import ORDERS
from cnn_conformance.adapt.recurrent_gates import Row, last
from cnn_conformance.adapt.sizes import SEQUENCES, SIZES, STEPS
from cnn_conformance.adapt.trials import NoFit, Trial
from cnn_conformance.arrays import Array

OUTPUT = 11
"""The size of what an output layer returns that is one with the recurrent layer."""
BY_PLACE = "of several of its shape, by its place only"
LAST = "only the state after the last step comes back, and no step before it"
OWN_OUTPUT = "an output layer of its own is in it, after the states"
OTHER_AXIS = "what is a sample there depends on another one"
WHOLE = (LAST, OWN_OUTPUT)
"""What is said first of code that is another thing."""


def explore(candidate: dict[str, Any], modules: runtime.Code, likely: list[str]) -> dict[str, Any]:
    """Return the plan for a recurrent layer that fits: see `probe.explore`."""
    trial = Trial(modules, SIZES["recurrent"][0])
    problem, reasons = "no way to call it was found", [candidate["why"]]
    for plan in _plans(candidate):
        try:
            _fit(plan, trial)
        except NoFit as error:
            reasons.append(str(error))
            continue
        except BaseException as error:
            problem = problem if "Error" in problem else f"{type(error).__name__}: {error}"
            continue
        if not plan.facts["gates"]:
            recurrent_gates.locate(plan, trial, candidate["order"])
        if why := recurrent_gates.lacking(plan):
            reasons.insert(0, why)
            continue
        _gradients(plan, trial, candidate)
        works = bool(plan.back)
        return {"plan": plan.as_dict(), "stage": 2 if works else 1.5, "problem": ""}
    said = [why for why in reasons if why]
    said.sort(key=lambda why: 0 if why in WHOLE else 1)
    return {"problem": next(iter(said), problem), "stage": 0}


def _plans(candidate: dict[str, Any]) -> Iterator[Plan]:
    """Yield the ways to call forward with each order of axes."""
    by_step = candidate["by_step"]
    for layout, make, run in itertools.product(
        STEPS if by_step else SEQUENCES, candidate["makes"], candidate["runs"]
    ):
        for table in _handed(candidate):
            plan = Plan(candidate["unit"], candidate["what"], dict(candidate["files"]))
            plan.make, plan.run = make["text"], run
            plan.facts = {"x": layout, "y": layout.replace("D", "H"), "gates": table}
            plan.facts |= {"by_step": by_step, "takes": dict(make["takes"])}
            plan.facts["made_for_shape"] = make["shape"] and not by_step
            plan.facts["made_for_call"] = any(f"self.at.{n}" in make["text"] for n in table)
            yield plan


def _handed(candidate: dict[str, Any]) -> Iterator[dict[str, Row]]:
    """Yield the gates of parameters that calls hand over, in each order of their axes."""
    names, unit = candidate["handed"], candidate["unit"]
    if not names:
        yield {}
        return
    known = gates.of_arrays(names, unit)
    weights = [name for name in names if not re.match("b", name)]
    biases = [name for name in names if name not in weights]
    kinds = dict(_sources(weights, biases, known, candidate))
    for order, bias in itertools.product(("CG", "GC"), ("G", "G1", "1G")):
        yield {
            name: (
                order if name in weights else bias,
                known[name][0] if name in known else candidate["order"] or ORDERS[unit],
                kinds[name],
                "",
            )
            for name in names
            if name in kinds
        }


def _sources(
    weights: list[str],
    biases: list[str],
    known: dict[str, tuple[str, str]],
    candidate: dict[str, Any],
) -> Iterator[tuple[str, str]]:
    """Yield what parameters weigh by their names: the input, the state or both."""
    each = len(weights) / max(1, len(ORDERS[candidate["unit"]]) if known else 1)
    for place, name in enumerate(weights):
        told = known[name][1] if name in known else ""
        if each == 1:
            yield name, candidate["joined"] or "hx"
        elif told or re.search(r"^w_?(ih|x|in)|x|^w$", name.lower()):
            yield name, told or "x"
        else:
            yield name, "h" if place or re.search("h|u|aa", name.lower()) else "x"
    per_gate = len(biases) / max(1, len(ORDERS[candidate["unit"]]) if known else 1)
    for place, name in enumerate(biases):
        is_second = re.search("hh|_h$|rec", name) or (place and not known)
        yield name, "b" if per_gate <= 1 else "bh" if is_second else "bx"


def _fit(plan: Plan, trial: Trial) -> None:
    """Run forward, and note where the states come back.

    Raises
    ------
    NoFit
        If they do not, or another axis is that of the steps.
    """
    seen = trial.unit(plan)
    x = trial.x(plan)
    by_step = plan.facts["by_step"]
    if by_step:
        seen.take_step(_first_step(plan, "x", x), {})
    else:
        seen.forward(x)
    theirs = np.shape(seen.at.x)
    letters = plan.facts["y"].replace("1", "")
    expected = {letter: trial.sizes[letter] for letter in letters}
    found = [*arrays(seen.at.returned, "returned")]
    if seen.at.returned is None and seen.layer is not None:
        found = [*arrays(seen.layer, "layer")]
    fitting = [(path, of_shape(a.shape, expected)) for path, a in found if a is not seen.at.x]
    is_batch = "N" in plan.facts["y"]  # of one sample, the axis of the steps might be another
    fitting = [
        (path, axes) for path, axes in fitting if axes and (is_batch or axes == plan.facts["y"])
    ]
    if not fitting:
        shapes = [a.shape for _, a in found]
        one = {letter: n for letter, n in expected.items() if letter != "T"}
        if any(OUTPUT in shape for shape in shapes):
            raise NoFit(OWN_OUTPUT)
        if "T" in expected and any(of_shape(shape, one) for shape in shapes):
            raise NoFit(LAST)
        said = ", ".join(map(str, shapes[:3])) or "no array"
        raise NoFit(f"x of shape {theirs} gives {said}, expected the states of all steps")
    plan.facts["output"], plan.facts["y"] = fitting[0]
    if by_step and plan.unit == "LSTM":
        if len(fitting) < 2:
            raise NoFit("a step returns a state, and no cell")
        plan.facts["cell"] = fitting[1][0]
    plan.evidence["x"] = f"x of shape {theirs} gives {tuple(dict(found)[fitting[0][0]].shape)}"
    if not by_step and "N" in plan.facts["x"]:
        _ask_for_steps(plan, trial)


def _first_step(plan: Plan, name: str, array: Array) -> Array:
    """Return the first step of an array, as the code takes it."""
    layout = plan.facts[name]
    one = array[:, 0] if "N" in layout else array[0, 0]
    axes = "ND" if name == "x" else "NH"
    return Layout(layout, axes[-one.ndim :]).to_theirs(one)


class OfStep(Run):
    """A step forward from a state that is not 0, and back."""

    def __init__(self, plan: Plan, trial: Trial, x: Array, dout: Array) -> None:
        self.unit = trial.unit(plan)
        fixed = np.random.default_rng(1)
        for name, value in self.unit.params.items():
            self.unit.params[name] = fixed.standard_normal(np.shape(value))
        self.theirs = _first_step(plan, "y", dout)
        state = {name: fixed.standard_normal(self.theirs.shape) for name in "hc"}
        self.unit.at.returned = self.unit.take_step(_first_step(plan, "x", x), state)
        self.unit.at.y = self.unit.at.zero
        self.returned = self.unit.run_back(self.theirs)
        self.found = dict(self._found())


def _ask_for_steps(plan: Plan, trial: Trial) -> None:
    """Refute an order of axes in which samples depend on each other, and steps do not."""
    unit = trial.unit(plan)
    x = trial.x(plan)
    first = np.array(unit.forward(x))
    x[0] += 1
    if np.array_equal(first[1], np.asarray(unit.forward(x))[1]):
        return
    raise NoFit(OTHER_AXIS)


def _gradients(plan: Plan, trial: Trial, candidate: dict[str, Any]) -> None:
    """Find a call of backward that fits, and where the gradients are then."""
    problem = "no backward was found: it counts as not supported"
    x = trial.x(plan)
    dout = np.random.default_rng(3).standard_normal((*x.shape[:2], trial.sizes["H"]))
    run = OfStep if plan.facts["by_step"] else Run
    for back in candidate["backs"]:
        plan.back = back
        try:
            once, twice = (run(plan, trial, x, factor * dout) for factor in (1, 2))
        except BaseException as error:
            problem = f"no call of backward has worked: {type(error).__name__}: {error}"
            continue
        _dx(plan, once)
        _places(plan, once, twice, candidate["returned"])
        _sums(plan, candidate, once)
        return
    plan.back = ""
    plan.questions.append(problem)


def _dx(plan: Plan, run: Run) -> None:
    """Note where the gradient for x is, and those for the states before a step."""
    wanted, state = np.shape(run.unit.at.x), np.shape(run.unit.at.y)
    found = [(path, a) for path, a in run.found.items() if path.startswith("returned")]
    if run.returned is None:
        found = [(p, a) for p, a in run.found.items() if re.search(r"d_?x|d_?in|grad_?(x|in)", p)]
    fitting = [path for path, a in found if a.shape == wanted]
    plan.facts["dx"] = fitting[0] if fitting else ""
    if not fitting:
        plan.questions.append("backward returns no gradient for x")
    elif fitting[0] != "returned":
        plan.evidence["dx"] = f"it has the shape of x, {wanted}"
    if plan.facts["by_step"]:
        states = [path for path, a in found if a.shape == state and path not in fitting[:1]]
        states += ["", ""]
        plan.facts["dh"] = states[0]
        plan.facts["dc"] = states[1] if plan.unit == "LSTM" else ""
        if not states[0] or not fitting:
            plan.back = ""
            plan.questions.append(
                "backward of a step returns no gradient for the state before it: it counts as not "
                "supported"
            )


def _places(plan: Plan, once: Run, twice: Run, names: dict[str, str]) -> None:
    """Note where the gradient of each array is: it has its shape, and is linear in dout."""
    taken = {plan.facts[name] for name in ("dx", "dh", "dc") if plan.facts.get(name)}
    for path, (layout, own, of, _) in plan.facts["gates"].items():
        kept = path.startswith("layer")
        array = read(once.unit.layer, path) if kept else getattr(once.unit.at, path)
        fitting: list[tuple[Any, ...]] = []
        for place, gradient in once.found.items():
            other = twice.found.get(place)
            if place in {*taken, *plan.facts["gates"]} or gradient.shape != np.shape(array):
                continue
            scale = np.abs(gradient).max()
            if other is None or not scale > 0 or np.abs(other - 2 * gradient).max() > 1e-6 * scale:
                continue
            is_alike = _stem(names.get(place) or place) == _stem(path)
            looks = not is_alike, not GRADIENT.search(place), not place.startswith("returned")
            fitting.append((*looks, place.count("."), len(fitting), place))
        gradient_at = min(fitting)[-1] if fitting else ""
        taken.add(gradient_at)
        plan.facts["gates"][path] = layout, own, of, gradient_at
        if gradient_at:
            plan.evidence[f"{path} gradient"] = f"{gradient_at} is linear in dout"
            if fitting and min(fitting)[0]:
                said = f"the gradient of {path}: {BY_PLACE}"
                plan.questions.append(said) if len(fitting) > 1 else None
        else:
            plan.questions.append(f"the gradient of {path}: {NOTHING}")


def _stem(place: str) -> str:
    """Return the last name in a place without what says that it is a gradient."""
    return re.sub(r"^d_?(?=\w)|_?grad(ient)?s?_?|^g_(?=\w)|delta_?", "", last(place).lower())


def _sums(plan: Plan, candidate: dict[str, Any], once: Run) -> None:
    """Note gradients that are added to those of an earlier backward, unless code resets them."""
    places = [row[3] for row in plan.facts["gates"].values() if row[3].startswith("layer")]
    first = {place: once.found[place] for place in places}
    try:
        once.unit.run_back(once.theirs)
        second = {place: np.asarray(read(once.unit.layer, place)) for place in places}
    except BaseException:
        return
    if not any(np.allclose(second[place], 2 * first[place]) for place in places):
        return
    if candidate["reset"]:
        plan.back = f"({candidate['reset']}, {plan.back})[1]"
        return
    plan.facts["adds_up"] = True
    plan.evidence["adds_up"] = "a second backward doubles them"
    plan.questions.append(
        "gradients are added to those of earlier calls, and the code has no method that resets "
        "them: is one to be called elsewhere?"
    )
