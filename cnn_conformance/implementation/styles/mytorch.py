"""Classes as in CMU's 11-785, "mytorch", in the forms of several years.

`Linear(in_features, out_features)`, `Conv2d(in_channels, out_channels, kernel_size, stride)` and so
on, with `forward(A)`, `backward(dLdZ)`, `W`, `b`, `dLdW` and `dLdb`, earlier `backward(delta)`,
`dW`, `db`; activations whose `backward()` or `derivative()` may return the derivative; criteria for
one-hot rows; `SGD(model, lr, momentum)`. Kernels are square; layers draw their weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from cnn_conformance.implementation.styles import _mytorch_layers as layers
from cnn_conformance.implementation.styles import _units
from cnn_conformance.implementation.styles._wrapped import Wrapped, classes

_ACTIVATIONS = "ReLU", "Sigmoid", "Tanh", "Softmax", "Identity"
EXPORTS = (
    *(f"{name}.backward(dLdZ)" for name in ("Linear", "Conv1d", "Conv2d", "MaxPool2d")),
    *(
        "MeanPool2d.backward(dLdZ)",
        "Conv1d_stride1",
        "Conv2d_stride1",
        "MaxPool2d_stride1",
        "MeanPool2d_stride1",
        "Flatten.backward(dLdZ)",
    ),
    *(f"{name}.{way}" for name in _ACTIVATIONS for way in ("backward(dLdA)", "forward(Z)")),
    *(f"{name}.derivative" for name in (*_ACTIVATIONS, "SoftmaxCrossEntropy")),
    *("BatchNorm1d.backward(dLdBZ)", "GELU.backward(dLdA)"),
    *("CrossEntropyLoss.forward(A, Y)", "MSELoss.forward(A, Y)", "SGD(model, lr)"),
    *(f"{name}.backward(delta)" for name in ("Linear", "Conv2D", "Flatten")),
)
UNITS: dict[str, tuple[Any, ...]] = {
    "Dense": (layers.Dense, "Linear"),
    "Conv2D": (layers.Conv2D, "Conv2d", "Conv2D", "Conv2d_stride1"),
    "Conv1D": (layers.Conv1D, "Conv1d", "Conv1D", "Conv1d_stride1"),
    "MaxPool2D": (layers.Pool, "MaxPool2d", "MaxPool2d_stride1"),
    "AvgPool2D": (layers.Pool, "MeanPool2d", "MeanPool2d_stride1"),
    "Flatten": (Wrapped, "Flatten"),
    **{name: (layers.Elementwise, name) for name in _ACTIVATIONS},
    "GELU": (layers.GELU, "GELU"),
    "BatchNorm1D": (layers.BatchNorm1D, "BatchNorm1d"),
    "MSE": (layers.Criterion, "MSELoss"),
}


def translate(foreign: Mapping[str, Any]) -> dict[str, object]:
    """Return the units that there are classes for."""
    is_early = hasattr(foreign.get("SoftmaxCrossEntropy"), "derivative")
    loss = (
        layers.SummedCrossEntropy if is_early else layers.Criterion,
        "CrossEntropyLoss",
        "SoftmaxCrossEntropy",
    )
    units = classes(UNITS | {"SoftmaxCrossEntropy": loss}, foreign)
    if "SGD" in foreign:
        make = partial(layers.SGD, foreign["SGD"])
        units["SGD"] = _units.optimizer("SGD", make, lr="lr", momentum="momentum")
    return units
