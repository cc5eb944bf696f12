"""Functions as in the assignments of the Deep Learning Specialization on Coursera.

`Z, cache = conv_forward(A_prev, W, b, hparameters)` for images with channels last;
`pool_forward(A_prev, hparameters, mode)`; `linear_forward(A, W, b)` with a sample in each column;
`update_parameters(parameters, grads, learning_rate)` with dicts of W1, b1, dW1, db1 and so on, and
`update_parameters_with_momentum` and `_adam`.
Strides and paddings are one number for rows and columns.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.implementation.former_numpy import Scalars
from cnn_conformance.implementation.styles import _units
from cnn_conformance.implementation.styles._counted import optimizers
from cnn_conformance.implementation.styles._units import from_last, to_last
from cnn_conformance.implementation.styles._wrapped import Cached

EXPORTS = (
    *("conv_forward(A_prev, W, b, hparameters)", "conv_backward(dZ, cache)", "conv_single_step"),
    *("pool_forward(A_prev, hparameters, mode)", "pool_backward(dA, cache, mode)", "zero_pad"),
    *("linear_forward(A, W, b)", "linear_backward(dZ, cache)", "relu_backward(dA, cache)"),
    *("linear_activation_forward(A_prev, W, b, activation)", "sigmoid_backward(dA, cache)"),
    *("rnn_forward(x, a0, parameters)", "update_parameters(parameters, grads, learning_rate)"),
    *(
        "update_parameters_with_gd",
        "update_parameters_with_momentum",
        "update_parameters_with_adam",
    ),
)
LAYOUTS = ("NHWC", "IN")


class Dense(Cached, _units.Dense):
    def forward(self, x: Array) -> Any:
        return super().forward(x.T, self.params["weight"], self.bias[:, None]).T

    def backward(self, dout: Array) -> Any:
        da, dw, db = super().backward(dout.T)
        self.keep(weight=dw, bias=np.reshape(db, -1))
        return da.T


class Conv2D(Cached, _units.Conv2D):
    one_number = ("stride", "padding")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "(f, f, " in inspect.getsource(self.functions[0]):
            _units.whole("kernel_size", self.kernel_size)

    def forward(self, x: Array) -> Any:
        hparameters = {"stride": self.stride, "pad": self.padding}
        weight = self.params["weight"].transpose(2, 3, 1, 0)
        bias = self.bias.reshape(1, 1, 1, -1).view(Scalars)
        return from_last(super().forward(to_last(x), weight, bias, hparameters))

    def backward(self, dout: Array) -> Any:
        da, dw, db = super().backward(to_last(dout))
        self.keep(weight=dw.transpose(3, 2, 0, 1), bias=np.reshape(db, -1))
        return from_last(da)


class MaxPool2D(Cached, _units.Pool):
    one_number = ("kernel_size", "stride")
    mode = "max"

    def forward(self, x: Array) -> Any:
        hparameters = {"f": self.kernel_size, "stride": self.stride}
        return from_last(super().forward(to_last(x), hparameters, self.mode))

    def backward(self, dout: Array) -> Any:
        return from_last(self.functions[1](to_last(dout), self.cache, self.mode))


class AvgPool2D(MaxPool2D):
    mode = "average"


class RNN(Cached, _units.RNN):
    def forward(self, x: Array) -> Any:
        wax, waa, *biases = self.params.values()
        parameters = {"Wax": wax, "Waa": waa, "ba": (biases[0] + biases[1])[:, None]}
        parameters |= {"Wya": np.ones((1, len(waa)), x.dtype), "by": np.zeros((1, 1), x.dtype)}
        a0 = np.zeros((len(waa), len(x)), x.dtype)
        a, _, self.cache = self.functions[0](x.transpose(2, 0, 1), a0, parameters)
        return a.transpose(1, 2, 0)

    def backward(self, dout: Array) -> Any:
        grads = super().backward(dout.transpose(2, 0, 1))
        db = np.reshape(grads["dba"], -1)
        weights = {"weight_ih_l0": grads["dWax"], "weight_hh_l0": grads["dWaa"]}
        self.keep(**weights, bias_ih_l0=db, bias_hh_l0=db)
        return grads["dx"].transpose(1, 2, 0)


LAYERS: dict[str, tuple[type, str, str]] = {
    "Dense": (Dense, "linear_forward", "linear_backward"),
    "ReLU": (Cached, "relu", "relu_backward"),
    "Sigmoid": (Cached, "sigmoid", "sigmoid_backward"),
    "Conv2D": (Conv2D, "conv_forward", "conv_backward"),
    "MaxPool2D": (MaxPool2D, "pool_forward", "pool_backward"),
    "AvgPool2D": (AvgPool2D, "pool_forward", "pool_backward"),
    "RNN": (RNN, "rnn_forward", "rnn_backward"),
}


def translate(foreign: Mapping[str, Any]) -> dict[str, object]:
    """Return the units that there are functions for."""
    units: dict[str, object] = {
        unit: type(unit, (made,), {"functions": tuple(foreign[name] for name in names)})
        for unit, (made, *names) in LAYERS.items()
        if all(name in foreign for name in names)
    }
    return units | optimizers(foreign)
