"""Tensors that record what is done with them: `data`, `grad`, `backward()`; PyTorch and its like.

A class `Tensor`, `Variable` or `Value`; for each unit a module (`Conv2d`, `Linear`, `MaxPool2d`,
`ReLU`, `CrossEntropyLoss`), a function (`pooling`, `relu`, `softmax_cross_entropy`) or a method of
the tensor, the first of these that there is; `SGD(params, lr)`. Arguments are found by name. A
module's parameters are `weight` and `bias`, or `W` and `b`; the order of the weight's axes is told
by its shape. `dout` goes to `backward` where it takes a gradient; else `(y * dout).sum()` is what
is differentiated.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import partial
from typing import Any

from cnn_conformance.implementation.styles import _tensor_layers as layers
from cnn_conformance.implementation.styles import _tensor_sequences as sequences
from cnn_conformance.implementation.styles import _units
from cnn_conformance.implementation.styles._front import TENSORS, Front, Recorded, RecordedLoss

EXPORTS = tuple(f"{name}.backward" for name in TENSORS)
UNITS: dict[str, tuple[str, ...]] = {
    "Dense": ("Linear", "Dense"),
    "Conv2D": ("Conv2d", "Conv", "Conv2D"),
    "MaxPool2D": ("MaxPool2d", "MaxPool2D", "pooling", "max_pool2d", "maxpool2d"),
    "AvgPool2D": ("AvgPool2d", "AvgPool2D", "average_pooling", "avg_pool2d", "avgpool2d"),
    "Flatten": ("Flatten", "flatten"),
    **{name: (name, name.lower()) for name in ("ReLU", "Sigmoid", "Tanh", "Softmax")},
    "SoftmaxCrossEntropy": ("CrossEntropyLoss", "SoftmaxLoss", "softmax_cross_entropy"),
    "MSE": ("MSELoss", "mse_loss", "mean_squared_error"),
    "LayerNorm": ("LayerNorm1d", "LayerNorm"),
    "BatchNorm1D": ("BatchNorm1d",),
    "BatchNorm2D": ("BatchNorm2d",),
    "Dropout": ("Dropout",),
    **{name: (name,) for name in ("RNN", "LSTM", "Embedding")},
}
ALSO = (
    *(name for names in UNITS.values() for name in names),
    *("SGD", "Adam", "AdaGrad", "RMSprop", "BatchNorm2D", "LeakyReLU", "ELU"),
)


TAKEN = {
    "Dense": ("inputs", "outputs"),
    "Conv2D": ("inputs", "outputs", "kernel_size"),
    **dict.fromkeys(("MaxPool2D", "AvgPool2D"), ("kernel_size",)),
    **dict.fromkeys(("LayerNorm", "BatchNorm1D", "BatchNorm2D"), ("features",)),
    "Dropout": ("p",),
    **dict.fromkeys(("RNN", "LSTM"), ("inputs", "hidden")),
    "Embedding": ("num_embeddings", "embedding_dim"),
}
BASES: dict[str, type] = {
    "Dense": layers.Dense,
    "Conv2D": layers.Conv2D,
    **dict.fromkeys(("MaxPool2D", "AvgPool2D"), layers.Pool),
    "LayerNorm": layers.LayerNorm,
    "BatchNorm1D": layers.BatchNorm1D,
    "BatchNorm2D": layers.BatchNorm,
    "Dropout": layers.Dropout,
    "RNN": sequences.RNN,
    "LSTM": sequences.LSTM,
    "Embedding": sequences.Embedding,
    **dict.fromkeys(("SoftmaxCrossEntropy", "MSE"), RecordedLoss),
}
SETTINGS = {
    "SGD": ("lr", "momentum", "weight_decay", "nesterov"),
    "Adam": ("lr", "eps", "weight_decay"),
}


def translate(foreign: Mapping[str, Any]) -> dict[str, object]:
    """Return the units for which there is a module, a function or a method."""
    front = Front(foreign)
    units: dict[str, object] = {}
    for unit, names in UNITS.items():
        found = front.find(*names, takes=TAKEN.get(unit, ()))
        base = BASES.get(unit, Recorded)
        if found and (not issubclass(base, layers.BatchNorm) or layers.shows_statistics(found)):
            given = {"front": front, "foreign": staticmethod(found)}
            units[unit] = type(unit, (base,), given)
    for unit, settings in SETTINGS.items():
        if made := front.find(unit, takes=layers.PARAMS):
            known = inspect.signature(made).parameters
            taken: dict[str, Any] = {name: name for name in settings if name in known}
            if unit == "Adam":
                taken["betas"] = ("beta1", "beta2") if "beta1" in known else "betas"
            make = partial(layers.Optimizer, front, unit)
            units[unit] = _units.optimizer(unit, make, **taken)
    return units
