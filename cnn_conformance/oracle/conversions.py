"""What becomes of the specification's golden data where a rubric declares conventions.

Each conversion is exact: it puts the same numbers elsewhere, or multiplies them. What would have to
be computed anew is PyTorch's business (`fixtures/generate.py --with`). A rate of learning that is
changed instead of the parameters keeps all steps as they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.oracle.cases import Case

Values = Mapping[str, Any]
LAYOUTS: dict[str, tuple[str, Callable[[Array], Array]]] = {
    "Conv2D.kernel": ("weight", lambda weight: weight[:, :, ::-1, ::-1]),
    "Conv1D.kernel": ("weight", lambda weight: weight[:, :, ::-1]),
    "ConvTranspose2D.weight": ("weight", lambda weight: weight.swapaxes(0, 1)),
    "Conv2D.bias": ("bias", lambda bias: bias.reshape(-1, 1, 1)),
    "Dense.weight": ("weight", lambda weight: weight.T),
}
"""By convention a parameter, and how it is kept."""
STEPS = ("steps.loss", "epochs.loss", "evaluate.loss")


def converted(case: Case, values: Values) -> Case:
    """Return a case as it is in a dialect.

    Parameters
    ----------
    case : Case
        As in the specification, but for what PyTorch has computed otherwise.
    values : mapping
        What is declared, by name.
    """
    mine = replace(case, dialect=values)
    if not case.arrays:  # a law or an error
        return mine
    if case.unit == units.NETWORK:
        return _network(mine, values)
    for name in values:
        if name.startswith(f"{case.unit}.") and name in CONVERSIONS:
            mine = CONVERSIONS[name](mine, {name: values[name]})
        elif name.startswith(f"{case.unit}.") and name in LAYOUTS:
            mine = _with(mine, dict(_laid_out(mine, name, "{}", "d{}")))
    return mine


def laid_out(case: Case, name: str, array: Array) -> Array:
    """Return a parameter of a case's unit as the dialect keeps it."""
    for convention, (parameter, lay) in LAYOUTS.items():
        if convention in case.dialect and convention.startswith(f"{case.unit}."):
            array = lay(array) if parameter == name else array
    return array


def divisor(case: Case, unit: str, samples: int) -> int:
    """Return what the gradients of a unit's parameters are divided by."""
    return samples if case.dialect.get(f"{unit}.gradients") == "mean" else 1


def _with(case: Case, arrays: Mapping[str, Array], **changes: Any) -> Case:
    made = {name: np.array(array, order="C") for name, array in arrays.items()}
    for array in made.values():
        array.flags.writeable = False
    return replace(case, arrays={**case.arrays, **made}, **changes)


def _laid_out(case: Case, convention: str, *forms: str) -> Iterator[tuple[str, Array]]:
    parameter, lay = LAYOUTS[convention]
    for form in forms:
        if (key := form.format(parameter)) in case:
            yield key, lay(case[key])


def _scaled(case: Case, factor: float, names: Iterator[str]) -> dict[str, Array]:
    """Return outputs, and what rounding may do to them, times a factor."""
    keys = [key for name in names for key in (name, f"{name}.bound") if key in case]
    return {key: factor * case[key] for key in keys}


def _at_zero(case: Case, values: Values) -> Case:
    value = values[f"{case.unit}.at_zero"]
    return _with(case, {"dx": np.where(case["x"] == 0, value * case["dout"], case["dx"])})


def _fortran(case: Case, values: Values) -> Case:
    order = _fortran_order(case["x"].shape[1:])
    return _with(case, {name: case[name][:, order] for name in ("y", "dout")})


def _fortran_order(shape: tuple[int, ...]) -> Array:
    return np.arange(math.prod(shape)).reshape(shape).ravel(order="F")


def _biased(case: Case, values: Values) -> Case:
    pairs = ("running_var.after", "running_var.biased"), ("running_var.biased", "running_var.after")
    ends = ("", ".bound")
    return _with(case, {to + e: case[by + e] for to, by in pairs for e in ends if by + e in case})


def _mse_factor(values: Values, shape: tuple[int, ...], reduction: str) -> float:
    """Return how many times PyTorch's loss a declared one is."""
    factor = float(values.get("MSE.scale", 1))
    if values.get("MSE.mean") == "samples" and reduction == "mean":
        factor *= math.prod(shape[1:])
    return factor


def _mse(case: Case, values: Values) -> Case:
    reduction = case.options.get("reduction", case.dialect.get("MSE.reduction", "mean"))
    factor = _mse_factor(values, case["pred"].shape, reduction)
    return _with(case, _scaled(case, factor, iter(("loss", "dpred"))))


def _average(case: Case, values: Values) -> Case:
    """Return a case of SGD whose rate makes up for gradients that enter times 1 - momentum.

    What was the answer of an average becomes that of a sum at this rate: each step is as many times
    as long, unless a decay of the weights makes it depend on where it starts.
    """
    momentum = case.options.get("momentum", 0.0)
    if not momentum:
        return case
    factor = 1 / (1 - momentum)
    arrays = {
        key: case[first] + factor * (case[f"{first}.after"] - case[first])
        for key in case.arrays
        if key.endswith(".averaged") and not case.options.get("weight_decay")
        for first in [key.removesuffix(".averaged")]
    }
    return _with(case, arrays, args=(case.args[0] * factor, *case.args[1:]))


def _at_zero_margin(case: Case, values: Values) -> Case:
    logits, labels = case["logits"], np.asarray(case["target"])
    rows = np.arange(len(logits))
    adds = (logits - logits[rows, labels][:, np.newaxis] + 1 == 0).astype(np.float64)
    adds[rows, labels] = -adds.sum(axis=1)
    share = 1 if case.options.get("reduction") == "sum" else len(logits)
    return _with(case, {"dlogits": case["dlogits"] + adds / share})


def _per_delta(case: Case, values: Values) -> Case:
    delta = case.options.get("delta", 1.0)
    return _with(case, _scaled(case, 1 / delta, iter(("loss", "dpred"))))


CONVERSIONS: dict[str, Callable[[Case, Values], Case]] = {
    "BatchNorm1D.running_var": _biased,
    "BatchNorm2D.running_var": _biased,
    "ELU.at_zero": _at_zero,
    "Flatten.order": _fortran,
    "Hinge.at_zero": _at_zero_margin,
    "Huber.scale": _per_delta,
    "LeakyReLU.at_zero": _at_zero,
    "MSE.mean": _mse,
    "MSE.scale": _mse,
    "ReLU.at_zero": _at_zero,
    "SGD.velocity": _average,
}


# ---------------------------------------------------------------- networks


def _network(case: Case, values: Values) -> Case:
    shape = case["x"].shape[1:]
    flattened: tuple[int, ...] | None = None
    for index, (unit, *rest) in enumerate(case.table["layers"]):
        forms = (f"{index}.{{}}", f"d{index}.{{}}", f"{index}.{{}}.after")
        if unit == "Dense" and flattened is not None and "Flatten.order" in values:
            order, flattened = _fortran_order(flattened), None
            keys = [form.format("weight") for form in forms]
            case = _with(case, {key: case[key][:, order] for key in keys if key in case})
        for convention in LAYOUTS:
            if convention in values and convention.startswith(f"{unit}."):
                case = _with(case, dict(_laid_out(case, convention, *forms)))
        if unit == "Flatten":
            flattened = shape
        shape = _shape_after(unit, rest, shape)
    if case.table["loss"] == "MSE":
        case = _network_with_mse(case, values)
    return _network_with_average(case, values)


def _shape_after(unit: str, rest: list[Any], shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of a sample behind a layer; behind a dense one it does not matter."""
    place = units.of(unit).window
    if len(shape) != 3 or place is None:
        return shape
    options = rest[-1] if isinstance(rest[-1], dict) else {}
    window = np.broadcast_to(rest[place], 2)
    stride = np.broadcast_to(options.get("stride", 1 if unit == "Conv2D" else window), 2)
    sides = np.array(shape[1:]) + 2 * np.broadcast_to(options.get("padding", 0), 2) - window
    return (rest[1] if unit == "Conv2D" else shape[0], *(sides // stride + 1).tolist())


def _network_with_mse(case: Case, values: Values) -> Case:
    reduction = str(case.table.get("reduction", values.get("MSE.reduction", "mean")))
    factor = _mse_factor(values, case["target"].shape, reduction)
    if factor == 1:
        return case
    names = [n for n in case.arrays if n in STEPS or (n[0] == "d" and not n.endswith(".bound"))]
    return _with(_at_rate(case, 1 / factor), _scaled(case, factor, iter(names)))


def _network_with_average(case: Case, values: Values) -> Case:
    if "SGD.velocity" not in values or case.table.get("optimizer", [""])[0] != "SGD":
        return case
    options = case.table["optimizer"][-1]
    momentum = options.get("momentum", 0.0) if isinstance(options, dict) else 0.0
    return _at_rate(case, 1 / (1 - momentum))


def _at_rate(case: Case, factor: float) -> Case:
    """Return a network that is trained with a factor on the rate of SGD."""
    table = dict(case.table)
    if "lr" in table:
        table["lr"] = factor * table["lr"]
    elif "optimizer" in table and factor != 1:
        name, rate, *rest = table["optimizer"]
        if name != "SGD":
            raise ValueError(f"{case.id}: what {name} makes of other gradients is not a factor")
        table["optimizer"] = [name, factor * rate, *rest]
    return replace(case, table=table)
