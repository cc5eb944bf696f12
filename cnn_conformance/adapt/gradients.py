"""How backward is called, and where gradients are after it. Runs in the sandbox.

A gradient is linear in dout; that tells it from whatever else has its shape. Where nothing fits,
names and positions decide, so that a wrong shape is graded and not hidden.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from cnn_conformance.adapt.layout import Layout
from cnn_conformance.adapt.parameters import NAMED_BIAS, NAMED_WEIGHT
from cnn_conformance.adapt.places import arrays, read
from cnn_conformance.adapt.plan import Plan
from cnn_conformance.adapt.runtime import CHANGE
from cnn_conformance.arrays import Array

LOOKS_LIKE = {
    "weight": re.compile(
        r"d_?w|d_?k|d_?f|d_?gamma|d_?scale|grad.*(w|k|f|gamma)|gamma.*grad|(w|weight|kernel|filter).*grad|gradient|delta_?w",
        re.I,
    ),
    "bias": re.compile(r"d_?b|d_?shift|grad.*b|b(ias|eta)?.*grad|delta_?b", re.I),
}


NOTHING, BY_NAME = "nothing was found", "by its name only"


class Run:
    """A forward and a backward of a plan, and the arrays that were there afterwards."""

    def __init__(self, plan: Plan, trial: Any, x: Array, dout: Array, unit: Any = None) -> None:
        self.unit = unit or trial.unit(plan)
        layout = Layout(plan.facts["y"], self.unit.axes[1])
        one = layout.is_by_sample
        if unit is None and self.unit.params:
            fixed = np.random.default_rng(1)
            for name, value in self.unit.params.items():
                self.unit.params[name] = fixed.standard_normal(np.shape(value))
        self.unit.forward(x[:1] if one else x)
        given = dout[0] if one else dout
        if plan.facts["y"]:
            given = (layout.without_samples() if one else layout).to_theirs(given).copy()
        self.theirs = given
        self.before = self._weights(plan)
        self.returned = self.unit.run_back(self.theirs)
        self.after = self._weights(plan)
        self.found = dict(self._found())

    def _weights(self, plan: Plan) -> dict[str, Array]:
        if self.unit.layer is None:
            return {}
        return {
            name: np.array(read(self.unit.layer, at))
            for name, (_, at, _) in plan.facts.get("parameters", {}).items()
            if at
        }

    def _found(self) -> list[tuple[str, Array]]:
        found = [(p, a) for p, a in arrays(self.returned, "returned") if a is not self.unit.at.x]
        if self.unit.layer is not None:
            seen = [self.unit.at.x, self.theirs]
            inside = arrays(self.unit.layer, "layer")
            found += [
                (p, a)
                for p, a in inside
                if not any(a is one for one in seen)
                or (a is self.theirs and LOOKS_LIKE["bias"].search(p))
            ]
        return [(path, np.array(a)) for path, a in found]

    def changed(self, name: str) -> bool:
        """Tell whether backward has changed a parameter."""
        return name in self.before and not np.array_equal(self.before[name], self.after[name])


def find(plan: Plan, trial: Any, backs: list[str], reset: str) -> None:
    """Find a call of backward that fits, and where the gradients are then."""
    problem = ""
    fallback: Run | None = None
    for back in backs:
        plan.back = back
        try:
            first = Run(plan, trial, trial.x(plan), trial.dout(plan))
        except BaseException as error:
            problem = problem or f"{type(error).__name__}: {error}"
            continue
        fallback = fallback or first
        if _dx(plan, first):
            if plan.unit == "Dropout":  # another mask each time
                return
            _ask_for_linearity(plan, trial)
            _parameters(plan, trial, reset)
            _with_update(plan, trial, [b for b in backs if b.startswith("runtime.updated(")])
            return
    plan.back = backs[0]
    if fallback is not None:
        _without_dx(plan, trial, reset, fallback)
        return
    by_name(plan)
    plan.questions.append(f"no call of backward has worked: {problem}")


def _without_dx(plan: Plan, trial: Any, reset: str, run: Run) -> None:
    """Note what backward returns where nothing of it has the shape of x.

    If the first is the gradient of a parameter, there is none for x, as in code for first layers.
    """
    returns = [path for path in run.found if path.startswith("returned")]
    if len(returns) > 1:
        plan.facts["dx"] = ""
        _parameters(plan, trial, reset)
        known = plan.facts.get("parameters", {})
        placed = [place for *_, place in known.values()]
        if "returned[0]" in placed and all(place.startswith("returned") for place in placed):
            plan.questions.append("backward returns no gradient for x, as of a first layer")
            return
        for name, (layout, at, _) in known.items():
            known[name] = (layout, at, "")
        plan.questions = [q for q in plan.questions if not q.startswith("the gradient of the")]
        plan.facts["dx"] = "returned[0]"
    plan.questions.append("nothing that backward returns has the shape of x; the first is taken")
    _parameters(plan, trial, reset)


def _dx(plan: Plan, run: Run) -> bool:
    """Note where the gradient for x is; tell whether it is there."""
    wanted = np.shape(run.unit.at.x)
    fitting = [p for p, a in run.found.items() if a.shape == wanted and p.startswith("returned")]
    if not fitting and run.returned is None:
        fitting = [
            p
            for p, a in run.found.items()
            if a.shape == wanted
            and re.search(r"d_?x|d_?in|grad|delta|dA", p)
            and p.startswith("layer")
        ]
    if not fitting:
        return False
    plan.facts["dx"] = fitting[0]
    if fitting[0] != "returned":
        plan.evidence["dx"] = f"it has the shape of x, {wanted}"
    return True


def _ask_for_linearity(plan: Plan, trial: Any) -> None:
    """Ask about a gradient for x that does not double with dout."""
    x, dout = trial.x(plan), trial.dout(plan)
    path = plan.facts["dx"]
    try:
        once, twice = Run(plan, trial, x, dout).found, Run(plan, trial, x, 2 * dout).found
        difference = np.abs(twice[path] - 2 * once[path]).max()
    except BaseException:
        return
    if difference > 1e-6 * max(1.0, np.abs(once[path]).max()):
        if "y=self.at.y" in plan.back and plan.unit == "Softmax":
            plan.back = ""
            plan.questions.append(
                "backward takes the targets, so it is that of a loss, too: it counts as not "
                "supported"
            )
            return
        plan.questions.append(
            "what backward returns is not linear in dout: is it a gradient of this layer alone?"
        )


def _parameters(plan: Plan, trial: Any, reset: str) -> None:
    """Note where the gradients of the parameters are."""
    known: dict[str, tuple[str, str, str]] = plan.facts.get("parameters", {})
    if not known:
        return
    x, dout = trial.x(plan), trial.dout(plan)
    try:
        once, twice = Run(plan, trial, x, dout), Run(plan, trial, x, 2 * dout)
        again = Run(plan, trial, x, dout, once.unit)
    except BaseException:
        by_name(plan)
        return
    taken = {plan.facts.get("dx", "returned")}
    for name, (layout, at, _) in known.items():
        gradient = ""
        if once.changed(name):
            gradient = CHANGE
            plan.evidence[f"{name} gradient"] = "backward changes it, at a learning rate of 1"
        else:
            gradient = _stored(plan, name, once, twice, taken, at)
            if gradient:
                gradient = _latest(gradient, once, again)
                taken.add(gradient)
                plan.evidence[f"{name} gradient"] = f"{gradient} is linear in dout"
                if not gradient.endswith("[-1]"):
                    _adds_up(plan, name, gradient, (once, again), reset)
        if not gradient:
            gradient = _named(name, once, taken)
            note = BY_NAME if gradient else NOTHING
            plan.questions.append(f"the gradient of the {name}: {note}")
        known[name] = (layout, at, gradient)
    _means(plan, trial, x, dout)


def _latest(gradient: str, once: Run, again: Run) -> str:
    """Return the place of the latest gradient, where each backward appends one to a list."""
    place, is_first, _ = gradient.rpartition("[0]")
    grows = f"{place}[1]" in again.found and f"{place}[1]" not in once.found
    return f"{place}[-1]" if is_first and gradient.startswith("layer") and grows else gradient


def _with_update(plan: Plan, trial: Any, backs: list[str]) -> None:
    """Note gradients that nothing shows but an update of the weights after backward."""
    known = plan.facts.get("parameters", {})
    open_ = [name for name, (_, at, gradient) in known.items() if at and not gradient]
    before = plan.back
    for back in backs if open_ else []:
        plan.back = back
        try:
            run = Run(plan, trial, trial.x(plan), trial.dout(plan))
        except BaseException:
            continue
        if changed := [name for name in open_ if run.changed(name)]:
            plan.questions = [q for q in plan.questions if NOTHING not in q]
            for name in known:
                layout, at, gradient = known[name]
                known[name] = (layout, at, CHANGE if run.changed(name) else gradient)
                if name in changed:
                    plan.evidence[f"{name} gradient"] = "the update changes it, at a rate of 1"
            _means(plan, trial, trial.x(plan), trial.dout(plan))
            return
    plan.back = before


def _stored(plan: Plan, name: str, once: Run, twice: Run, taken: set[str], at: str) -> str:
    """Return the array that has the size of a parameter and is linear in dout."""
    size = int(np.prod(np.shape(once.unit.params[name]))) if name in once.unit.params else None
    if size is None:
        size = int(np.prod(once.unit.all_shapes()[name]))
    fitting: list[tuple[Any, ...]] = []
    for path, array in once.found.items():
        other = twice.found.get(path)
        if path in taken or path == at or array.size != size or other is None:
            continue
        if other.shape != array.shape or not np.abs(array).max() > 0:
            continue
        scale = np.abs(array).max()
        if np.abs(other - 2 * array).max() <= 1e-6 * scale:
            looks = bool(LOOKS_LIKE[name].search(path)), path.startswith("returned")
            fitting.append((not looks[0], not looks[1], path.count("."), len(fitting), path))
    return min(fitting)[-1] if fitting else ""


def _named(name: str, run: Run, taken: set[str]) -> str:
    """Return what is called like the gradient of a parameter, or stands where it does."""
    pattern = LOOKS_LIKE[name]
    named = [p for p in run.found if pattern.search(p.partition(".")[2] or "") and p not in taken]
    own = NAMED_WEIGHT if name == "weight" else NAMED_BIAS
    named = [p for p in named if not own.search(p) or "grad" in p.lower()]
    if named:
        return named[0]
    position = f"returned[{1 if name == 'weight' else 2}]"
    return position if position in run.found and position not in taken else ""


def by_name(plan: Plan) -> None:
    """Take gradients from where their parameters are, if those have a place for them."""
    known = plan.facts.get("parameters", {})
    for name, (layout, at, gradient) in known.items():
        if gradient or not at:
            position = f"returned[{1 if name == 'weight' else 2}]"
            known[name] = (layout, at, gradient or position)
            plan.facts["dx"] = "returned[0]"
        else:
            head, _, last = at.rpartition(".")
            known[name] = (layout, at, f"{head}.d{last}" if head and "[" not in last else "")


def _adds_up(plan: Plan, name: str, gradient: str, runs: tuple[Run, Run], reset: str) -> None:
    """Note gradients that are added to those that are there, unless they can be reset before."""
    if gradient.startswith("returned") and plan.facts.get("adds_up"):
        return
    first, second = runs[0].found[gradient], runs[1].found.get(gradient)
    if second is None or second.shape != first.shape or not np.abs(first).max() > 0:
        return
    if np.abs(second - 2 * first).max() > 1e-6 * np.abs(first).max():
        return
    if reset:
        plan.back = plan.back if reset in plan.back else f"({reset}, {plan.back})[1]"
        own = "the code's own " * reset.startswith("self.")
        plan.evidence[f"{name} gradient"] += (
            f"; a second backward doubles it, so {own}{reset} is called before each"
        )
        return
    plan.facts["adds_up"] = True
    plan.evidence["adds_up"] = "a second backward doubles them"
    if not any("added" in question for question in plan.questions):
        plan.questions.append(
            "gradients are added to those of earlier calls, and the code has no method that resets "
            "them: is one to be called elsewhere?"
        )


def _means(plan: Plan, trial: Any, x: Array, dout: Array) -> None:
    """Note that the gradients of all parameters are means over the samples."""
    if "N" not in plan.facts.get("x", ""):
        return
    try:
        one = trial.unit(plan)
        both = trial.unit(plan)
        both.params = {name: np.array(value) for name, value in one.params.items()}
        one.forward(x)
        one.backward(dout)
        both.forward(np.concatenate([x, x]))
        both.backward(np.concatenate([dout, dout]))
        rates = {
            name: float(np.abs(both.grads[name]).sum() / np.abs(one.grads[name]).sum())
            for name in one.grads
            if name in both.grads and np.abs(one.grads[name]).sum() > 0
        }
    except BaseException:
        return
    means = [name for name, rate in rates.items() if abs(rate - 1) < 1e-6]
    if means and len(means) == len(rates):
        plan.questions.append(
            "gradients of parameters are means over the samples: taken as they are; if that is the "
            "convention of this code, add averages = True"
        )
    elif means:
        plan.questions.append(
            f"the gradient of the {means[0]} is a mean, the others are sums: taken as it is"
        )
