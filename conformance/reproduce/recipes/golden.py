"""Scripts for what is compared with golden data, of layers and losses, and for gradients."""

from __future__ import annotations

from conformance.arrays import Array
from conformance.checks import golden, gradient, precision
from conformance.checks.observation import LOSSES, gradient_names, loss_inputs, output_name
from conformance.oracle import tolerance
from conformance.oracle.cases import Case
from conformance.reproduce.script import Draft, Recipe, Subject, constructor, setting


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
    word = subject.message.replace("[", " ").replace(",", " ").split(maxsplit=1)
    return word[0] if word and word[0] in names else names[0]


def _golden(case: Case, name: str, dtype: str = "") -> Draft:
    draft = _loss(case, name, dtype) if case.unit in LOSSES else _layer(case, name, dtype)
    draft.data["expected"] = case[name]
    draft.tolerance = tolerance.coarse(case.bound(name))
    return draft


def _layer(case: Case, name: str, dtype: str) -> Draft:
    data = {"x": case["x"], **case.params}
    cast = f'.astype("{dtype}")' if dtype else ""
    lines = [f"layer = {constructor(case.unit, case.args, case.options)}"]
    lines += setting(list(case.params), replace=bool(dtype), dtype=dtype)
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
    given: dict[str, Array]
    if case.unit in LOSSES:
        prediction, target, _ = loss_inputs(case)
        given = {tensor: prediction, "target": target}
        step, allowed = 1e-4, 1e-4
        lines = [
            f"loss = {constructor(case.unit, case.args, case.options)}",
            f"loss.forward({tensor}, target)",
            "gradient = loss.backward()",
            f"v = np.random.default_rng(0).choice([-1.0, 1.0], size={tensor}.shape)",
            f"there = loss.forward({tensor} + {step} * v, target)",
            f"back = loss.forward({tensor} - {step} * v, target)",
        ]
    else:
        given = {"x": case["x"], **case.params, "dout": case["dout"]}
        step = gradient.STEPS.get(case.unit, 1.0)
        allowed = 2 * float(abs(case["dout"]).sum()) * case.bound("y") / step
        allowed = tolerance.coarse(4 * allowed + case[name].size * case.bound(name))
        moved = "x + step * v" if tensor == "x" else "x"
        change = [f'    layer.params["{tensor}"] += step * v'] if tensor != "x" else []
        params = [f"    {line}" for line in setting(list(case.params))]
        gradient_of = "layer.backward(dout)" if tensor == "x" else f'layer.grads["{tensor}"]'
        lines = [
            f"def forward(step, v):  # with {tensor} moved by step * v",
            f"    layer = {constructor(case.unit, case.args, case.options)}",
            *params,
            *change,
            f"    return layer, layer.forward({moved})",
            f"v = np.random.default_rng(0).choice([-1.0, 1.0], size={tensor}.shape)",
            "layer = forward(0, v)[0]",
            *(["layer.backward(dout)"] if tensor != "x" else []),
            f"gradient = {gradient_of}",
            f"there, back = (dout * forward({step}, v)[1]).sum(), "
            f"(dout * forward(-{step}, v)[1]).sum()",
        ]
    lines.append(
        f"got, expected = (gradient * v).sum(), (there - back) / {2 * step}  # the slope along v"
    )
    return Draft(given, lines, allowed)


RECIPES: dict[object, Recipe] = {
    golden.forward: forward,
    golden.dx: dx,
    golden.dweight: dweight,
    golden.dbias: dbias,
    golden.dprediction: dprediction,
    gradient.fits: fits,
    precision.float64: float64,
    precision.float32: float32,
}
