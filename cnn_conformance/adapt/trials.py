"""Objects of a plan, made and run on inputs of known sizes. Runs in the sandbox."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance.adapt import runtime
from cnn_conformance.adapt.plan import Plan
from cnn_conformance.adapt.recurrent import ORDERS
from cnn_conformance.arrays import Array

VECTORS = {
    "Dense": "NI",
    "Softmax": "NI",
    "LogSoftmax": "NI",
    "BatchNorm1D": "NC",
    "LayerNorm": "ND",
    **dict.fromkeys(ORDERS, "NTD"),
}
"""The axes of x of units that do not take images."""


class NoFit(Exception):
    """A hypothesis that the code refutes; the text says how."""


def compiled(plan: Plan, modules: runtime.Code) -> type:
    """Return the class of a plan's text."""
    found: dict[str, Any] = {"runtime": runtime, "np": np, "__name__": "draft"}
    found |= {name: modules[file] for name, file in plan.files.items()}
    exec(compile(plan.text(), "draft", "exec"), found)
    made: type = found[plan.unit]
    return made


class Trial:
    """Objects of a plan, made and run on inputs of known sizes."""

    def __init__(self, modules: runtime.Code, sizes: dict[str, int]) -> None:
        self.modules, self.sizes = modules, sizes
        self.random = np.random.default_rng(0)

    def unit(self, plan: Plan, **changes: Any) -> Any:
        """Return an object of a plan's class."""
        return compiled(plan, self.modules)(**{**self.arguments(plan), **changes})

    def arguments(self, plan: Plan) -> dict[str, Any]:
        """Return what the specification's constructor is given."""
        if plan.unit == "Conv2D":
            channels = self.sizes["C"]
            return {
                "in_channels": channels,
                "out_channels": self.sizes["K"],
                "kernel_size": self.sizes["U"],
                "padding": self.sizes["U"] // 2 if plan.facts.get("keeps_size") else 0,
                "bias": _has_bias(plan),
            }
        if plan.unit in ("MaxPool2D", "AvgPool2D"):
            return {"kernel_size": self.sizes["U"], "stride": self.sizes["S"]}
        if plan.unit == "Dense":
            return {"in_features": 5, "out_features": 7, "bias": _has_bias(plan)}
        if plan.unit in ("BatchNorm2D", "BatchNorm1D"):
            return {"num_features": self.sizes["C"]}
        if plan.unit == "LayerNorm":
            return {"normalized_shape": self.sizes["D"]}
        if plan.unit in ORDERS:
            return {"input_size": self.sizes["D"], "hidden_size": self.sizes["H"]}
        return {}

    def x(self, plan: Plan, samples: int | None = None) -> Array:
        """Return an input in the specification's order of axes."""
        axes = VECTORS.get(plan.unit, "NCHW")
        sizes = self.sizes if samples is None else {**self.sizes, "N": samples}
        return self.random.standard_normal([sizes[letter] for letter in axes])

    def dout(self, plan: Plan, samples: int | None = None) -> Array:
        """Return a gradient for the output in the specification's order of axes."""
        sizes = self.sizes if samples is None else {**self.sizes, "N": samples}
        if plan.unit == "Dense":
            shape = [sizes["N"], sizes["O"]]
        elif plan.unit in ("Conv2D", "MaxPool2D", "AvgPool2D"):
            channels = sizes["K"] if plan.unit == "Conv2D" else sizes["C"]
            size = ("H", "W") if plan.facts.get("keeps_size") else ("OH", "OW")
            shape = [sizes["N"], channels, *(sizes[letter] for letter in size)]
        else:
            shape = list(self.x(plan, samples).shape)
        if plan.unit in ORDERS:
            shape = [sizes[letter] for letter in "NTH"]
        if "Global" in plan.unit:
            shape = [sizes.get(letter, 1) for letter in "NC"]
        if plan.unit == "Flatten":
            shape = [shape[0], shape[1] * shape[2] * shape[3]]
        return self.random.standard_normal(shape)


def _has_bias(plan: Plan) -> bool:
    """Tell whether a plan has a bias with one value for each output channel."""
    bias = (plan.facts.get("parameters") or {}).get("bias")
    return bias is not None and not set(bias[0]) & set("HW")
