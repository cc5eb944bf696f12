"""Where weight and bias are, and in which order of axes. Runs in the sandbox."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from cnn_conformance.adapt.layout import Layout, of_shape
from cnn_conformance.adapt.places import arrays, read, write
from cnn_conformance.adapt.plan import Plan
from cnn_conformance.arrays import Array

CONV_FIRST = ("KCUV", "UVCK", "KUVC", "CKUV", "UVKC", "CUVK")
CONV_LAST = ("UVCK", "KUVC", "KCUV", "UVKC", "CUVK", "CKUV")
DENSE = ("IO", "OI")
BIASES = {"Conv2D": ("K", "K1", "1K", "111K", "K11", "1K11"), "Dense": ("O", "1O", "O1")}
JOINED = ("K(CUV)", "K(UVC)", "(CUV)K", "(UVC)K")
GRADIENT = re.compile(
    r"(^|[._'])(d(?!ata)[A-Z_]|d[wb]\d*($|')|grad|delta|del_|d_?weight|d_?bias|v[wb]?$|vel|mom|cache|m_|nabla)",
    re.I,
)
NAMED_WEIGHT = re.compile(
    r"[._'](w\d*|weights?|kernels?|filters?|parameters|theta|w_?mat\w*)($|'|_|\[|\.)", re.I
)
NAMED_BIAS = re.compile(r"[._'](b\d*|bias(es)?)($|'|_|\[|\.)", re.I)


NO_WEIGHT = "no array that could be the weight was found"


def of_functions(plan: Plan) -> Iterator[Plan]:
    """Yield a plan with each order of axes for parameters that are handed over in calls."""
    text = plan.make + plan.run
    if "self.at.weight" not in text:
        yield plan
        return
    layout = plan.facts["x"]
    if plan.unit == "Dense":
        orders: tuple[str, ...] = DENSE if layout != "IN" else DENSE[::-1]
    else:
        orders = CONV_LAST if layout.find("C") > layout.find("W") > 0 else CONV_FIRST
        if "C" not in layout:
            orders = ("KUV", "UVK", *orders)
    biases = BIASES[plan.unit] if "self.at.bias" in text else ("",)
    if layout in ("IN", "I1"):
        biases = ("O1", "O")
    for order in orders:
        for bias in biases:
            made = copy.deepcopy(plan)
            made.facts["parameters"] = {"weight": (order, "", "")}
            if bias:
                made.facts["parameters"]["bias"] = (bias, "", "")
            yield made


def check_functions(plan: Plan, trial: Any, refuted: type[Exception]) -> None:
    """Check that a weight that is handed over changes one output, through one input.

    Raises
    ------
    NoFit
        If another order of its axes must be meant, as this one is reshaped in silence.
    """
    given = plan.facts.get("parameters")
    if not given or "weight" not in given:
        return
    unit = trial.unit(plan)
    x = trial.x(plan)
    before = np.array(unit.forward(x))
    place = (1, min(2, x.shape[1] - 1), *(0,) * (unit.params["weight"].ndim - 2))
    unit.params["weight"] = np.array(unit.params["weight"])
    unit.params["weight"][place] += 1.0
    change = np.abs(np.array(unit.forward(x)) - before)
    others = np.delete(change, 1, axis=1)
    if not change[:, 1].any() or others.max(initial=0) > 1e-9:
        raise refuted(f"a weight of axes {given['weight'][0]} changes several outputs")
    masked = x.copy()
    masked[:, place[1]] = 0
    first = np.array(unit.forward(masked))
    unit.params["weight"][place] -= 1.0
    if np.abs(first - np.array(unit.forward(masked))).max() > 1e-9:
        raise refuted(f"a weight of axes {given['weight'][0]} acts on another input")
    plan.evidence["weight"] = (
        f"changing one weight in the order {given['weight'][0]} changes one output, by one input"
    )


def locate(plan: Plan, trial: Any) -> None:
    """Find where an object keeps its weight and its bias."""
    unit = trial.unit(plan)
    x = trial.x(plan)
    unit.forward(x)
    if unit.layer is None:
        return
    found = [*arrays(unit.layer, "layer")]
    sizes = _sizes(plan, trial)
    data = [unit.at.x, unit.at.y, unit.at.returned]
    known = [(p, a) for p, a in found if not any(a is one for one in data)]
    located: dict[str, tuple[str, str, str]] = {}
    if at := _weight(plan, trial, known, sizes):
        located["weight"] = at
    if at := _bias(plan, trial, known, sizes, located):
        located["bias"] = at
    if "weight" in located:
        plan.facts["parameters"] = located
    else:
        plan.questions.append(NO_WEIGHT)


def locate_by_name(plan: Plan, trial: Any) -> None:
    """Take weight and bias where their names are, in an object that cannot be run."""
    try:
        unit = trial.unit(plan)
        x = trial.x(plan)
        layout = Layout(plan.facts["x"], unit.axes[0])
        given = (
            layout.without_samples().to_theirs(x[0])
            if layout.is_by_sample
            else (layout.to_theirs(x))
        )
        unit._prepare(given)
        found = [*arrays(unit.layer, "layer")]
    except BaseException:
        return
    sizes = _sizes(plan, trial)
    letter = "O" if plan.unit == "Dense" else "K"
    known: dict[str, tuple[str, str, str]] = {}
    for name, pattern, axes in (
        ("weight", NAMED_WEIGHT, sizes),
        ("bias", NAMED_BIAS, {letter: sizes[letter]}),
    ):
        for path, array in found:
            letters = of_shape(array.shape, axes)
            if letters and pattern.search(path) and not GRADIENT.search(path) and name not in known:
                known[name] = (letters, path, "")
                plan.evidence[name] = f"its shape is {array.shape}, and it is called so"
    if "weight" in known:
        plan.facts["parameters"] = known


def ask_for_activation(plan: Plan, trial: Any) -> None:
    """Ask about an activation that cannot be switched off: no output is negative."""
    try:
        y = np.asarray(trial.unit(plan).forward(trial.x(plan)))
    except BaseException:
        return
    if y.size > 20 and y.min() >= 0:
        plan.questions.append(
            "no output is negative: is there an activation in it, and can it be switched off?"
        )


def _sizes(plan: Plan, trial: Any) -> dict[str, int]:
    if plan.unit == "Dense":
        return {"O": trial.sizes["O"], "I": trial.sizes["I"]}
    return {letter: trial.sizes[letter] for letter in "KCUV"}


def _weight(
    plan: Plan, trial: Any, found: list[tuple[str, Array]], sizes: dict[str, int]
) -> tuple[str, str, str] | None:
    fitting: list[tuple[Any, ...]] = []
    for path, array in found:
        letters = of_shape(array.shape, sizes)
        if letters is None and array.size == int(np.prod([*sizes.values()])) and array.ndim == 2:
            joined = [j for j in JOINED if _shape_of(j, sizes) == array.shape]
            letters = next((j for j in joined if _moves_an_image(plan, trial, path, j)), None)
            letters = letters or (joined[0] if joined else None)
        if letters is None and plan.unit == "Conv2D" and sizes["C"] > 1:
            letters = of_shape(array.shape, {k: v for k, v in sizes.items() if k != "C"})
        if letters is not None:
            looks = (bool(GRADIENT.search(path)), not NAMED_WEIGHT.search(path), path.count("."))
            fitting.append((*looks, len(fitting), path, letters, array.shape))
    fitting.sort()
    for *_, path, letters, shape in fitting:
        if is_used(plan, trial, path):
            if plan.unit == "Conv2D" and "C" not in letters and sizes["C"] > 1:
                plan.facts["one_channel"] = True
                plan.evidence["one_channel"] = "the weight has one kernel for all channels of x"
                trial.sizes = {**trial.sizes, "C": 1}
            plan.evidence["weight"] = f"its shape is {shape}; changing it changes the output"
            others = [p for *_, p, _, _ in fitting if p != path]
            if others and not GRADIENT.search(others[0]):
                plan.evidence["weight"] += f" ({others[0]} has that shape, too)"
            return letters, path, ""
    return None


def _shape_of(layout: str, sizes: dict[str, int]) -> tuple[int, ...]:
    groups = re.findall(r"\(([A-Z]+)\)|([A-Z])", layout)
    return tuple(int(np.prod([sizes[c] for c in joined or one])) for joined, one in groups)


def _bias(
    plan: Plan,
    trial: Any,
    found: list[tuple[str, Array]],
    sizes: dict[str, int],
    located: dict[str, tuple[str, str, str]],
) -> tuple[str, str, str] | None:
    letter = "O" if plan.unit == "Dense" else "K"
    fitting: list[tuple[Any, ...]] = []
    for path, array in found:
        letters = of_shape(array.shape, {letter: sizes[letter]})
        if letters is None and plan.unit == "Conv2D":
            places = {"K": sizes["K"], "H": trial.sizes["OH"], "W": trial.sizes["OW"]}
            letters = of_shape(array.shape, places)
        if letters is None or any(path == at for _, at, _ in located.values()):
            continue
        looks = (bool(GRADIENT.search(path)), not NAMED_BIAS.search(path), path.count("."))
        fitting.append((*looks, len(fitting), path, letters, array.shape))
    fitting.sort()
    for *_, path, letters, shape in fitting:
        if is_used(plan, trial, path):
            plan.evidence["bias"] = f"its shape is {shape}; changing it changes the output"
            if {"H", "W"} & set(letters):
                plan.questions.append(
                    "the bias has a value for each place of the output, which is another layer's: "
                    "it is kept at 0, and counts as not supported"
                )
            return letters, path, ""
    named = [each for each in fitting if not each[0] and not each[1]]
    if named:
        *_, path, letters, shape = named[0]
        plan.evidence["bias"] = f"its shape is {shape}, and it is called so"
        return letters, path, ""
    return None


def is_used(plan: Plan, trial: Any, path: str) -> bool:
    """Tell whether the output changes with an array."""
    try:
        unit = trial.unit(plan)
        x = trial.x(plan)
        first = np.array(unit.forward(x))
        write(unit.layer, path, np.array(read(unit.layer, path), float) + 0.5)
        return bool(np.abs(np.array(unit.forward(x)) - first).max() > 1e-9)
    except BaseException:
        return False


def _moves_an_image(plan: Plan, trial: Any, path: str, layout: str) -> bool:
    """Tell whether a kernel that is 1 in one place returns a part of an image, unchanged.

    What comes of a kernel of zeros is left out: a bias, or a mistake that is like one.
    """
    try:
        unit = trial.unit(plan)
        x = trial.x(plan)
        unit.forward(x)
        sizes = _sizes(plan, trial)
        kernel = np.zeros([sizes[c] for c in "KCUV"])
        write(unit.layer, path, Layout(layout, "KCUV").to_theirs(kernel))
        nothing = np.array(unit.forward(x))[:, 1]
        kernel[1, 2, 0, 1] = 1.0
        write(unit.layer, path, Layout(layout, "KCUV").to_theirs(kernel))
        y = np.array(unit.forward(x))[:, 1] - nothing
        seen = np.isin(np.round(y, 6), np.round(x[:, 2], 6))
        return bool(seen.mean() > 0.9)
    except BaseException:
        return False


def ask_for_size(plan: Plan, trial: Any) -> None:
    """Find out whether kernels can have one size only, whatever the constructor is told."""
    layout, at, _ = plan.facts.get("parameters", {}).get("weight", ("", "", ""))
    if not at or plan.facts.get("made_for_call"):
        return
    try:
        unit = trial.unit(plan, kernel_size=4)
        unit.forward(trial.x(plan))
        array = np.asarray(read(unit.layer, at))
    except BaseException:
        return
    size = trial.sizes["U"]
    lengths = dict(zip(Layout(layout, "").groups, array.shape, strict=True))
    if lengths.get("U") == size and lengths.get("V") == size:
        plan.facts["only_kernel"] = size
        plan.evidence["only_kernel"] = f"with a kernel of 4 the weight has the shape {array.shape}"


def ask_for_pairs(plan: Plan, trial: Any) -> None:
    """Find out which of the arguments may be pairs, where the signature does not tell."""
    takes = plan.facts.get("takes", {})
    values = {"kernel_size": (2, 3), "stride": (1, 2), "padding": (0, 1)}
    for name, how in takes.items():
        if how != "any" or name not in values:
            continue
        try:
            unit = trial.unit(plan, **{name: values[name]})
            y = np.asarray(unit.forward(trial.x(plan)))
            accepted = y.ndim == 4
        except BaseException as error:
            accepted = False
            plan.evidence["takes"] = f"{name} as a pair raises {type(error).__name__}"
        takes[name] = "" if accepted else "number"
