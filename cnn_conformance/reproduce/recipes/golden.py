"""Scripts for what is compared with golden data, of layers and losses, and for gradients."""

from __future__ import annotations

import re

import numpy as np

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.checks import golden, gradient, precision
from cnn_conformance.checks.observation import gradient_names, loss_inputs, output_name
from cnn_conformance.oracle import tolerance
from cnn_conformance.oracle.cases import Case
from cnn_conformance.reproduce.script import Draft, Recipe, Subject, constructor, prepared, state

SMALL = 1e-4
"""The step in a loss's differences, and how far the slope may be off."""


def forward(subject: Subject) -> Draft:
    """Show the output of a layer or the value of a loss."""
    return _golden(subject.case, output_name(subject.case))


def dx(subject: Subject) -> Draft:
    """Show what a layer's backward returns."""
    return _golden(subject.case, "dx")


def dweight(subject: Subject) -> Draft:
    """Show the gradient of the weight."""
    return _golden(subject.case, "dweight")


def dbias(subject: Subject) -> Draft:
    """Show the gradient of the bias."""
    return _golden(subject.case, "dbias")


def dweight_ih(subject: Subject) -> Draft:
    """Show the gradient of a recurrent layer's weight for its input."""
    return _golden(subject.case, "dweight_ih_l0")


def dweight_hh(subject: Subject) -> Draft:
    """Show the gradient of a recurrent layer's weight for its state."""
    return _golden(subject.case, "dweight_hh_l0")


def dbias_ih(subject: Subject) -> Draft:
    """Show the gradient of a recurrent layer's first bias."""
    return _golden(subject.case, "dbias_ih_l0")


def dbias_hh(subject: Subject) -> Draft:
    """Show the gradient of a recurrent layer's second bias."""
    return _golden(subject.case, "dbias_hh_l0")


def dprediction(subject: Subject) -> Draft:
    """Show what a loss's backward returns."""
    return _golden(subject.case, gradient_names(subject.case)[0])


def float64(subject: Subject) -> Draft:
    """Show a tensor beside the golden one, to the digits of float64."""
    return _precise(subject, "float64", tolerance.EPS64)


def float32(subject: Subject) -> Draft:
    """Show a tensor of float32 beside the golden one, to the digits of float32."""
    return _precise(subject, "float32", tolerance.EPS32)


def _precise(subject: Subject, dtype: str, eps: float) -> Draft:
    case = subject.case
    name = _named(subject, [output_name(case), *gradient_names(case)])
    draft = _golden(case, name, "" if dtype == "float64" else dtype)
    draft.tolerance = tolerance.FACTOR * eps * case.bound(name)
    if name != "loss" and subject.says(f"expected {dtype}"):
        draft.lines.append(f'assert got.dtype == "{dtype}", got.dtype')
    return draft


def _named(subject: Subject, names: list[str]) -> str:
    """Return the tensor that a message begins with: the first where it names none."""
    absent = re.search(r'grads has no "(\w+)"', subject.message)
    if absent and f"d{absent[1]}" in names:
        return f"d{absent[1]}"
    word = subject.message.replace("[", " ").replace(",", " ").split(maxsplit=1)
    return word[0] if word and word[0] in names else names[0]


def _golden(case: Case, name: str, dtype: str = "") -> Draft:
    draft = _loss(case, name, dtype) if case.unit in units.LOSSES else _layer(case, name, dtype)
    draft.data["expected"] = case[name]
    draft.tolerance = tolerance.coarse(case.bound(name))
    return draft


def _layer(case: Case, name: str, dtype: str) -> Draft:
    data = {"x": case["x"], **state(case)}
    cast = f'.astype("{dtype}")' if dtype else ""
    lines = [f"layer = {constructor(case.unit, case.args, case.options)}"]
    lines += prepared(case, dtype=dtype)
    if name == "y":
        return Draft(data, [*lines, f"got = layer.forward(x{cast})"])
    data["dout"] = case["dout"]
    lines += [f"y = layer.forward(x{cast})", f"dx = layer.backward(dout{cast})"]
    got = "dx" if name == "dx" else f'layer.grads["{name.removeprefix("d")}"]'
    return Draft(data, [*lines, f"got = {got}"])


def _loss(case: Case, name: str, dtype: str) -> Draft:
    prediction, target, gradient_name = loss_inputs(case)
    given = gradient_name.removeprefix("d")
    cast = f'.astype("{dtype}")' if dtype else ""
    target_cast = cast if target.dtype.kind == "f" else ""
    lines = [
        f"loss = {constructor(case.unit, case.args, case.options)}",
        f"value = loss.forward({given}{cast}, target{target_cast})",
        "got = value" if name == "loss" else "got = loss.backward()",
    ]
    return Draft({given: prediction, "target": target}, lines)


def fits(subject: Subject) -> Draft:
    """Show the slope of the implementation's own forward along a direction, and the gradient."""
    case = subject.case
    name = _named(subject, gradient_names(case))
    tensor = name.removeprefix("d")
    v = _direction(subject, tensor)
    if case.unit in units.LOSSES:
        prediction, target, _ = loss_inputs(case)
        lines = [
            f"loss = {constructor(case.unit, case.args, case.options)}",
            f"loss.forward({tensor}, target)",
            f"got = (loss.backward() * v).sum()  # v: a direction in {tensor}",
            f"there = loss.forward({tensor} + {SMALL} * v, target)",
            f"back = loss.forward({tensor} - {SMALL} * v, target)",
            f"expected = (there - back) / {2 * SMALL}  # the slope along v",
        ]
        return Draft({tensor: prediction, "target": target, "v": v}, lines, SMALL)
    slope, rounding = _slope(case, name)
    allowed = float(getattr(subject.result.finding, "allowed", None) or rounding)
    moved = f"{tensor} + step * v"
    made = prepared(case)
    if tensor != "x":
        places, _, values = made[0].partition(" = ")
        given = (moved if key == tensor else key for key in values.split(", "))
        made[0] = f"{places} = {', '.join(given)}"
    result = "dx" if tensor == "x" else f'layer.grads["{tensor}"]'
    lines = [
        f"def use(step):  # with {tensor} moved along v",
        f"    layer = {constructor(case.unit, case.args, case.options)}",
        *(f"    {line}" for line in made),
        f"    return layer, (dout * layer.forward({moved if tensor == 'x' else 'x'})).sum()",
        "layer = use(0)[0]",
        "dx = layer.backward(dout)",
        f"got, expected = ({result} * v).sum(), {slope}",
    ]
    data = {"x": case["x"], **state(case), "dout": case["dout"], "v": v}
    if subject.says("has shape"):
        lines[-1] = f"assert {result}.shape == v.shape, ({result}.shape, v.shape)"
        return Draft(data, lines)
    return Draft(data, lines, allowed)


def _slope(case: Case, name: str) -> tuple[str, float]:
    """Return the expression for the slope of a layer along v, and how far rounding may take it."""
    step = units.of(case.unit).step
    central = "(use({0})[1] - use(-{0})[1])"
    slope = f"{central.format(step)} / {2 * step}"
    rounding = gradient.SPREAD * case[name].size ** 0.5 * tolerance.coarse(case.bound(name))
    if units.of(case.unit).smoothness == "smooth":  # a difference of fourth order
        step = units.of(case.unit).step / 4
        differences = f"8 * {central.format(step)} - {central.format(2 * step)}"
        slope = f"({differences}) / {12 * step}"
        spread = gradient.SPREAD * float((case["dout"] ** 2).sum()) ** 0.5
        rounding += tolerance.coarse(spread * case.bound("y")) / step
    return slope, rounding


def _direction(subject: Subject, tensor: str) -> Array:
    """Return the direction in which the gradient did not fit, or the first that is tried."""
    known = getattr(subject.result.finding, "direction", None)
    if isinstance(known, np.ndarray):
        return known
    rng = np.random.default_rng(0)
    first: Array = rng.choice([-1.0, 1.0], size=subject.case[tensor].shape)
    return first


RECIPES: dict[object, Recipe] = {
    golden.forward: forward,
    golden.dx: dx,
    golden.dweight: dweight,
    golden.dbias: dbias,
    golden.dweight_ih: dweight_ih,
    golden.dweight_hh: dweight_hh,
    golden.dbias_ih: dbias_ih,
    golden.dbias_hh: dbias_hh,
    golden.dprediction: dprediction,
    gradient.fits: fits,
    precision.float64: float64,
    precision.float32: float32,
}
